//! What it means for the promises that an assumption about AWS does not hold, and what to set then.

use std::io::{self, Write};

use assumptions::{Assumption, Report, Verdict};
use serde_json::{Value, json};
use terminal::{BOLD, DIM};

use super::Under;
use crate::command::{profile::Profile, tables};

/// Which promise changes where the assumption does not hold.
fn changes(assumption: Assumption) -> &'static str {
    match assumption {
        Assumption::AllocateVisible => {
            "after a lost answer the connection is found only once it is shown: until then only the settle time, or a VLAN that is refused, prevents a second one; a refusal that follows a lost answer may be wrong"
        }
        Assumption::DuplicateVlanRefused => {
            "a call that lands after the settle time makes a second connection: only the settle time protects"
        }
        Assumption::RefusalCode => {
            "an order whose VLAN is in use is answered OutcomeUnknown until the settle time is over, and rejected then"
        }
        Assumption::RefusalFinal => {
            "an order can be rejected although it has a connection; the connection appears as an orphan"
        }
        Assumption::TransitionPasses => {
            "an order on a parent in transition waits until somebody ends it"
        }
        Assumption::VlanFreeAfterDelete => {
            "the next order on a VLAN that was released is refused for a while; no promise is broken"
        }
        Assumption::OrderingDeletable => {
            "a release of a connection that nobody has confirmed is refused after the settle time"
        }
        Assumption::PendingDeletable => "a release waits until the connection is set up",
        Assumption::DeletedListed => "none: a look at all parents gives the same result",
        Assumption::PagesComplete => "none: absence needs a second look",
        Assumption::ListCurrent => {
            "a release, and a change of state, is published later; a list that is older than the settle time hides a connection as allocate-visible does"
        }
        Assumption::ParentById => {
            "a look at what is no parent fails instead of finding nothing; the order is tried again"
        }
        Assumption::TagsHidden => "none: adoption does not compare tags",
        Assumption::NameLimits => {
            "an order with such a name is rejected by Direct Connect, not by validation"
        }
        Assumption::Bandwidths => "an order of such a bandwidth is rejected by Direct Connect",
        Assumption::LagMembers => "none: the LAG and its members are all read",
        Assumption::ThrottleCode => {
            "a throttled call can have made a connection: its order is called again, and refused, or makes a second one"
        }
        Assumption::ArnAccount => "a role that names the other account may not delete",
        Assumption::AssociateIdempotent => "a move that is repeated is refused although it is done",
        Assumption::DynamodbAllOld => {
            "an order that meets its own record is delivered again, and never answered at once"
        }
        Assumption::PuteventsPartial => "none: all entries are published again",
    }
}

/// What to set then.
fn to_set(assumption: Assumption, report: &Report) -> String {
    let settle = || match report.recommended.settle_seconds {
        Some(seconds) => format!("set SETTLE_SECONDS to {seconds} or more"),
        None => {
            "set SETTLE_SECONDS above the longest delay; local prove --visibility shows by how much"
                .to_owned()
        }
    };
    match assumption {
        Assumption::AllocateVisible | Assumption::ListCurrent => settle(),
        Assumption::DuplicateVlanRefused => "set SETTLE_SECONDS generously: 60 or more".to_owned(),
        Assumption::Bandwidths => "set the parent's policy: operator policy set".to_owned(),
        Assumption::ThrottleCode => "stop the stack, and tell us".to_owned(),
        Assumption::NameLimits => "tell the callers what the report says of names".to_owned(),
        Assumption::ArnAccount => "allow either account in the release function's role".to_owned(),
        Assumption::RefusalCode
        | Assumption::RefusalFinal
        | Assumption::TransitionPasses
        | Assumption::VlanFreeAfterDelete
        | Assumption::OrderingDeletable
        | Assumption::PendingDeletable
        | Assumption::DeletedListed
        | Assumption::PagesComplete
        | Assumption::ParentById
        | Assumption::TagsHidden
        | Assumption::LagMembers
        | Assumption::AssociateIdempotent
        | Assumption::DynamodbAllOld
        | Assumption::PuteventsPartial => "nothing to set".to_owned(),
    }
}

fn untrue(report: &Report) -> impl Iterator<Item = Assumption> {
    let untrue = report.probes.iter();
    let untrue = untrue.filter(|probe| probe.verdict == Verdict::DoesNotHold);
    untrue.filter_map(assumptions::Probe::assumption)
}

/// Assumptions that do not hold, as a document.
pub(super) fn document(report: &Report) -> Value {
    let untrue = untrue(report).map(|assumption| {
        json!({
            "id": assumption.id(),
            "changes": changes(assumption),
            "set": to_set(assumption, report),
        })
    });
    untrue.collect()
}

/// What was promised and held, or did not, and what to set.
///
/// # Errors
/// The output is closed.
pub(super) fn print(
    out: &mut dyn Write,
    profile: &Profile,
    kept: bool,
    under: &Under,
) -> io::Result<()> {
    let (file, settle) = (profile.path().display(), under.settle_seconds);
    writeln!(
        out,
        "\n{BOLD}Under {file}, with SETTLE_SECONDS={settle}{BOLD:#}"
    )?;
    if kept {
        let held = tables::colour("✓");
        writeln!(
            out,
            "  {held} One key gets one connection; every outcome is published; a replay gives the first\n    answer; VLAN leases are those of connections: all of it held."
        )?;
    } else {
        let broken = tables::colour("✗");
        writeln!(
            out,
            "  {broken} Not every promise held: see the stories above."
        )?;
    }
    if under.conditions.is_late() {
        writeln!(
            out,
            "  {DIM}Connections are shown late, so no story of several workers was played, none with a call that\n  lands more than 20 s late, and none in which a call is applied and then refused: that last one ends in a\n  rejection beside a connection, and no setting avoids it (docs/guarantees.md).{DIM:#}"
        )?;
    }
    for assumption in untrue(profile.report()) {
        writeln!(out, "  {BOLD}{assumption}{BOLD:#} does not hold")?;
        writeln!(out, "    what changes: {}", changes(assumption))?;
        writeln!(
            out,
            "    what to set:  {}",
            to_set(assumption, profile.report())
        )?;
    }
    if let Some(seconds) = profile.report().recommended.settle_seconds
        && seconds > under.settle_seconds
    {
        writeln!(
            out,
            "  The report recommends SETTLE_SECONDS={seconds}; play with it: --settle-seconds {seconds}"
        )?;
    }
    Ok(())
}
