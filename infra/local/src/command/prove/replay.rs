//! One story, request by request.

use std::{
    io::{self, Write},
    time::SystemTime,
};

use local_cloud::RequestRecord;
use proof::{Run, Sabotage};
use serde_json::{Value, json};
use terminal::{BOLD, Terminal, tables::Table};

use crate::command::{tables, view};

/// Characters.
const MOST_OF_A_VIOLATION: usize = 240;

/// A story that was played.
pub(super) struct Played {
    pub(super) line: String,
    pub(super) without: Option<Sabotage>,
    pub(super) run: Run,
}

/// What to type to see the story again, under what the options say.
pub(super) fn command(line: &str, without: Option<Sabotage>, options: &[String]) -> String {
    let mut words = vec!["cargo run -- prove".to_owned()];
    words.extend(without.map(|safeguard| format!("--without {}", safeguard.name())));
    words.extend(options.iter().cloned());
    words.push(format!("--replay '{line}'"));
    words.join(" ")
}

impl Played {
    /// As a document.
    pub(super) fn document(&self) -> Value {
        let Self { line, without, run } = self;
        let requests = run.requests.iter().map(|request| {
            let mut document = view::request(request);
            document["worker"] = json!(request.worker);
            document
        });
        json!({
            "story": line,
            "without": without.map(Sabotage::name),
            "connections": run.connections,
            "deliveries": run.deliveries,
            "violations": run.violations,
            "requests": requests.collect::<Vec<_>>(),
        })
    }

    /// As a table.
    ///
    /// # Errors
    /// The output is closed.
    pub(super) fn print(&self, terminal: &mut Terminal) -> io::Result<()> {
        let Self { line, without, run } = self;
        let mut title = line.clone();
        if let Some(safeguard) = without {
            title += &format!(" without {}", safeguard.name());
        }
        tables::print(terminal, &title, &mut requests(&run.requests), "no request")?;
        let out = &mut terminal.out;
        match run.deliveries {
            0 => {}
            1 => writeln!(out, "Final after one delivery.")?,
            deliveries => writeln!(out, "Final after {deliveries} deliveries.")?,
        }
        if run.violations.is_empty() {
            let kept = tables::colour("✓");
            return writeln!(out, "{kept} {BOLD}Every promise was kept.{BOLD:#}");
        }
        for violation in &run.violations {
            let violation = shortened(violation);
            writeln!(out, "{} VIOLATED: {violation}", tables::colour("✗"))?;
        }
        Ok(())
    }
}

/// As much of it as somebody reads: whole answers are in the document.
pub(super) fn shortened(violation: &str) -> String {
    match violation.char_indices().nth(MOST_OF_A_VIOLATION) {
        Some((end, _)) => format!("{} (and so on: --json has all of it)", &violation[..end]),
        None => violation.to_owned(),
    }
}

fn requests(requests: &[RequestRecord]) -> Table {
    let mut table = tables::table(&[
        "k",
        "after",
        "worker",
        "operation",
        "fault",
        "applied",
        "status",
    ]);
    let begun = requests.first().map(|request| request.time);
    for request in requests {
        table.add_row([
            request.sequence.to_string(),
            begun.map_or_else(String::new, |begun| since(begun, request.time)),
            request.worker.clone(),
            request.operation.clone(),
            request
                .fault
                .as_ref()
                .map_or_else(String::new, |fault| fault.kind.to_string()),
            String::from(if request.applied { "yes" } else { "no" }),
            request
                .status
                .map_or_else(|| "none".to_owned(), |status| status.to_string()),
        ]);
    }
    tables::align_right(&mut table, 0);
    tables::align_right(&mut table, 1);
    table
}

/// Time in the story, which is not time on the wall.
fn since(begun: SystemTime, time: SystemTime) -> String {
    let passed = time.duration_since(begun).unwrap_or_default();
    format!("{:.1}\u{a0}s", passed.as_secs_f64())
}
