//! Requests and answers as JSON. Signatures stay as they were: the local cloud does not verify them.

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

/// The API's name of what is asked for.
pub(super) fn operation(request: &HttpRequest) -> &str {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default()
}

/// The JSON of a body; null where there is none, or only half of it.
pub(super) fn of(body: &SdkBody) -> Value {
    let bytes = body.bytes().unwrap_or_default();
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// The request with another body.
pub(super) fn with_body(mut request: HttpRequest, body: &Value) -> HttpRequest {
    let text = body.to_string();
    let length = text.len().to_string();
    *request.body_mut() = SdkBody::from(text);
    request.headers_mut().insert("content-length", length);
    request
}

/// The request for another operation of DynamoDB.
pub(super) fn with_operation(mut request: HttpRequest, operation: &str) -> HttpRequest {
    let target = format!("DynamoDB_20120810.{operation}");
    request.headers_mut().insert("x-amz-target", target);
    request
}

/// Changes the answer's JSON. What is no whole answer stays as it is.
pub(super) fn rewrite(response: &mut HttpResponse, change: impl FnOnce(&mut Value)) {
    let before = of(response.body());
    let mut after = before.clone();
    change(&mut after);
    if before.is_object() && before != after {
        *response.body_mut() = SdkBody::from(after.to_string());
        response.headers_mut().remove("content-length");
    }
}

/// An answer that the cloud did not give.
pub(super) fn answer(body: &Value) -> Result<HttpResponse, ConnectorError> {
    respond(200, body)
}

/// An error that the cloud did not give, with HTTP 400 as most of AWS's have it. Other members of `body` stay.
pub(super) fn error(code: &str, mut body: Value) -> Result<HttpResponse, ConnectorError> {
    body["__type"] = code.into();
    let mut response = respond(400, &body)?;
    response
        .headers_mut()
        .insert("x-amzn-errortype", code.to_owned());
    Ok(response)
}

/// The code of an error.
pub(super) fn code(response: &HttpResponse) -> String {
    let named = response.headers().get("x-amzn-errortype");
    named.unwrap_or_default().to_owned()
}

fn respond(status: u16, body: &Value) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(status);
    let status = status.map_err(|error| ConnectorError::other(error.into(), None))?;
    Ok(HttpResponse::new(status, SdkBody::from(body.to_string())))
}
