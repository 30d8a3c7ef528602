//! One order: its story as a timeline, the calls on AWS, its events, what happens next, and the record itself.

use hosted_connection::{IdempotencyKey, OrderStatus, Outcome, ParentConnection};
use ledger::Record;
use maud::{Markup, html};
use story::words::moment;
use story::{Seen, Story, Times, shown};

use crate::home::Home;
use crate::snapshot::{Snapshot, Told};
use crate::steps;
use crate::texts::{encoded, foreign, place_link, status};

/// An order, looked at.
pub(crate) struct Looked {
    pub(crate) record: Record,
    story: Story,
}

/// Looks an order up; none where there is none.
///
/// # Errors
/// The table cannot be read.
pub(crate) async fn look(
    home: &Home,
    key: &IdempotencyKey,
) -> Result<Option<Looked>, aws::failure::CallError> {
    let Some(record) = home.aws.ledger.record(key).await? else {
        return Ok(None);
    };
    let (rules, tracking) = (&home.config.rules, home.config.tracking);
    let seen = Seen::of(&home.aws, rules, &record).await;
    let times = Times::of(home.now_ms(), rules, tracking);
    let story = Story::of(&record, times, seen);
    Ok(Some(Looked { record, story }))
}

/// All of it.
pub(crate) fn told(home: &Home, snapshot: &Snapshot, looked: &Looked) -> Markup {
    let Looked { record, story } = looked;
    let key = record.key.as_str();
    let of_order = |told: &&Told| told.key.as_deref() == Some(key);
    let events: Vec<_> = snapshot.events.iter().filter(of_order).collect();
    html! {
        p class="headline" { (status(inspect::status(record).as_str())) " " (foreign(&story.headline)) }
        (facts(record))
        section aria-labelledby="past" {
            h2 id="past" { "What happened" }
            ol class="timeline" { @for line in &story.past { li {
                @if let Some(at_ms) = line.at_ms { time { (moment(at_ms)) } " " }
                (foreign(&line.text))
            } } }
        }
        section aria-labelledby="next" {
            h2 id="next" { "What happens next" }
            (list(&story.next))
            @if !story.advice.is_empty() { h3 { "What you should do" } (list(&story.advice)) }
        }
        @if let Some(bench) = &home.bench {
            section aria-labelledby="calls" {
                h2 id="calls" { "The calls on AWS" }
                (steps::count(bench, record))
                (steps::log(&steps::of_key(bench, key)))
            }
        }
        section aria-labelledby="events" {
            h2 id="events" { "Its events" }
            @if events.is_empty() { p class="none" { "None is published yet." } }
            @for told in events { (event(told)) }
        }
        section aria-labelledby="record" {
            h2 id="record" { "The record" }
            details { summary { "As JSON" } pre tabindex="0" { (foreign(&record_json(record))) } }
        }
    }
}

/// One event.
pub(crate) fn event(told: &Told) -> Markup {
    html! {
        details class="event" data-key={ (told.at_ms) " " (told.detail_type) " " (told.key.as_deref().unwrap_or_default()) } {
            summary {
                time { (moment(told.at_ms)) } " " b { (told.detail_type) }
                @if let Some(key) = &told.key { " " (foreign(key)) }
                @if let Some(id) = &told.connection_id { " " span class="id" { (foreign(id)) } }
                @if !told.is_published { " " span class="status open" { "… not published yet" } }
            }
            @if let Some(detail) = &told.detail { pre tabindex="0" { (foreign(detail)) } }
            @else { p { "An event bus cannot be read. The order's record says that the event was published; the audit log of the stack has it." } }
        }
    }
}

fn list(lines: &[String]) -> Markup {
    html! {
        @if lines.is_empty() { p class="none" { "Nothing." } }
        @else { ul { @for line in lines { li { (foreign(line)) } } } }
    }
}

fn facts(record: &Record) -> Markup {
    let request = &record.request;
    let connection = shown::connection(record);
    html! {
        dl class="facts" {
            dt { "Parent" } dd { (place_link(record)) }
            @if let Some(placement) = request.placement() { dt { "Chosen for" } dd { (foreign(&placement.to_string())) } }
            dt { "VLAN" } dd { @match record.vlan { Some(vlan) => { (vlan.get()) } None => { "none" } } }
            dt { "Bandwidth" } dd { (request.bandwidth.as_str()) }
            dt { "Owner" } dd { (request.owner_account.as_str()) }
            dt { "Name" } dd class="name" { (foreign(request.connection_name.as_str())) }
            @for tag in request.tags.iter() { dt { "Tag " (foreign(&tag.key)) } dd { (foreign(tag.value.as_deref().unwrap_or_default())) } }
            dt { "Received through" } dd { (foreign(&shown::door(&record.origin))) }
            dt { "Attempts" } dd { (record.attempts) }
            @if let Some(connection) = connection {
                dt { "Connection" } dd { span class="id" { (foreign(shown::id(Some(connection)))) } " " (foreign(shown::state(Some(connection)))) }
            }
            @if let Some(Outcome::Rejected(rejection)) = &record.outcome {
                dt { "Rejected" } dd { (rejection.code.as_str()) ": " (foreign(&rejection.message)) }
            }
        }
    }
}

/// What can be done to it from here.
pub(crate) fn choices(home: &Home, snapshot: &Snapshot, looked: &Looked) -> Markup {
    let record = &looked.record;
    if !home.actions {
        return html! {};
    }
    let key = record.key.as_str();
    let is_allocated = record.connection().is_some() && record.lifecycle.gone_at_ms.is_none();
    let can_release = is_allocated && record.lifecycle.release.is_none();
    let status = inspect::status(record);
    let is_quarantined = status == OrderStatus::Quarantined;
    let is_open = [OrderStatus::Unresolved, OrderStatus::Waiting].contains(&status);
    let here = record.lease_parent.as_ref().map(ParentConnection::as_str);
    html! {
        @if can_release {
            form class="filter" method="get" action="/console/confirm" {
                input type="hidden" name="do" value="move"; input type="hidden" name="key" value=(key);
                a class="button" href={ "/console/confirm?do=release&key=" (encoded(key)) } { "Release…" }
                label { "Move to " select name="parent" {
                    @for id in snapshot.parents.keys().filter(|id| Some(id.as_str()) != here) { option value=(id) { (id) } }
                } }
                button { "Move…" }
            }
        }
        @if is_quarantined {
            form class="filter" method="get" action="/console/confirm" {
                input type="hidden" name="do" value="take"; input type="hidden" name="key" value=(key);
                label { "Its connection is " input name="id" required pattern="dxcon-[a-z0-9]+" placeholder="dxcon-…" spellcheck="false"; }
                button { "End the quarantine…" }
            }
        }
        @if is_quarantined || is_open {
            form class="filter" method="get" action="/console/confirm" {
                input type="hidden" name="do" value="reject"; input type="hidden" name="key" value=(key);
                label { "Reason " input name="reason" required maxlength="500"; }
                button { "Reject the order…" }
            }
        }
    }
}

fn record_json(record: &Record) -> String {
    match serde_json::to_value(shown::Shown::whole(record)) {
        Ok(value) => format!("{value:#}"),
        Err(error) => format!("The record cannot be written as JSON: {error}"),
    }
}
