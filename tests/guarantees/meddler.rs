//! An HTTP client between the SDKs and the local cloud that does what no service would.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
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
    Conflict(Arc<AtomicU32>),
    Refuse {
        operation: &'static str,
        text: &'static str,
        code: &'static str,
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

    /// Has the first `times` transactions run into somebody else's.
    pub(crate) fn conflicts(times: u32) -> Self {
        Self(Deed::Conflict(Arc::new(AtomicU32::new(times))))
    }

    /// Answers each `operation` whose body holds `text` with this error, and has the cloud hear nothing of it.
    pub(crate) fn refuses(operation: &'static str, text: &'static str, code: &'static str) -> Self {
        Self(Deed::Refuse {
            operation,
            text,
            code,
        })
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
                Deed::Conflict(times)
                    if target.ends_with("TransactWriteItems") && take_one(&times) =>
                {
                    Ok(conflict())
                }
                Deed::Refuse {
                    operation,
                    text,
                    code,
                } if target.ends_with(operation) && body.contains(text) => Ok(refusal(code)),
                Deed::PanicOn(_)
                | Deed::Rewrite { .. }
                | Deed::HoldBack { .. }
                | Deed::Conflict(_)
                | Deed::Refuse { .. } => answer.await,
            }
        })
    }
}

fn take_one(left: &AtomicU32) -> bool {
    let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(1)
    });
    taken.is_ok()
}

fn refusal(code: &str) -> HttpResponse {
    let body = format!(r#"{{"__type": "{code}", "message": "injected by this test"}}"#);
    HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::from(body))
}

/// What DynamoDB answers when another transaction is at one of the items.
fn conflict() -> HttpResponse {
    let body = r#"{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]",
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}]}"#;
    HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::from(body))
}
