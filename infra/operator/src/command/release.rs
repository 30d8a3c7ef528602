//! `operator release`: has an order's connection deleted and its VLAN freed, the way the function of that name does.
//!
//! For people, who cannot sign `DELETE /allocations/{key}`.

use std::io;

use clap::Args;
use hosted_connection::{IdempotencyKey, Origin};
use lifecycle::{Release as Request, ReleaseAnswer, Releaser};
use serde_json::json;
use terminal::{PLAIN, Terminal, Verdict};

use super::failure::Failure;
use super::place::Services;
use super::shown::{BY_OPERATOR, key};

const EXAMPLES: &str = "\
Examples:
  operator explain order-1001                   first: is it the right order?
  operator release order-1001
  operator release order-1001 --json | jq -r .status

It deletes the hosted connection at Direct Connect, frees its VLAN and publishes
`Hosted Connection Released`. That cannot be undone. Track completes a
deletion that takes longer. The command needs the rights of the release
function.

Exit status: 0 released, or being released · 1 refused, or to be retried, and
the answer says why · 2 the command failed";

/// Delete an order's connection and free its VLAN
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Release {
    /// The order's idempotency key
    #[arg(value_name = "KEY", value_parser = key)]
    key: IdempotencyKey,
}

/// What is told of the end.
struct Told {
    is_good: bool,
    status: &'static str,
    words: String,
}

impl Release {
    /// Releases the connection.
    ///
    /// # Errors
    /// The output is closed.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let now_ms = services.aws.clock.now_ms();
        let request = Request {
            key: self.key.clone(),
            origin: Origin::Direct {
                request_id: format!("{BY_OPERATOR}{now_ms}"),
                correlation_id: None,
            },
        };
        let releaser = Releaser::new(services.aws.clone(), &services.config.rules);
        let deadline = services.deadline();
        let answer = Box::pin(releaser.release(&request, deadline)).await;
        let told = told(answer);
        print(terminal, &self.key, &told)?;
        Ok(Verdict::good_if(told.is_good))
    }
}

fn told(answer: ReleaseAnswer) -> Told {
    let (is_good, status, words) = match answer {
        ReleaseAnswer::Released { replayed, .. } => {
            let words = match replayed {
                true => "It was released before; nothing was changed.",
                false => "Connection deleted; release complete.",
            };
            (true, "released", words.to_owned())
        }
        ReleaseAnswer::Releasing { .. } => {
            let words = "Direct Connect is deleting the connection. Track completes the release.";
            (true, "releasing", words.to_owned())
        }
        ReleaseAnswer::Refused(rejection) => (
            false,
            "refused",
            format!("{}: {}", rejection.code, rejection.message),
        ),
        ReleaseAnswer::Failed(failure) => {
            let words = match failure.later() {
                Ok(later) => format!("{} Retry in {} s.", later.detail, later.retry_after_s),
                Err(defect) => defect,
            };
            (false, "retry", words)
        }
    };
    Told {
        is_good,
        status,
        words,
    }
}

fn print(terminal: &mut Terminal, key: &IdempotencyKey, told: &Told) -> io::Result<()> {
    let Told { status, words, .. } = told;
    if terminal.json {
        let document = json!({"idempotencyKey": key, "status": status, "message": words});
        return terminal.print_json(&document);
    }
    terminal.print_text(PLAIN, &format!("Order {key}: {words}"))
}
