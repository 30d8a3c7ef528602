//! Why a connection is not moved, in words for the person who asked.

use aws::direct_connect::{Parents, Readiness};
use hosted_connection::{Connection, ParentConnection};
use ledger::{Lease, PolicyState, Record, State};

/// What the order's record has against it.
pub(super) fn of_record(record: &Record) -> Option<String> {
    match record.state {
        State::Allocated => {}
        State::Calling | State::Unresolved | State::Waiting => {
            return Some("the order has no connection yet: it is not finished".into());
        }
        State::Rejected => return Some("the order was rejected; there is no connection".into()),
        State::Quarantined => {
            return Some("the order is quarantined; end that first with `operator resolve`".into());
        }
    }
    if !record.published {
        let why = "its allocation is not published yet: the next run of track publishes it; then run this again";
        return Some(why.into());
    }
    if record.lifecycle.gone_at_ms.is_some() {
        return Some("its connection is gone".into());
    }
    if record.lifecycle.release.is_some() {
        return Some("its connection is being released".into());
    }
    None
}

/// What the parent itself has against it.
pub(super) fn of_target(parents: &Parents, to: &ParentConnection) -> Option<String> {
    if !parents.ids().any(|id| id == to) || parents.readiness(to) == Readiness::Gone {
        return Some(format!(
            "Direct Connect shows no interconnect or LAG {to} in this account and region"
        ));
    }
    if let Some(lag) = parents.lag_of(to) {
        return Some(format!(
            "{to} is a member of {lag}, whose VLANs it shares: give --to {lag}"
        ));
    }
    (!parents.shows_its_own(to)).then(|| format!("{to} takes no hosted connections"))
}

/// Who has the VLAN there.
pub(super) fn of_lease(lease: &Lease, to: &ParentConnection) -> String {
    let vlan = lease.vlan;
    match (&lease.holder, &lease.connection) {
        (Some(key), _) => format!("VLAN {vlan} on {to} is leased to order {key}"),
        (None, Some(note)) => format!(
            "VLAN {vlan} on {to} is kept for {}, which no order made",
            note.connection_id
        ),
        (None, None) => format!("VLAN {vlan} on {to} is taken"),
    }
}

/// What is shown on the VLAN there.
pub(super) fn of_connection(other: &Connection, record: &Record, to: &ParentConnection) -> String {
    let vlan = record.vlan.map(|vlan| vlan.to_string()).unwrap_or_default();
    let other = other.connection_id.as_deref().unwrap_or("a connection");
    format!("VLAN {vlan} on {to} is in use by {other}")
}

/// What its policy does not allow.
pub(super) fn of_policy(policy: &PolicyState, record: &Record, to: &ParentConnection) -> String {
    let mut request = record.request.clone();
    request.vlan = record.vlan;
    request.bandwidth = record.bandwidth();
    let violations = policy.policy.violations(&request);
    if let Some(first) = violations.first() {
        let field = first.field.trim_start_matches('/');
        return format!(
            "the policy of {to} does not allow it: {field} {}",
            first.message
        );
    }
    format!(
        "{} Mbps do not fit on {to}: {} Mbps are free. What was moved by hand would count even beyond the limit; to move it here, \
         raise the limit with `operator policy set`",
        record.bandwidth().mbps(),
        policy.free_mbps.unwrap_or_default()
    )
}
