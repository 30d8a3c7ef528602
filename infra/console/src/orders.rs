//! The table of orders: by state, by parent, by the beginning of a key, a page at a time.

use std::sync::Arc;

use hosted_connection::{OrderStatus, ParentConnection};
use ledger::{Position, Record};
use maud::{Markup, html};
use serde::Deserialize;
use story::words::away;

use crate::home::Home;
use crate::snapshot::{Records, Snapshot, shared};
use crate::texts::{encoded, foreign, order_link, place_link, status, words};

/// Orders on one page.
pub(crate) const PAGE: usize = 50;
/// The longest address of a page, in bytes.
const LONGEST_PLACE: usize = 4096;

/// What is asked for, as the address has it. Empty is the same as absent: a form sends every field.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Question {
    pub(crate) state: Option<String>,
    pub(crate) parent: Option<String>,
    pub(crate) key: Option<String>,
    /// Where the list of a parent goes on.
    pub(crate) after: Option<String>,
}

/// The same, understood.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) state: Option<OrderStatus>,
    pub(crate) parent: Option<ParentConnection>,
    /// What the key begins with.
    pub(crate) key: Option<String>,
    after: Option<Position>,
}

impl Question {
    /// Understands it.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(crate) fn read(&self) -> Result<Wanted, String> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let state = given(&self.state).map(|state| OrderStatus::parse(&state));
        let state = state.transpose();
        let state = state.map_err(|violation| format!("state {}", violation.message))?;
        let parent = given(&self.parent).map(|parent| ParentConnection::parse(&parent));
        let parent = parent.transpose();
        let parent = parent.map_err(|violation| format!("parent {}", violation.message))?;
        let after = match given(&self.after) {
            None => None,
            Some(text) if text.len() > LONGEST_PLACE => return Err("after is too long".to_owned()),
            Some(text) => {
                let place: Option<Position> = serde_json::from_str(&text).ok();
                let place = place.filter(|place| place.is_in_list_of(parent.as_ref()));
                Some(place.ok_or("after is no place in this list")?)
            }
        };
        Ok(Wanted {
            state,
            parent,
            key: given(&self.key).map(|key| key.trim().to_owned()),
            after,
        })
    }
}

/// A page of orders.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) records: Records,
    next: Option<Position>,
    /// Whether these are only the newest ones of each parent.
    is_newest_only: bool,
}

impl Wanted {
    fn keeps(&self, record: &Record) -> bool {
        let is_state = self
            .state
            .is_none_or(|state| state == inspect::status(record));
        let key = record.key.as_str();
        is_state
            && self
                .key
                .as_ref()
                .is_none_or(|prefix| key.starts_with(prefix.as_str()))
    }

    /// Where these orders are listed, from the newest on.
    fn address(&self) -> String {
        format!(
            "/console/orders?parent={}&state={}&key={}",
            encoded(self.parent.as_ref().map_or("", ParentConnection::as_str)),
            self.state.map_or("", OrderStatus::as_str),
            encoded(self.key.as_deref().unwrap_or_default()),
        )
    }

    /// Where an open page asks for the list again. One that begins further down stays as it is, and so does, at AWS, that of a
    /// parent: each look would be a query of its own, which reads on for as long as it finds nothing.
    pub(crate) fn again(&self, home: &Home) -> Option<String> {
        let is_known = self.parent.is_none() || home.bench.is_some();
        (is_known && self.after.is_none()).then(|| self.address())
    }

    /// The orders: of a parent, all of them, page by page; of all parents, the newest of each.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(crate) async fn list(
        &self,
        home: &Home,
        snapshot: &Snapshot,
    ) -> Result<Listed, aws::failure::CallError> {
        let Some(parent) = &self.parent else {
            return Ok(self.newest(snapshot));
        };
        let ledger = &home.aws.ledger;
        let after = self.after.clone();
        let page = ledger.page(Some(parent), after, PAGE, |record| self.keeps(record));
        let page = page.await?;
        Ok(Listed {
            records: shared(page.records),
            next: page.next,
            is_newest_only: false,
        })
    }

    /// Of what is known already.
    pub(crate) fn newest(&self, snapshot: &Snapshot) -> Listed {
        let kept = snapshot.newest.iter().filter(|record| self.keeps(record));
        let on_it = |record: &&Arc<Record>| {
            let parent = self.parent.as_ref();
            parent.is_none_or(|parent| record.lease_parent.as_ref() == Some(parent))
        };
        let kept = kept.filter(on_it).take(PAGE).cloned();
        Listed {
            records: Arc::new(kept.collect()),
            next: None,
            is_newest_only: true,
        }
    }
}

/// The form that asks.
pub(crate) fn form(wanted: &Wanted, snapshot: &Snapshot) -> Markup {
    let parent = wanted.parent.as_ref().map(ParentConnection::as_str);
    html! {
        form class="filter" method="get" action="/console/orders" role="search" {
            label { "State " select name="state" {
                option value="" { "any" }
                @for status in OrderStatus::ALL {
                    option value=(status.as_str()) selected[wanted.state == Some(status)] { (words(status.as_str())) }
                }
            } }
            label { "Parent " select name="parent" {
                option value="" { "all (newest)" }
                @for id in snapshot.parents.keys() { option value=(id) selected[parent == Some(id)] { (id) } }
            } }
            label { "Key begins with " input name="key" type="search" maxlength="255" autocomplete="off" spellcheck="false" value=[wanted.key.as_deref()]; }
            button { "Show" }
        }
    }
}

/// The table.
pub(crate) fn table(listed: &Listed, wanted: &Wanted, now_ms: u64) -> Markup {
    html! {
        @if listed.records.is_empty() {
            p class="none" { "No such order" @if listed.is_newest_only { " among the newest of each parent" } @if listed.next.is_some() { " on this page" } "." }
        } @else { div class="scroll" tabindex="0" role="region" aria-label="Orders" { table {
            thead { tr {
                th scope="col" { "Key" } th scope="col" { "Status" } th scope="col" { "Parent" } th scope="col" class="number" { "VLAN" }
                th scope="col" class="number" { "Bandwidth" } th scope="col" { "Name" } th scope="col" { "Claimed" } th scope="col" class="number" { "Attempts" }
            } }
            tbody { @for record in listed.records.iter() { (row(record, now_ms)) } }
        } } }
        @if let Some(next) = &listed.next {
            nav class="pages" aria-label="Pages of orders" { a href=(older(wanted, next)) { "older orders →" } }
        } @else if listed.is_newest_only && listed.records.len() == PAGE {
            p class="hint" { "These are the newest. Choose a parent to see all orders on it." }
        }
    }
}

fn row(record: &Record, now_ms: u64) -> Markup {
    let now = story::shown::connection(record);
    let state = story::shown::state(now);
    html! { tr data-key=(record.key.as_str()) {
        td { (order_link(record.key.as_str())) }
        td { (status(inspect::status(record).as_str())) @if !state.is_empty() { " " small { (foreign(state)) } } }
        td { (place_link(record)) }
        td class="number" { @if let Some(vlan) = record.vlan { (vlan.get()) } }
        td class="number" { (record.request.bandwidth.as_str()) }
        td class="name" { (foreign(record.request.connection_name.as_str())) }
        td { (away(record.claimed_at_ms, now_ms)) }
        td class="number" { (record.attempts) }
    } }
}

fn older(wanted: &Wanted, next: &Position) -> String {
    let place = serde_json::to_string(next).unwrap_or_default();
    format!("{}&after={}", wanted.address(), encoded(&place))
}
