//! What came through a queue, a topic or a bus: orders whose answers nobody waits for, and now and then an event of our own.
//!
//! An event of our own is left alone. To refuse it would be to publish the next one, and so on for ever.

use allocation::{Allocator, Answer, Deadline, Delivery, Failure};
use aws::Meter;
use aws::metrics::Metric;
use aws::trace::TraceHeader;
use doors::Content;
use hosted_connection::{InvalidRequest, KeySource, Order, Origin, Permit};

use crate::decision::Subject;

/// How an order is read.
type Parse<'p> = dyn Fn(&[u8], KeySource<'_>) -> Result<Order, InvalidRequest> + 'p;

/// What was in one message.
pub(crate) enum Incoming {
    /// An event of our own, and how it came in.
    OwnEvent(Origin),
    /// An order, or what should have been one.
    Order(Box<Delivery>),
}

impl Incoming {
    /// What a message holds, which `content` reads, as far as its sender may do it. `group` and `trace` are the message's.
    pub(crate) fn read(
        permit: Result<Permit, Failure>,
        content: impl FnOnce(&Parse<'_>) -> Content<Order>,
        group: Option<String>,
        trace: Option<TraceHeader>,
    ) -> Incoming {
        // While nobody can tell what its sender may do, it is read and not begun.
        let (permit, held) = match permit {
            Ok(permit) => (permit, None),
            Err(failure) => (Permit::Everything, Some(Box::new(failure))),
        };
        match content(&|body, key| permit.order(body, key)) {
            Content::OwnEvent(origin) => Incoming::OwnEvent(origin),
            Content::Request { request, origin } => Incoming::Order(Box::new(Delivery {
                order: request,
                origin,
                group,
                trace,
                comes_again: false,
                held,
            })),
        }
    }

    /// The same, of a message that was delivered before.
    pub(crate) fn again(mut self) -> Incoming {
        if let Incoming::Order(delivery) = &mut self {
            delivery.comes_again = true;
        }
        self
    }
}

/// Answers each, in their order; an event of our own gets no answer.
pub(crate) async fn answer(
    allocator: &Allocator,
    incoming: Vec<Incoming>,
    deadline: Deadline,
) -> Vec<Option<Answer>> {
    let mut deliveries = Vec::with_capacity(incoming.len());
    let mut is_order = Vec::with_capacity(incoming.len());
    for one in incoming {
        is_order.push(matches!(one, Incoming::Order(_)));
        match one {
            Incoming::OwnEvent(origin) => left_alone(&origin, allocator.meter()),
            Incoming::Order(delivery) => deliveries.push(*delivery),
        }
    }
    let subjects: Vec<Subject> = deliveries.iter().map(Subject::of).collect();
    let answers = allocator.run(deliveries, deadline).await;
    for (subject, answer) in subjects.iter().zip(&answers) {
        subject.decided(answer, allocator.meter());
    }
    let mut answers = answers.into_iter();
    let place = |is_order: bool| is_order.then(|| answers.next()).flatten();
    is_order.into_iter().map(place).collect()
}

fn left_alone(origin: &Origin, meter: &Meter) {
    let origin_id = origin.delivery_id();
    tracing::warn!(
        allocation.origin_id = origin_id,
        "an event of our own came in as if it were an order, and is left alone"
    );
    meter.count(Metric::OwnEvents);
}
