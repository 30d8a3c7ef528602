//! `local` without arguments: a small day of orders, shown and checked. In the morning they are placed, at noon by place; in the
//! afternoon their connections live on, and some are given back. In the
//! evening connections that were made by hand are adopted.
//!
//! The script says what is sent and what has to come of it; the stage plays it through the real function; what was
//! decided is read off the outside, from answers, events and connections; the promises are checked on all of it.

mod script;

mod stage;

mod decision;

mod promises;

mod story;

mod stopwatch;

use terminal::{Terminal, Verdict};

use super::failure::Failure;
use stage::Stage;
use terminal::progress;

/// Plays the day, tells what happened, and checks it.
///
/// # Errors
/// Cloud or functions do not start, or the output is closed.
pub(crate) async fn run(terminal: &mut Terminal) -> Result<Verdict, Failure> {
    let scenes = script::day();
    let bar = progress::bar(scenes.len(), "{bar:24.cyan/dim} {pos}/{len} {msg}");
    let mut stage = Stage::set()?;
    for scene in scenes {
        bar.set_message(scene.caption);
        stage.play(scene).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let played = stage.end();
    let promises = promises::check(&played);
    if terminal.json {
        terminal.print_json(&story::document(&played, &promises))?;
    } else {
        story::tell(terminal, &played, &promises)?;
    }
    Ok(
        match promises.iter().all(|promise| promise.broken.is_empty()) {
            true => Verdict::Good,
            false => Verdict::Bad,
        },
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{super::testing, *};

    async fn day(json: bool) -> (Verdict, String) {
        let (mut terminal, out, _) = testing::terminal(json);
        let verdict = run(&mut terminal).await.unwrap();
        (verdict, out.text())
    }

    #[tokio::test]
    async fn every_promise_is_kept_and_the_command_says_so() {
        let (verdict, text) = day(false).await;
        assert_eq!(verdict, Verdict::Good, "{text}");
        assert!(text.contains("All 15 promises kept"), "{text}");
    }

    #[tokio::test]
    async fn the_story_fits_the_terminal_of_110_columns() {
        let (_, text) = day(false).await;
        for line in text.lines() {
            assert!(
                line.chars().count() <= 110,
                "{}: {line}",
                line.chars().count()
            );
        }
    }

    #[tokio::test]
    async fn the_document_has_the_facts_of_the_story() {
        let (verdict, text) = day(true).await;
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(verdict, Verdict::Good);
        let decided = |key: &str| -> Vec<String> {
            let orders = document["deliveries"].as_array().unwrap();
            let of_key = orders.iter().filter(|order| order["idempotencyKey"] == key);
            of_key
                .map(|order| order["decision"].as_str().unwrap().to_owned())
                .collect()
        };
        let lived = ["allocated", "replayed", "changed", "changed", "changed"];
        assert_eq!(decided("order-1001"), lived);
        assert_eq!(decided("order-1002"), ["allocated", "rejected", "changed"]);
        let held = [
            "allocated",
            "changed",
            "changed",
            "not known yet",
            "rejected",
        ];
        assert_eq!(decided("order-1003"), held);
        let gone = ["allocated", "released", "released", "replayed"];
        assert_eq!(decided("order-1004"), gone);
        assert_eq!(decided("order-1005"), ["rejected"]);
        assert_eq!(decided("order-1006"), ["allocated", "replayed", "changed"]);
        assert_eq!(decided("order-1008"), ["allocated", "replayed"]);
        assert_eq!(decided("order-1009"), ["returned", "allocated"]);
        assert_eq!(decided("order-1010"), ["forecast", "rejected"]);
        assert_eq!(decided("order-1011"), ["forecast", "allocated"]);
        for (key, decision) in [
            ("order-1012", "allocated"),
            ("order-1013", "allocated"),
            ("order-1014", "rejected"),
        ] {
            assert_eq!(decided(key), [decision]);
        }
        assert_eq!(decided("customer-42"), ["adopted", "replayed"]);
        assert_eq!(decided("customer-43"), ["adopted", "released"]);
        assert_eq!(document["connections"].as_array().unwrap().len(), 12);
    }
}
