//! A run, told: a line for every order that is stuck or needs a person, one for every drift, and the numbers as
//! metrics.

use aws::metrics::{self, Metric};
use lifecycle::{Followed, Report};
use serde_json::{Value, json};

/// `now_ms` is the time that the metrics are of.
pub(crate) fn log(report: &Report, now_ms: u64) {
    for stuck in &report.stuck {
        tracing::error!(
            allocation.key = %stuck.key,
            allocation.age_s = stuck.age_s,
            "the order is stuck: {}", stuck.reason
        );
    }
    for key in &report.quarantined {
        tracing::error!(
            allocation.key = %key,
            "Direct Connect answered this order with another connection than was asked for; a person has to look"
        );
    }
    for (parent, followed) in &report.followed {
        for orphan in &followed.orphans {
            tracing::warn!(
                parent.id = %parent,
                hosted_connection.id = orphan.connection.connection_id,
                hosted_connection.vlan = orphan.connection.vlan,
                "no record knows this connection"
            );
        }
        for ghost in &followed.ghosts {
            tracing::warn!(
                allocation.key = %ghost.key,
                parent.id = %parent,
                hosted_connection.id = ghost.connection_id,
                "Direct Connect does not show this connection any more"
            );
        }
    }
    metrics::emit(&metrics(report), now_ms);
}

fn metrics(report: &Report) -> [Metric; 8] {
    let sum = |of: fn(&Followed) -> usize| total(report, of);
    [
        Metric::count("FinishedAllocations", report.finished),
        Metric::count("UnfinishedAllocations", report.unfinished),
        Metric::count("StuckAllocations", report.stuck.len()),
        Metric::count("QuarantinedAllocations", report.quarantined.len()),
        Metric::count("StateChanges", sum(|followed| followed.news)),
        Metric::count("OrphanConnections", sum(|followed| followed.orphans.len())),
        Metric::count("GhostConnections", sum(|followed| followed.ghosts.len())),
        Metric::count("ParentsLeftOut", report.left_out),
    ]
}

/// The same as the invocation's answer.
pub(crate) fn numbers(report: &Report) -> Value {
    let sum = |of: fn(&Followed) -> usize| total(report, of);
    json!({
        "finished": report.finished,
        "unfinished": report.unfinished,
        "stuck": report.stuck.len(),
        "quarantined": report.quarantined.len(),
        "parents": report.followed.len(),
        "parentsLeftOut": report.left_out,
        "connections": sum(|followed| followed.shown),
        "stateChanges": sum(|followed| followed.news),
        "orphans": sum(|followed| followed.orphans.len()),
        "ghosts": sum(|followed| followed.ghosts.len()),
    })
}

fn total(report: &Report, of: fn(&Followed) -> usize) -> usize {
    report
        .followed
        .iter()
        .map(|(_, followed)| of(followed))
        .sum()
}
