//! Sending what a form holds the way that callers send it.

use bytes::Bytes;
use http::Request;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bench::Bench;

/// An order as the form has it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Order {
    pub(crate) key: String,
    parent: String,
    owner: String,
    bandwidth: String,
    name: String,
    #[serde(default)]
    vlan: String,
    how: String,
}

/// What is told of a delivery.
pub(crate) enum Delivered {
    /// It is under way.
    Sent(&'static str),
    /// It has an answer: status and body.
    Answered(u16, Value),
}

impl Order {
    fn body(&self) -> Value {
        let mut body = json!({
            "connectionId": self.parent,
            "ownerAccount": self.owner,
            "bandwidth": self.bandwidth,
            "connectionName": self.name,
        });
        if !self.vlan.trim().is_empty() {
            // What is no number is sent as it was typed, so that the refusal can be seen.
            let number = self.vlan.trim().parse::<u64>().ok();
            body["vlan"] = number.map_or_else(|| json!(self.vlan), |number| json!(number));
        }
        body
    }

    fn request(&self, query: &str) -> Result<Request<Bytes>, String> {
        let key = format!(
            "\"{}\"",
            self.key.replace('\\', "\\\\").replace('"', "\\\"")
        );
        Request::post(format!("/allocations{query}"))
            .header("host", "console")
            .header("idempotency-key", key)
            .header("content-type", "application/json")
            .body(Bytes::from(self.body().to_string()))
            .map_err(|error| format!("The order cannot be sent: {error}."))
    }

    /// Sends it, and does not wait for more than a moment: the page watches.
    ///
    /// # Errors
    /// It cannot be sent.
    pub(crate) async fn deliver(&self, bench: &Bench) -> Result<Delivered, String> {
        match self.how.as_str() {
            "dry" => {
                let response = (bench.door)(self.request("?dryRun=true")?).await;
                let body = serde_json::from_slice(response.body()).unwrap_or_default();
                Ok(Delivered::Answered(response.status().as_u16(), body))
            }
            "http" => {
                let sending = (bench.door)(self.request("")?);
                answered(tokio::spawn(sending)).await
            }
            "workers" => {
                let second = (bench.door)(self.request("")?);
                let first = (bench.door)(self.request("")?);
                tokio::spawn(async move { tokio::join!(first, second) });
                Ok(Delivered::Sent("Two workers have the order at once."))
            }
            "queue" => self
                .send(bench, 1)
                .map(|()| Delivered::Sent("The order is in the queue.")),
            "twice" => self
                .send(bench, 2)
                .map(|()| Delivered::Sent("The order is in the queue twice.")),
            _ => Err("There is no such way to deliver.".to_owned()),
        }
    }

    fn send(&self, bench: &Bench, times: usize) -> Result<(), String> {
        let mut body = self.body();
        body["idempotencyKey"] = json!(self.key);
        for _ in 0..times {
            let sent = bench.orders.send(&body.to_string(), &[], None);
            sent.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// What becomes of it within a moment; otherwise it goes on without us.
async fn answered(
    sending: tokio::task::JoinHandle<http::Response<Bytes>>,
) -> Result<Delivered, String> {
    let patience = std::time::Duration::from_millis(300);
    match tokio::time::timeout(patience, sending).await {
        Ok(Ok(response)) => {
            let body = serde_json::from_slice(response.body()).unwrap_or_default();
            Ok(Delivered::Answered(response.status().as_u16(), body))
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Ok(Delivered::Sent("The order is under way.")),
    }
}

/// Runs the track function, and says what it did.
pub(super) async fn track(bench: &Bench) -> String {
    let Ok(request) = Request::post("/_local/track").body(Bytes::new()) else {
        return String::new();
    };
    let response = (bench.door)(request).await;
    let report: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    match report.is_object() && response.status().is_success() {
        true => format!("Track has run: {report}"),
        false => "Track could not be run.".to_owned(),
    }
}

impl Delivered {
    /// In a sentence.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Sent(words) => (*words).to_owned(),
            Self::Answered(status, body) => {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let detail = text(&body["detail"]);
                let found = match detail.is_empty() {
                    false => detail,
                    true if body["forecast"].is_object() || body["dryRun"].is_boolean() => {
                        body.to_string()
                    }
                    true => match body["connection"]["connectionId"].as_str() {
                        Some(id) => format!("{} {id}", text(&body["status"])),
                        None => body.to_string(),
                    },
                };
                let violations = body["violations"].as_array().into_iter().flatten();
                let violations: String = violations
                    .map(|violation| {
                        format!(
                            " {} {}.",
                            text(&violation["field"]),
                            text(&violation["message"])
                        )
                    })
                    .collect();
                format!("HTTP {status}: {found}{violations}")
            }
        }
    }
}
