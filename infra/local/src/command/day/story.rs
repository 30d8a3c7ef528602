//! Tells what happened this day: as tables for people, or as one document for scripts.

mod document;
mod words;

use std::io::{self, Write};

use serde_json::{Value, json};
use terminal::{BOLD, DIM, Terminal, tables::Table};

use super::{
    decision::Decision,
    promises::Promise,
    stage::{Delivery, Played},
};
use crate::command::{tables, view};

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
    let mut table = tables::table(&["how it came", "key", "order", "decided", "why"]);
    let mut caption = "";
    for delivery in deliveries {
        // Each batch is named once, where it begins.
        let named = if delivery.caption == caption {
            ""
        } else {
            delivery.caption
        };
        caption = delivery.caption;
        let order = asked_for(&delivery.body);
        let (decided, why) = (words::decided(&delivery.decision), words::why(delivery));
        let key = match (&delivery.key, &delivery.decision) {
            (Some(key), _) => key,
            (None, Decision::PolicySet { .. }) => "",
            (None, _) => "none",
        };
        table.add_row([named, key, &order, &decided, &why]);
    }
    table
}

/// Parent or place, VLAN and bandwidth as they were sent.
fn asked_for(body: &str) -> String {
    let Ok(request) = serde_json::from_str::<Value>(body) else {
        return "no JSON".to_owned();
    };
    let parent = match &request["placement"] {
        Value::Null => tables::text(&request["connectionId"]).to_owned(),
        placement => words::place(placement),
    };
    match (&request["vlan"], request["bandwidth"].as_str()) {
        (_, None) => parent,
        (Value::Null, Some(bandwidth)) => format!("{parent}, any VLAN, {bandwidth}"),
        (vlan, Some(bandwidth)) => format!("{parent}, VLAN {vlan}, {bandwidth}"),
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
        "Own time {:.1} ms, {:.1} ms per delivery {DIM}({build} build, without the cloud){DIM:#}",
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
        "deliveries": played.deliveries.iter().map(document::delivery).collect::<Vec<_>>(),
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
