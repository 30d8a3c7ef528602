//! One line in the log for each release: which order, what was decided. Never a name or a tag.

use allocation::Failure;
use hosted_connection::{Code, IdempotencyKey, Origin};
use lifecycle::ReleaseAnswer;

pub(crate) fn log(key: Option<&IdempotencyKey>, origin: &Origin, answer: &ReleaseAnswer) {
    let key = key.map(IdempotencyKey::as_str);
    let origin_id = origin.delivery_id();
    match answer {
        ReleaseAnswer::Released { receipt, .. } | ReleaseAnswer::Releasing { receipt, .. } => {
            tracing::info!(
                allocation.key = key,
                allocation.origin_id = origin_id,
                allocation.decision = receipt.status.as_str(),
                hosted_connection.id = receipt.connection.connection_id,
                "the release goes its way"
            );
        }
        ReleaseAnswer::Refused(rejection) => tracing::info!(
            allocation.key = key,
            allocation.origin_id = origin_id,
            allocation.decision = rejection.code.as_str(),
            "the release is refused"
        ),
        ReleaseAnswer::Failed(Failure::Transient { code, detail, .. }) => tracing::warn!(
            allocation.key = key,
            allocation.origin_id = origin_id,
            allocation.decision = code.as_str(),
            "the release has to be tried again: {detail}"
        ),
        ReleaseAnswer::Failed(Failure::Ambiguous { detail, .. }) => tracing::warn!(
            allocation.key = key,
            allocation.origin_id = origin_id,
            allocation.decision = Code::OutcomeUnknown.as_str(),
            "the release has to be tried again: {detail}"
        ),
        ReleaseAnswer::Failed(Failure::Defect { detail }) => tracing::error!(
            allocation.key = key,
            allocation.origin_id = origin_id,
            allocation.decision = Code::Internal.as_str(),
            "the release failed through our fault: {detail}"
        ),
    }
}
