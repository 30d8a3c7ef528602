//! What people run into on their first day: wrong directories, options and requests, and narrow terminals.

use std::{collections::BTreeMap, fs, io::Write, process::Stdio};

use serde_json::{Value, json};

use crate::process::{err, fresh_dir, local, out, run, run_json};
use crate::server::{Server, order};

const ONE_ORDER: &str = "tests/events/sqs-one-order.json";

fn files(dir: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

#[test]
fn showing_a_directory_that_is_not_the_local_clouds_leaves_it_as_it_is() {
    let dir = fresh_dir("foreign");
    fs::create_dir_all(&dir).unwrap();
    for foreign in [None, Some("notes.txt")] {
        if let Some(name) = foreign {
            fs::write(format!("{dir}/{name}"), "mine").unwrap();
        }
        let before = files(&dir);
        let output = run(&["show", "--data", &dir]);
        assert_eq!(output.status.code(), Some(2));
        let text = format!("nothing is kept in {dir}");
        assert!(err(&output).contains(&text), "{}", err(&output));
        assert_eq!(files(&dir), before);
    }
}

#[test]
fn showing_a_directory_changes_none_of_its_files_and_needs_no_right_to() {
    let dir = fresh_dir("read-only");
    run(&["invoke", ONE_ORDER, "--data", &dir]);
    let before = files(&dir);
    let set_writable = |writable: bool| {
        let mut permissions = fs::metadata(&dir).unwrap().permissions();
        permissions.set_readonly(!writable);
        fs::set_permissions(&dir, permissions).unwrap();
    };
    set_writable(false);
    let (status, document) = run_json(&["show", "--data", &dir]);
    set_writable(true);
    assert_eq!(
        (status, &document["leases"][0]["holder"]),
        (0, &json!("order-1001"))
    );
    assert_eq!(files(&dir), before);
}

#[test]
fn a_damaged_table_is_named_once_with_what_to_do() {
    let dir = fresh_dir("damaged");
    run(&["invoke", ONE_ORDER, "--data", &dir]);
    fs::write(format!("{dir}/dynamodb.sqlite"), "garbage").unwrap();
    for arguments in [
        ["show", "--data", &dir].as_slice(),
        &["invoke", ONE_ORDER, "--data", &dir],
        &["serve", "--listen", "127.0.0.1:0", "--data", &dir],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        let text = err(&output);
        assert!(text.contains(&format!("{dir}/dynamodb.sqlite")), "{text}");
        assert!(
            text.contains(&format!("delete {dir} to start afresh")),
            "{text}"
        );
        assert!(
            !text.contains("because") && !text.contains("Internal"),
            "{text}"
        );
    }
}

#[test]
fn a_key_in_the_body_is_told_where_it_belongs() {
    let server = Server::start(&["--track-seconds", "0"]);
    let mut body = order(11);
    body["idempotencyKey"] = json!("order-1");
    let json = "content-type: application/json\r\n";
    let (status, _, problem) = server.ask("POST", "/allocations", json, &body.to_string());
    assert_eq!(status, 400);
    let violations = problem["violations"].as_array().unwrap();
    let codes: Vec<_> = violations
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["Missing", "UnknownField"]);
    for violation in violations {
        assert_eq!(violation["field"], "/idempotencyKey");
        let message = violation["message"].as_str().unwrap();
        assert!(
            message.ends_with(": send it as the header Idempotency-Key"),
            "{message}"
        );
    }
    let (_, _, problem) = server.ask("POST", "/allocations", json, &order(11).to_string());
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("send it as the header Idempotency-Key"),
        "{detail}"
    );
}

#[test]
fn a_method_that_a_route_has_not_is_told_those_that_it_has() {
    let server = Server::start(&["--track-seconds", "0"]);
    for (method, path, allow) in [
        ("PUT", "/allocations", "GET, HEAD, POST"),
        ("DELETE", "/allocations", "GET, HEAD, POST"),
        ("PATCH", "/allocations/k", "DELETE, GET, HEAD"),
        ("POST", "/allocations/k", "DELETE, GET, HEAD"),
        ("POST", "/parents/dxcon-ffabc123", "GET, HEAD"),
    ] {
        let (status, head, problem) = server.ask(method, path, "", "");
        assert_eq!(
            (status, &problem["code"]),
            (405, &json!("MethodNotAllowed")),
            "{method} {path}"
        );
        let allow = format!("\r\nallow: {allow}\r\n").to_lowercase();
        assert!(format!("{head}\r\n").contains(&allow), "{head}");
    }
}

#[test]
fn head_is_get_without_the_body() {
    let server = Server::start(&["--track-seconds", "0"]);
    assert_eq!(server.order("order-1", 11).0, 201);
    for path in [
        "/allocations",
        "/allocations/order-1",
        "/parents/dxcon-ffabc123",
    ] {
        let etag = |head: &str| {
            head.lines()
                .find(|line| line.starts_with("etag: "))
                .map(str::to_owned)
        };
        let (status, head, body) = server.ask("HEAD", path, "", "");
        assert_eq!((status, body), (200, Value::Null), "{path}");
        assert!(etag(&head).is_some(), "{head}");
        assert_eq!(etag(&head), etag(&server.ask("GET", path, "", "").1));
    }
    assert_eq!(server.ask("HEAD", "/allocations/nobody", "", "").0, 404);
}

#[test]
fn a_fault_on_an_unknown_operation_is_refused_and_pending_faults_are_listed() {
    let server = Server::start(&["--track-seconds", "0"]);
    let (status, _, refused) = server.ask("POST", "/_local/faults", "", "throttle@Nope");
    let error = refused["error"].as_str().unwrap();
    assert_eq!(status, 400);
    assert!(
        error.contains("`Nope`") && error.contains("AllocateHostedConnection"),
        "{error}"
    );
    let faults = "throttle@PutEvents#7\nthrottle@AllocateHostedConnection";
    assert_eq!(server.ask("POST", "/_local/faults", "", faults).0, 201);
    let pending = |faults: Value| {
        assert_eq!(
            server.get("/_local/faults"),
            (200, json!({"faults": faults}))
        )
    };
    pending(json!([
        "throttle@PutEvents#7",
        "throttle@AllocateHostedConnection"
    ]));
    assert_eq!(server.order("order-1", 11).0, 429);
    pending(json!(["throttle@PutEvents#7"]));
    assert_eq!(server.ask("DELETE", "/_local/faults", "", "").0, 200);
    pending(json!([]));
    let output = run(&["invoke", ONE_ORDER, "--fault", "throttle@Nope"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("AllocateHostedConnection"));
}

#[test]
fn the_exports_hold_what_the_functions_run_with() {
    let options = [
        "--settle-seconds",
        "2",
        "--stuck-after-seconds",
        "10",
        "--vlan-range",
        "7-9",
    ];
    let server = Server::start(&options);
    let environment = &server.welcome["environment"];
    for (name, value) in [
        ("SETTLE_SECONDS", "2"),
        ("STUCK_AFTER_SECONDS", "10"),
        ("ORDERING_REMINDER_SECONDS", "172800"),
        ("VLAN_RANGE", "7-9"),
        ("VLAN_MEMORY_SECONDS", "0"),
        ("PARENT_POLICIES", "enforced"),
    ] {
        assert_eq!(environment[name], value, "{environment}");
    }
}

/// The lines that the server prints before anything happens, as somebody sees them who does not ask for JSON.
fn welcome(arguments: &[&str]) -> String {
    use std::io::{BufRead, BufReader};
    let mut process = local()
        .args(["serve"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut text = String::new();
    for line in BufReader::new(process.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        text.push_str(&line);
        text.push('\n');
        if line.contains("host-gateway") {
            break;
        }
    }
    process.kill().unwrap();
    process.wait().unwrap();
    text
}

#[test]
fn what_is_to_be_pasted_fits_80_columns_and_says_why_sqs_needs_the_endpoint() {
    let text = welcome(&["--listen", "127.0.0.1:0", "--settle-seconds", "2"]);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(text.contains("export SETTLE_SECONDS=2\n"), "{text}");
    let commands = text.matches("aws sqs send-message").count();
    assert_eq!(
        text.matches("--endpoint-url $AWS_ENDPOINT_URL").count(),
        commands,
        "{text}"
    );
    assert!(
        text.contains("the AWS CLI ignores AWS_ENDPOINT_URL"),
        "{text}"
    );
}

#[test]
fn a_name_will_do_as_the_address_to_listen_on() {
    let text = welcome(&["--listen", "localhost:0"]);
    assert!(text.starts_with("The local cloud is at http://"), "{text}");
}

#[test]
fn options_that_mean_nothing_are_refused_with_what_there_is() {
    for (option, value, told) in [
        ("--listen", "4599", "localhost:4599"),
        ("--listen", "localhost:99999", "65535"),
        ("--list-leaves-out", "vlan,colour", "ownerAccount"),
        ("--allocate-leaves-out", "colour", "ownerAccount"),
        ("--track-seconds", "18446744073709551615", "86400"),
        ("--latency-ms", "18446744073709551615", "86400000"),
        ("--stale-ms", "18446744073709551615", "86400000"),
        ("--visible-after-ms", "18446744073709551615", "86400000"),
        (
            "--settle-seconds",
            "soon",
            "invalid configuration: SETTLE_SECONDS must be a whole number",
        ),
        (
            "--parent-policies",
            "maybe",
            "PARENT_POLICIES must be `enforced` or `ignored`, not \"maybe\"",
        ),
        ("--fault", "throttle@Nope", "AllocateHostedConnection"),
    ] {
        let output = run(&["serve", option, value]);
        assert_eq!(output.status.code(), Some(2), "{option} {value}");
        assert!(
            err(&output).contains(told),
            "{option} {value}: {}",
            err(&output)
        );
    }
}

#[test]
fn the_log_of_a_function_tells_a_replay_from_an_order() {
    let dir = fresh_dir("replayed");
    for decision in ["allocated", "replayed"] {
        let output = run(&["invoke", ONE_ORDER, "--data", &dir]);
        let told = format!("allocation.decision=\"{decision}\"");
        assert!(err(&output).contains(&told), "{}", err(&output));
    }
    let (_, document) = run_json(&["invoke", ONE_ORDER, "--data", &dir]);
    assert!(
        document["log"].to_string().contains("replayed"),
        "{document}"
    );
}

#[cfg(unix)]
#[test]
fn why_a_request_failed_is_in_the_log_of_the_server() {
    let fault = "error(403,AccessDeniedException)@TransactWriteItems+always";
    let server = Server::logged(&["--track-seconds", "0", "--fault", fault]);
    assert_eq!(server.order("order-1", 11).0, 500);
    let log = server.log();
    assert!(log.contains("500 Internal Server Error"), "{log}");
    assert!(
        log.contains("ERROR") && log.contains("AccessDeniedException"),
        "{log}"
    );
}

#[test]
fn standard_input_that_is_no_json_is_called_by_its_name() {
    let mut child = local()
        .args(["invoke", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"hello").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("standard input is not JSON"),
        "{}",
        err(&output)
    );
}

#[test]
fn tables_of_80_columns_break_no_id_and_no_word() {
    let dir = fresh_dir("narrow");
    run(&[
        "invoke",
        "tests/events/sqs-batch-mixed.json",
        "--data",
        &dir,
    ]);
    for arguments in [["show", "--data", &dir].as_slice(), &[]] {
        let show = |columns: &str| {
            out(&local()
                .args(arguments)
                .env("COLUMNS", columns)
                .output()
                .unwrap())
        };
        let narrow = show("80");
        for line in narrow.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        let words = |text: &str| -> std::collections::BTreeSet<String> {
            let words = text
                .split_whitespace()
                .filter(|word| word.starts_with("dx") || word.starts_with("order-"));
            words
                .map(|word| word.trim_matches([',', '.', ':']).to_owned())
                .collect()
        };
        assert_eq!(words(&narrow), words(&show("120")));
    }
}
