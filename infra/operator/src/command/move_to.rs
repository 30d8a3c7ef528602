//! `operator move`: has an order's connection moved to another interconnect or LAG, safe to repeat.

use std::io;

use clap::Args;
use hosted_connection::{IdempotencyKey, ParentConnection};
use lifecycle::{MoveAnswer, Mover};
use serde_json::json;
use story::shown::key;
use terminal::{PLAIN, Terminal, Verdict};

use super::failure::Failure;
use super::find::find;
use super::list::parent;
use super::place::Services;

const EXAMPLES: &str = "\
Examples:
  operator explain order-1001                   first: is it the right order?
  operator move order-1001 --to dxcon-ffabc456

It calls AssociateHostedConnection. The customer's connectivity is interrupted
for a moment. VLAN, bandwidth and the order's parent follow in the table, and
`Hosted Connection Moved` is published. Where the answer was lost, run the same
command again: it looks first. Track ends what a killed command has left.
It keeps to a policy of the target, if there is one; raise its limit first.
The command needs the operator's role (the stack's output OperatorRoleArn).

Exit status: 0 the connection is there · 1 refused, or to be run again, and the
answer says why · 2 the command failed";

/// Move an order's connection to another interconnect or LAG
#[derive(Debug, Args)]
#[command(name = "move", after_help = EXAMPLES)]
pub(crate) struct MoveTo {
    /// The order's idempotency key
    #[arg(value_name = "KEY", value_parser = key)]
    key: IdempotencyKey,
    /// The interconnect or LAG that it is to be on
    #[arg(long, value_name = "PARENT", value_parser = parent)]
    to: ParentConnection,
}

impl MoveTo {
    /// Moves the connection.
    ///
    /// # Errors
    /// It could not be carried out.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        if find(services, terminal, &self.key).await?.is_none() {
            return Ok(Verdict::Bad);
        }
        let mover = Mover::new(services.aws.clone(), &services.config.rules);
        let deadline = services.deadline();
        let answer = Box::pin(mover.move_to(&self.key, &self.to, deadline)).await;
        let (is_good, status, words) = told(answer, &self.to);
        self.print(terminal, status, &words)?;
        Ok(Verdict::good_if(is_good))
    }

    fn print(&self, terminal: &mut Terminal, status: &str, words: &str) -> io::Result<()> {
        let Self { key, to } = self;
        if terminal.json {
            let document = json!({"idempotencyKey": key, "status": status, "parentConnectionId": to, "message": words});
            return terminal.print_json(&document);
        }
        terminal.print_text(PLAIN, &format!("Order {key}: {words}"))
    }
}

/// Whether it is there, that in a word, and in a sentence.
fn told(answer: MoveAnswer, to: &ParentConnection) -> (bool, &'static str, String) {
    match answer {
        MoveAnswer::Moved { from: Some(from) } => (
            true,
            "moved",
            format!(
                "The connection was moved from {from} to {to}; that is recorded and published."
            ),
        ),
        MoveAnswer::Moved { from: None } => (
            true,
            "moved",
            format!("The connection is on {to} already; nothing was called."),
        ),
        MoveAnswer::Refused(why) => (false, "refused", format!("Not moved: {why}.")),
        MoveAnswer::Failed(failure) => {
            let words = match failure.later() {
                Ok(later) => format!("{} Retry in {} s.", later.detail, later.retry_after_s),
                Err(defect) => defect,
            };
            (false, "retry", words)
        }
    }
}
