//! Where an order stands, what happens next by itself and when, and what a person should do.

use hosted_connection::{Connection, OrderStatus};
use ledger::{Record, State};

use super::Times;
use crate::command::shown::{connection, leased_until_ms, text};
use crate::command::words::{away, duration, moment};

/// Track runs once a minute, unless the stack's TrackSchedule says otherwise; the alarms' patience is five.
const TRACK_IS_LATE_MS: u64 = 5 * 60_000;

/// Where it stands, in one sentence.
pub(super) fn headline(record: &Record, times: Times) -> String {
    let stands = match inspect::status(record) {
        OrderStatus::InProgress if is_leased(record, times) => {
            "somebody is at it right now".to_owned()
        }
        OrderStatus::InProgress => {
            "nobody is at it any more; what came of its call is not known".to_owned()
        }
        OrderStatus::Unresolved if is_leased(record, times) => {
            "somebody is looking what came of its call".to_owned()
        }
        OrderStatus::Unresolved => "what came of its call is not known yet".to_owned(),
        OrderStatus::Waiting => "certainly not applied yet; it waits for another try".to_owned(),
        OrderStatus::Quarantined => "set aside; a person has to look".to_owned(),
        OrderStatus::Rejected => "rejected, for good".to_owned(),
        OrderStatus::Allocated => {
            let shown = connection(record);
            let (id, state) = (id(shown), state(shown));
            match record.lifecycle.gone_at_ms {
                None => format!("allocated; {id} was {state} when last seen"),
                Some(_) => format!("allocated once; {id} is no more ({state})"),
            }
        }
        OrderStatus::Releasing => format!(
            "being released; {} was {} when last seen",
            id(connection(record)),
            state(connection(record))
        ),
        OrderStatus::Released => format!("released; {} is gone", id(connection(record))),
    };
    match stuck_for_ms(record, times) {
        Some(age_ms) => format!("stuck for {}: {stands}", duration(age_ms)),
        None => stands,
    }
}

/// What happens by itself.
pub(super) fn by_itself(record: &Record, times: Times) -> Vec<String> {
    let mut next = Vec::new();
    match record.state {
        State::Calling | State::Unresolved | State::Waiting => next.extend(of_open(record, times)),
        State::Quarantined => {
            next.push("Nothing, whatever comes: no call is made for this key again, and every delivery of it is handed back.".to_owned());
            next.push(format!("Its VLAN{} stays taken.", vlan(record)));
        }
        State::Allocated | State::Rejected if !record.published => next.push(
            "Its event is owed: the next delivery of the order publishes it, or the next run of track, once a minute.".to_owned(),
        ),
        State::Allocated | State::Rejected => {}
    }
    let owed = &record.lifecycle.owed;
    if !owed.is_empty() {
        let names: Vec<_> = owed
            .iter()
            .map(|event| format!("`{}`", event.detail_type.as_str()))
            .collect();
        next.push(format!(
            "The next run of track publishes what is owed, in this order: {}.",
            names.join(", ")
        ));
    }
    match inspect::status(record) {
        OrderStatus::Releasing => next.push(
            "Every run of track asks Direct Connect to delete the connection and looks; once it is gone, the VLAN is free and \
             `Hosted Connection Released` goes out."
                .to_owned(),
        ),
        OrderStatus::Allocated if record.lifecycle.gone_at_ms.is_none() => next.extend(of_living(record, times)),
        OrderStatus::Allocated
        | OrderStatus::Released
        | OrderStatus::Rejected
        | OrderStatus::InProgress
        | OrderStatus::Unresolved
        | OrderStatus::Waiting
        | OrderStatus::Quarantined => {}
    }
    if let Some(at) = record.expires_at() {
        next.push(format!(
            "Until {} a repeated order gets the same answer; after that its key counts as new.",
            moment(at.as_ms())
        ));
    } else if record.outcome.is_some() {
        next.push(
            "A repeated order with this key gets the same answer, and makes no call.".to_owned(),
        );
    }
    next
}

fn of_open(record: &Record, times: Times) -> Vec<String> {
    let now_ms = times.now_ms;
    let mut next = Vec::new();
    if let Some(until_ms) = leased_until_ms(record).filter(|until_ms| *until_ms > now_ms) {
        next.push(format!(
            "Whoever is at it has it until {} ({}); until then every other delivery is told InProgress.",
            moment(until_ms),
            away(until_ms, now_ms)
        ));
    }
    let taker = match next.is_empty() {
        true => "The next delivery, or the next run of track (once a minute), takes it up",
        false => {
            "If nothing is heard of them by then, the next delivery or run of track (once a minute) takes it up"
        }
    };
    next.push(match record.state {
        State::Waiting => format!("{taker}, and calls Direct Connect for VLAN{}.", vlan(record)),
        State::Calling
        | State::Unresolved
        | State::Allocated
        | State::Rejected
        | State::Quarantined => {
            let settled_ms = record.call_started_at_ms.saturating_add(times.settle_ms);
            let then = if settled_ms > now_ms {
                format!(
                    "not before {} ({}), when the settle time of {} is over, may it be called again",
                    moment(settled_ms),
                    away(settled_ms, now_ms),
                    duration(times.settle_ms)
                )
            } else {
                format!(
                    "the settle time of {} is over, so otherwise, and if no other parent shows what may be it, it is called again",
                    duration(times.settle_ms)
                )
            };
            format!(
                "{taker} and looks at all connections of {}. If one on VLAN{} is as was asked for, it is adopted; {then}, with \
                 the same VLAN.",
                record.request.connection_id,
                vlan(record)
            )
        }
    });
    next
}

fn of_living(record: &Record, times: Times) -> Vec<String> {
    let mut next =
        vec!["Track looks at it once a minute and publishes every change of its state.".to_owned()];
    let due_ms = record
        .occurred_at
        .as_ms()
        .saturating_add(times.reminder_after_ms);
    if state(connection(record)) == "ordering" {
        next.push("Its owner has to confirm or decline it, in their own account.".to_owned());
        if !record.lifecycle.reminded {
            next.push(format!(
                "If they do neither, a reminder is published at about {} ({}).",
                moment(due_ms),
                away(due_ms, times.now_ms)
            ));
        }
    }
    next
}

/// What a person should do.
pub(super) fn by_a_person(record: &Record, times: Times) -> Vec<String> {
    match record.state {
        State::Quarantined => of_quarantined(record),
        State::Rejected if record.published => vec![
            "Nothing here: the answer stays what it is. Whoever ordered may order anew, with a new key."
                .to_owned(),
        ],
        State::Calling | State::Unresolved | State::Waiting => of_late(record, times),
        State::Allocated | State::Rejected => of_late(record, times),
    }
}

fn of_late(record: &Record, times: Times) -> Vec<String> {
    if !record.is_unfinished() {
        return Vec::new();
    }
    let parent = &record.request.connection_id;
    let late_ms = match record.state {
        State::Calling | State::Unresolved | State::Waiting => {
            let free_since_ms = leased_until_ms(record).unwrap_or(newest_ms(record));
            times.now_ms.saturating_sub(free_since_ms)
        }
        // Trying to publish or to delete leaves no trace in the record.
        State::Allocated | State::Rejected | State::Quarantined => 0,
    };
    if stuck_for_ms(record, times).is_none() && late_ms < TRACK_IS_LATE_MS {
        return Vec::new();
    }
    let mut advice = Vec::new();
    // Old orders are tried ever more rarely.
    let between_tries_ms = times.now_ms.saturating_sub(record.claimed_at_ms) / 8;
    if late_ms >= TRACK_IS_LATE_MS + between_tries_ms {
        advice.push(format!(
            "Nobody has touched it for {}, and track should have: see that it runs (infra/runbook/track-not-running.md, \
             infra/runbook/track-failing.md).",
            duration(late_ms)
        ));
    }
    advice.push(match record.state {
        State::Waiting => format!(
            "AWS keeps turning the call down, last with: {}. Run `operator doctor`, and look for {} in the logs of allocate and \
             track (infra/runbook/stuck-allocations.md). Can it never succeed, `operator resolve {} --reject REASON` ends it.",
            record.waits_for.as_deref().unwrap_or("no reason recorded"),
            record.key,
            record.key
        ),
        State::Calling | State::Unresolved | State::Quarantined => format!(
            "`operator reconcile {parent}` shows what is on the parent; with --finish it takes up what is unfinished there, now \
             (infra/runbook/stuck-allocations.md). Can it never end, `operator resolve {} --reject REASON` ends it.",
            record.key
        ),
        State::Allocated | State::Rejected if is_releasing(record) => format!(
            "Direct Connect has not let go of {}: `aws directconnect describe-hosted-connections --connection-id {parent}` shows \
             its state; a virtual interface of its owner's may be in the way (infra/runbook/stuck-allocations.md).",
            id(connection(record))
        ),
        State::Allocated | State::Rejected => {
            "Its event does not get out: run `operator doctor`, and see infra/runbook/publish-failures.md.".to_owned()
        }
    });
    advice
}

fn of_quarantined(record: &Record) -> Vec<String> {
    let request = &record.request;
    let parent = &request.connection_id;
    let mut advice = Vec::new();
    if let Some(instead) = &record.instead {
        let asked_vlan = record
            .vlan
            .map_or("any".to_owned(), |vlan| vlan.get().to_string());
        let got_vlan = instead
            .vlan
            .map_or("none".to_owned(), |vlan| vlan.to_string());
        let differences: Vec<_> = [
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
        ]
        .into_iter()
        .filter(|(_, asked, got)| asked != got)
        .map(|(what, asked, got)| format!("{what}: asked for {asked}, answered {got}"))
        .collect();
        advice.push(format!("Compare. {}.", differences.join("; ")));
        advice.push(format!(
            "See what is really there: `aws directconnect describe-hosted-connections --connection-id {parent}`, and look for {}.",
            id(Some(instead))
        ));
        advice.push(format!(
            "If it is of no use to its owner, tell them and delete it: `aws directconnect delete-connection --connection-id {}`. \
             If it is, it can stay; but ask AWS before the order goes on, which would make a second one where the VLANs differ.",
            id(Some(instead))
        ));
    }
    advice.push("When Direct Connect shows what shall be, end the quarantine: the order then looks at the parent and is finished (infra/runbook/quarantined-allocations.md).".to_owned());
    advice.push("It should never happen: open a case with AWS.".to_owned());
    advice
}

/// For how long it has been stuck, if it counts as that.
fn stuck_for_ms(record: &Record, times: Times) -> Option<u64> {
    if !record.is_unfinished() || record.state == State::Quarantined {
        return None;
    }
    let since_ms = match (&record.lifecycle.release, record.published) {
        (Some(release), true) => release.requested_at_ms,
        (None, true) => newest_ms(record),
        (_, false) => record.claimed_at_ms,
    };
    let age_ms = times.now_ms.saturating_sub(since_ms);
    (age_ms >= times.stuck_after_ms).then_some(age_ms)
}

/// When anything last happened to it.
fn newest_ms(record: &Record) -> u64 {
    let entries = record.history.iter().chain(&record.lifecycle.history);
    let newest = entries.map(|entry| entry.at_ms).max();
    newest.unwrap_or(record.claimed_at_ms)
}

fn is_leased(record: &Record, times: Times) -> bool {
    leased_until_ms(record).is_some_and(|until_ms| until_ms > times.now_ms)
}

fn is_releasing(record: &Record) -> bool {
    match inspect::status(record) {
        OrderStatus::Releasing => true,
        OrderStatus::InProgress
        | OrderStatus::Unresolved
        | OrderStatus::Waiting
        | OrderStatus::Allocated
        | OrderStatus::Rejected
        | OrderStatus::Quarantined
        | OrderStatus::Released => false,
    }
}

fn vlan(record: &Record) -> String {
    record
        .vlan
        .map_or_else(String::new, |vlan| format!(" {}", vlan.get()))
}

fn id(connection: Option<&Connection>) -> &str {
    text(connection.and_then(|connection| connection.connection_id.as_ref()))
}

fn state(connection: Option<&Connection>) -> &str {
    text(connection.and_then(|connection| connection.connection_state.as_ref()))
}
