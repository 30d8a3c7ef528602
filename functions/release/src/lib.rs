//! The Lambda function that releases hosted connections: `DELETE /allocations/{key}` and a queue of releases.
//!
//! Each door translates and decides nothing; what may be released, and how, is [`lifecycle::Releaser`]'s business.

mod http;
mod sqs;

mod decision;

use allocation::{Admission, Deadline};
use aws::config::Config;
use doors::event::{self, Event};
use doors::failed::unless_json;
use lambda_runtime::Context;
use ledger::Services;
use lifecycle::Releaser;
use serde_json::value::RawValue;

/// What every refusal of an event tells its sender.
const EXPECTED: &str = "expected an SQS batch of releases (`eventSource` \"aws:sqs\" in every one of `Records`), or \
    DELETE /allocations/{key} from API Gateway (REST or HTTP) or a function URL";

/// The whole function; one per execution environment.
pub type Function = lambda::Function<Releases>;

/// Answers wishes for a release, over HTTP or from the queue.
///
/// A failed invocation has error type `UnknownEvent` when no door recognises the event; `Internal` when a batch cannot be
/// answered message by message.
pub struct Releases {
    releaser: Releaser,
    admission: Admission,
}

impl lambda::Handler for Releases {
    fn new(aws: Services, config: &Config) -> Self {
        Self {
            admission: Admission::new(&aws, &config.rules),
            releaser: Releaser::new(aws, &config.rules),
        }
    }

    async fn answer(&self, payload: &RawValue, context: &Context) -> lambda::Answer {
        let deadline = Deadline::at_ms(context.deadline);
        match event::recognise(payload, EXPECTED)? {
            Event::Sqs(messages) => {
                let admitted = self.admission.admitted(deadline).await;
                unless_json(&sqs::handle(&self.releaser, &admitted, &messages, deadline).await?)
            }
            Event::Http(request) => {
                let request_id = request.id_or(&context.request_id);
                let permit = self.admission.permit(|| request.sender(), deadline).await;
                let answer = http::handle(&self.releaser, permit, &request, request_id, deadline);
                unless_json(&answer.await)
            }
            other @ (Event::Bus(_) | Event::Sns(_) | Event::Other(_)) => {
                Err(other.not_taken(EXPECTED))
            }
        }
    }
}
