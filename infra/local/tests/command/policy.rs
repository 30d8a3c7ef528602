//! `local policy`.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use serde_json::{Value, json};

use crate::process::{err, fresh_dir, local, out, run, run_json};

const ORDER: &str = "tests/events/direct-order.json";
const PARENT: &str = "dxlag-ffabc789";

fn set(policy: &str, data: &str) -> Output {
    let mut command = local();
    command.args(["--json", "policy", "set", PARENT, "--data", data]);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(policy.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn a_policy_counts_what_is_sold_already_and_refuses_what_is_too_much() {
    let data = fresh_dir("policy");
    assert!(run(&["invoke", ORDER, "--data", &data]).status.success());
    let (_, before) = run_json(&["policy", "get", PARENT, "--data", &data]);
    assert_eq!(before["policy"], Value::Null);
    let output = set(r#"{"bandwidthLimitMbps": 600}"#, &data);
    let state: Value = serde_json::from_slice(&output.stdout).unwrap();
    let bandwidth = 600 - state["freeMbps"].as_i64().unwrap();
    assert_eq!(state["soldMbps"], json!(bandwidth));
    assert!(bandwidth > 0, "{state}");

    let dear = json!({"idempotencyKey": "too-much", "connectionId": PARENT, "ownerAccount": "111122223333",
        "bandwidth": "1Gbps", "connectionName": "too much"});
    let event = std::path::Path::new(&data).join("event.json");
    std::fs::write(&event, dear.to_string()).unwrap();
    let (status, document) = run_json(&["invoke", event.to_str().unwrap(), "--data", &data]);
    assert_eq!(status, 1);
    assert_eq!(document["error"]["errorType"], "CapacityExceeded");
    let (_, after) = run_json(&["policy", "get", PARENT, "--data", &data]);
    assert_eq!(after, state);
    let table = out(&run(&["policy", "get", PARENT, "--data", &data]));
    assert!(table.contains("bandwidthLimitMbps"), "{table}");
}

#[test]
fn what_is_no_policy_is_refused_with_all_that_is_wrong_with_it() {
    let data = fresh_dir("no-policy");
    let output = set(
        r#"{"bandwidthLimitMbps": "much", "vlanRange": "9-1"}"#,
        &data,
    );
    assert_eq!(output.status.code(), Some(2));
    let told = err(&output);
    assert!(
        told.contains("/bandwidthLimitMbps") && told.contains("/vlanRange"),
        "{told}"
    );
    let output = run(&["policy", "get", "dxvif-1"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn without_a_directory_and_without_an_environment_it_says_what_to_give() {
    let mut command = local();
    let output = command
        .env_remove("ALLOCATIONS_TABLE_NAME")
        .args(["policy", "get", PARENT])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("--data"), "{}", err(&output));
}
