//! The Lambda function that releases hosted connections: `DELETE /allocations/{key}` and a queue of releases.
//!
//! Each door translates and decides nothing; what may be released, and how, is [`lifecycle::Releaser`]'s business.

mod http;
mod sqs;

mod decision;

use allocation::Deadline;
use aws::config::Config;
use aws::{Aws, Invocation};
use doors::event::{self, Event};
use doors::failed::unless_json;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use lifecycle::Releaser;
use serde_json::value::RawValue;

/// What every refusal of an event tells its sender.
const EXPECTED: &str = "expected an SQS batch of releases (`eventSource` \"aws:sqs\" in every one of `Records`), or \
    DELETE /allocations/{key} from API Gateway (REST or HTTP) or a function URL";

/// The whole function; one per execution environment.
pub struct Function {
    aws: Aws,
    releaser: Releaser,
}

impl Function {
    /// A function that works with these clients.
    pub fn new(aws: Aws, _config: &Config) -> Function {
        Function {
            releaser: Releaser::new(aws.clone()),
            aws,
        }
    }

    /// Answers one invocation.
    ///
    /// # Errors
    /// A failed invocation: error type `UnknownEvent` when no door recognises the event; `Internal` when a batch cannot
    /// be answered message by message.
    pub async fn handle(
        &self,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let (payload, context) = event.into_parts();
        let invocation = Invocation {
            request_id: context.request_id.clone(),
            trace: context.xray_trace_id.clone(),
        };
        let answer = Box::pin(self.answer(&payload, &context));
        invocation
            .run(&self.aws.meter, &self.aws.clock, answer)
            .await
    }

    async fn answer(
        &self,
        payload: &RawValue,
        context: &Context,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let deadline = Deadline::at_ms(context.deadline);
        match event::recognise(payload, EXPECTED)? {
            Event::Sqs(messages) => {
                unless_json(&sqs::handle(&self.releaser, &messages, deadline).await?)
            }
            Event::Http(request) => {
                let request_id = request.id_or(&context.request_id);
                unless_json(&http::handle(&self.releaser, &request, request_id, deadline).await)
            }
            Event::Other(members) => Err(event::unknown(&members, EXPECTED)),
        }
    }
}
