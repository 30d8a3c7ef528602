//! An HTTP client between the SDKs and the local cloud that does what no service would.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

/// What to do to which request.
#[derive(Debug, Clone)]
pub(crate) struct Meddler(Deed);

#[derive(Debug, Clone)]
enum Deed {
    PanicOn(&'static str),
    Rewrite {
        operation: &'static str,
        from: &'static str,
        to: &'static str,
    },
    HoldBack {
        operation: &'static str,
        time: Duration,
    },
}

impl Meddler {
    /// Panics inside the call on Direct Connect whose body holds `text`.
    pub(crate) fn panics_on(text: &'static str) -> Self {
        Self(Deed::PanicOn(text))
    }

    /// Replaces `from` by `to` in the answers to `operation`.
    pub(crate) fn rewrites(operation: &'static str, from: &'static str, to: &'static str) -> Self {
        Self(Deed::Rewrite {
            operation,
            from,
            to,
        })
    }

    /// Holds the answers to `operation` back: they tell what was so when the request was applied.
    pub(crate) fn holds_back(operation: &'static str, time: Duration) -> Self {
        Self(Deed::HoldBack { operation, time })
    }

    pub(crate) fn between(self, cloud: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Client {
            deed: self.0,
            cloud,
        })
    }
}

#[derive(Debug, Clone)]
struct Client {
    deed: Deed,
    cloud: SharedHttpClient,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let cloud = self.cloud.http_connector(settings, components);
        SharedHttpConnector::new(Connector {
            deed: self.deed.clone(),
            cloud,
        })
    }
}

#[derive(Debug)]
struct Connector {
    deed: Deed,
    cloud: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request
            .headers()
            .get("x-amz-target")
            .unwrap_or_default()
            .to_owned();
        let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
        let answer = self.cloud.call(request);
        let deed = self.deed.clone();
        HttpConnectorFuture::new(async move {
            match deed {
                Deed::PanicOn(text)
                    if target.starts_with("OvertureService") && body.contains(text) =>
                {
                    panic!("a bug somewhere below, which this test put there")
                }
                Deed::Rewrite {
                    operation,
                    from,
                    to,
                } if target.ends_with(operation) => {
                    let mut response = answer.await?;
                    let body =
                        String::from_utf8(response.body().bytes().unwrap().to_vec()).unwrap();
                    assert!(body.contains(from), "nothing to rewrite in {body}");
                    *response.body_mut() = SdkBody::from(body.replace(from, to));
                    response.headers_mut().remove("content-length");
                    Ok(response)
                }
                Deed::HoldBack { operation, time } if target.ends_with(operation) => {
                    let response = answer.await;
                    tokio::time::sleep(time).await;
                    response
                }
                Deed::PanicOn(_) | Deed::Rewrite { .. } | Deed::HoldBack { .. } => answer.await,
            }
        })
    }
}
