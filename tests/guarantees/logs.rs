//! What the logs say: one line per decision, and nothing that belongs to a customer or opens a door.
//!
//! The lines are those that Lambda would get: a process of its own starts `aws::telemetry` from the environment and
//! writes to its standard output.

mod runtime;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use lambda_runtime::service_fn;

use local_cloud::{Fault, FaultKind, Parent};
use proof::{PARENT, World, http, record, request, sqs, with_key};
use runtime::Turn;
use serde_json::{Value, json};

use crate::doors::envelopes::{event, notification};

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
    event["headers"]["x-correlation-id"] = format!("ticket-of-{key}").into();
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
        ((None, "InvalidRequest"), 2),
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
        // What nobody asks for any more is finished in the end.
        ((Some("unknown"), "allocated"), 1),
        ((Some("unpublished"), "replayed"), 1),
        ((Some("denied"), "allocated"), 1),
        ((Some("killed"), "allocated"), 1),
    ])
}

/// A world whose function has credentials that would be seen.
fn world() -> World {
    World::with(
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
    )
}

#[tokio::test(start_paused = true)]
#[ignore = "started by the tests below, in a process whose environment sets the logs up"]
async fn a_day_of_orders() {
    aws::telemetry::init();
    let world = world();
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
        record(
            "m-7",
            &notification(&format!("connectionName={NAME}")).to_string(),
        ),
        record("m-8", &event("hosted-connections", &good).to_string()),
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
    let killed = Fault::on(FaultKind::ApplyThenKill, allocate);
    world.cloud.inject(killed);
    world.invoke(&signed("killed", &order(Some(115)))).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.invoke(&signed("throttled", &order(Some(111)))).await;
    assert_eq!(world.cloud.living_connections(PARENT).len(), 6);
    world.track().await.answer();
    assert_eq!(world.cloud.living_connections(PARENT).len(), 8);
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
            if line["allocation.origin_id"] == "request-1" {
                // Those of them that are over HTTP, and name a key, have one of the key's name.
                let id = line["correlation.id"].as_str();
                assert!(id.is_some_and(|id| id.starts_with("ticket-of-")), "{line}");
            }
            *found.entry((key, decision)).or_insert(0) += 1;
            let message = line["message"].as_str();
            assert!(message.is_some_and(|text| !text.is_empty()), "{line}");
            assert!(line["timestamp"].is_string(), "{line}");
        }
    }
    assert_eq!(found, decisions());
}

/// Invocations of which some end well, some badly, and one through our fault.
fn turns() -> Vec<Turn> {
    let mut refused = with_key("refused", order(Some(101)));
    refused["connectionId"] = "dxcon-closed00".into();
    let mut invalid = with_key("invalid", order(Some(101)));
    invalid["vlanId"] = TAG_VALUE.into();
    let events = [
        sqs([record(
            "m-1",
            &with_key("good", order(Some(101))).to_string(),
        )]),
        signed("good", &order(Some(101))),
        signed("taken", &order(Some(101))),
        refused,
        invalid,
        signed("denied", &order(Some(102))),
        json!({"source": NAME}),
    ];
    let numbered = events.into_iter().enumerate();
    let turn = |(number, event)| Turn {
        request_id: format!("r-{number}"),
        trace: format!("Root=1-69573d25-{number:024};Parent=53995c3f42cd8ad8;Sampled=1"),
        event,
    };
    numbered.map(turn).collect()
}

#[tokio::test]
#[ignore = "started by the tests below, as the runtime of a function that they invoke"]
async fn a_function_under_its_runtime() {
    // What runs the test may have begun a line.
    std::io::stdout().write_all(b"\n").unwrap();
    aws::telemetry::init();
    let world = world();
    // All but the denied order and the two that are refused before get as far as a call.
    let denied = FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".into(),
    };
    let calls = Fault::on_nth(denied, "AllocateHostedConnection", 3);
    world.cloud.inject(calls);
    let function = world.function("function");
    lambda_runtime::run(service_fn(|event| function.handle(event)))
        .await
        .unwrap();
}

/// What a function writes whose runtime is handed [`turns`].
fn output_of_runtime(format: &str, level: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut function = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "logs::a_function_under_its_runtime",
            "--ignored",
            "--nocapture",
        ])
        .env("AWS_LAMBDA_LOG_FORMAT", format)
        .env("AWS_LAMBDA_LOG_LEVEL", level)
        .env(
            "AWS_LAMBDA_RUNTIME_API",
            listener.local_addr().unwrap().to_string(),
        )
        .env("AWS_LAMBDA_FUNCTION_NAME", "allocate")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    // By the world's clock, which begins at 2026-01-02T03:04:05Z: ten minutes later.
    let answers = runtime::serve(&listener, 1_767_323_645_000, &turns());
    assert_eq!(answers.len(), turns().len());
    function.kill().unwrap();
    let mut text = String::new();
    function
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    function.wait().unwrap();
    text
}

/// The lines that have a request id and a trace, by their number in both.
fn numbers(line: &Value) -> (String, String) {
    let text = |name: &str| line["span"][name].as_str().unwrap_or_default().to_owned();
    (text("requestId"), text("xrayTraceId"))
}

#[test]
fn every_line_of_an_invocation_names_it_and_its_trace_at_every_level() {
    for (level, least) in [("INFO", 14), ("WARN", 9), ("ERROR", 8)] {
        let text = output_of_runtime("JSON", level);
        let lines: Vec<Value> = text
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert!(lines.len() >= least, "{level}: {text}");
        let expected: BTreeSet<_> = turns()
            .into_iter()
            .map(|turn| (turn.request_id, turn.trace))
            .collect();
        for line in &lines {
            assert!(expected.contains(&numbers(line)), "{level}: {line}");
        }
        let documents: Vec<_> = lines
            .iter()
            .filter(|line| line.get("_aws").is_some())
            .collect();
        let named: BTreeSet<_> = documents.iter().map(|line| numbers(line)).collect();
        assert_eq!(documents.len(), named.len(), "one document per invocation");
        // The last one has nothing to tell: its event is nobody's.
        assert_eq!(named.len(), expected.len() - 1, "{level}: {text}");
        for document in documents {
            let claimed = document.get("level").and_then(Value::as_str);
            let needed = (level != "INFO").then_some(level);
            assert_eq!(claimed, needed, "or Lambda would drop it: {document}");
        }
    }
}

#[test]
fn every_line_of_an_invocation_names_it_in_a_text_log_too() {
    let text = output_of_runtime("Text", "INFO");
    let mut decisions = 0;
    for line in text.lines().filter(|line| line.contains("allocat")) {
        if line.starts_with("test ") || line.starts_with('{') {
            continue;
        }
        assert!(line.contains("requestId=\"r-"), "{line}");
        assert!(line.contains("xrayTraceId=\"Root=1-69573d25-"), "{line}");
        decisions += usize::from(line.contains("allocation.decision"));
    }
    assert_eq!(decisions, 6, "{text}");
    let documents = text.lines().filter(|line| line.starts_with("{\"_aws\""));
    assert_eq!(documents.count(), 6, "{text}");
}

#[test]
fn what_the_runtime_and_the_metrics_write_gives_nothing_away_either() {
    for format in ["JSON", "Text"] {
        let text = output_of_runtime(format, "TRACE");
        assert!(text.contains("\"_aws\""), "{text}");
        for line in text.lines() {
            for forbidden in FORBIDDEN {
                assert!(
                    !line.contains(forbidden),
                    "{format} tells {forbidden}: {line}"
                );
            }
        }
    }
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
