//! What the logs say: one line per decision, and nothing that belongs to a customer or opens a door.
//!
//! The lines are those that Lambda would get: a process of its own starts `aws::telemetry` from the environment and
//! writes to its standard output.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use local_cloud::{Fault, FaultKind, Parent};
use proof::{PARENT, World, http, record, request, sqs, with_key};
use serde_json::{Value, json};

const NAME: &str = "Geheim-GmbH-Hauptstandort";
const TAG_KEY: &str = "vertragsnummer";
const TAG_VALUE: &str = "V-2026-4711";
const ACCESS_KEY: &str = "AKIAFORTESTSONLY";
const SECRET_KEY: &str = "a-secret-key-for-tests-only";
const SESSION_TOKEN: &str = "a-session-token-for-tests-only";
const SIGNATURE: &str = "a-callers-signature";

/// What no line may hold. Every body has the names of its members in it.
const FORBIDDEN: [&str; 9] = [
    NAME,
    TAG_KEY,
    TAG_VALUE,
    ACCESS_KEY,
    SECRET_KEY,
    SESSION_TOKEN,
    SIGNATURE,
    "ownerAccount",
    "connectionName",
];

fn order(vlan: Option<u16>) -> Value {
    let mut order = request(vlan);
    order["connectionName"] = NAME.into();
    order["tags"] = json!([{"key": TAG_KEY, "value": TAG_VALUE}]);
    order
}

fn signed(key: &str, order: &Value) -> Value {
    let mut event = http(key, &order.to_string());
    event["headers"]["authorization"] = SIGNATURE.into();
    event
}

/// How often each decision is taken on each key on [`a_day_of_orders`].
fn decisions() -> BTreeMap<(Option<&'static str>, &'static str), usize> {
    BTreeMap::from([
        ((Some("good"), "allocated"), 1),
        ((Some("good"), "replayed"), 2),
        ((Some("good"), "IdempotencyKeyReused"), 1),
        ((Some("automatic"), "allocated"), 1),
        ((Some("invalid"), "InvalidRequest"), 3),
        ((None, "InvalidRequest"), 1),
        ((None, "MissingIdempotencyKey"), 1),
        ((None, "NotFound"), 1),
        ((Some("refused"), "RefusedByDirectConnect"), 1),
        ((Some("taken"), "VlanInUse"), 1),
        ((Some("throttled"), "Throttled"), 1),
        ((Some("throttled"), "allocated"), 1),
        ((Some("unknown"), "OutcomeUnknown"), 1),
        ((Some("unpublished"), "Unavailable"), 1),
        ((Some("denied"), "Internal"), 1),
        ((Some("direct"), "allocated"), 1),
    ])
}

#[tokio::test(start_paused = true)]
#[ignore = "started by the tests below, in a process whose environment sets the logs up"]
async fn a_day_of_orders() {
    aws::telemetry::init();
    let world = World::with(
        |cloud| {
            let mut parents = Parent::defaults();
            parents.push(Parent::interconnect("dxcon-closed00", "10Gbps").closed());
            cloud.parents(parents)
        },
        &[
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_SESSION_TOKEN", SESSION_TOKEN),
        ],
    );
    let good = with_key("good", order(Some(101)));
    let mut reused = good.clone();
    reused["bandwidth"] = "50Mbps".into();
    let mut invalid = with_key("invalid", order(Some(101)));
    invalid["vlanId"] = TAG_VALUE.into();
    let mut refused = with_key("refused", order(Some(101)));
    refused["connectionId"] = "dxcon-closed00".into();
    let batch = sqs([
        record("m-1", &good.to_string()),
        record("m-2", &reused.to_string()),
        record("m-3", &invalid.to_string()),
        record("m-4", &format!("connectionName={NAME}")),
        record("m-5", &refused.to_string()),
        record("m-6", &with_key("automatic", order(None)).to_string()),
    ]);
    world.invoke(&batch).await.answer();
    // Replays and refusals at the other doors.
    world.invoke(&signed("good", &order(Some(101)))).await;
    world.invoke(&good).await;
    let mut keyless_invalid = invalid.clone();
    keyless_invalid
        .as_object_mut()
        .unwrap()
        .remove("idempotencyKey");
    world.invoke(&signed("invalid", &keyless_invalid)).await;
    world.invoke(&invalid).await;
    world.invoke(&order(Some(102))).await;
    let mut elsewhere = signed("good", &order(Some(101)));
    elsewhere["rawPath"] = "/elsewhere".into();
    world.invoke(&elsewhere).await;
    world.invoke(&signed("taken", &order(Some(101)))).await;
    world.invoke(&with_key("direct", order(Some(103)))).await;
    // What AWS can do to an order.
    let allocate = "AllocateHostedConnection";
    let denied = FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".into(),
    };
    let mut vlan = 110;
    for (key, kind, operation) in [
        ("throttled", FaultKind::Throttle, allocate),
        ("unknown", FaultKind::HangBefore, allocate),
        ("denied", denied, allocate),
        ("unpublished", FaultKind::ServerErrorBefore, "PutEvents"),
    ] {
        vlan += 1;
        world.cloud.inject(Fault::on(kind, operation).always());
        world.invoke(&signed(key, &order(Some(vlan)))).await;
        world.cloud.clear_faults();
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.invoke(&signed("throttled", &order(Some(111)))).await;
    assert_eq!(world.cloud.living_connections(PARENT).len(), 5);
}

/// Everything that the process of [`a_day_of_orders`] writes.
fn output(format: &str, level: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "logs::a_day_of_orders",
            "--ignored",
            "--nocapture",
        ])
        .env("AWS_LAMBDA_LOG_FORMAT", format)
        .env("AWS_LAMBDA_LOG_LEVEL", level)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
    text
}

/// The lines of a JSON log.
fn lines(level: &str) -> Vec<Value> {
    output("JSON", level)
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

#[test]
fn no_line_at_any_level_and_in_any_format_holds_a_body_a_name_a_tag_or_a_credential() {
    for format in ["JSON", "Text"] {
        for level in ["DEBUG", "TRACE"] {
            let text = output(format, level);
            assert!(
                text.contains("allocation.decision"),
                "{format} at {level} says nothing at all: {text}"
            );
            for line in text.lines() {
                for forbidden in FORBIDDEN {
                    assert!(
                        !line.contains(forbidden),
                        "{format} at {level} tells {forbidden}: {line}"
                    );
                }
            }
        }
    }
}

#[test]
fn each_decision_is_one_line_that_names_its_key() {
    let lines = lines("INFO");
    let mut found = BTreeMap::new();
    for line in &lines {
        if let Some(decision) = line["allocation.decision"].as_str() {
            let key = line["allocation.key"].as_str();
            *found.entry((key, decision)).or_insert(0) += 1;
            let message = line["message"].as_str();
            assert!(message.is_some_and(|text| !text.is_empty()), "{line}");
            assert!(line["timestamp"].is_string(), "{line}");
        }
    }
    assert_eq!(found, decisions());
}

#[test]
fn only_our_own_fault_is_an_error_and_only_what_may_need_a_look_is_a_warning() {
    for line in lines("INFO") {
        let Some(decision) = line["allocation.decision"].as_str() else {
            continue;
        };
        let level = match decision {
            "Internal" => "ERROR",
            "Throttled" | "Unavailable" | "OutcomeUnknown" | "InProgress" => "WARN",
            _ => "INFO",
        };
        assert_eq!(line["level"], level, "{line}");
    }
    let errors = lines("ERROR");
    assert!(!errors.is_empty());
    for line in errors {
        assert_eq!(
            line["level"], "ERROR",
            "the level is Lambda's to say: {line}"
        );
    }
}
