//! The HTTP client of the call that can be sent only once, and not late.
//!
//! Each call has a connection of its own, and the connection lives in the call's future. Nothing is pooled, so no stale
//! connection is ever written to; nothing runs in the background, so whoever drops the call has closed the socket. It
//! repeats nothing, whatever goes wrong.

#[cfg(test)]
mod tests;

use std::pin::pin;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use futures_util::future::{Either, select};
use http::header::{HOST, HeaderValue, InvalidHeaderValue};
use http::uri::{PathAndQuery, Scheme};
use http::{Request, Response, Uri};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::CONNECT_TIMEOUT;
use super::connect::{Connect, Stream};

/// No connection came about, so that not a byte of the request was sent.
#[derive(Debug, thiserror::Error)]
#[error("no connection")]
pub(crate) struct NotConnected(#[source] BoxError);

/// Sends each request on a connection of its own.
#[derive(Debug)]
pub(super) struct Once(pub(super) Connect);

impl HttpConnector for Once {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(call(self.0.clone(), request))
    }
}

async fn call(connect: Connect, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let mut request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
        capture.set_connection_retriever(|| Some(ended_anyway()));
    }
    let uri = for_origin(&mut request).map_err(|error| ConnectorError::user(error.into()))?;
    let stream = match tokio::time::timeout(CONNECT_TIMEOUT, connect.to(&uri)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(ConnectorError::io(NotConnected(error).into())),
        Err(elapsed) => {
            return Err(ConnectorError::timeout(NotConnected(elapsed.into()).into()));
        }
    };
    let response = exchange(stream, request).await.map_err(|error| {
        if error.is_user() {
            ConnectorError::user(error.into())
        } else {
            ConnectorError::io(error.into())
        }
    })?;
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

/// What the SDK asks for after an error, so that the connection is not used again. Without it, the SDK logs an error.
fn ended_anyway() -> ConnectionMetadata {
    ConnectionMetadata::builder()
        .proxied(false)
        .poison_fn(|| ())
        .build()
}

/// Sends the request and reads the whole answer, then ends the connection.
async fn exchange(
    stream: Box<dyn Stream>,
    request: Request<SdkBody>,
) -> Result<Response<SdkBody>, hyper::Error> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = pin!(async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Response::from_parts(head, SdkBody::from(body)))
    });
    // Not a task of its own: that would outlive a dropped call, and finish what it was sending.
    match select(answer, pin!(connection)).await {
        Either::Left((answer, _)) => answer,
        // What it has read is the answer's, and so is what went wrong.
        Either::Right((_, answer)) => answer.await,
    }
}

/// Names the host in a header and the path in the first line, as an origin server wants it. Gives the address back.
fn for_origin(request: &mut Request<SdkBody>) -> Result<Uri, InvalidHeaderValue> {
    let host = host(request.uri())?;
    request.headers_mut().entry(HOST).or_insert(host);
    let path = request.uri().path_and_query().cloned();
    let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
    Ok(std::mem::replace(request.uri_mut(), Uri::from(path)))
}

/// The host as the SDK has signed it: with its port, unless that is its scheme's own.
fn host(uri: &Uri) -> Result<HeaderValue, InvalidHeaderValue> {
    let host = uri.host().unwrap_or_default();
    let own = if uri.scheme() == Some(&Scheme::HTTPS) {
        443
    } else {
        80
    };
    match uri.port_u16() {
        Some(port) if port != own => HeaderValue::try_from(format!("{host}:{port}")),
        _ => HeaderValue::try_from(host),
    }
}
