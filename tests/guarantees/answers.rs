//! What the function says, taken apart and held against the contract's words for it.

use std::collections::BTreeMap;

use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use local_cloud::BusEvent;
use proof::{Invocation, TIMEOUT, World};
use serde_json::Value;
use serde_json::value::RawValue;

/// The id that [`proof::http`] gives its request.
pub(crate) const HTTP_REQUEST: &str = "request-1";
/// The id of invocations that [`invoke_text`] makes.
pub(crate) const INVOCATION: &str = "invocation-of-text";

const VIOLATION_CODES: [&str; 8] = [
    "Missing",
    "WrongType",
    "Malformed",
    "OutOfRange",
    "UnknownField",
    "TooMany",
    "Duplicate",
    "Reserved",
];

/// One invocation with an event that `serde_json::Value` could not hold: lone surrogates, repeated members, depth.
pub(crate) async fn invoke_text(world: &World, event: impl Into<String>) -> Invocation {
    let payload = RawValue::from_string(event.into()).expect("an event is JSON");
    let asked = serde_json::from_str::<Value>(payload.get());
    let mut context = Context::default();
    context.request_id = INVOCATION.into();
    let now = world.cloud.clock().now();
    let deadline = now.duration_since(std::time::UNIX_EPOCH).unwrap() + TIMEOUT;
    context.deadline = u64::try_from(deadline.as_millis()).unwrap();
    let function = world.function("text");
    let invocation = match function.handle(LambdaEvent::new(payload, context)).await {
        Ok(answer) => Invocation::Answered(serde_json::from_str(answer.get()).unwrap()),
        Err(Diagnostic {
            error_type,
            error_message,
        }) => Invocation::Failed {
            error_type,
            error_message,
        },
    };
    if let Ok(asked) = asked {
        world.hold_against_the_contract(&asked, &invocation);
    }
    invocation
}

/// A proxy response.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Http {
    pub(crate) status: u64,
    /// By name as sent.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Http {
    /// Reads the response, which must have no members but those that API Gateway knows.
    pub(crate) fn of(invocation: Invocation) -> Self {
        let answer = invocation.answer();
        assert_eq!(
            members(&answer),
            ["body", "headers", "isBase64Encoded", "statusCode"],
            "{answer}"
        );
        assert_eq!(answer["isBase64Encoded"], false);
        let headers = answer["headers"].as_object().unwrap();
        Self {
            status: answer["statusCode"].as_u64().unwrap(),
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            body: answer["body"].as_str().unwrap().to_owned(),
        }
    }

    /// A header, its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The receipt of a 201.
    pub(crate) fn receipt(&self) -> Value {
        assert_eq!(self.status, 201, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("Retry-After"), None);
        let receipt: Value = serde_json::from_str(&self.body).unwrap();
        assert_receipt(&receipt);
        receipt
    }

    /// The problem of any other answer, every part of it looked at.
    pub(crate) fn problem(&self, status: u64, code: &str) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        for absent in ["Location", "Idempotent-Replayed"] {
            assert_eq!(self.header(absent), None, "{self:?}");
        }
        assert_eq!(
            self.header("Allow").is_some(),
            status == 405,
            "Allow is for 405: {self:?}"
        );
        let retry_after = self.header("Retry-After").map(str::parse::<u32>);
        match status {
            409 | 429 | 503 => assert!(matches!(retry_after, Some(Ok(1..))), "{self:?}"),
            _ => assert_eq!(retry_after, None, "{self:?}"),
        }
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_problem(&problem, status, code);
        problem
    }
}

/// The problem that a direct invocation failed with.
pub(crate) fn direct_problem(invocation: Invocation, status: u64, code: &str) -> Value {
    let Invocation::Failed {
        error_type,
        error_message,
    } = invocation
    else {
        panic!("should have failed with {code}: {invocation:?}");
    };
    assert_eq!(error_type, code, "{error_message}");
    let problem: Value = serde_json::from_str(&error_message).unwrap();
    assert_problem(&problem, status, code);
    problem
}

/// The names of an object's members, sorted.
pub(crate) fn members(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> = object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

/// A receipt as the contract has it, of any order.
pub(crate) fn assert_receipt(receipt: &Value) {
    assert_eq!(
        members(receipt),
        [
            "connection",
            "idempotencyKey",
            "parentConnectionId",
            "status"
        ],
        "{receipt}"
    );
    assert_eq!(receipt["status"], "allocated");
    assert!(receipt["connection"]["connectionId"].is_string());
}

fn assert_problem(problem: &Value, status: u64, code: &str) {
    let urn = format!("urn:hosted-connections:problem:{}", kebab(code));
    assert_eq!(problem["type"], urn.as_str(), "{problem}");
    assert_eq!(problem["status"], status, "{problem}");
    assert_eq!(problem["code"], code, "{problem}");
    for text in ["title", "detail", "instance"] {
        assert!(
            problem[text].as_str().is_some_and(|text| !text.is_empty()),
            "{text} of {problem}"
        );
    }
    let mut expected = vec!["code", "detail", "instance", "status", "title", "type"];
    if problem.get("violations").is_some() {
        expected.push("violations");
        assert!(!violations(problem).is_empty(), "{problem}");
    }
    assert_eq!(members(problem), expected, "{problem}");
}

/// `VlanInUse` as `vlan-in-use`.
fn kebab(code: &str) -> String {
    let mut kebab = String::new();
    for character in code.chars() {
        if character.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(character.to_ascii_lowercase());
    }
    kebab
}

/// Pointer and code of all violations of a problem or a rejection, sorted; each one looked at.
pub(crate) fn violations(of: &Value) -> Vec<(String, String)> {
    let list = of["violations"].as_array().cloned().unwrap_or_default();
    let mut found: Vec<_> = list
        .iter()
        .map(|violation| {
            let text = |name: &str| violation[name].as_str().unwrap().to_owned();
            assert_eq!(violation.as_object().unwrap().len(), 3, "{violation}");
            assert!(!text("message").is_empty(), "{violation}");
            assert!(
                VIOLATION_CODES.contains(&text("code").as_str()),
                "{violation}"
            );
            assert!(
                text("field").is_empty() || text("field").starts_with('/'),
                "{violation}"
            );
            (text("field"), text("code"))
        })
        .collect();
    found.sort();
    found
}

/// Pointers and codes as [`violations`] gives them.
pub(crate) fn wrong(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut expected: Vec<_> = expected
        .iter()
        .map(|(field, code)| ((*field).to_owned(), (*code).to_owned()))
        .collect();
    expected.sort();
    expected
}

/// The rejection that an event tells, the event's every other part looked at. `key` is null when there is no usable one.
pub(crate) fn rejection(world: &World, event: &BusEvent, key: &Value, origin: &Value) -> Value {
    let detail = fact(world, event, "Hosted Connection Rejected", key, origin);
    assert_eq!(event.resources, [""; 0], "there is no connection");
    assert_eq!(detail.get("connection"), None, "{detail}");
    let rejection = &detail["rejection"];
    for text in ["code", "message"] {
        assert!(
            rejection[text]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{detail}"
        );
    }
    rejection.clone()
}

/// The connection that an event tells of, the event's every other part looked at.
pub(crate) fn allocation(world: &World, event: &BusEvent, key: &str, origin: &Value) -> Value {
    let key = Value::from(key);
    let detail = fact(world, event, "Hosted Connection Allocated", &key, origin);
    assert_eq!(detail.get("rejection"), None, "{detail}");
    let connection = &detail["connection"];
    let id = connection["connectionId"].as_str().unwrap();
    let [arn] = &event.resources[..] else {
        panic!("one resource: {:?}", event.resources);
    };
    let region = world.cloud.region();
    assert!(
        arn.starts_with(&format!("arn:aws:directconnect:{region}:"))
            && arn.ends_with(&format!(":dxcon/{id}")),
        "{arn}"
    );
    connection.clone()
}

/// What every event has.
fn fact<'e>(
    world: &World,
    event: &'e BusEvent,
    detail_type: &str,
    key: &Value,
    origin: &Value,
) -> &'e Value {
    let detail = &event.detail;
    assert_eq!(event.source, "hosted-connections");
    assert_eq!(event.bus, world.cloud.bus_name());
    assert_eq!(event.detail_type, detail_type, "{detail}");
    assert_eq!(detail["schemaVersion"], "1");
    assert_eq!(detail.get("idempotencyKey"), Some(key), "{detail}");
    assert_eq!(&detail["origin"], origin);
    let id = detail["eventId"].as_str().unwrap();
    assert!(id.len() == 36 && id.as_bytes()[14] == b'5', "UUIDv5: {id}");
    let at = detail["occurredAt"].as_str().unwrap();
    assert!(
        at.starts_with("20") && at.len() == "2026-01-02T03:04:05.678Z".len() && at.ends_with('Z'),
        "{at}"
    );
    detail
}

/// An SQS record's origin.
pub(crate) fn sqs_origin(message_id: &str, queue_arn: &str) -> Value {
    serde_json::json!({"door": "sqs", "messageId": message_id, "queueArn": queue_arn})
}

/// Operations asked of the cloud so far, in order.
pub(crate) fn operations(world: &World) -> Vec<String> {
    let requests = world.cloud.requests();
    requests
        .into_iter()
        .map(|request| request.operation)
        .collect()
}
