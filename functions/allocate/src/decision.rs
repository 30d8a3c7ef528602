//! One line in the log for each order: what it was, what was decided.
//!
//! Never a body, a name or a tag. A failure is logged here, where its handling ends, and nowhere before.

use allocation::{Answer, Delivery};
use hosted_connection::{Code, IdempotencyKey};

/// Which order a decision is about.
pub(crate) struct Subject {
    key: Option<IdempotencyKey>,
    /// SQS message id or request id: all there is to find an order without a usable key by.
    origin_id: String,
}

impl Subject {
    /// The order in a delivery.
    pub(crate) fn of(delivery: &Delivery) -> Subject {
        let key = match &delivery.order {
            Ok(order) => Some(&order.key),
            Err(invalid) => invalid.key.as_ref(),
        };
        Subject {
            key: key.cloned(),
            origin_id: delivery.origin.delivery_id().into(),
        }
    }

    /// A request that came with no order to look at.
    pub(crate) fn without_order(request_id: &str) -> Subject {
        Subject {
            key: None,
            origin_id: request_id.into(),
        }
    }

    /// Logs what the flow answered.
    pub(crate) fn log(&self, answer: &Answer) {
        match answer {
            Answer::Allocated { receipt, replayed } => tracing::info!(
                allocation.key = self.key(),
                allocation.origin_id = self.origin_id,
                allocation.decision = if *replayed { "replayed" } else { "allocated" },
                hosted_connection.id = receipt.connection.connection_id,
                "the order has its hosted connection"
            ),
            Answer::Rejected(rejection) => self.log_refusal(rejection.code),
            Answer::Transient { code, detail, .. } => tracing::warn!(
                allocation.key = self.key(),
                allocation.origin_id = self.origin_id,
                allocation.decision = code.as_str(),
                "the order has to be tried again: {detail}"
            ),
            Answer::Ambiguous { detail, .. } => tracing::warn!(
                allocation.key = self.key(),
                allocation.origin_id = self.origin_id,
                allocation.decision = Code::OutcomeUnknown.as_str(),
                "whether the order took effect is not known yet: {detail}"
            ),
            Answer::Defect { detail } => tracing::error!(
                allocation.key = self.key(),
                allocation.origin_id = self.origin_id,
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
            allocation.decision = code.as_str(),
            "the request is refused"
        );
    }

    fn key(&self) -> Option<&str> {
        self.key.as_ref().map(IdempotencyKey::as_str)
    }
}
