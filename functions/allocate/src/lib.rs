//! The Lambda function behind every door: SQS, API Gateway (REST and HTTP), function URLs, direct invocation, EventBridge
//! and SNS.
//!
//! Each door translates — an envelope into [`allocation::Delivery`]s, [`allocation::Answer`]s into what its caller
//! expects — and decides nothing: deduplication, FIFO groups, deadlines and isolation are [`allocation::Allocator::run`]'s.

mod direct;
mod http;
mod single;

mod incoming;
mod sqs;
mod unattended;

mod decision;
mod refusal;

use allocation::{Admission, Allocator, Deadline};
use aws::config::Config;
use doors::event::{self, Event};
use doors::failed::unless_json;
use hosted_connection::Identity;
use lambda_runtime::Context;
use ledger::Services;
use serde_json::value::RawValue;

/// What every refusal of an event tells its sender.
const EXPECTED: &str = "expected an SQS batch (`eventSource` \"aws:sqs\" in every one of `Records`), an API Gateway REST \
    request (`httpMethod` and `requestContext`), an API Gateway HTTP or function URL request (`version` \"2.0\" and \
    `requestContext.http`), an EventBridge event (`detail-type`, `source` and an object `detail`), SNS notifications \
    (`EventSource` \"aws:sns\" in every one of `Records`), or an order (an object with `connectionId`, `placement` or `idempotencyKey`)";

/// The whole function; one per execution environment.
pub type Function = lambda::Function<Orders>;

/// Answers orders, whichever door they come through.
///
/// A failed invocation has error type `UnknownEvent` when no door recognises the event; a problem's code, with the problem
/// as message, when a direct invocation has no receipt to show, or an order of EventBridge or SNS has to be tried again;
/// `Internal` when a batch cannot be answered message by message.
pub struct Orders {
    allocator: Allocator,
    admission: Admission,
}

impl lambda::Handler for Orders {
    fn new(aws: Services, config: &Config) -> Self {
        Self {
            admission: Admission::new(&aws, &config.rules),
            allocator: Allocator::new(aws, config.rules.clone()),
        }
    }

    async fn answer(&self, payload: &RawValue, context: &Context) -> lambda::Answer {
        let deadline = Deadline::at_ms(context.deadline);
        let (allocator, admission) = (&self.allocator, &self.admission);
        match event::recognise(payload, EXPECTED)? {
            Event::Sqs(messages) => {
                let admitted = admission.admitted(deadline).await;
                unless_json(&sqs::handle(allocator, &admitted, &messages, deadline).await?)
            }
            Event::Http(request) => {
                let request_id = request.id_or(&context.request_id);
                let permit = admission.permit(|| request.sender(), deadline).await;
                let answer = http::handle(allocator, permit, &request, request_id, deadline);
                unless_json(&answer.await)
            }
            Event::Bus(event) => {
                let sender = || Some(Identity::event_bridge());
                let permit = admission.permit(sender, deadline).await;
                unless_json(&unattended::event_bridge(allocator, permit, &event, context).await?)
            }
            Event::Sns(notifications) => {
                let permit = admission.permit(|| Some(Identity::sns()), deadline).await;
                unless_json(&unattended::sns(allocator, permit, &notifications, context).await?)
            }
            Event::Other(members) if direct::is_order(&members) => {
                let sender = || Some(Identity::direct());
                let permit = admission.permit(sender, deadline).await;
                unless_json(&direct::handle(allocator, permit, payload, context).await?)
            }
            other @ Event::Other(_) => Err(other.not_taken(EXPECTED)),
        }
    }
}
