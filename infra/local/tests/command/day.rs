//! `local` without arguments.

use crate::process::{err, local, out, run, run_json};

#[test]
fn a_day_of_orders_keeps_every_promise_and_exits_0() {
    let output = run(&[]);
    assert!(output.status.success(), "{}{}", out(&output), err(&output));
    assert!(out(&output).contains("All 15 promises kept"));
}

#[test]
fn without_a_terminal_there_are_no_colours_and_no_progress_bar() {
    let output = local().env_remove("CLICOLOR_FORCE").output().unwrap();
    assert!(!out(&output).contains('\u{1b}'));
    assert_eq!(err(&output), "");
}

#[test]
fn the_day_as_a_document_names_each_promise_as_kept() {
    let (status, document) = run_json(&[]);
    assert_eq!(status, 0);
    let promises = document["promises"].as_array().unwrap();
    assert!(!promises.is_empty() && promises.iter().all(|promise| promise["kept"] == true));
}
