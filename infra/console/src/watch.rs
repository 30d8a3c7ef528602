//! The order that somebody watches beside the local cloud: its steps, its connections, and what is broken.

use maud::{Markup, html};
use story::{Seen, Story, Times};

use crate::about::About;
use crate::breaking;
use crate::home::Home;
use crate::snapshot::Snapshot;
use crate::steps;
use crate::texts::{encoded, foreign, order_link, status};

/// The watched order: its steps, its connections, and what is broken.
pub(crate) fn watched(home: &Home, snapshot: &Snapshot, about: &About) -> Markup {
    let Some(bench) = &home.bench else {
        return html! {};
    };
    let faults = bench.cloud.pending_faults();
    let newest = &snapshot.newest;
    let meant = about.watch.as_deref();
    let record = match meant {
        Some(key) => newest.iter().find(|record| record.key.as_str() == key),
        None => newest.first(),
    };
    let key = meant.or_else(|| record.map(|record| record.key.as_str()));
    html! {
        p class="armed" { @if faults.is_empty() { "Nothing is broken." } @else {
            "Broken: " @for (at, fault) in faults.iter().enumerate() { @if at > 0 { "; " } span title=(fault.to_string()) { (breaking::armed(fault)) } } "."
        } }
        @match key {
            None => { p class="none" { "No order yet. Place one, and see its steps here." } }
            Some(key) => {
                @let taken = steps::of_key(bench, key);
                p { "Order " (order_link(key)) " "
                    @match record {
                        Some(record) => { (status(inspect::status(record).as_str())) " " small { (foreign(story::shown::state(story::shown::connection(record)))) } }
                        None => { "is not recorded: it is still on its way, it was invalid, or this was a dry run." }
                    } }
                (steps::lights(&taken))
                @if let Some(record) = record { (steps::count(bench, record)) (decide(record)) (next(home, snapshot, record)) }
                (steps::log(&taken))
            }
        }
    }
}

/// What happens to an order that has no outcome yet, and when: whoever has killed a function waits for that.
fn next(home: &Home, snapshot: &Snapshot, record: &ledger::Record) -> Markup {
    if record.outcome.is_some() {
        return html! {};
    }
    let times = Times::of(snapshot.at_ms, &home.config.rules, home.config.tracking);
    let story = Story::of(record, times, Seen::NotLooked);
    html! { ul class="next" { @for line in &story.next { li { (foreign(line)) } } } }
}

/// The customer's decision. Its form has no token of its own: the page gives it that of the page's other forms.
fn decide(record: &ledger::Record) -> Markup {
    let connection = story::shown::connection(record);
    let id = story::shown::id(connection);
    html! {
        @if record.connection().is_some() && record.lifecycle.gone_at_ms.is_none() && !id.is_empty() {
            p { "The customer of " span class="id" { (foreign(id)) } ": " a href={ "/console/customer?id=" (encoded(id)) "&watch=" (encoded(record.key.as_str())) } { "confirms or declines…" } }
        }
    }
}
