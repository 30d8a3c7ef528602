//! One line in the log for each release: which order, what was decided. And one more of its kind in the metrics. Never a
//! name or a tag.

use allocation::Failure;
use aws::Meter;
use aws::metrics::Metric;
use hosted_connection::{Code, CorrelationId, IdempotencyKey, Origin};
use lifecycle::ReleaseAnswer;

/// Logs and counts what became of a release.
pub(crate) fn decided(
    key: Option<&IdempotencyKey>,
    origin: &Origin,
    answer: &ReleaseAnswer,
    meter: &Meter,
) {
    log(key, origin, answer);
    meter.count(match answer {
        ReleaseAnswer::Released { .. } => Metric::CompletedReleases,
        ReleaseAnswer::Releasing { .. } => Metric::PendingReleases,
        ReleaseAnswer::Refused(_) => Metric::RejectedReleases,
        ReleaseAnswer::Failed(Failure::Transient { .. } | Failure::Ambiguous { .. }) => {
            Metric::ReturnedReleases
        }
        ReleaseAnswer::Failed(Failure::Defect { .. }) => Metric::Defects,
    });
}

/// Logs and counts that an event of our own came in as if it were a release.
pub(crate) fn left_alone(origin: &Origin, meter: &Meter) {
    tracing::warn!(
        allocation.origin_id = origin.delivery_id(),
        "an event of our own came in as if it were a release, and is left alone"
    );
    meter.count(Metric::OwnEvents);
}

fn log(key: Option<&IdempotencyKey>, origin: &Origin, answer: &ReleaseAnswer) {
    let key = key.map(IdempotencyKey::as_str);
    let origin_id = origin.delivery_id();
    let correlation_id = origin.correlation_id().map(CorrelationId::as_str);
    match answer {
        ReleaseAnswer::Released { receipt, .. } | ReleaseAnswer::Releasing { receipt, .. } => {
            tracing::info!(
                allocation.key = key,
                allocation.origin_id = origin_id,
                correlation.id = correlation_id,
                allocation.decision = receipt.status.as_str(),
                hosted_connection.id = receipt.connection.connection_id,
                "the release goes its way"
            );
        }
        ReleaseAnswer::Refused(rejection) => tracing::info!(
            allocation.key = key,
            allocation.origin_id = origin_id,
            correlation.id = correlation_id,
            allocation.decision = rejection.code.as_str(),
            "the release is refused"
        ),
        ReleaseAnswer::Failed(Failure::Transient { code, detail, .. }) => tracing::warn!(
            allocation.key = key,
            allocation.origin_id = origin_id,
            correlation.id = correlation_id,
            allocation.decision = code.as_str(),
            "the release has to be tried again: {detail}"
        ),
        ReleaseAnswer::Failed(Failure::Ambiguous { detail, .. }) => tracing::warn!(
            allocation.key = key,
            allocation.origin_id = origin_id,
            correlation.id = correlation_id,
            allocation.decision = Code::OutcomeUnknown.as_str(),
            "the release has to be tried again: {detail}"
        ),
        ReleaseAnswer::Failed(Failure::Defect { detail }) => tracing::error!(
            allocation.key = key,
            allocation.origin_id = origin_id,
            correlation.id = correlation_id,
            allocation.decision = Code::Internal.as_str(),
            "the release failed through our fault: {detail}"
        ),
    }
}
