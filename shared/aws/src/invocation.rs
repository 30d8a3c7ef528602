//! One invocation of a function: what belongs to all that is done in it, and what is told at its end.

use hosted_connection::Timestamp;

use crate::trace::{self, TraceHeader};
use crate::{Clock, metrics::Meter};

/// The names that Lambda gave an invocation.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// Lambda's request id.
    pub request_id: String,
    /// X-Ray's trace, as Lambda sent it.
    pub trace: Option<String>,
}

impl Invocation {
    /// Does the invocation's `work`: what is published in it belongs to its trace, and what was counted in it is written
    /// when it has ended. A figure whose invocation never ends is written by the next one of the process.
    pub async fn run<T>(self, meter: &Meter, clock: &Clock, work: impl Future<Output = T>) -> T {
        let header = self.trace.as_deref().and_then(TraceHeader::parse);
        let done = trace::within(header, work).await;
        meter.write(&self, Timestamp::from_ms(clock.now_ms()));
        done
    }
}
