//! `operator resolve`: ends an order that would never end by itself.
//!
//! It goes the way that the functions go, with their claim and their look, and publishes what it does.

use std::io;

use allocation::{Allocator, Deadline, Ended, Failure as OrderFailure};
use clap::Args;
use hosted_connection::IdempotencyKey;
use serde_json::json;
use terminal::{PLAIN, Terminal, Verdict};

use super::failure::Failure;
use super::find::find;
use super::place::Services;
use super::shown::key;

const EXAMPLES: &str = "\
Examples:
  operator explain order-1001                   first: why is it not finished?
  operator resolve order-1001 --reject 'the port was given up'

Exit status: 0 the order is rejected · 1 it is not, and the answer says why ·
2 the command failed";

/// How long a command may take.
const PATIENCE_MS: u64 = 60_000;

/// End an order that would never have a final outcome
///
/// For orders that Direct Connect refuses every time, or whose interconnect is gone. The order is rejected with your
/// reason, its VLAN and bandwidth are free again, and `Hosted Connection Rejected` is published. An order is not ended if
/// its call may still take effect, if Direct Connect shows a connection that may be its own, or if an attempt owns it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Resolve {
    /// The order's idempotency key
    #[arg(value_name = "KEY", value_parser = key)]
    key: IdempotencyKey,
    /// Reject the order for this reason; the customer's system reads it in the event
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reject: String,
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 500 {
        return Err("a reason has 1 to 500 characters".into());
    }
    Ok(text.to_owned())
}

impl Resolve {
    /// Ends the order.
    ///
    /// # Errors
    /// It could not be carried out.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let Some(record) = find(services, terminal, &self.key).await? else {
            return Ok(Verdict::Bad);
        };
        let allocator = Allocator::new(services.aws.clone(), services.config.rules.clone());
        let deadline = Deadline::at_ms(services.aws.clock.now_ms() + PATIENCE_MS);
        let ended = allocator.end(record, &self.reject, deadline).await;
        let (is_ended, words) = match ended {
            Ok(Ended::Rejected(rejection)) => (true, rejection.message),
            Ok(Ended::Kept(why)) => (false, why),
            Err(failure) => (false, words(failure)),
        };
        print(terminal, &self.key, is_ended, &words)?;
        Ok(if is_ended {
            Verdict::Good
        } else {
            Verdict::Bad
        })
    }
}

fn words(failure: OrderFailure) -> String {
    match failure.later() {
        Ok(later) => format!("{} Retry in {} s.", later.detail, later.retry_after_s),
        Err(defect) => defect,
    }
}

fn print(
    terminal: &mut Terminal,
    key: &IdempotencyKey,
    is_ended: bool,
    words: &str,
) -> io::Result<()> {
    if terminal.json {
        let name = if is_ended { "rejection" } else { "reason" };
        let document = json!({"idempotencyKey": key, "ended": is_ended, name: words});
        return terminal.print_json(&document);
    }
    let end = if is_ended { "rejected" } else { "not ended" };
    terminal.print_text(PLAIN, &format!("Order {key} is {end}: {words}"))
}
