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
