//! The protocol's steps as they happen, from what the local cloud was asked: claim, call, look, record, publish.

use local_cloud::{RequestRecord, Service};
use maud::{Markup, html};
use story::words::count as counted;

use crate::bench::Bench;
use crate::breaking;
use crate::texts::foreign;

/// Requests that are shown.
const SHOWN: usize = 40;

/// A step of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Claim,
    Call,
    Look,
    Record,
    Publish,
    Read,
    Delete,
}

impl Step {
    /// Those that every order goes through, or may.
    const PROTOCOL: [Self; 5] = [
        Self::Claim,
        Self::Call,
        Self::Look,
        Self::Record,
        Self::Publish,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Call => "call",
            Self::Look => "look",
            Self::Record => "record",
            Self::Publish => "publish",
            Self::Read => "read",
            Self::Delete => "delete",
        }
    }
}

/// A request and what it was for.
pub(crate) struct Taken {
    pub(crate) step: Step,
    pub(crate) request: RequestRecord,
}

/// The requests of the functions for one order, oldest first. A look at a parent names no order: it is taken for that of the
/// order whose function was at work.
pub(crate) fn of_key(bench: &Bench, key: &str) -> Vec<Taken> {
    let all = bench.cloud.requests_after(0);
    let mut taken: Vec<Taken> = Vec::new();
    let mut vlan = None;
    // By function, whether its latest request was for this order.
    let mut at_work = std::collections::BTreeMap::new();
    for request in all.into_iter().filter(|request| !request.worker.is_empty()) {
        let text = request.body.to_string();
        let names_it = text.contains(&format!("allocation#{key}\""))
            || text.contains(&format!("\\\"{key}\\\""))
            || text.contains(&format!("\"{key}\""));
        let is_its_call = match request.operation.as_str() {
            "AllocateHostedConnection" => vlan.is_some() && request.body["vlan"].as_u64() == vlan,
            "DescribeHostedConnections" | "DescribeInterconnects" | "DescribeLags" => {
                at_work.get(&request.worker).copied().unwrap_or(false)
            }
            _ => false,
        };
        if matches!(request.service, Service::DynamoDb | Service::EventBridge) {
            at_work.insert(request.worker.clone(), names_it);
        }
        if !names_it && !is_its_call {
            continue;
        }
        if let Some(found) = vlan_in(&text) {
            vlan = Some(found);
        }
        // An order that is rejected without a call is published all the same.
        let has_called = taken
            .iter()
            .any(|taken| matches!(taken.step, Step::Call | Step::Publish));
        taken.push(Taken {
            step: step(&request, has_called),
            request,
        });
    }
    name_takeovers(&mut taken);
    let first = taken.len().saturating_sub(SHOWN);
    taken.split_off(first)
}

/// The VLAN of the lease that a claim writes.
fn vlan_in(text: &str) -> Option<u64> {
    let at = text.find("\"vlan#")? + "\"vlan#".len();
    text.get(at..at + 4)?.parse().ok()
}

/// The write just before another call takes the order over, and is a claim too.
fn name_takeovers(taken: &mut [Taken]) {
    for at in 1..taken.len() {
        let is_write = taken[at - 1].step == Step::Record;
        if is_write && taken[at].step == Step::Call {
            taken[at - 1].step = Step::Claim;
        }
    }
}

fn step(request: &RequestRecord, has_called: bool) -> Step {
    match request.operation.as_str() {
        "AllocateHostedConnection" => Step::Call,
        "DeleteConnection" => Step::Delete,
        "PutEvents" => Step::Publish,
        operation if operation.starts_with("Describe") => Step::Look,
        "GetItem" | "Query" | "BatchGetItem" | "Scan" | "TransactGetItems" => Step::Read,
        _ if has_called => Step::Record,
        _ => Step::Claim,
    }
}

/// The five steps, those that have happened lit.
pub(crate) fn lights(taken: &[Taken]) -> Markup {
    let times = |step| taken.iter().filter(|taken| taken.step == step).count();
    html! {
        ol class="steps" aria-label="Steps of the protocol" {
            @for step in Step::PROTOCOL {
                @let times = times(step);
                li class={ "step" @if times > 0 { " lit" } } {
                    span aria-hidden="true" { @if times > 0 { "●" } @else { "○" } } " " (step.word())
                    small { @match times { 0 => { " not yet" } 1 => { " once" } _ => { " " (times) " times" } } }
                }
            }
        }
    }
}

/// How many connections there are for the order, and ever were at once.
pub(crate) fn count(bench: &Bench, record: &ledger::Record) -> Markup {
    let vlan = record.vlan.map(hosted_connection::Vlan::get);
    let place = record.lease_parent.as_ref().zip(vlan);
    let Some((parent, vlan)) = place.map(|(parent, vlan)| (parent.as_str(), vlan)) else {
        return html! { p class="count" { "It holds no VLAN." } };
    };
    let living = bench.cloud.living_on(parent);
    let living = living
        .iter()
        .filter(|connection| connection.vlan == vlan)
        .count();
    let most = bench.cloud.most_living(parent, vlan);
    html! {
        p class="count" { "Connections on VLAN " (vlan) " of " (parent) ": "
            b class={ "big" @if most > 1 { " bad" } } data-count=(living) { (living) }
            ", and never more than " b { (most) } " at once." }
    }
}

/// What was asked of AWS, newest last.
pub(crate) fn log(taken: &[Taken]) -> Markup {
    html! {
        @if taken.is_empty() { p class="none" { "Nothing is remembered of it." } }
        @else {
            p class="hint" { "What the functions asked for this order, newest last" @if taken.len() == SHOWN { ": the last " (counted(SHOWN, "request")) } "." }
            div class="scroll" tabindex="0" role="region" aria-label="Requests" { table class="log" {
                thead { tr { th scope="col" { "Function" } th scope="col" { "Step" } th scope="col" { "Operation" } th scope="col" { "Answer" } } }
                tbody { @for Taken { step, request } in taken { tr {
                    td { (request.worker) }
                    td { (step.word()) }
                    td { (foreign(&request.operation)) }
                    td { (answer(request)) }
                } } }
            } }
        }
    }
}

fn answer(request: &RequestRecord) -> Markup {
    html! {
        @match (&request.fault, request.status) {
            (Some(fault), _) => { span class="status bad" title=(fault.to_string()) { "✗ " (breaking::happens(&fault.kind)) } @if request.applied { " (it took effect)" } @else { " (no effect)" } }
            (None, Some(status)) if status < 300 => { span class="status good" { "✓ " (status) } }
            (None, Some(status)) => { span class="status bad" { "✗ " (status) } }
            (None, None) => { span class="status open" { "… under way" } }
        }
    }
}
