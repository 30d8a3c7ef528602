//! What a person should do about an order.

use hosted_connection::{OrderStatus, ParentConnection};
use ledger::{HistoryEntry, Record, State};

use crate::Times;
use crate::look::Seen;
use crate::reason;
use crate::shown::{connection, id, leased_until_ms, text};
use crate::stuck::{is_releasing, newest_ms, stuck_for_ms};
use crate::words::{self, duration};

/// Track runs once a minute, unless the stack's TrackSchedule says otherwise; the alarms' patience is five.
const TRACK_IS_LATE_MS: u64 = 5 * 60_000;

/// What a person should do.
pub(super) fn by_a_person(record: &Record, times: Times, seen: &Seen) -> Vec<String> {
    let mut advice = match record.state {
        State::Quarantined => of_quarantined(record),
        State::Rejected if record.published => vec![
            "Nothing: the answer is final. The caller may place a new order, with a new key."
                .to_owned(),
        ],
        State::Calling
        | State::Unresolved
        | State::Waiting
        | State::Allocated
        | State::Rejected => of_unfinished(record, times),
    };
    match inspect::status(record) {
        OrderStatus::Allocated if record.lifecycle.gone_at_ms.is_none() => {
            advice.extend(of_living(record, times, seen));
        }
        OrderStatus::Allocated
        | OrderStatus::Releasing
        | OrderStatus::Released
        | OrderStatus::Rejected
        | OrderStatus::InProgress
        | OrderStatus::Unresolved
        | OrderStatus::Waiting
        | OrderStatus::Quarantined => {}
    }
    if let Seen::LookAlike { parent, id } = seen {
        advice.insert(0, of_look_alike(record, parent, id));
    }
    if let Seen::Failed(error) = seen {
        advice.push(format!(
            "What Direct Connect shows now is not known: {error}. Run `operator doctor`."
        ));
    }
    advice
}

/// The order goes on when no other parent shows the connection any more.
fn of_look_alike(record: &Record, parent: &ParentConnection, id: &str) -> String {
    let (own, key) = (words::parent(&record.request), &record.key);
    format!(
        "{parent} shows {id}, which is as this order asked for and no other order's: only a person can tell whether it was \
         made by this order's call and moved. If it is to be kept for this order, move it back: `aws directconnect \
         associate-hosted-connection --connection-id {id} --parent-connection-id {own}`; the next run of track then adopts it. If \
         nobody needs it, delete it: `aws directconnect delete-connection --connection-id {id}`; after that, track makes the \
         call again, or `operator resolve {key} --reject REASON` ends the order. `operator reconcile {own} --finish` retries \
         it now."
    )
}

fn of_unfinished(record: &Record, times: Times) -> Vec<String> {
    if !record.is_unfinished() {
        return Vec::new();
    }
    let reason = reason::recorded(record);
    let late_ms = late_ms(record, times);
    let is_stuck = stuck_for_ms(record, times.now_ms, times.stuck_after_ms).is_some();
    let is_denied = reason.is_some_and(reason::needs_a_person);
    let mut advice = Vec::new();
    // Old orders are tried ever more rarely.
    let between_tries_ms = times.now_ms.saturating_sub(record.claimed_at_ms) / 8;
    if late_ms >= TRACK_IS_LATE_MS + between_tries_ms {
        advice.push(format!(
            "No attempt was made for {}, although track makes one once a minute: check that track runs \
             (infra/runbook/track-not-running.md, infra/runbook/track-failing.md).",
            duration(late_ms)
        ));
    }
    if let Some(reason) = reason.filter(|_| is_denied || is_stuck) {
        advice.push(format!("{reason}: {}.", reason::remedy(reason)));
    }
    if is_stuck || late_ms >= TRACK_IS_LATE_MS {
        advice.push(way_out(record));
    }
    advice
}

/// For how long nobody has taken up an order that anybody may. Trying to publish or to delete leaves no trace in the record.
fn late_ms(record: &Record, times: Times) -> u64 {
    match record.state {
        State::Calling | State::Unresolved | State::Waiting => {
            let free_since_ms = leased_until_ms(record).unwrap_or(newest_ms(record));
            times.now_ms.saturating_sub(free_since_ms)
        }
        State::Allocated | State::Rejected | State::Quarantined => 0,
    }
}

fn way_out(record: &Record) -> String {
    let parent = words::parent(&record.request);
    match record.state {
        State::Calling | State::Unresolved | State::Quarantined | State::Waiting => format!(
            "`operator reconcile {parent} --finish` retries the unfinished orders of the parent now \
             (infra/runbook/stuck-allocations.md). If the order can never succeed, `operator resolve {} --reject REASON` ends \
             it.",
            record.key
        ),
        State::Allocated | State::Rejected if is_releasing(record) => format!(
            "Direct Connect has not deleted {} yet. `aws directconnect describe-hosted-connections --connection-id {parent}` \
             shows its state. A virtual interface may be in the way; its owner has to delete it \
             (infra/runbook/stuck-allocations.md).",
            id(connection(record))
        ),
        State::Allocated | State::Rejected => {
            "Its event cannot be published: run `operator doctor`, and see infra/runbook/publish-failures.md.".to_owned()
        }
    }
}

fn of_living(record: &Record, times: Times, seen: &Seen) -> Vec<String> {
    let id = id(connection(record));
    let key = &record.key;
    let mut advice = Vec::new();
    if let Some(why) = refused_release(record) {
        advice.push(format!(
            "The release was refused: {why}. Remove the cause (a virtual interface: its owner has to delete it), then request \
             the release again: `operator release {key}`."
        ));
    }
    if let Seen::Nowhere { is_new: true } = seen {
        advice.push(format!(
            "{id} is new, and may be missing from Direct Connect's lists for a minute. Run `operator explain {key}` again then: \
             if Direct Connect still does not show it, it was deleted."
        ));
        return advice;
    }
    if let Seen::Nowhere { is_new: false } = seen {
        advice.push(format!(
            "{id} was deleted outside of this system, most likely by the customer. Ask them. `operator release {key}` records \
             that it is gone and frees VLAN{}.",
            crate::shown::vlan(record)
        ));
        return advice;
    }
    let age_ms = times.now_ms.saturating_sub(record.occurred_at.as_ms());
    if seen.state(record) == "ordering" && age_ms >= times.reminder_after_ms {
        advice.push(format!(
            "Ask the owner, account {}, to accept {id} in their Direct Connect console: it has been waiting for {}. If the owner \
             does not want it, `operator release {key}` deletes it.",
            record.request.owner_account.as_str(),
            duration(age_ms)
        ));
    }
    advice
}

/// Why the latest release was refused, if nothing was asked for since.
fn refused_release(record: &Record) -> Option<&str> {
    let mut steps = record.lifecycle.history.iter().rev();
    let latest: &HistoryEntry = steps.find(|entry| entry.what.starts_with("release"))?;
    let why = latest
        .detail
        .as_deref()
        .unwrap_or("Direct Connect gave no reason");
    (latest.what == "release refused").then_some(why)
}

fn of_quarantined(record: &Record) -> Vec<String> {
    let (parent, key) = (words::parent(&record.request), &record.key);
    let mut advice = Vec::new();
    if let Some(instead) = &record.instead {
        let id = id(Some(instead));
        advice.push(format!(
            "Compare the order with the answer. {}.",
            differences(record, instead).join("; ")
        ));
        advice.push(format!(
            "Check what exists: run `aws directconnect describe-hosted-connections --connection-id {parent}` and look for {id}."
        ));
        advice.push(format!(
            "If the customer takes {id} as it is, or if only the answer was wrong: `operator resolve {key} --adopt {id}`. If not, \
             tell its owner, delete it if nobody uses it (`aws directconnect delete-connection --connection-id {id}`), and run \
             `operator resolve {key} --reject REASON`; the customer orders again with another key."
        ));
    }
    advice.push(
        "Either ends the quarantine and is published (infra/runbook/quarantined-allocations.md)."
            .to_owned(),
    );
    advice.push("This should never happen: open a case with AWS.".to_owned());
    advice
}

fn differences(record: &Record, instead: &hosted_connection::Connection) -> Vec<String> {
    let request = &record.request;
    let asked_vlan = record
        .vlan
        .map_or("any".to_owned(), |vlan| vlan.get().to_string());
    let got_vlan = instead
        .vlan
        .map_or("none".to_owned(), |vlan| vlan.to_string());
    let compared = [
        ("VLAN", asked_vlan.as_str(), got_vlan.as_str()),
        (
            "bandwidth",
            request.bandwidth.as_str(),
            text(instead.bandwidth.as_ref()),
        ),
        (
            "owner account",
            request.owner_account.as_str(),
            text(instead.owner_account.as_ref()),
        ),
    ];
    let differing = compared.into_iter().filter(|(_, asked, got)| asked != got);
    differing
        .map(|(what, asked, got)| format!("{what}: requested {asked}, answered {got}"))
        .collect()
}
