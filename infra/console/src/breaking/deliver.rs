//! Sending what a form holds the way that callers send it.

use bytes::Bytes;
use http::Request;
use serde::Deserialize;
use serde_json::{Value, json};
use story::words::count as counted;

use crate::bench::Bench;

/// What stands before the location in the form's field of the parent, if the parent is to be chosen. No parent's id begins with it.
pub(crate) const BY_PLACE: &str = "at ";

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
            "ownerAccount": self.owner,
            "bandwidth": self.bandwidth,
            "connectionName": self.name,
        });
        match self.parent.strip_prefix(BY_PLACE) {
            Some(location) => body["placement"] = json!({ "location": location }),
            None => body["connectionId"] = json!(self.parent),
        }
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
        true => told(&report),
        false => "Track could not be run.".to_owned(),
    }
}

/// A run of track in words.
fn told(report: &Value) -> String {
    let number = |name: &str| report[name].as_u64().unwrap_or_default();
    let count = |name, one| counted(usize::try_from(number(name)).unwrap_or(usize::MAX), one);
    format!(
        "Track has run: {} finished, {} still unfinished, {} changed state, {}, {}. Orders that an attempt owns \
         at this moment are left alone.",
        number("finished"),
        number("unfinished"),
        number("stateChanges"),
        count("ghosts", "ghost"),
        count("orphans", "orphan"),
    )
}

impl Delivered {
    /// What is told of it: good news, or what is wrong.
    pub(crate) fn told(&self) -> Result<String, String> {
        match self {
            Self::Sent(words) => Ok((*words).to_owned()),
            Self::Answered(status, body) => {
                let text = format!("HTTP {status}: {}", words(*status, body));
                if *status < 400 { Ok(text) } else { Err(text) }
            }
        }
    }
}

/// An answer in words.
fn words(status: u16, body: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let violations = body["violations"].as_array().into_iter().flatten();
    let violations: Vec<_> = violations
        .map(|violation| {
            let field = text(&violation["field"]);
            format!("{field} {}", text(&violation["message"]))
        })
        .collect();
    let detail = text(&body["detail"]);
    if !violations.is_empty() {
        return format!("{}.", violations.join("; "));
    }
    if !detail.is_empty() {
        return detail;
    }
    if body["dryRun"].is_boolean() {
        return forecast(body);
    }
    match body["connection"]["connectionId"].as_str() {
        Some(id) => format!("{} {id}", text(&body["status"])),
        // What API Gateway says for a function that ended without an answer.
        None if status >= 500 => "The function ended without an answer: it was killed, or out of time. What it has done is not \
             lost; the order is finished later."
            .to_owned(),
        None => body.to_string(),
    }
}

/// What an order would come to, in words.
fn forecast(body: &Value) -> String {
    let mut told = format!(
        "Dry run, nothing was changed. The order would be {}",
        body["wouldBe"].as_str().unwrap_or("answered")
    );
    if let Some(parent) = body["parentConnectionId"].as_str() {
        told.push_str(&format!(", on {parent}"));
    }
    if let Some(vlan) = body["vlan"].as_u64() {
        told.push_str(&format!(", VLAN {vlan}"));
    }
    match body["rejection"]["message"].as_str() {
        Some(why) => format!("{told}: {why}"),
        None => format!("{told}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_in_words_and_those_that_say_no_as_such() {
        let told = |status, body| Delivered::Answered(status, body).told();
        let allocated =
            json!({"status": "allocated", "connection": {"connectionId": "dxcon-fgh0abcd"}});
        let said = "HTTP 201: allocated dxcon-fgh0abcd".to_owned();
        assert_eq!(told(201, allocated), Ok(said));
        let wrong = json!({
            "detail": "2 violations; see the list",
            "violations": [{"field": "/vlan", "message": "must be 1 to 4094"}, {"field": "/tags", "message": "is too long"}],
        });
        let said = "HTTP 400: /vlan must be 1 to 4094; /tags is too long.".to_owned();
        assert_eq!(told(400, wrong), Err(said));
        let killed = told(500, json!({"message": "Internal Server Error"}));
        assert!(killed.is_err_and(|text| text.contains("killed")));
        let dry = json!({"dryRun": true, "wouldBe": "allocated", "parentConnectionId": "dxcon-ffabc123", "vlan": 7});
        let said = "HTTP 200: Dry run, nothing was changed. The order would be allocated, on dxcon-ffabc123, VLAN 7.";
        assert_eq!(told(200, dry), Ok(said.to_owned()));
        let dry =
            json!({"dryRun": true, "wouldBe": "rejected", "rejection": {"message": "No room."}});
        let said = "HTTP 200: Dry run, nothing was changed. The order would be rejected: No room.";
        assert_eq!(told(200, dry), Ok(said.to_owned()));
    }
}
