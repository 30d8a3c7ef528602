//! The Lambda function behind every door: SQS, API Gateway (REST and HTTP), function URLs, direct invocation, EventBridge
//! and SNS.
//!
//! Each door translates — an envelope into [`allocation::Delivery`]s, [`allocation::Answer`]s into what its caller
//! expects — and decides nothing: deduplication, FIFO groups, deadlines and isolation are [`allocation::Allocator::run`]'s.

mod event;

mod direct;
mod http;
mod single;

mod incoming;
mod sqs;
mod unattended;

mod decision;
mod refusal;

use allocation::{Allocator, Deadline};
use aws::config::Config;
use doors::failed::unless_json;
use event::Event;
use lambda_runtime::{Context, Diagnostic};
use ledger::Services;
use serde_json::value::RawValue;

/// The whole function; one per execution environment.
pub type Function = lambda::Function<Orders>;

/// Answers orders, whichever door they come through.
///
/// A failed invocation has error type `UnknownEvent` when no door recognises the event; a problem's code, with the problem
/// as message, when a direct invocation has no receipt to show, or an order of EventBridge or SNS has to be tried again;
/// `Internal` when a batch cannot be answered message by message.
pub struct Orders {
    allocator: Allocator,
}

impl lambda::Handler for Orders {
    fn new(aws: Services, config: &Config) -> Self {
        Self {
            allocator: Allocator::new(aws, config.rules.clone()),
        }
    }

    async fn answer(
        &self,
        payload: &RawValue,
        context: &Context,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let deadline = Deadline::at_ms(context.deadline);
        match event::recognise(payload)? {
            Event::Sqs(messages) => {
                unless_json(&sqs::handle(&self.allocator, &messages, deadline).await?)
            }
            Event::Http(request) => {
                let request_id = request.id_or(&context.request_id);
                unless_json(&http::handle(&self.allocator, &request, request_id, deadline).await)
            }
            Event::Bus(event) => {
                unless_json(&unattended::event_bridge(&self.allocator, &event, context).await?)
            }
            Event::Sns(notifications) => {
                unless_json(&unattended::sns(&self.allocator, &notifications, context).await?)
            }
            Event::Direct(order) => {
                unless_json(&direct::handle(&self.allocator, order, context).await?)
            }
        }
    }
}

#[cfg(test)]
mod tests;
