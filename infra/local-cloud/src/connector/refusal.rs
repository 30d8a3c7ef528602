//! The error of a connection that was refused, made by the HTTP client that the SDKs use. Code that has to know
//! "certainly not sent" looks into the chain of causes, so a chain that only resembles the real one would prove nothing.

use std::{
    future::{Ready, ready},
    io,
    task::{Context, Poll},
};

use aws_smithy_runtime_api::client::result::ConnectorError;
use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::TcpStream;
use tower_service::Service;

/// Connects to nothing.
#[derive(Debug, Clone)]
struct Refuse;

impl Service<http::Uri> for Refuse {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Ready<Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Uri) -> Self::Future {
        ready(Err(io::Error::new(
            io::ErrorKind::ConnectionRefused,
            "connection refused",
        )))
    }
}

/// The SDKs' HTTP client marks it as an I/O error and says nothing about the connection; so do we.
pub(super) async fn refused() -> ConnectorError {
    let client = Client::builder(TokioExecutor::new()).build::<_, Empty<Bytes>>(Refuse);
    match client
        .get(http::Uri::from_static("http://refused.invalid/"))
        .await
    {
        Err(error) => ConnectorError::io(error.into()),
        Ok(_) => ConnectorError::other("a refused connection answered".into(), None),
    }
}
