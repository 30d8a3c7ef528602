//! What was measured of AWS, beside what is configured: `operator doctor --report FILE`.

use std::path::Path;

use assumptions::{Assumption, Probe, Report, Verdict};
use hosted_connection::ParentConnection;
use serde_json::{Value, json};

use super::checkup::Checkup;
use crate::command::place::Services;

/// Compares the report in the file with the configuration.
pub(super) async fn measured(checkup: &mut Checkup, services: &Services, path: &Path) {
    let what = "conformance report";
    let report = terminal::read(path)
        .map_err(|error| error.to_string())
        .and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string()))
        .and_then(|text| Report::parse(&text).map_err(|error| error.to_string()));
    let report = match report {
        Ok(report) => report,
        Err(problem) => {
            let found = format!("{}: {problem}", terminal::name_of(path));
            return checkup.wrong(
                what,
                found,
                "give the file that `operator conformance --report` wrote",
            );
        }
    };
    checkup.well(what, format!("of {}, {}", report.parent, report.started_at));
    settle_time(checkup, services, &report);
    bandwidths(checkup, services, &report).await;
    for probe in &report.probes {
        does_not_hold(checkup, probe);
    }
}

fn settle_time(checkup: &mut Checkup, services: &Services, report: &Report) {
    let what = "settle time as measured";
    let settle_s = services.config.rules.settle.as_secs();
    let found = format!("SETTLE_SECONDS is {settle_s}");
    let measured = [Assumption::AllocateVisible, Assumption::ListCurrent];
    let times = measured
        .iter()
        .filter_map(|one| report.probe(*one)?.seen.times);
    match report.recommended.settle_seconds {
        Some(needed_s) if settle_s < needed_s => checkup.wrong(
            what,
            format!("{found}, less than what was measured needs"),
            format!("raise it to {needed_s} (docs/assumptions.md, `allocate-visible` and `list-current`)"),
        ),
        Some(needed_s) => checkup.well(what, format!("{found}; {needed_s} is needed")),
        None if times.into_iter().any(|times| times.longer_than_ms.is_some()) => checkup.wrong(
            what,
            format!("{found}; something was waited for in vain, so that no setting is known to be enough"),
            "repeat the run with --wait-seconds 300; do not rely on one connection per key until it is shown",
        ),
        None => checkup.skip(what, "nothing was measured that it has to cover"),
    }
}

/// Bandwidths that Direct Connect refuses, and that a policy or a caller may order.
async fn bandwidths(checkup: &mut Checkup, services: &Services, report: &Report) {
    let what = "bandwidths as measured";
    let probe = report.probe(Assumption::Bandwidths);
    let refused = probe
        .map(|probe| probe.seen.refused.as_slice())
        .unwrap_or_default();
    let Ok(parent) = ParentConnection::parse(&report.parent) else {
        return checkup.skip(what, "the report is about no interconnect and no LAG");
    };
    if refused.is_empty() {
        return;
    }
    let ledger = &services.aws.ledger;
    match ledger.policy(&parent).await {
        Ok(policy) => {
            let rules = policy.map(|state| json!(state.policy)).unwrap_or_default();
            let sold = allowed(&rules["allowedBandwidths"], refused);
            if !sold.is_empty() {
                checkup.wrong(
                    what,
                    format!("orders of {} on {parent} are accepted, and Direct Connect refuses them", sold.join(", ")),
                    format!("`operator policy set {parent} FILE` with allowedBandwidths that leave them out"),
                );
            } else {
                checkup.well(
                    what,
                    format!("the policy of {parent} allows nothing that is refused"),
                );
            }
        }
        Err(error) => {
            let resource = format!("table/{}", ledger.table_name());
            checkup.failed(what, &error, "dynamodb:GetItem", &resource);
        }
    }
    if !services.config.rules.callers {
        return;
    }
    // What keeps callers from being read is told by their own check.
    let Ok(callers) = ledger.callers().await else {
        return;
    };
    for (name, caller, _) in callers.iter() {
        let document = json!(caller);
        let listed = &document["bandwidths"];
        let sold = allowed(listed, refused);
        if listed.is_array() && !sold.is_empty() {
            checkup.wrong(
                &format!("caller {name}"),
                format!("may order {}, which {parent} refuses", sold.join(", ")),
                format!("`operator caller set {name} FILE` with bandwidths that leave them out, unless other parents sell them"),
            );
        }
    }
}

/// Those of `refused` that a list allows; without a list everything is allowed.
fn allowed<'r>(list: &Value, refused: &'r [String]) -> Vec<&'r str> {
    let is_allowed = |one: &&String| match list.as_array() {
        Some(list) => list.iter().any(|listed| listed == one.as_str()),
        None => true,
    };
    refused
        .iter()
        .filter(is_allowed)
        .map(String::as_str)
        .collect()
}

/// What no setting changes is said, and nothing is to be fixed.
fn does_not_hold(checkup: &mut Checkup, probe: &Probe) {
    let told_above = |assumption| {
        matches!(
            assumption,
            Assumption::AllocateVisible | Assumption::ListCurrent | Assumption::Bandwidths
        )
    };
    if probe.verdict != Verdict::DoesNotHold || probe.assumption().is_some_and(told_above) {
        return;
    }
    let why = "does not hold; docs/assumptions.md says which promise changes and what to do";
    checkup.skip(&format!("assumption {}", probe.id), why);
}
