//! What the local cloud's own routes answer.

use axum::{body::Body, response::Response};
use http::StatusCode;
use local_cloud::CloudError;
use serde_json::{Value, json};

use crate::command::gateway::json_response;

/// A document.
pub(super) fn document(status: StatusCode, body: &Value) -> Response {
    json_response(status, body).map(Body::from)
}

/// What the cloud says to a switch that cannot be thrown.
pub(super) fn refusal(error: &CloudError) -> Response {
    let status = match error {
        CloudError::NoSuchConnection(_) | CloudError::NoSuchParent(_) => StatusCode::NOT_FOUND,
        CloudError::NotOrdering { .. }
        | CloudError::NotAccepted { .. }
        | CloudError::NotAnInterconnect(_)
        | CloudError::NotALag(_)
        | CloudError::NotAMember(_)
        | CloudError::VlanTaken { .. } => StatusCode::CONFLICT,
        CloudError::Template(_)
        | CloudError::Database(_)
        | CloudError::Data { .. }
        | CloudError::InUse(_)
        | CloudError::NothingKept(_)
        | CloudError::Table { .. }
        | CloudError::State { .. }
        | CloudError::NoSuchQueue(_)
        | CloudError::Refused(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    problem(status, &error.to_string())
}

/// A problem in words.
pub(super) fn problem(status: StatusCode, detail: &str) -> Response {
    document(status, &json!({"error": detail}))
}
