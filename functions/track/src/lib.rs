//! The scheduled Lambda function: one run of [`lifecycle::Tracker`] per invocation, told in the log and as metrics.
//!
//! It decides nothing, and looks at nothing of its event but that it comes from a schedule, or is empty as a person's
//! own invocation is.

mod report;

use allocation::Deadline;
use aws::config::Config;
use aws::{Aws, Invocation};
use doors::envelope::Members;
use doors::event;
use doors::failed::{internal, unless_json};
use lambda_runtime::{Diagnostic, LambdaEvent};
use lifecycle::Tracker;
use serde_json::value::RawValue;

/// What every refusal of an event tells its sender.
const EXPECTED: &str = "expected EventBridge's scheduled event (`detail-type` \"Scheduled Event\"), or an empty object";

/// The whole function; one per execution environment.
pub struct Function {
    aws: Aws,
    tracker: Tracker,
}

impl Function {
    /// A function that works with these clients.
    pub fn new(aws: Aws, config: &Config) -> Function {
        Function {
            tracker: Tracker::new(aws.clone(), config),
            aws,
        }
    }

    /// Runs once and answers with what the run came to, in numbers.
    ///
    /// # Errors
    /// A failed invocation: error type `UnknownEvent` when the event is not a schedule's; `Internal` when the run could
    /// not do its work, so that Lambda's own count of errors tells.
    pub async fn handle(
        &self,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let (payload, context) = event.into_parts();
        let deadline = Deadline::at_ms(context.deadline);
        let invocation = Invocation {
            request_id: context.request_id,
            trace: context.xray_trace_id,
        };
        let answer = Box::pin(self.answer(&payload, deadline));
        invocation
            .run(&self.aws.meter, &self.aws.clock, answer)
            .await
    }

    async fn answer(
        &self,
        payload: &RawValue,
        deadline: Deadline,
    ) -> Result<Box<RawValue>, Diagnostic> {
        admit(payload)?;
        let report = self.tracker.run(deadline).await;
        report::tell(&report, &self.aws.meter);
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
