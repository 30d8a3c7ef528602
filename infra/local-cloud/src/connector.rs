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

    /// An HTTP client that looks and leaves no trace: its requests are not remembered, and no fault strikes them.
    pub fn http_client_aside(&self) -> SharedHttpClient {
        Client {
            cloud: self.clone(),
            worker: None,
        }
        .into_shared()
    }

    /// As [`http_client`](Self::http_client), with a tag by which [`requests`](Self::requests) and faults can tell
    /// who has sent what.
    pub fn http_client_as(&self, worker: impl Into<String>) -> SharedHttpClient {
        Client {
            cloud: self.clone(),
            worker: Some(worker.into()),
        }
        .into_shared()
    }
}

#[derive(Debug, Clone)]
struct Client {
    cloud: Cloud,
    /// None for who looks aside.
    worker: Option<String>,
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
        let answer = async move {
            let request = received(request).await?;
            let reply = match &worker {
                Some(worker) => cloud.handle_as(worker, request).await,
                None => cloud.handle_aside(&request),
            };
            sent(reply).await
        };
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

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::{Fault, FaultKind};

    /// Sends a good allocation into a cloud with this fault.
    async fn send(
        fault: Option<FaultKind>,
        read_timeout: Option<Duration>,
    ) -> Result<HttpResponse, ConnectorError> {
        let cloud = Cloud::builder().build().unwrap();
        if let Some(kind) = fault {
            cloud.inject(Fault::on_request(kind, 1).for_worker("w"));
        }
        let client = Client {
            cloud,
            worker: Some("w".to_owned()),
        };
        let order = r#"{"connectionId":"dxcon-ffabc123","ownerAccount":"222222222222","bandwidth":"50Mbps","connectionName":"x","vlan":7}"#;
        let request = http::Request::post("https://directconnect.invalid/")
            .header("x-amz-target", "OvertureService.AllocateHostedConnection")
            .header("authorization", "x")
            .body(SdkBody::from(order))
            .unwrap();
        let connector = Connector {
            client,
            read_timeout,
        };
        connector
            .call(HttpRequest::try_from(request).unwrap())
            .await
    }

    fn causes<'a>(
        error: &'a (dyn Error + 'static),
    ) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
        std::iter::successors(Some(error), |&error| error.source())
    }

    #[tokio::test]
    async fn an_answer_reaches_the_sdk_whole() {
        let response = send(None, None).await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains("ordering"));
    }

    #[tokio::test]
    async fn a_refused_connection_is_the_http_clients_own_connect_error() {
        let error = send(Some(FaultKind::RefuseBefore), None).await.unwrap_err();
        assert!(error.is_io());
        let connect = |cause: &(dyn Error + 'static)| {
            let cause = cause.downcast_ref::<hyper_util::client::legacy::Error>();
            cause.is_some_and(hyper_util::client::legacy::Error::is_connect)
        };
        assert!(causes(&error).any(connect));
    }

    #[tokio::test]
    async fn a_reset_is_an_io_error_that_is_not_about_connecting() {
        let error = send(Some(FaultKind::ApplyThenReset), None)
            .await
            .unwrap_err();
        assert!(error.is_io());
        let reset = |cause: &(dyn Error + 'static)| {
            let cause = cause.downcast_ref::<io::Error>();
            cause.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
        };
        assert!(causes(&error).any(reset));
    }

    #[tokio::test]
    async fn a_cut_body_ends_in_an_error_after_a_good_head() {
        let response = send(Some(FaultKind::ApplyThenCutBody), None).await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert!(response.into_body().collect().await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_with_the_read_timeout_and_not_before() {
        let start = tokio::time::Instant::now();
        let error = send(Some(FaultKind::HangBefore), Some(Duration::from_secs(3)))
            .await
            .unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(start.elapsed(), Duration::from_secs(3));
        let unlimited = tokio::time::timeout(
            Duration::from_secs(3600),
            send(Some(FaultKind::HangBefore), None),
        )
        .await;
        assert!(unlimited.is_err());
    }
}
