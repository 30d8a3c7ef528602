//! `local serve` as AWS was measured or recorded: profiles, recordings, and switches.

use serde_json::{Value, json};

use crate::process::{err, run};
use crate::server::{Server, order};

#[test]
fn a_profile_has_the_cloud_behave_as_measured_and_options_beside_it_win() {
    let path = format!("{}/profile.json", env!("CARGO_TARGET_TMPDIR"));
    let report = json!({
        "schemaVersion": "1", "parent": "dxcon-ffabc123", "startedAt": "2026-01-02T03:04:05Z",
        "probes": [
            {"id": "duplicate-vlan-refused", "verdict": "does not hold"},
            {"id": "refusal-code", "verdict": "not known"},
            {"id": "deleted-listed", "verdict": "does not hold", "seen": {"listed": false}},
        ],
    });
    std::fs::write(&path, report.to_string()).unwrap();
    let server = Server::start(&["--profile", &path, "--deleted-not-listed=off"]);
    let profile = &server.welcome["profile"];
    assert_eq!(profile["sets"], json!({"no-vlan-uniqueness": "on"}));
    let allocate = |vlan| server.aws("OvertureService.AllocateHostedConnection", order(vlan));
    let id = allocate(11)["connectionId"].clone();
    // Twice on one VLAN.
    assert!(allocate(11)["connectionId"].is_string());
    assert_eq!(server.throw(&id, "delete"), 200);
    let describe = "OvertureService.DescribeHostedConnections";
    let shown = server.aws(describe, json!({"connectionId": "dxcon-ffabc123"}));
    assert_eq!(shown["connections"].as_array().unwrap().len(), 2);
}

#[test]
fn a_file_that_is_no_profile_is_refused_with_words() {
    let path = format!("{}/no-profile.json", env!("CARGO_TARGET_TMPDIR"));
    let newer = r#"{"schemaVersion": "2", "probes": []}"#;
    for (text, words) in [
        ("", "not a report of `operator conformance`"),
        ("[1]", "not a report of `operator conformance`"),
        (newer, "schemaVersion is \"2\""),
    ] {
        std::fs::write(&path, text).unwrap();
        let output = run(&["serve", "--profile", &path]);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(words), "{}", err(&output));
    }
    let output = run(&["serve", "--profile", "no/such/file"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("operator conformance --report"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_switch_that_cannot_be_set_so_says_how_it_can() {
    for (arguments, words) in [
        (
            &["--duplicate-vlan-error", "200,Fine"][..],
            "a status from 400 to 599",
        ),
        (&["--vlan-free-after-ms", "soon"], "or never"),
        (&["--list-leaves-out", "vlanId"], "awsDeviceV2"),
        (&["--no-vlan-uniqueness=yes"], "no-vlan-uniqueness"),
    ] {
        let output = run(&[&["serve"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(words), "{}", err(&output));
    }
}

/// What is in the file and what a server says that plays it.
fn recorded(name: &str, traffic: impl FnOnce(&Server)) -> (String, String) {
    let path = format!("{}/{name}.jsonl", env!("CARGO_TARGET_TMPDIR"));
    // Left behind by an earlier run, or not there at all.
    let _ = std::fs::remove_file(&path);
    let server = Server::start(&["--record", &path, "--track-seconds", "0"]);
    traffic(&server);
    drop(server);
    let text = std::fs::read_to_string(&path).unwrap();
    (path, text)
}

fn exchanges(text: &str, operation: &str) -> Vec<Value> {
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| line["operation"] == operation)
        .collect()
}

#[test]
fn an_order_is_played_from_a_recording_of_one_and_the_file_gives_nobody_away() {
    let (path, text) = recorded("order", |server| {
        let lost = "apply-then-reset@AllocateHostedConnection";
        assert_eq!(server.ask("POST", "/_local/faults", "", lost).0, 201);
        let mut body = order(2101);
        body["connectionName"] = json!("Acme 999988887777 GmbH");
        let headers = "idempotency-key: acme-1\r\ncontent-type: application/json\r\n";
        let (status, _, made) = server.ask("POST", "/allocations", headers, &body.to_string());
        assert_eq!(status, 201, "{made}");
    });
    for secret in [
        "111122223333",
        "999988887777",
        "Acme",
        "acme",
        "GmbH",
        "ffabc123",
        "Credential",
        "AWS4",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(!exchanges(&text, "PutEvents").is_empty());
    let call = &exchanges(&text, "AllocateHostedConnection")[0];
    assert_eq!(call["lost"], "reset");
    let shown = exchanges(&text, "DescribeHostedConnections");
    let shown = shown
        .iter()
        .find_map(|look| look["answer"]["connections"].get(0))
        .unwrap();
    let event = exchanges(&text, "PutEvents")[0]["request"].to_string();
    assert!(
        event.contains(shown["connectionId"].as_str().unwrap()),
        "{event}"
    );

    let server = Server::start(&["--replay", &path, "--track-seconds", "0"]);
    let asked = &server.welcome["replay"]["asked"];
    assert_eq!(asked["allocated on"][0], call["request"]["connectionId"]);
    // The answer was lost then and is lost now; the list shows the connection.
    let mut again = call["request"].clone();
    again.as_object_mut().unwrap().remove("tags");
    let headers = "idempotency-key: order-7\r\ncontent-type: application/json\r\n";
    let (status, _, made) = server.ask("POST", "/allocations", headers, &again.to_string());
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["connection"]["connectionId"], shown["connectionId"]);
    // What was not asked then is refused with words.
    again["vlan"] = json!(2102);
    let allocate = "OvertureService.AllocateHostedConnection";
    let refused = server.aws(allocate, again);
    assert_eq!(refused["__type"], "NotInTheRecordingException");
    let message = refused["message"].as_str().unwrap();
    assert!(
        message.contains("2102") && message.contains("2101"),
        "{message}"
    );
}

#[test]
fn a_recording_whose_recorder_was_killed_is_played_up_to_there_and_other_files_are_refused() {
    let (path, text) = recorded("cut", |server| {
        let list = "OvertureService.DescribeHostedConnections";
        server.aws(list, json!({"connectionId": "dxcon-ffabc123"}));
        server.aws(list, json!({"connectionId": "dxcon-ffabc456"}));
    });
    std::fs::write(&path, &text[..text.len() - 20]).unwrap();
    let server = Server::start(&["--replay", &path]);
    let replay = &server.welcome["replay"];
    assert_eq!(
        (&replay["answers"], &replay["cut"]),
        (&json!(1), &json!(true))
    );
    drop(server);
    for (text, words) in [
        ("", "not that of a recording"),
        ("{\"hostedConnectionsRecording\":\"9\"}\n", "version \"9\""),
        (
            &format!("{}\n{{}}\n", text.lines().next().unwrap()),
            "line 2 is not an exchange",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let output = run(&["serve", "--replay", &path]);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(words), "{}", err(&output));
    }
    let output = run(&["serve", "--record", &path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("does not exist yet"),
        "{}",
        err(&output)
    );
}
