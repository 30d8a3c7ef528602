//! `local prove`.

use serde_json::{Value, json};

use crate::process::{err, out, run, run_json};

const STORY: &str = "http/given/shared/fresh/roomy delay(25000ms)@k2";

#[test]
fn every_single_fault_is_told_none_breaks_a_promise_and_the_table_fits_110_columns() {
    let output = run(&["prove", "--schedules", "0"]);
    assert_eq!(err(&output), "", "no progress bar without a terminal");
    let text = out(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("every promise was kept"), "{text}");
    let floor = "More than --schedules 0: every fault on every request is always played.";
    assert!(text.contains(floor), "{text}");
    assert!(!text.contains('\u{1b}'));
    for line in text.lines() {
        assert!(line.chars().count() <= 110, "{line}");
    }
    // A row for a fault, with a number for each of the seven operations.
    let row = text.lines().find(|line| line.contains("apply-then-kill"));
    let cells = row.unwrap().matches("\u{a0}·\u{a0}").count();
    assert_eq!(cells, 7, "{text}");
}

#[test]
fn a_document_says_what_was_found_and_where_it_struck() {
    let (status, document) =
        run_json(&["prove", "--schedules", "0", "--without", "classification"]);
    assert_eq!(status, 0, "{document}");
    assert_eq!(document["without"], "classification");
    let finding = &document["findings"][0];
    assert!(finding["replay"].is_string(), "{document}");
    assert!(!finding["violations"].as_array().unwrap().is_empty());
    let cells = document["cells"].as_array().unwrap();
    let violated = |cell: &Value| cell["violated"].as_u64().unwrap() > 0;
    assert!(cells.iter().any(violated), "{document}");
}

#[test]
fn a_broken_safeguard_is_found_out_and_the_line_tells_the_story_again() {
    let found = run(&["prove", "--schedules", "3000", "--without", "fencing"]);
    assert!(found.status.success(), "{}", out(&found));
    let text = out(&found);
    assert!(text.contains("VIOLATED"), "{text}");
    let (_, line) = text
        .split_once("cargo run -- prove --without fencing --replay '")
        .unwrap();
    let (line, _) = line.split_once('\'').unwrap();

    let (status, document) = run_json(&["prove", "--without", "fencing", "--replay", line]);
    assert_eq!(status, 0, "{document}");
    assert_ne!(document["violations"], json!([]), "{document}");
    let (status, document) = run_json(&["prove", "--replay", line]);
    assert_eq!(status, 0, "{document}");
    assert_eq!(document["violations"], json!([]), "{document}");
}

#[test]
fn a_story_is_told_request_by_request() {
    let output = run(&["prove", "--replay", STORY]);
    assert_eq!(output.status.code(), Some(0));
    let text = out(&output);
    let called = |line: &&str| line.contains("AllocateHostedConnection");
    let struck = text.lines().find(called).unwrap();
    assert!(struck.contains("delay(25000ms)"), "{text}");
    assert!(text.contains("Every promise was kept."), "{text}");
}

#[test]
fn a_story_that_should_show_a_safeguard_and_does_not_is_a_failure() {
    let told = |safeguard: &str| {
        let output = run(&["prove", "--without", safeguard, "--replay", STORY]);
        (output.status.code().unwrap(), out(&output))
    };
    let (status, text) = told("settle-time");
    assert_eq!(status, 0, "{text}");
    assert!(
        text.contains("VIOLATED: 2 connections for one key"),
        "{text}"
    );
    assert!(
        text.contains("leases of VLANs: 101; connections on VLANs: 101, 101"),
        "{text}"
    );
    for of_rust in ["0ns", "17280000s", "[101", "Some("] {
        assert!(!text.contains(of_rust), "{text}");
    }
    assert_eq!(told("all-pages").0, 1, "there is only one page");
}

#[test]
fn what_is_no_story_and_no_safeguard_is_refused_with_an_example() {
    let story = run(&["prove", "--replay", "once upon a time"]);
    assert_eq!(story.status.code(), Some(2));
    assert!(err(&story).contains("sqs/given/unique/fresh/crowded"));
    let safeguard = run(&["prove", "--without", "luck"]);
    assert_eq!(safeguard.status.code(), Some(2));
    assert!(err(&safeguard).contains("settle-time"));
}

fn profile(name: &str, probes: &Value, settle: u64) -> String {
    let path = format!("{}/{name}.json", env!("CARGO_TARGET_TMPDIR"));
    let report = json!({
        "schemaVersion": "1", "parent": "dxcon-ffabc123", "startedAt": "2026-01-02T03:04:05Z",
        "probes": probes, "recommended": {"SETTLE_SECONDS": settle},
    });
    std::fs::write(&path, report.to_string()).unwrap();
    path
}

#[test]
fn a_story_is_played_under_what_was_measured_and_a_longer_settle_time_mends_it() {
    let late = json!([{"id": "allocate-visible", "verdict": "does not hold",
        "seen": {"times": {"count": 1, "minMs": 45000, "medianMs": 45000, "maxMs": 45000}}}]);
    let path = profile("late", &late, 60);
    let line = "http/given/shared/fresh/roomy apply-then-reset@k2";
    let (status, told) = run_json(&["prove", "--profile", &path, "--replay", line]);
    assert_eq!((status, &told["connections"]), (1, &json!(2)), "{told}");
    let settled = [
        "prove",
        "--profile",
        &path,
        "--settle-seconds",
        "60",
        "--replay",
        line,
    ];
    assert_eq!(run_json(&settled).0, 0);
    // What is given beside a profile wins.
    let given = [
        "prove",
        "--profile",
        &path,
        "--visible-after-ms",
        "0",
        "--replay",
        line,
    ];
    assert_eq!(run_json(&given).0, 0);
    let shown = run(&["prove", "--profile", &path, "--replay", line]);
    assert!(
        out(&shown).contains("allocate-visible        does not hold  --visible-after-ms 45000")
    );
}

#[test]
fn an_exploration_under_a_profile_says_what_changes_and_what_to_set() {
    let twice = json!([{"id": "duplicate-vlan-refused", "verdict": "does not hold"}]);
    let path = profile("twice", &twice, 60);
    let shown = run(&["prove", "--profile", &path, "--schedules", "0"]);
    let text = out(&shown);
    assert_eq!(shown.status.code(), Some(0), "{text}");
    for words in [
        "--no-vlan-uniqueness",
        "every promise was kept",
        "One key gets one connection",
        "duplicate-vlan-refused does not hold",
        "only the settle time protects",
        "The report recommends SETTLE_SECONDS=60",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn late_visibility_is_a_table_with_a_line_that_replays_what_broke() {
    let arguments = ["--visibility", "--delays", "30", "--settle-times", "10,30"];
    let (status, cells) = run_json(&[&["prove"], &arguments[..]].concat());
    let told: Vec<_> = cells
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| {
            (
                &cell["settleSeconds"],
                &cell["doubles"],
                &cell["rejections"],
                &cell["held"],
            )
        })
        .map(|(settle, doubles, rejections, held)| json!([settle, doubles, rejections, held]))
        .collect();
    assert_eq!(status, 0);
    assert_eq!(
        told,
        [
            json!([10, 0, 6, false]),
            json!([30, 0, 0, true]),
            json!([10, 6, 0, false]),
            json!([30, 0, 0, true])
        ]
    );
    let again = cells[2]["again"].as_str().unwrap();
    let (options, line) = again
        .trim_start_matches("cargo run -- ")
        .split_once(" --replay ")
        .unwrap();
    let mut words: Vec<_> = options.split(' ').collect();
    words.extend(["--replay", line.trim_matches('\'')]);
    assert_eq!(run_json(&words).0, 1);
}
