//! `local invoke` and `local show`.

use std::{fs, io::Write, process::Stdio};

use serde_json::Value;

use crate::process::{err, fresh_dir, local, out, root, run, run_json};

const ONE_ORDER: &str = "tests/events/sqs-one-order.json";

/// What tests/expected-answers.json says about the event of this name.
fn expected(name: &str) -> Value {
    let text = fs::read_to_string(root().join("tests/expected-answers.json")).unwrap();
    let mut expected = serde_json::from_str::<Value>(&text).unwrap();
    match name.contains('/') {
        true => expected["afterwards"][name].take(),
        false => expected["answers"][name].take(),
    }
}

#[test]
fn the_help_names_every_kind_of_event_that_there_is_an_example_of() {
    let help = out(&run(&["invoke", "--help"]));
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for kind in ["SQS", "SNS", "EventBridge", "API Gateway v1 or v2", "ALB"] {
        assert!(help.contains(kind), "{kind}: {help}");
    }
}

/// Names of all events, orders before what looks at them or releases them.
fn events() -> Vec<String> {
    let mut all = Vec::new();
    for folder in ["", "inspect/", "release/", "track/"] {
        let files = fs::read_dir(root().join("tests/events").join(folder)).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names
            .filter_map(|name| Some(format!("{folder}{}", name.strip_suffix(".json")?)))
            .collect();
        names.sort();
        all.extend(names);
    }
    all
}

fn calls(document: &Value, operation: &str) -> usize {
    let requests = document["requests"].as_array().unwrap();
    requests
        .iter()
        .filter(|request| request["operation"] == operation)
        .count()
}

#[test]
fn every_example_event_is_answered_as_it_says_and_a_second_time_replayed() {
    let dir = fresh_dir("every-event");
    for turn in ["first", "second"] {
        for name in events() {
            let event = format!("tests/events/{name}.json");
            let wanted = expected(&name);
            assert!(wanted.is_object(), "{name} is not in the table");
            let (status, document) = run_json(&["invoke", &event, "--data", &dir]);
            let fails = wanted["error"].is_object();
            assert_eq!(status, i32::from(fails), "{name}: {document}");
            assert_eq!(document["error"].is_object(), fails, "{name}: {document}");
            assert_eq!(
                document["answer"]["statusCode"], wanted["answer"]["statusCode"],
                "{name}: {document}"
            );
            if turn == "second" {
                assert_eq!(
                    calls(&document, "AllocateHostedConnection"),
                    0,
                    "{name}: {document}"
                );
                assert_eq!(document["connections"], Value::Array(Vec::new()), "{name}");
            }
        }
    }
}

#[test]
fn the_answer_alone_is_on_standard_output_and_what_happened_on_standard_error() {
    let output = run(&["invoke", ONE_ORDER]);
    assert!(output.status.success());
    let answer: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(answer["batchItemFailures"], Value::Array(Vec::new()));
    for told in [
        "Connections created",
        "order-1001",
        "AllocateHostedConnection",
    ] {
        assert!(err(&output).contains(told), "{}", err(&output));
    }
}

#[test]
fn an_event_can_come_from_standard_input() {
    let mut child = local()
        .args(["invoke", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let event = fs::read(root().join("tests/events/direct-order.json")).unwrap();
    child.stdin.take().unwrap().write_all(&event).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(out(&output).contains("order-7001"), "{output:?}");
}

#[test]
fn a_failed_invocation_prints_lambdas_error_object_and_exits_1() {
    let output = run(&["invoke", "tests/events/unknown-event.json"]);
    let error: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(
        (output.status.code(), &error["errorType"]),
        (Some(1), &"UnknownEvent".into())
    );
}

#[test]
fn a_lost_answer_is_found_by_looking_and_a_killed_process_is_reported_as_lambda_does() {
    let fault = "apply-then-reset@AllocateHostedConnection";
    let (status, document) = run_json(&["invoke", ONE_ORDER, "--fault", fault]);
    assert_eq!(status, 0);
    assert_eq!(
        (
            calls(&document, "AllocateHostedConnection"),
            calls(&document, "DescribeHostedConnections")
        ),
        (1, 1)
    );
    let (status, document) = run_json(&["invoke", ONE_ORDER, "--fault", "apply-then-kill@k2"]);
    assert_eq!(
        (status, &document["error"]["errorType"]),
        (1, &"Runtime.ExitError".into())
    );
    let late = [
        "invoke",
        ONE_ORDER,
        "--fault",
        "apply-then-hang@PutEvents+always",
        "--timeout",
        "2",
    ];
    let (_, document) = run_json(&late);
    assert_eq!(
        document["answer"]["batchItemFailures"]
            .as_array()
            .unwrap()
            .len(),
        1,
        "{document}"
    );
}

#[test]
fn what_was_kept_can_be_shown_and_looking_leaves_nothing_behind() {
    let dir = fresh_dir("shown");
    let output = run(&["show", "--data", &dir]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("local invoke"), "{}", err(&output));
    assert!(!fs::exists(&dir).unwrap());

    run(&["invoke", ONE_ORDER, "--data", &dir]);
    let output = run(&["show", "--data", &dir]);
    for shown in [
        "order-1001",
        "dxcon-ffabc123",
        "allocated",
        "published",
        "Hosted Connection Allocated",
    ] {
        assert!(out(&output).contains(shown), "{}", out(&output));
    }
    let (_, document) = run_json(&["show", "--data", &dir]);
    assert_eq!(document["allocations"][0]["orderRequest"]["vlan"], 101);
    assert_eq!(document["leases"][0]["holder"], "order-1001");
}

#[test]
fn what_cannot_be_done_says_what_to_do_and_exits_2() {
    for (arguments, told) in [
        (
            ["invoke", "nowhere.json", "--json"].as_slice(),
            "tests/events",
        ),
        (&["invoke", "Cargo.toml"], "not JSON"),
        (
            &["invoke", ONE_ORDER, "--fault", "explode@k1"],
            "expected for example",
        ),
        (
            &["invoke", ONE_ORDER, "--vlan-range", "9"],
            "such as 100-2000",
        ),
        (
            &["invoke", ONE_ORDER, "--vlan-memory-seconds", "1d"],
            "VLAN_MEMORY_SECONDS must be a whole number of seconds from 0 (always look) to 86400",
        ),
        (
            &["invoke", ONE_ORDER, "--settle-seconds", "soon"],
            "SETTLE_SECONDS",
        ),
        (&["invoke"], "--help"),
        (&["serve", "--listen", "4599"], "--help"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            err(&output).contains(told),
            "{arguments:?}: {}",
            err(&output)
        );
    }
}

#[test]
fn a_function_can_be_named_and_then_gets_what_is_not_its_own() {
    let (status, document) = run_json(&["invoke", ONE_ORDER, "--function", "inspect"]);
    assert_eq!(status, 1);
    assert_eq!(document["error"]["errorType"], "UnknownEvent");
    let event = "tests/events/track/scheduled.json";
    let (status, document) = run_json(&["invoke", event]);
    assert_eq!((status, &document["answer"]["parents"]), (0, &3.into()));
}
