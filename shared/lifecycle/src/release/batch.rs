//! Releases that came over a queue: side by side, but in order within a FIFO group; nobody waits for their answer, so
//! what is refused is published.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use allocation::{Deadline, Failure};
use aws::trace::{self, TraceHeader};
use futures_util::{FutureExt, StreamExt, stream};
use hosted_connection::{Event, InvalidRequest, Origin, ReleaseRequest};

use super::{Release, ReleaseAnswer, Releaser};

/// Releases that are worked on at the same time.
const SIDE_BY_SIDE: usize = 8;

/// One release as a queue delivered it.
#[derive(Debug, Clone)]
pub struct ReleaseDelivery {
    /// The request, or everything that is wrong with it.
    pub request: Result<ReleaseRequest, InvalidRequest>,
    /// Which message.
    pub origin: Origin,
    /// FIFO message group: none is done after one that has to come again.
    pub group: Option<String>,
    /// The trace that it was sent in, where that is another one than the invocation's.
    pub trace: Option<TraceHeader>,
    /// Why it cannot be begun, where the door knows it already: it has to come again.
    pub held: Option<Failure>,
}

impl Releaser {
    /// Answers each of `deliveries`, in their order; ends before `deadline`. What is refused, or cannot be read, is
    /// published before it is answered.
    pub async fn run(
        &self,
        deliveries: &[ReleaseDelivery],
        deadline: Deadline,
    ) -> Vec<ReleaseAnswer> {
        let is_fifo = deliveries.iter().any(|delivery| delivery.group.is_some());
        let width = if is_fifo { 1 } else { SIDE_BY_SIDE };
        let returned = std::sync::Mutex::new(BTreeSet::new());
        // Collected first: see `allocation::batch::run`.
        let runs: Vec<_> = deliveries
            .iter()
            .map(|delivery| self.in_order(delivery, &returned, deadline).boxed())
            .collect();
        stream::iter(runs).buffered(width).collect().await
    }

    /// None after one of its group that has to come again.
    async fn in_order(
        &self,
        delivery: &ReleaseDelivery,
        returned: &std::sync::Mutex<BTreeSet<String>>,
        deadline: Deadline,
    ) -> ReleaseAnswer {
        let earlier = |group| lock(returned).contains(group);
        if delivery.group.as_ref().is_some_and(earlier) {
            return ReleaseAnswer::Failed(Failure::no_time());
        }
        let work = self.isolated(delivery, deadline);
        let answer = trace::within(delivery.trace.clone(), work).await;
        if let (ReleaseAnswer::Failed(_), Some(group)) = (&answer, &delivery.group) {
            lock(returned).insert(group.clone());
        }
        answer
    }

    /// No panic of one delivery gets out of here.
    async fn isolated(&self, delivery: &ReleaseDelivery, deadline: Deadline) -> ReleaseAnswer {
        if let Some(failure) = &delivery.held {
            return ReleaseAnswer::Failed(failure.clone());
        }
        let told = AssertUnwindSafe(self.release_and_tell(delivery, deadline));
        told.catch_unwind().await.unwrap_or_else(|_| {
            ReleaseAnswer::Failed(Failure::Defect {
                detail: "the release's own code panicked".into(),
            })
        })
    }

    async fn release_and_tell(
        &self,
        delivery: &ReleaseDelivery,
        deadline: Deadline,
    ) -> ReleaseAnswer {
        let origin = &delivery.origin;
        let answer = match &delivery.request {
            Ok(request) => {
                let release = Release {
                    key: request.key.clone(),
                    origin: origin.clone(),
                };
                self.release(&release, deadline).await
            }
            Err(invalid) => ReleaseAnswer::Refused(invalid.rejection()),
        };
        let ReleaseAnswer::Refused(rejection) = &answer else {
            return answer;
        };
        let at = self.aws.clock.timestamp();
        let event = match &delivery.request {
            Ok(request) => Event::release_refused(Some(&request.key), rejection, origin, at),
            Err(invalid) => Event::invalid_release(invalid, origin, at),
        };
        match self.aws.event_bus.publish(&[event]).await.pop() {
            Some(Ok(())) => answer,
            Some(Err(_)) | None => ReleaseAnswer::Failed(Failure::not_published()),
        }
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
