//! An endpoint that answers wrongly in ways in which the local cloud cannot.

use std::sync::{Arc, Mutex};

use assumptions::Assumption;
use assumptions::Verdict::{self, DoesNotHold, Holds, NotKnown};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared;
use local_cloud::Cloud;
use serde_json::{Value, json};

use crate::partner::{PARENT, Partner, usual, verdicts};

/// In which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Not at all, for comparison.
    Right,
    UnknownCode,
    ServerError,
    NoId,
    OthersId,
    WrongVlan,
    WrongName,
    Html,
    HtmlWith200,
    Reset,
    PagesRepeat,
    PagesSkip,
    ListIsHtml,
    DeletedNeverShown,
    DeletionNeverShown,
    DeletionDoesNothing,
    DeleteIsUnknown,
}

#[derive(Debug, Clone)]
struct Fake(Way, Arc<Mutex<Vec<Value>>>);

fn refusal(code: &str) -> (u16, String) {
    (400, json!({"__type": code, "message": "no"}).to_string())
}

impl Fake {
    /// Status and body; `None` for a connection that breaks.
    fn answer(&self, operation: &str, asked: &Value) -> Option<(u16, String)> {
        let Self(way, all) = self;
        let mut all = all.lock().unwrap();
        let given = |value: Value| Some((200, value.to_string()));
        let is_one = |one: &&mut Value| one["connectionId"] == asked["connectionId"];
        let html = "<html><body>Service Unavailable</body></html>".to_owned();
        match (operation, way) {
            ("DescribeInterconnects", _) => given(
                json!({"interconnects": [{"interconnectId": PARENT, "interconnectState": "available"}]}),
            ),
            ("DescribeLags", _) => given(json!({"lags": []})),
            ("DescribeHostedConnections", _) if asked["connectionId"] != PARENT => {
                Some(refusal("DirectConnectClientException"))
            }
            ("DescribeHostedConnections", Way::ListIsHtml) if all.len() > 1 => Some((200, html)),
            ("DescribeHostedConnections", Way::PagesRepeat) if all.len() > 1 => {
                given(json!({"connections": *all, "nextToken": "again"}))
            }
            ("DescribeHostedConnections", Way::PagesSkip) => {
                let at: usize = asked["nextToken"]
                    .as_str()
                    .map_or(0, |token| token.parse().unwrap());
                let next = (at + 2 < all.len()).then(|| (at + 2).to_string());
                given(
                    json!({"connections": all.get(at..=at).unwrap_or_default(), "nextToken": next}),
                )
            }
            ("DescribeHostedConnections", _) => {
                let at: usize = asked["nextToken"]
                    .as_str()
                    .map_or(0, |token| token.parse().unwrap());
                let end = (at + asked["maxResults"].as_u64().unwrap() as usize).min(all.len());
                let next = (end < all.len()).then(|| end.to_string());
                given(json!({"connections": all[at..end], "nextToken": next}))
            }
            ("DeleteConnection", Way::DeleteIsUnknown) => Some(refusal("FullMoonException")),
            ("DeleteConnection", _) => {
                let one = all.iter_mut().find(is_one).unwrap();
                one["gone"] = json!(*way != Way::DeletionDoesNothing);
                one["connectionState"] = match way {
                    Way::DeletedNeverShown => json!("deleting"),
                    Way::DeletionNeverShown | Way::DeletionDoesNothing => json!("ordering"),
                    _ => json!("deleted"),
                };
                given(one.clone())
            }
            ("AllocateHostedConnection", Way::UnknownCode) => Some(refusal("FullMoonException")),
            ("AllocateHostedConnection", _) => {
                let lives = |one: &Value| one["gone"] != true && one["vlan"] == asked["vlan"];
                if all.iter().any(lives) {
                    return Some(refusal("DirectConnectClientException"));
                }
                let mut made = asked.clone();
                made["connectionId"] = json!(format!("dxcon-made{:04}", all.len()));
                made["connectionState"] = json!("ordering");
                made.as_object_mut().unwrap().remove("tags");
                all.push(made.clone());
                match way {
                    Way::Reset => return None,
                    Way::Html => return Some((502, html)),
                    Way::HtmlWith200 => return Some((200, html)),
                    Way::ServerError => return Some(refusal("DirectConnectServerException")),
                    Way::NoId => made["connectionId"] = Value::Null,
                    Way::OthersId => made["connectionId"] = all[0]["connectionId"].clone(),
                    Way::WrongVlan => made["vlan"] = json!(made["vlan"].as_u64().unwrap() + 1),
                    Way::WrongName => made["connectionName"] = json!("Example Corp"),
                    _ => {}
                }
                given(made)
            }
            ("Query", _) => given(json!({"Items": [], "Count": 0, "ScannedCount": 0})),
            _ => Some((500, html)),
        }
    }
}

impl HttpClient for Fake {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Fake {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let asked = serde_json::from_slice(request.body().bytes().unwrap()).unwrap_or_default();
        let reset = || std::io::Error::new(std::io::ErrorKind::ConnectionReset, "reset");
        HttpConnectorFuture::ready(match self.answer(&operation, &asked) {
            None => Err(ConnectorError::io(reset().into())),
            Some((status, body)) => {
                let response = http::Response::builder().status(status).body(body.into());
                Ok(HttpResponse::try_from(response.unwrap()).unwrap())
            }
        })
    }
}

/// Assumptions that do not hold of it.
fn broken(way: Way, assumption: Assumption) -> bool {
    // With every second entry skipped, pages are not complete, whatever else is asked.
    way == Way::PagesSkip && matches!(assumption, Assumption::PagesComplete | Assumption::AllocateVisible)
        // What is refused by no client exception is refused all the same.
        || (way, assumption) == (Way::DeleteIsUnknown, Assumption::OrderingDeletable)
}

#[tokio::test(start_paused = true)]
async fn whatever_is_answered_every_verdict_is_right_or_not_known_and_nothing_is_left_or_touched() {
    for way in [
        Way::Right,
        Way::UnknownCode,
        Way::ServerError,
        Way::NoId,
        Way::OthersId,
        Way::WrongVlan,
        Way::WrongName,
        Way::Html,
        Way::HtmlWith200,
        Way::Reset,
        Way::PagesRepeat,
        Way::PagesSkip,
        Way::ListIsHtml,
        Way::DeletedNeverShown,
        Way::DeletionNeverShown,
        Way::DeletionDoesNothing,
        Way::DeleteIsUnknown,
    ] {
        let other = json!({
            "connectionId": "dxcon-other0001", "connectionState": "available", "vlan": 101,
            "ownerAccount": "222233334444", "bandwidth": "50Mbps", "connectionName": "conformance-0123456789ab-0",
        });
        let fake = Fake(way, Arc::new(Mutex::new(vec![other.clone()])));
        let partner = Partner::new(Cloud::builder(), "wrong").await;
        let http: SharedHttpClient = fake.clone().into_shared();
        let outcome = partner.run_as(http).await.unwrap();
        for (assumption, verdict) in verdicts(&outcome.report) {
            let right: &[Verdict] = match usual(assumption) {
                _ if broken(way, assumption) => &[DoesNotHold, NotKnown],
                Holds | NotKnown => &[Holds, NotKnown],
                DoesNotHold => &[],
            };
            let probe = outcome.report.probe(assumption);
            assert!(right.contains(&verdict), "{way:?}: {probe:?}");
        }
        let all = fake.1.lock().unwrap();
        assert_eq!(all[0], other, "{way:?}: somebody else's");
        let left: Vec<_> = all[1..].iter().filter(|one| one["gone"] != true).collect();
        // Some cannot be deleted, and are told of. Those that are not shown at all are known by their answers.
        let undeletable = matches!(way, Way::DeletionDoesNothing | Way::DeleteIsUnknown);
        let unseen = matches!(way, Way::PagesRepeat | Way::ListIsHtml | Way::PagesSkip);
        if undeletable || unseen {
            assert!(
                left.len() <= outcome.left.len(),
                "{way:?}: {left:?} {:?}",
                outcome.left
            );
        } else {
            assert!(
                left.is_empty(),
                "{way:?}: {left:?} {:?} {:?}",
                outcome.left,
                outcome.halted
            );
        }
        assert_eq!(
            outcome.left.is_empty(),
            !partner.setup.made.exists(),
            "{way:?}"
        );
        let known = verdicts(&outcome.report)
            .iter()
            .filter(|(_, one)| *one != NotKnown)
            .count();
        assert!(way != Way::Right || known >= 10, "{known}");
    }
}
