//! The HTTP client of every call that may be repeated: a connection is kept for the next call.
//!
//! Pooling is hyper-util's. This module opens the connections, and tells the SDK what went wrong in the terms by which the
//! SDK decides whether to try again. HTTP/1.1 only: each call of a batch has a connection while it lasts (ADR 41).

#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use http::Uri;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::error::Elapsed;
use tower_service::Service;

use super::CONNECT_TIMEOUT;
use super::connect::{Connect, Stream};

/// Between invocations the sandbox is frozen and the far side closes idle connections unseen. Sending a request into a
/// dead connection costs a retry, a new connection a few milliseconds.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Sends requests on connections that it keeps.
pub(super) struct Pool(Client<Opener, SdkBody>);

impl Pool {
    /// A pool of connections that `connect` opens. Opens none yet.
    pub(super) fn new(connect: Connect) -> Self {
        Self(
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE_TIMEOUT)
                .build(Opener(connect.kept())),
        )
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl HttpConnector for Pool {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || Some(metadata(connection.clone())));
        }
        let response = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let response = response.await.map_err(sorted)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// What the SDK asks for after an error that may be the connection's fault, so that it is not used again.
fn metadata(connection: CaptureConnection) -> ConnectionMetadata {
    ConnectionMetadata::builder()
        .proxied(false)
        .poison_fn(move || {
            if let Some(connected) = connection.connection_metadata().as_ref() {
                connected.poison();
            }
        })
        .build()
}

/// Opens the pool's connections.
#[derive(Clone)]
struct Opener(Connect);

impl Service<Uri> for Opener {
    type Response = TokioIo<Box<dyn Stream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connect = self.0.clone();
        Box::pin(async move {
            let stream = tokio::time::timeout(CONNECT_TIMEOUT, connect.to(&uri)).await??;
            Ok(TokioIo::new(stream))
        })
    }
}

/// An error as the SDK's retries tell errors apart: a connection that failed or took too long is tried again, and what is
/// wrong with the request is not.
fn sorted(error: legacy::Error) -> ConnectorError {
    if cause::<Elapsed>(&error).is_some() {
        return ConnectorError::timeout(error.into());
    }
    let broken = error.is_connect() || cause::<io::Error>(&error).is_some();
    match cause::<hyper::Error>(&error) {
        Some(hyper) if hyper.is_timeout() => ConnectorError::timeout(error.into()),
        Some(hyper) if hyper.is_user() => ConnectorError::user(error.into()),
        Some(hyper) if hyper.is_closed() || hyper.is_canceled() => ConnectorError::io(error.into()),
        _ if broken => ConnectorError::io(error.into()),
        // The far side has closed the connection in the middle of its answer, or in place of one.
        Some(hyper) if hyper.is_incomplete_message() => {
            ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
        }
        _ => ConnectorError::other(error.into(), None),
    }
}

/// The first error of this kind in the chain of causes.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
