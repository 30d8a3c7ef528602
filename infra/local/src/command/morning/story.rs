//! Tells what happened this morning: as tables for people, or as one document for scripts.

use std::io::{self, Write};

use comfy_table::Table;
use serde_json::{Value, json};

use super::{
    decision::Decision,
    promises::Promise,
    stage::{Delivery, Played},
};
use crate::command::{
    tables,
    terminal::{BOLD, DIM, Terminal},
    view,
};

/// Prints the story.
///
/// # Errors
/// The output is closed.
pub(super) fn tell(
    terminal: &mut Terminal,
    played: &Played,
    promises: &[Promise],
) -> io::Result<()> {
    let cloud = &played.cloud;
    let mut connections = tables::connections(&cloud.connections());
    let mut events = tables::events(&cloud.events());
    let mut calls = tables::calls(&cloud.requests());
    tables::print(terminal, "Orders", &mut orders(&played.deliveries), "none")?;
    tables::print(terminal, "Hosted connections", &mut connections, "none")?;
    tables::print(terminal, "Events published", &mut events, "none")?;
    tables::print(terminal, "Calls on AWS", &mut calls, "none")?;
    tell_promises(&mut terminal.out, promises)?;
    tell_time(&mut terminal.out, played)
}

fn orders(deliveries: &[Delivery]) -> Table {
    let mut table = tables::table(&[
        "how it came",
        "key",
        "parent",
        "VLAN",
        "bandwidth",
        "decided",
        "why",
    ]);
    let mut caption = "";
    for delivery in deliveries {
        // Each batch is named once, where it begins.
        let named = if delivery.caption == caption {
            ""
        } else {
            delivery.caption
        };
        caption = delivery.caption;
        let [parent, vlan, bandwidth] = asked_for(&delivery.body);
        let (decided, why) = words(&delivery.decision);
        let key = delivery.key.as_deref().unwrap_or("none");
        table.add_row([named, key, &parent, &vlan, &bandwidth, decided, &why]);
    }
    tables::align_right(&mut table, 3);
    tables::align_right(&mut table, 4);
    table
}

/// Parent, VLAN and bandwidth as they were sent.
fn asked_for(body: &str) -> [String; 3] {
    let Ok(request) = serde_json::from_str::<Value>(body) else {
        return ["?", "?", "?"].map(str::to_owned);
    };
    [
        tables::text(&request["connectionId"]).to_owned(),
        request["vlan"]
            .as_u64()
            .map_or_else(|| "any".to_owned(), |vlan| vlan.to_string()),
        tables::text(&request["bandwidth"]).to_owned(),
    ]
}

/// The decision in a word, and its reason in plain ones.
fn words(decision: &Decision) -> (&'static str, String) {
    match decision {
        Decision::Allocated {
            connection,
            answer_lost: None,
        } => (
            "✓ allocated",
            format!("{}, VLAN {}", connection.id, connection.vlan),
        ),
        Decision::Allocated {
            connection,
            answer_lost: Some(_),
        } => (
            "✓ allocated",
            format!("the answer got lost; looked, and found {}", connection.id),
        ),
        Decision::Replayed { connection } => {
            ("↺ replayed", format!("it had {} already", connection.id))
        }
        Decision::Rejected {
            message,
            violations,
            ..
        } => {
            let why = match violations.as_slice() {
                [] => message.clone(),
                [violation] => violation.clone(),
                violations => format!("{} faults: {}", violations.len(), violations.join(", ")),
            };
            ("✗ rejected", why)
        }
        Decision::Returned { fault } => {
            let reason = fault
                .as_ref()
                .map_or_else(String::new, |fault| format!(" ({fault})"));
            (
                "… returned",
                format!("not applied{reason}: it will come again"),
            )
        }
        Decision::Unclear(problem) => ("✗ unclear", problem.clone()),
    }
}

fn tell_promises(out: &mut dyn Write, promises: &[Promise]) -> io::Result<()> {
    let broken = promises
        .iter()
        .filter(|promise| !promise.broken.is_empty())
        .count();
    match broken {
        0 => writeln!(out, "{BOLD}All {} promises kept{BOLD:#}", promises.len())?,
        _ => writeln!(
            out,
            "{BOLD}{broken} of {} promises broken{BOLD:#}",
            promises.len()
        )?,
    }
    for promise in promises {
        let mark = if promise.broken.is_empty() {
            "✓"
        } else {
            "✗"
        };
        writeln!(out, "{} {}", tables::colour(mark), promise.text)?;
        for problem in &promise.broken {
            writeln!(out, "    {problem}")?;
        }
    }
    writeln!(out)
}

fn tell_time(out: &mut dyn Write, played: &Played) -> io::Result<()> {
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    writeln!(
        out,
        "Own time {:.1} ms, {:.1} ms per delivery {DIM}({build} build; without the time of the embedded cloud){DIM:#}",
        own_ms(played),
        own_ms_per_delivery(played),
    )
}

fn own_ms(played: &Played) -> f64 {
    played.own_time.as_secs_f64() * 1000.0
}

fn own_ms_per_delivery(played: &Played) -> f64 {
    let deliveries = u32::try_from(played.deliveries.len()).unwrap_or(u32::MAX);
    own_ms(played) / f64::from(deliveries.max(1))
}

/// The story as one document.
pub(super) fn document(played: &Played, promises: &[Promise]) -> Value {
    let cloud = &played.cloud;
    json!({
        "deliveries": played.deliveries.iter().map(delivery).collect::<Vec<_>>(),
        "connections": cloud.connections().iter().map(view::connection).collect::<Vec<_>>(),
        "events": cloud.events().iter().map(view::event).collect::<Vec<_>>(),
        "requests": cloud.requests().iter().map(view::request).collect::<Vec<_>>(),
        "promises": promises.iter().map(|promise| json!({
            "promise": promise.text,
            "kept": promise.broken.is_empty(),
            "broken": promise.broken,
        })).collect::<Vec<_>>(),
        "ownMs": own_ms(played),
        "ownMsPerDelivery": own_ms_per_delivery(played),
    })
}

fn delivery(delivery: &Delivery) -> Value {
    let mut document = match &delivery.decision {
        Decision::Allocated {
            connection,
            answer_lost,
        } => json!({
            "decision": "allocated",
            "connectionId": connection.id,
            "vlan": connection.vlan,
            "answerLost": answer_lost,
        }),
        Decision::Replayed { connection } => json!({
            "decision": "replayed",
            "connectionId": connection.id,
            "vlan": connection.vlan,
        }),
        Decision::Rejected {
            code,
            message,
            violations,
        } => json!({
            "decision": "rejected",
            "code": code,
            "message": message,
            "violations": violations,
        }),
        Decision::Returned { fault } => json!({"decision": "returned", "fault": fault}),
        Decision::Unclear(problem) => json!({"decision": "unclear", "problem": problem}),
    };
    document["arrived"] = json!(delivery.caption);
    document["idempotencyKey"] = json!(delivery.key);
    document["body"] = json!(delivery.body);
    document
}
