//! Which switch is set to what, by what was seen.

use assumptions::{Assumption, Seen, Shown, Times, Verdict};
use local_cloud::Switch;
use serde_json::Value;

use crate::command::behaviour::Setting;

/// Members that depend on more than AWS's habits: on the parent, or on what was asked for.
const NO_HABIT: [&str; 2] = ["lagId", "tags"];

/// The settings with which the local cloud shows what was seen of this assumption.
pub(super) fn settings(
    assumption: Assumption,
    verdict: Verdict,
    seen: &Seen,
    parent: &str,
) -> Vec<Setting> {
    let holds = verdict == Verdict::Holds;
    let set = |switch, value: Option<String>| value.map(|value| Setting { switch, value });
    let flag = |switch, on: bool| set(switch, Some(on_or_off(on)));
    let settings = match assumption {
        Assumption::AllocateVisible => vec![
            set("visible-after-ms", seen.times.as_ref().map(longest)),
            set("allocate-leaves-out", left_out(seen)),
        ],
        Assumption::DuplicateVlanRefused => vec![flag("no-vlan-uniqueness", !holds)],
        Assumption::RefusalCode => vec![set("duplicate-vlan-error", error(seen))],
        Assumption::VlanFreeAfterDelete => vec![set("vlan-free-after-ms", freed(holds, seen))],
        Assumption::OrderingDeletable => vec![
            flag("ordering-not-deletable", !holds),
            set(
                "delete-ms",
                seen.times.as_ref().filter(|_| holds).map(longest),
            ),
        ],
        Assumption::PendingDeletable => vec![flag("pending-not-deletable", !holds)],
        Assumption::DeletedListed => {
            vec![flag("deleted-not-listed", !seen.listed.unwrap_or(holds))]
        }
        Assumption::PagesComplete => vec![flag("pages-by-position", !holds)],
        Assumption::ListCurrent => vec![set("stale-ms", seen.times.as_ref().map(longest))],
        Assumption::ParentById => {
            let empty = (!holds).then(|| "empty".to_owned());
            vec![set("unknown-parent-error", error(seen).or(empty))]
        }
        Assumption::TagsHidden => vec![
            flag("list-shows-tags", !holds),
            set("list-leaves-out", left_out(seen)),
        ],
        Assumption::Bandwidths => vec![set("bandwidths", sold(seen, parent))],
        Assumption::LagMembers => vec![
            set("lag-members-show", seen.shown_under_member.map(shown)),
            set("lag-members-sell", seen.member_sells.map(on_or_off)),
        ],
        // A refusal that changes nothing is as assumed.
        Assumption::AssociateIdempotent => {
            let is_refused = seen.status.is_some_and(|status| status != 200);
            vec![flag("associate-again-refused", is_refused || !holds)]
        }
        Assumption::ThrottleCode => vec![set("throttle-error", error(seen))],
        Assumption::DynamodbAllOld => vec![flag("refused-items-left-out", !holds)],
        Assumption::PuteventsPartial => vec![flag("put-events-whole", !holds)],
        Assumption::NameLimits => vec![
            set(
                "longest-name",
                seen.longest_name.map(|most| most.to_string()),
            ),
            set("name-refuses", seen.refused_characters.clone()),
        ],
        // The local cloud can be either by a fault, or nothing is seen.
        Assumption::RefusalFinal | Assumption::TransitionPasses | Assumption::ArnAccount => {
            Vec::new()
        }
    };
    settings.into_iter().flatten().collect()
}

fn on_or_off(on: bool) -> String {
    String::from(if on { "on" } else { "off" })
}

/// The longest time that was seen, or that was waited in vain.
fn longest(times: &Times) -> String {
    let waited = times.longer_than_ms.unwrap_or_default();
    times.max_ms.max(waited).to_string()
}

/// What was waited for in vain may never come.
fn freed(holds: bool, seen: &Seen) -> Option<String> {
    match &seen.times {
        Some(times) if times.longer_than_ms.is_none() => Some(longest(times)),
        Some(_) => Some("never".to_owned()),
        None => (!holds).then(|| "never".to_owned()),
    }
}

fn error(seen: &Seen) -> Option<String> {
    let code = seen.code.as_ref()?;
    Some(format!("{},{code}", seen.status.unwrap_or(400)))
}

fn shown(shown: Shown) -> String {
    let value = match shown {
        Shown::Connections => "the-lags",
        Shown::Nothing => "nothing",
        Shown::Refused => "refusal",
    };
    value.to_owned()
}

/// All but what was refused: not all of them were tried.
fn sold(seen: &Seen, parent: &str) -> Option<String> {
    if seen.refused.is_empty() {
        return None;
    }
    let known = Switch::BANDWIDTHS.iter().copied();
    let sold: Vec<_> = known
        .filter(|one| !seen.refused.iter().any(|refused| refused == one))
        .collect();
    Some(format!("{parent}={}", sold.join(",")))
}

/// Members that the local cloud would write and AWS did not.
fn left_out(seen: &Seen) -> Option<String> {
    let members = seen.members.as_ref().and_then(Value::as_object)?;
    let is_missing = |name: &&str| !members.contains_key(*name) && !NO_HABIT.contains(name);
    let missing: Vec<_> = Switch::MEMBERS.iter().copied().filter(is_missing).collect();
    Some(missing.join(","))
}
