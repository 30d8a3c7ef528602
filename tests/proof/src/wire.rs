//! What lies between the functions and the cloud: things happen there between two requests, and answers are rewritten that
//! a safeguard is there to read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use local_cloud::Cloud;
use serde_json::{Value, json};

use crate::incident::Happening;
use crate::orders::PARENT;
use crate::sabotage::Sabotage;

/// The wire of one world. Clones are the same wire.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    cloud: Cloud,
    sabotage: Option<Sabotage>,
    due: Arc<Mutex<Due>>,
}

#[derive(Debug, Default)]
struct Due {
    /// Requests since this was set.
    sent: u64,
    happenings: Vec<(u64, Happening)>,
    happened: Vec<(String, String)>,
}

impl Wire {
    pub(crate) fn new(cloud: Cloud) -> Self {
        Self {
            cloud,
            sabotage: None,
            due: Arc::default(),
        }
    }

    pub(crate) fn sabotaged(mut self, sabotage: Option<Sabotage>) -> Self {
        self.sabotage = sabotage;
        self
    }

    /// Has each of `happenings` happen just before its request is sent, counted from now, from 1.
    pub(crate) fn expect(&self, happenings: Vec<(u64, Happening)>) {
        *self.due() = Due {
            happenings,
            ..Due::default()
        };
    }

    /// What has happened since, each with the operation that came after it.
    pub(crate) fn happened(&self) -> Vec<(String, String)> {
        self.due().happened.clone()
    }

    /// The HTTP client of a process of that name.
    pub(crate) fn client(&self, worker: &str) -> SharedHttpClient {
        SharedHttpClient::new(Client {
            wire: self.clone(),
            cloud: self.cloud.http_client_as(worker),
            refused: Arc::default(),
        })
    }

    fn due(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn before(&self, operation: &str) {
        let mut due = self.due();
        due.sent += 1;
        let k = due.sent;
        let now: Vec<_> = due.happenings.extract_if(.., |(at, _)| *at == k).collect();
        for (_, happening) in now {
            happening.happen(&self.cloud);
            let text = happening.to_string();
            due.happened.push((text, operation.to_owned()));
        }
    }
}

#[derive(Debug, Clone)]
struct Client {
    wire: Wire,
    cloud: SharedHttpClient,
    /// The VLAN of this process's last refused allocation.
    refused: Arc<Mutex<Option<Value>>>,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            client: self.clone(),
            cloud: self.cloud.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct Connector {
    client: Client,
    cloud: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let asked = json_of(request.body());
        let (client, cloud) = (self.client.clone(), self.cloud.clone());
        HttpConnectorFuture::new(async move {
            client.wire.before(&operation);
            let mut response = cloud.call(request).await?;
            match client.wire.sabotage {
                Some(Sabotage::OneParent) => rewrite(&mut response, |answer| {
                    leave_one_parent(&operation, answer);
                }),
                Some(Sabotage::RefusalFinal) => {
                    client.hide_what_refused(&operation, &asked, &mut response)
                }
                Some(Sabotage::Inside(_)) | None => {}
            }
            Ok(response)
        })
    }
}

impl Client {
    fn hide_what_refused(&self, operation: &str, asked: &Value, response: &mut HttpResponse) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if operation == "AllocateHostedConnection" {
            let code = json_of(response.body())["__type"].to_string();
            let is_refused = code.contains("DirectConnectClientException");
            *refused = is_refused.then(|| asked["vlan"].clone());
            return;
        }
        let Some(vlan) = &*refused else { return };
        rewrite(response, |answer| {
            if let Some(shown) = list(answer, "connections") {
                shown.retain(|connection| connection["vlan"] != *vlan);
            }
            for (name, state) in [("interconnects", "interconnectState"), ("lags", "lagState")] {
                for parent in list(answer, name).into_iter().flatten() {
                    parent[state] = "available".into();
                }
            }
        });
    }
}

fn leave_one_parent(operation: &str, answer: &mut Value) {
    match operation {
        "DescribeInterconnects" => {
            if let Some(interconnects) = list(answer, "interconnects") {
                interconnects.retain(|one| one["interconnectId"] == PARENT);
                let objects = interconnects.iter_mut().filter_map(Value::as_object_mut);
                objects.for_each(|one| drop(one.remove("lagId")));
            }
        }
        "DescribeLags" if answer["lags"].is_array() => answer["lags"] = json!([]),
        _ => {}
    }
}

/// Changes the answer's JSON. What is no whole answer stays as it is.
fn rewrite(response: &mut HttpResponse, change: impl FnOnce(&mut Value)) {
    let before = json_of(response.body());
    let mut after = before.clone();
    change(&mut after);
    if before.is_object() && before != after {
        *response.body_mut() = SdkBody::from(after.to_string());
        response.headers_mut().remove("content-length");
    }
}

fn list<'a>(answer: &'a mut Value, name: &str) -> Option<&'a mut Vec<Value>> {
    answer.get_mut(name)?.as_array_mut()
}

fn json_of(body: &SdkBody) -> Value {
    let bytes = body.bytes().unwrap_or_default();
    serde_json::from_slice(bytes).unwrap_or_default()
}
