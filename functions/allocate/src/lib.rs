//! The Lambda function behind every door: SQS, API Gateway (REST and HTTP), function URLs and direct invocation.
//!
//! Each door translates — an envelope into [`allocation::Delivery`]s, [`allocation::Answer`]s into what its caller
//! expects — and decides nothing: deduplication, FIFO groups, deadlines and isolation are [`allocation::Allocator::run`]'s.

mod event;

mod direct;
mod http;
mod single;
mod sqs;

mod decision;
mod refusal;

use allocation::{Allocator, Deadline};
use aws::config::Config;
use aws::{Aws, Invocation};
use doors::failed::unless_json;
use event::Event;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::value::RawValue;

/// The whole function; one per execution environment.
pub struct Function {
    aws: Aws,
    allocator: Allocator,
}

impl Function {
    /// A function that works with these clients.
    pub fn new(aws: Aws, config: &Config) -> Function {
        Function {
            allocator: Allocator::new(aws.clone(), config.rules.clone()),
            aws,
        }
    }

    /// Answers one invocation.
    ///
    /// The event comes unparsed because one bad record must fail neither its batch nor the invocation.
    ///
    /// # Errors
    /// A failed invocation: error type `UnknownEvent` when no door recognises the event; a problem's code, with the
    /// problem as message, when a direct invocation has no receipt to show; `Internal` when a batch cannot be answered
    /// message by message.
    pub async fn handle(
        &self,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let (payload, context) = event.into_parts();
        let invocation = Invocation {
            request_id: context.request_id.clone(),
            trace: context.xray_trace_id.clone(),
        };
        // Boxed, because the flow's future is large and made of more layers than the compiler follows through those
        // that the runtime puts around it.
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
        match event::recognise(payload)? {
            Event::Sqs(messages) => {
                unless_json(&sqs::handle(&self.allocator, &messages, deadline).await?)
            }
            Event::Http(request) => {
                let request_id = request.id_or(&context.request_id);
                unless_json(&http::handle(&self.allocator, &request, request_id, deadline).await)
            }
            Event::Direct(order) => {
                unless_json(&direct::handle(&self.allocator, order, context).await?)
            }
        }
    }
}

#[cfg(test)]
mod tests;
