//! An HTTP client of the SDKs that records what passes through it.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use http_body_util::BodyExt;

use super::{Recorder, Sent};

impl Recorder {
    /// The same client, with everything recorded that passes.
    #[must_use]
    pub fn client(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Client {
            recorder: self.clone(),
            inner,
        })
    }
}

#[derive(Debug)]
struct Client {
    recorder: Recorder,
    inner: SharedHttpClient,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            recorder: self.recorder.clone(),
            inner: self.inner.http_connector(settings, components),
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(components, config)
    }
}

#[derive(Debug)]
struct Connector {
    recorder: Recorder,
    inner: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let recorder = self.recorder.clone();
        let pending = Pending {
            sent: Some(recorder.sent(target, body)),
            recorder,
        };
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(pending.answered(answer))
    }
}

/// A request without an answer so far. Whoever drops it has given up, and that is recorded.
struct Pending {
    recorder: Recorder,
    sent: Option<Sent>,
}

impl Pending {
    async fn answered(
        mut self,
        answer: HttpConnectorFuture,
    ) -> Result<HttpResponse, ConnectorError> {
        let mut response = match answer.await {
            Ok(response) => response,
            Err(error) => {
                self.lost(if error.is_timeout() {
                    "timeout"
                } else {
                    "no answer"
                });
                return Err(error);
            }
        };
        let body = std::mem::replace(response.body_mut(), SdkBody::taken());
        match body.collect().await {
            Ok(body) => {
                let body = body.to_bytes();
                if let Some(sent) = self.sent.take() {
                    let status = response.status().as_u16();
                    self.recorder.answered(sent, status, &body);
                }
                *response.body_mut() = SdkBody::from(body);
                Ok(response)
            }
            Err(error) => {
                self.lost("cut off");
                Err(ConnectorError::io(error))
            }
        }
    }

    fn lost(&mut self, why: &str) {
        if let Some(sent) = self.sent.take() {
            self.recorder.lost(sent, why);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.lost("given up");
    }
}
