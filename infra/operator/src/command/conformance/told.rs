//! What a run has come to, in a table and as a document.

use std::io;
use std::path::Path;

use assumptions::{Probe, Seen, Shown, Verdict};
use conformance::{Left, Outcome};
use serde_json::{Value, json};
use terminal::{PLAIN, Terminal, tables};

use crate::command::words::duration;

/// The table, and what to set.
pub(super) fn print(outcome: &Outcome, terminal: &mut Terminal) -> io::Result<()> {
    let mut table = tables::table(&["", "assumption", "verdict", "seen"]);
    for probe in &outcome.report.probes {
        let row = [
            mark(probe.verdict),
            &probe.id,
            probe.verdict.as_str(),
            &seen(probe),
        ];
        table.add_row(row);
    }
    let title = format!("What is assumed about AWS, on {}", outcome.report.parent);
    tables::print(terminal, &title, &mut table, "no probes")?;
    let settle = match outcome.report.recommended.settle_seconds {
        Some(seconds) => format!("SETTLE_SECONDS should be {seconds} or more."),
        None => {
            "No SETTLE_SECONDS is known to be enough: what it has to cover was not seen to end."
                .to_owned()
        }
    };
    terminal.print_text(PLAIN, &settle)?;
    let guide = "docs/assumptions.md says what follows from an assumption that does not hold.";
    terminal.print_text(PLAIN, guide)
}

/// The report, with what became of the run.
pub(super) fn document(outcome: &Outcome) -> Value {
    let mut document = json!(outcome.report);
    document["halted"] = json!(outcome.halted);
    document["left"] = outcome.left.iter().map(left_document).collect();
    document
}

/// Something that is left.
pub(super) fn left_document(left: &Left) -> Value {
    json!({"name": left.name, "connectionId": left.id, "vlan": left.vlan, "why": left.why})
}

/// What is left, one a line, and what to do.
pub(super) fn left(left: &[Left], made: &Path) -> String {
    let lines = left.iter().map(|one| {
        let id = one.id.as_deref().unwrap_or("id not known");
        format!("\n  {} ({id}, VLAN {}): {}", one.name, one.vlan, one.why)
    });
    format!(
        "{} could not be deleted, or may still come:{}\nThe file {} is kept. Run the same command with --cleanup later, or have the owner decline what is left",
        crate::command::words::count(left.len(), "connection"),
        lines.collect::<String>(),
        made.display()
    )
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "✓",
        Verdict::DoesNotHold => "✗",
        Verdict::NotKnown => "…",
    }
}

/// What was seen, in a line.
fn seen(probe: &Probe) -> String {
    let Seen {
        why,
        status,
        code,
        message,
        times,
        states,
        listed,
        accepted,
        refused,
        longest_name,
        refused_characters,
        shown_under_member,
        member_sells,
        members: _,
        other: _,
    } = &probe.seen;
    let mut parts: Vec<String> = Vec::new();
    if let Some(times) = times {
        parts.push(match times.longer_than_ms {
            Some(ms) => format!("longer than {}", duration(ms)),
            None if times.count == 1 => duration(times.max_ms),
            None => format!(
                "{}, {}, {} (shortest, middle, longest of {})",
                duration(times.min_ms),
                duration(times.median_ms),
                duration(times.max_ms),
                times.count
            ),
        });
    }
    if !states.is_empty() {
        parts.push(format!("states: {}", states.join(", ")));
    }
    parts.extend(listed.map(|listed| if listed { "listed" } else { "not listed" }.to_owned()));
    for (what, values) in [("accepted", accepted), ("refused", refused)] {
        if !values.is_empty() {
            parts.push(format!("{what}: {}", values.join(", ")));
        }
    }
    parts.extend(longest_name.map(|most| format!("at most {most} characters")));
    parts.extend(
        refused_characters
            .iter()
            .map(|which| format!("not {which}")),
    );
    parts.extend(shown_under_member.map(|shown| match shown {
        Shown::Connections => "a member shows them as well".to_owned(),
        Shown::Nothing => "a member shows nothing".to_owned(),
        Shown::Refused => "a member's list is refused".to_owned(),
    }));
    parts.extend(member_sells.map(|sells| match sells {
        true => "a member's id can be allocated on".to_owned(),
        false => "a member's id cannot be allocated on".to_owned(),
    }));
    match (code, status) {
        (Some(code), Some(status)) => parts.push(format!("{code} (HTTP {status})")),
        (Some(code), None) => parts.push(code.clone()),
        (None, Some(status)) => parts.push(format!("HTTP {status}")),
        (None, None) => {}
    }
    parts.extend(message.clone());
    parts.extend(why.clone());
    parts.join("; ")
}
