//! One line in the log for each order: what it was, what was decided. And one more of its kind in the metrics.
//!
//! Never a body, a name or a tag. A failure is logged here, where its handling ends, and nowhere before.

use allocation::{Answer, Delivery, Failure};
use aws::Meter;
use aws::metrics::{Door, Metric, OrderMetric};
use hosted_connection::{Code, CorrelationId, IdempotencyKey, Origin};

/// Which order a decision is about.
pub(crate) struct Subject {
    key: Option<IdempotencyKey>,
    /// SQS message id or request id: all there is to find an order without a usable key by.
    origin_id: String,
    correlation_id: Option<CorrelationId>,
    door: Door,
}

impl Subject {
    /// The order in a delivery.
    pub(crate) fn of(delivery: &Delivery) -> Subject {
        let key = match &delivery.order {
            Ok(order) => Some(&order.key),
            Err(invalid) => invalid.key.as_ref(),
        };
        Subject::new(key, &delivery.origin)
    }

    /// Something that is no order to be placed: a question about one, or a request with none to look at.
    pub(crate) fn new(key: Option<&IdempotencyKey>, origin: &Origin) -> Subject {
        Subject {
            key: key.cloned(),
            origin_id: origin.delivery_id().into(),
            correlation_id: origin.correlation_id().cloned(),
            door: origin.into(),
        }
    }

    /// Logs and counts what the flow answered to an order.
    pub(crate) fn decided(&self, answer: &Answer, meter: &Meter) {
        self.log(answer);
        let metric = match answer {
            Answer::Allocated {
                replayed: false, ..
            } => OrderMetric::AllocatedOrders,
            Answer::Allocated { replayed: true, .. } => OrderMetric::ReplayedOrders,
            Answer::Rejected(_) => OrderMetric::RejectedOrders,
            Answer::Failed(Failure::Transient { .. }) => OrderMetric::ReturnedOrders,
            Answer::Failed(Failure::Ambiguous { .. }) => OrderMetric::UnknownOutcomes,
            Answer::Failed(Failure::Defect { .. }) => return meter.count(Metric::Defects),
        };
        meter.count_order(self.door, metric);
    }

    /// Logs and counts that an order is invalid.
    pub(crate) fn invalid(&self, code: Code, meter: &Meter) {
        self.log_refusal(code);
        meter.count_order(self.door, OrderMetric::RejectedOrders);
    }

    fn log(&self, answer: &Answer) {
        match answer {
            Answer::Allocated { receipt, replayed } => tracing::info!(
                allocation.key = self.key(),
                allocation.origin_id = self.origin_id,
                correlation.id = self.correlation_id(),
                allocation.decision = if *replayed { "replayed" } else { "allocated" },
                hosted_connection.id = receipt.connection.connection_id,
                "the order has its hosted connection"
            ),
            Answer::Rejected(rejection) => self.log_refusal(rejection.code),
            Answer::Failed(failure) => self.log_failure(failure),
        }
    }

    /// Logs that there is no final answer.
    pub(crate) fn log_failure(&self, failure: &Failure) {
        match failure {
            Failure::Transient { code, detail, .. } => tracing::warn!(
                allocation.key = self.key(),
                allocation.origin_id = self.origin_id,
                correlation.id = self.correlation_id(),
                allocation.decision = code.as_str(),
                "the order has to be tried again: {detail}"
            ),
            Failure::Ambiguous { detail, .. } => tracing::warn!(
                allocation.key = self.key(),
                allocation.origin_id = self.origin_id,
                correlation.id = self.correlation_id(),
                allocation.decision = Code::OutcomeUnknown.as_str(),
                "whether the order took effect is not known yet: {detail}"
            ),
            Failure::Defect { detail } => tracing::error!(
                allocation.key = self.key(),
                allocation.origin_id = self.origin_id,
                correlation.id = self.correlation_id(),
                allocation.decision = Code::Internal.as_str(),
                "the order failed through our fault: {detail}"
            ),
        }
    }

    /// Logs a final no.
    pub(crate) fn log_refusal(&self, code: Code) {
        tracing::info!(
            allocation.key = self.key(),
            allocation.origin_id = self.origin_id,
            correlation.id = self.correlation_id(),
            allocation.decision = code.as_str(),
            "the request is refused"
        );
    }

    fn key(&self) -> Option<&str> {
        self.key.as_ref().map(IdempotencyKey::as_str)
    }

    fn correlation_id(&self) -> Option<&str> {
        self.correlation_id.as_ref().map(CorrelationId::as_str)
    }
}
