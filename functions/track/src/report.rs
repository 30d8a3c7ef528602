//! A run, told: a line for every order that is stuck or needs a person, one for every drift, and the numbers as
//! metrics.

use aws::Meter;
use aws::metrics::Metric;
use lifecycle::{Followed, Report};
use serde_json::{Value, json};

/// Logs what a person may have to look at, and counts the rest.
pub(crate) fn tell(report: &Report, meter: &Meter) {
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
    count(report, meter);
}

/// That there is none of something is as much a finding as that there are some, so all of it is told.
fn count(report: &Report, meter: &Meter) {
    let sum = |of: fn(&Followed) -> usize| total(report, of);
    let oldest_s = usize::try_from(report.oldest_unfinished_s).unwrap_or(usize::MAX);
    for (metric, value) in [
        (Metric::FinishedAllocations, report.finished),
        (Metric::UnfinishedAllocations, report.unfinished),
        (Metric::OldestUnfinishedSeconds, oldest_s),
        (Metric::StuckAllocations, report.stuck.len()),
        (Metric::QuarantinedAllocations, report.quarantined.len()),
        (Metric::StateChanges, sum(|followed| followed.news)),
        (
            Metric::OrphanConnections,
            sum(|followed| followed.orphans.len()),
        ),
        (
            Metric::GhostConnections,
            sum(|followed| followed.ghosts.len()),
        ),
        (Metric::ParentsLeftOut, report.left_out),
    ] {
        meter.set(metric, value);
    }
    meter.count(Metric::TrackRuns);
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
