//! The page: a diagram, a table of what may happen, the writes on leases and policies, and the expressions as they are sent.

use std::fmt;

use transitions::{
    Attribute, Change, Check, Form, LeaseSteps, LeaseWrite, Name, Owes, PolicyWrite, Set, State,
    Table, Transition, Value, Write, condition, update,
};

use crate::words::{self, list};

const HEAD: &str = "# What may be written on an order

Everything that may ever be written on an allocation record, on its VLAN lease and on its parent's policy is a row of one
table in [`shared/transitions`](../shared/transitions/src/lib.rs). The ledger makes its requests to DynamoDB from it, and the
model of the protocol explores it. This page is made from it too: `just transitions` writes it anew, and a test compares.

All writes of a row are one request: all of them take effect, or none. DynamoDB checks the condition at that moment. A refused
write on a record brings back the record that refused it. So the writer learns why, and recognises its own earlier success when
the answer to that was lost.

";

/// The whole page.
pub(crate) fn page() -> String {
    let table = Table::default();
    let mut page = HEAD.to_owned();
    diagram(&table, &mut page);
    rows(&table, &mut page);
    leases(&table, &mut page);
    policies(&table, &mut page);
    expressions(&table, &mut page);
    page
}

fn diagram(table: &Table, page: &mut String) {
    page.push_str("## The states\n\n```mermaid\nstateDiagram-v2\n");
    let mut arrows: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for name in Name::ALL {
        let Some(write) = table[name].record else {
            continue;
        };
        let from = from_states(&table[name], &write);
        let begins: Vec<_> = match from.as_slice() {
            [] => vec!["[*]"],
            states => states.iter().map(|state| state.as_str()).collect(),
        };
        for begin in begins {
            let end = match write.change {
                Change::Delete => "[*]",
                Change::Put(_) | Change::Update(_, _) => write.to().map_or(begin, State::as_str),
            };
            let arrow = arrows
                .iter_mut()
                .find(|arrow| (arrow.0, arrow.1) == (begin, end));
            match arrow {
                Some(arrow) => arrow.2.push(words::of(name)),
                None => arrows.push((begin, end, vec![words::of(name)])),
            }
        }
    }
    for (begin, end, names) in arrows {
        add(
            page,
            format_args!("    {begin} --> {end}: {}", names.join(", ")),
        );
    }
    page.push_str("```\n\n");
}

fn rows(table: &Table, page: &mut String) {
    page.push_str(
        "## What may happen\n\n\
         The index `unfinished` holds what somebody has to look after; the index `parent` holds all records.\n\n\
         | what | from | on condition that | sets | to | VLAN lease | policy | indexes | owes |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for name in Name::ALL {
        let row = &table[name];
        let record = row.record;
        let from = record.map_or("–".into(), |write| from(row, &write));
        let cells = [
            format!("**{}**: {}", words::of(name), row.about),
            from,
            fence(row),
            record.map_or("–".into(), |write| what(&write)),
            record.map_or("–".into(), |write| to(&write)),
            lease(row.lease),
            row.policy.map_or("–".into(), words::of),
            record.map_or("–".into(), |write| indexes(&write)),
            owes(row.owes).into(),
        ];
        add(page, format_args!("| {} |", cells.join(" | ")));
    }
    page.push('\n');
}

fn leases(table: &Table, page: &mut String) {
    page.push_str(
        "## Writes on a VLAN lease\n\n\
         Where tracking may count a lease any time, a write says in its condition whether it goes by a counted one. If it was wrong, \
         it is made again the other way.\n\n\
         | write | on condition that | does |\n|---|---|---|\n",
    );
    for name in LeaseWrite::ALL {
        line(&words::of(name), &table[name], page);
    }
    page.push('\n');
}

fn policies(table: &Table, page: &mut String) {
    page.push_str(
        "## Writes on a policy\n\n\
         They are left out where the lease is not counted in a policy.\n\n\
         | write | on condition that | does |\n|---|---|---|\n",
    );
    for name in PolicyWrite::ALL {
        line(&words::of(name), &table[name], page);
    }
    page.push('\n');
}

fn line(name: &str, write: &Write, page: &mut String) {
    let checks: Vec<_> = write.condition.iter().map(words::check).collect();
    let does = match write.change {
        Change::Put(_) => format!("puts {}", sets(write)),
        Change::Update(_, _) => format!("sets {}", sets(write)),
        Change::Delete => "deletes the lease".into(),
    };
    add(
        page,
        format_args!("| {name} | {} | {does} |", list(&checks, "always")),
    );
}

fn expressions(table: &Table, page: &mut String) {
    page.push_str("## As DynamoDB gets it\n\n```text\n");
    let mut show = |what: &str, write: &Write| {
        add(page, format_args!("{what}"));
        match write.change {
            Change::Put(_) => add(page, format_args!("    put")),
            Change::Delete => add(page, format_args!("    delete")),
            Change::Update(_, _) => {
                let update = update(&write.change, |_| true).unwrap_or_default();
                add(page, format_args!("    {update}"));
            }
        }
        let first = condition(write.condition, Form::First);
        let later = condition(write.condition, Form::Later);
        for condition in [&first, &later]
            .into_iter()
            .take(if first == later { 1 } else { 2 })
        {
            let condition = condition.as_deref().unwrap_or("always");
            add(page, format_args!("    if {condition}"));
        }
        if write.tells {
            add(page, format_args!("    a refusal brings the item"));
        }
    };
    for name in Name::ALL {
        if let Some(write) = table[name].record {
            show(&format!("record: {}", words::of(name)), &write);
        }
    }
    for name in LeaseWrite::ALL {
        show(&format!("lease: {}", words::of(name)), &table[name]);
    }
    for name in PolicyWrite::ALL {
        show(&format!("policy: {}", words::of(name)), &table[name]);
    }
    page.push_str("```\n");
}

/// By the condition, or, where the token says it, by what the writer must have seen.
fn from_states(row: &Transition, write: &Write) -> Vec<State> {
    let seen = row.seen.iter().flat_map(|check| match check {
        Check::StateIn(states) => *states,
        _ => &[],
    });
    write.from().into_iter().chain(seen.copied()).collect()
}

fn from(row: &Transition, write: &Write) -> String {
    let states: Vec<_> = from_states(row, write)
        .iter()
        .map(|state| state.as_str().to_owned())
        .collect();
    list(&states, "no record")
}

/// What is done to the record.
fn what(write: &Write) -> String {
    match write.change {
        Change::Delete => "deletes the record".into(),
        Change::Put(_) | Change::Update(_, _) => sets(write),
    }
}

fn to(write: &Write) -> String {
    match (write.change, write.to()) {
        (Change::Delete, _) => "no record".into(),
        (Change::Put(_) | Change::Update(_, _), state) => {
            state.map_or("–".into(), |state| state.as_str().into())
        }
    }
}

/// What the writer must have seen, and the condition but for the states.
fn fence(row: &Transition) -> String {
    let is_state = |check: &Check| {
        matches!(
            check,
            Check::StateIn(_) | Check::Is(Attribute::State, Value::State(_, _))
        )
    };
    let conditions = row.record.map_or(&[][..], |write| write.condition);
    let seen = row
        .seen
        .iter()
        .filter(|check| !is_state(check))
        .map(|check| format!("{} (when it was read)", words::check(check)));
    let checked = conditions
        .iter()
        .filter(|check| !is_state(check))
        .map(words::check);
    list(&seen.chain(checked).collect::<Vec<_>>(), "–")
}

fn is_of_an_index(attribute: Attribute) -> bool {
    matches!(
        attribute,
        Attribute::UnfinishedShard
            | Attribute::UnfinishedAt
            | Attribute::ParentId
            | Attribute::ClaimedAt
    )
}

fn sets(write: &Write) -> String {
    let set = |set: &Set| match set {
        Set::To(Attribute::State, _) => None,
        Set::To(attribute, _) | Set::Where(attribute, _) if is_of_an_index(*attribute) => None,
        set => Some(words::set(set)),
    };
    let mut sets: Vec<_> = write.change.sets().iter().filter_map(set).collect();
    let removes = write
        .change
        .removes()
        .iter()
        .filter(|of| !is_of_an_index(**of));
    sets.extend(removes.map(|attribute| format!("no `{}`", attribute.name())));
    list(&sets, "–")
}

fn lease(steps: LeaseSteps) -> String {
    let step = |writes: &&[LeaseWrite]| {
        let writes: Vec<_> = writes.iter().map(|write| words::of(*write)).collect();
        writes.join(" or ")
    };
    let all: Vec<_> = steps.steps().iter().map(step).collect();
    match steps {
        LeaseSteps::All(_) if all.is_empty() => "–".into(),
        LeaseSteps::All(_) => all.join(", and "),
        LeaseSteps::AtMostOne(_) => format!("{}, or nothing", all.join(", or ")),
    }
}

fn indexes(write: &Write) -> String {
    let mut indexes = Vec::new();
    for set in write.change.sets() {
        match set {
            Set::To(Attribute::UnfinishedAt, value) => {
                indexes.push(format!("`unfinished` from {} on", words::value(*value)));
            }
            Set::To(Attribute::ParentId, _) => indexes.push("`parent`".into()),
            Set::Where(Attribute::ParentId, _) => {
                indexes.push("`parent`, if one is named or chosen".into());
            }
            _ => {}
        }
    }
    if write.change.removes().contains(&Attribute::UnfinishedShard) {
        indexes.push("out of `unfinished`".into());
    }
    if write.change.removes().contains(&Attribute::ParentId) {
        indexes.push("out of `parent`".into());
    }
    list(&indexes, "as before")
}

fn owes(owes: Owes) -> &'static str {
    match owes {
        Owes::Nothing => "nothing",
        Owes::AnEnd => "an end",
        Owes::ItsEvent => "its event and the mark",
        Owes::WhatTheLifecycleHolds => "what the lifecycle holds",
        Owes::APerson => "a person's decision",
    }
}

/// One line more.
fn add(page: &mut String, text: fmt::Arguments<'_>) {
    page.push_str(&text.to_string());
    page.push('\n');
}
