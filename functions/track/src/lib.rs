//! The scheduled Lambda function: one run of [`lifecycle::Tracker`] per invocation, told in the log and as metrics.
//!
//! It decides nothing, and looks at nothing of its event but that it comes from a schedule, or is empty as a person's
//! own invocation is.

mod report;

use allocation::Deadline;
use aws::Meter;
use aws::config::Config;
use doors::envelope::Members;
use doors::event;
use doors::failed::{internal, unless_json};
use lambda_runtime::{Context, Diagnostic};
use ledger::Services;
use lifecycle::Tracker;
use serde_json::value::RawValue;

/// What every refusal of an event tells its sender.
const EXPECTED: &str = "expected EventBridge's scheduled event (`detail-type` \"Scheduled Event\"), or an empty object";

/// The whole function; one per execution environment.
pub type Function = lambda::Function<Runs>;

/// Runs once per event and answers with what the run came to, in numbers.
///
/// A failed invocation has error type `UnknownEvent` when the event is not a schedule's; `Internal` when the run could not do
/// its work, so that Lambda's own count of errors tells.
pub struct Runs {
    meter: Meter,
    tracker: Tracker,
}

impl lambda::Handler for Runs {
    fn new(aws: Services, config: &Config) -> Self {
        Self {
            meter: aws.meter.clone(),
            tracker: Tracker::new(aws, config),
        }
    }

    async fn answer(&self, payload: &RawValue, context: &Context) -> lambda::Answer {
        admit(payload)?;
        let report = self.tracker.run(Deadline::at_ms(context.deadline)).await;
        report::tell(&report, &self.meter);
        if !report.failures.is_empty() {
            return Err(internal(report.failures.join("; ")));
        }
        unless_json(&report::numbers(&report))
    }
}

fn admit(payload: &RawValue) -> Result<(), Diagnostic> {
    let Some(members) = Members::of(payload) else {
        return Err(event::not_taken("it is not an object", EXPECTED));
    };
    let scheduled = members.text("detail-type").as_deref() == Some("Scheduled Event");
    if scheduled || members.iter().len() == 0 {
        return Ok(());
    }
    Err(event::unknown(&members, EXPECTED))
}
