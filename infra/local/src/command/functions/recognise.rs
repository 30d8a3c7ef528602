//! Which function an event is for: what routes, queues and the schedule decide in the deployment.

use serde_json::{Value, value::RawValue};

use super::Name;

/// The queue whose messages are releases.
pub(crate) const RELEASES: &str = "releases";

impl Name {
    /// The function that the deployment would give this event to; allocate, when it would give it to none.
    pub(crate) fn for_event(event: &RawValue) -> Self {
        let Ok(event) = serde_json::from_str::<Value>(event.get()) else {
            return Self::Allocate;
        };
        if event["source"] == "aws.events" || event["detail-type"] == "Scheduled Event" {
            return Self::Track;
        }
        let method = [
            &event["requestContext"]["http"]["method"],
            &event["httpMethod"],
        ];
        let path = [&event["rawPath"], &event["path"]];
        let path = path.into_iter().find_map(Value::as_str).unwrap_or_default();
        match method.into_iter().find_map(Value::as_str) {
            Some("POST") if !path.contains("/allocations/") && !path.contains("/parents/") => {
                return Self::Allocate;
            }
            Some("DELETE") if path.contains("/allocations/") => return Self::Release,
            // Whatever no other function takes is for this one to refuse.
            Some(_) => return Self::Inspect,
            None => {}
        }
        match event["Records"].get(0) {
            Some(record) if is_release(record) => Self::Release,
            Some(_) | None => Self::Allocate,
        }
    }
}

fn is_release(record: &Value) -> bool {
    let queue = record["eventSourceARN"].as_str().unwrap_or_default();
    let body = record["body"].as_str().unwrap_or_default();
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    queue.ends_with(&format!(":{RELEASES}")) || body["action"] == "release"
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::to_raw_value};

    use super::*;

    fn name(event: &Value) -> Name {
        Name::for_event(&to_raw_value(event).unwrap())
    }

    #[test]
    fn an_event_goes_where_the_deployment_would_send_it() {
        let http = |method: &str, path: &str| json!({"version": "2.0", "rawPath": path, "requestContext": {"http": {"method": method}}});
        let message = |queue: &str, body: &str| {
            let arn = format!("arn:aws:sqs:eu-central-1:123456789012:{queue}");
            json!({"Records": [{"eventSource": "aws:sqs", "eventSourceARN": arn, "body": body}]})
        };
        for (event, expected) in [
            (json!({"source": "aws.events", "detail": {}}), Name::Track),
            (json!({"detail-type": "Scheduled Event"}), Name::Track),
            (http("GET", "/allocations"), Name::Inspect),
            (http("HEAD", "/allocations/k"), Name::Inspect),
            (http("DELETE", "/allocations/k"), Name::Release),
            (http("DELETE", "/prod/allocations/k"), Name::Release),
            (http("DELETE", "/allocations"), Name::Inspect),
            (http("POST", "/prod/allocations"), Name::Allocate),
            (http("POST", "/allocations/k"), Name::Inspect),
            (http("PUT", "/allocations"), Name::Inspect),
            (http("PATCH", "/allocations/k"), Name::Inspect),
            (
                json!({"httpMethod": "GET", "requestContext": {}}),
                Name::Inspect,
            ),
            (message("orders", "{}"), Name::Allocate),
            (message("releases", "not even JSON"), Name::Release),
            (
                message("elsewhere", r#"{"action": "release"}"#),
                Name::Release,
            ),
            (
                message("elsewhere", r#"{"action": "order"}"#),
                Name::Allocate,
            ),
            (json!({"idempotencyKey": "order-1"}), Name::Allocate),
            (json!("nothing"), Name::Allocate),
        ] {
            assert_eq!(name(&event), expected, "{event}");
        }
    }
}
