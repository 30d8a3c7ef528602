//! `operator resolve`: ends a quarantine, or an order that would never end by itself.
//!
//! It goes the way that the functions go, with their claim and their look, and publishes what it does. It waits while an earlier
//! call of a quarantined order may still take effect on a VLAN that the decision frees.

use std::io;
use std::time::Duration;

use allocation::{Allocator, Ended, Failure as OrderFailure, Taken};
use clap::Args;
use hosted_connection::IdempotencyKey;
use ledger::Record;
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
  operator resolve order-1001 --adopt dxcon-fgh0abcd

--adopt ends a quarantine: the connection that you have looked at is the
order's. Its parent must show it, and no other order may have it. It must be as
ordered, or the one that Direct Connect answered the order with; then VLAN and
bandwidth may differ, but never the owner.
--reject ends a quarantine as well. The VLAN becomes free only if nothing living
is on it; otherwise it stays taken by that connection, as an orphan. Nothing is
deleted at Direct Connect.
A decision that frees the order's VLAN (--reject, and --adopt of a connection on
another VLAN) needs SETTLE_SECONDS to have passed since the order's latest call.
The command waits until then, and says so.
The same decision again says that it is done; another one is refused.

Exit status: 0 done · 1 it is not, and the answer says why · 2 the command
failed";

/// End a quarantine, or an order that would never have a final outcome
///
/// For quarantined orders, for orders that Direct Connect refuses every time, or whose interconnect is gone. The decision is
/// published. An order is not rejected if its call may still take effect, if an attempt owns it, or, outside of quarantine, if
/// Direct Connect shows a connection that may be its own.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Resolve {
    /// The order's idempotency key
    #[arg(value_name = "KEY", value_parser = key)]
    key: IdempotencyKey,
    #[command(flatten)]
    decision: Decision,
}

/// What is decided.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Decision {
    /// End the quarantine with this connection, which the order's parent shows
    #[arg(long, value_name = "CONNECTION", value_parser = connection)]
    adopt: Option<String>,
    /// Reject the order for this reason; the customer's system reads it in the event
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reject: Option<String>,
}

fn connection(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("dxcon-").unwrap_or_default();
    let is_id = |name: &str| {
        name.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if name.is_empty() || !is_id(name) {
        return Err(
            "a hosted connection's id begins with dxcon-, for example dxcon-fgh0abcd".into(),
        );
    }
    Ok(text.to_owned())
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
        let mut came = self.decide(services, record).await;
        if let Came::Settling { left_s } = came {
            // Where standard error is closed, nobody reads this.
            let _ = writeln!(
                terminal.err,
                "An earlier call of order {} may still take effect on its VLAN. Waiting for {left_s} s, in which nothing is changed …",
                self.key
            );
            tokio::time::sleep(Duration::from_secs(left_s)).await;
            let Some(record) = find(services, terminal, &self.key).await? else {
                return Ok(Verdict::Bad);
            };
            came = self.decide(services, record).await;
        }
        let (is_ended, words) = match came {
            Came::Ended(words) => (true, words),
            Came::Kept(why) => (false, why),
            Came::Settling { left_s } => {
                let why = "a further call of it may still take effect; run this again in";
                (false, format!("{why} {left_s} s"))
            }
        };
        print(terminal, &self.key, &self.decision, is_ended, &words)?;
        Ok(Verdict::good_if(is_ended))
    }
}

/// What came of the decision.
enum Came {
    /// The order has ended, in these words.
    Ended(String),
    /// It has not yet: its VLAN is freed only then.
    Settling { left_s: u64 },
    /// It has not, for this reason.
    Kept(String),
}

impl Resolve {
    async fn decide(&self, services: &Services, record: Record) -> Came {
        let allocator = Allocator::new(services.aws.clone(), services.config.rules.clone());
        let deadline = services.deadline();
        let Decision { adopt, reject } = &self.decision;
        match (adopt, reject) {
            (Some(id), _) => adopted(id, allocator.adopt_quarantined(record, id, deadline).await),
            (None, reason) => {
                let reason = reason.as_deref().unwrap_or_default();
                match allocator.end(record, reason, deadline).await {
                    Ok(Ended::Rejected(rejection)) => Came::Ended(rejection.message),
                    Ok(Ended::Settling { left_s }) => Came::Settling { left_s },
                    Ok(Ended::Kept(why)) => Came::Kept(why),
                    Err(failure) => Came::Kept(words(failure)),
                }
            }
        }
    }
}

fn adopted(id: &str, taken: Result<Taken, OrderFailure>) -> Came {
    match taken {
        Ok(Taken::Adopted { again: false }) => Came::Ended(format!("{id} is its connection")),
        Ok(Taken::Adopted { again: true }) => Came::Ended(format!(
            "{id} was its connection before; nothing was changed"
        )),
        Ok(Taken::Settling { left_s }) => Came::Settling { left_s },
        Ok(Taken::Kept(why)) => Came::Kept(why),
        Err(failure) => Came::Kept(words(failure)),
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
    decision: &Decision,
    is_ended: bool,
    words: &str,
) -> io::Result<()> {
    let is_adoption = decision.adopt.is_some();
    if terminal.json {
        let name = match (is_ended, is_adoption) {
            (true, false) => "rejection",
            (true, true) => "message",
            (false, _) => "reason",
        };
        let mut document = json!({"idempotencyKey": key, "ended": is_ended, name: words});
        if let (true, Some(id)) = (is_ended, &decision.adopt) {
            document["connectionId"] = id.as_str().into();
        }
        return terminal.print_json(&document);
    }
    let end = match (is_ended, is_adoption) {
        (true, true) => "allocated",
        (true, false) => "rejected",
        (false, _) => "not ended",
    };
    terminal.print_text(PLAIN, &format!("Order {key} is {end}: {words}"))
}
