//! What every function is around what it does with an event: its process, its init, and the frame of an invocation.
//!
//! It looks at no event. What comes of one is the [`Handler`]'s business.

mod process;

use aws::Invocation;
use aws::config::Config;
use aws::trace::{self, TraceHeader};
use hosted_connection::Timestamp;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use ledger::Services;
use serde_json::value::RawValue;

pub use process::run;

/// What an invocation comes to: the JSON of its answer, or a failed invocation for whoever sent the event.
pub type Answer = Result<Box<RawValue>, Diagnostic>;

/// What a function does with its events.
pub trait Handler: Send + Sync + Sized + 'static {
    /// Made once per execution environment, to work with these clients.
    fn new(aws: Services, config: &Config) -> Self;

    /// Answers one event. It comes unparsed, because one bad record must fail neither its batch nor the invocation.
    ///
    /// # Errors
    /// A failed invocation, for whoever sent the event.
    fn answer(&self, payload: &RawValue, context: &Context) -> impl Future<Output = Answer> + Send;
}

/// A whole function; one per execution environment.
pub struct Function<H> {
    aws: Services,
    handler: H,
}

impl<H: Handler> Function<H> {
    /// A function that works with these clients.
    pub fn new(aws: Services, config: &Config) -> Self {
        Self {
            handler: H::new(aws.clone(), config),
            aws,
        }
    }

    /// Answers one invocation, and writes what was counted in it.
    ///
    /// # Errors
    /// The handler's own.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Answer {
        let (payload, context) = event.into_parts();
        let invocation = Invocation {
            request_id: context.request_id.clone(),
            trace: context.xray_trace_id.clone(),
        };
        // Boxed, because a handler's future is large and made of more layers than the compiler follows through those
        // that the runtime puts around it.
        let answer = Box::pin(self.handler.answer(&payload, &context));
        let header = context
            .xray_trace_id
            .as_deref()
            .and_then(TraceHeader::parse);
        let answered = trace::within(header, answer).await;
        // What was counted in an invocation that never ends is written by the next one of the process.
        let ended_at = Timestamp::from_ms(self.aws.clock.now_ms());
        self.aws.meter.write(&invocation, ended_at);
        answered
    }
}
