//! The way in for SDKs in the same process: the cloud as their HTTP client. No sockets, no threads, no clock of its
//! own, so that a test with paused time is deterministic. Faults look as the SDKs' real HTTP client would show them.

mod refusal;

use std::{fmt, io, time::Duration};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    shared::IntoShared,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;

use crate::{Cloud, Reply};

impl Cloud {
    /// An HTTP client whose requests all end in this cloud, whatever their address.
    pub fn http_client(&self) -> SharedHttpClient {
        self.http_client_as("")
    }

    /// As [`http_client`](Self::http_client), with a tag by which [`requests`](Self::requests) and faults can tell
    /// who has sent what.
    pub fn http_client_as(&self, worker: impl Into<String>) -> SharedHttpClient {
        Client {
            cloud: self.clone(),
            worker: worker.into(),
        }
        .into_shared()
    }
}

#[derive(Debug, Clone)]
struct Client {
    cloud: Cloud,
    worker: String,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            client: self.clone(),
            read_timeout: settings.read_timeout(),
        })
    }
}

struct Connector {
    client: Client,
    /// How long to wait for the head of an answer. A connection takes no time here, so there is no limit on that.
    read_timeout: Option<Duration>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Client { cloud, worker } = self.client.clone();
        let answer =
            async move { sent(cloud.handle_as(&worker, received(request).await?).await).await };
        match self.read_timeout {
            None => HttpConnectorFuture::new(answer),
            Some(limit) => HttpConnectorFuture::new(async move {
                tokio::time::timeout(limit, answer)
                    .await
                    .unwrap_or_else(|elapsed| Err(ConnectorError::timeout(elapsed.into())))
            }),
        }
    }
}

/// The SDK's request as the pipeline takes it.
async fn received(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(ConnectorError::user)?
        .to_bytes();
    Ok(http::Request::from_parts(head, body))
}

/// The pipeline's reply as the SDK gets it.
async fn sent(reply: Reply) -> Result<HttpResponse, ConnectorError> {
    let response = match reply {
        Reply::Answer(response) => response.map(SdkBody::from),
        Reply::Cut(response) => response.map(cut),
        Reply::Refused => return Err(refusal::refused().await),
        Reply::Reset => {
            let error = io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer");
            return Err(ConnectorError::io(error.into()));
        }
        Reply::Hang | Reply::Killed => std::future::pending().await,
    };
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

/// A body that breaks off halfway.
fn cut(whole: Bytes) -> SdkBody {
    let half = whole.slice(..whole.len() / 2);
    let end = io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "end of file before message length reached",
    );
    SdkBody::from_body_1_x(StreamBody::new(stream::iter([
        Ok(Frame::data(half)),
        Err(end),
    ])))
}
