//! Break it yourself, beside the local cloud only: an order by a form, faults by a button, and the steps as they happen.

mod deliver;
mod words;

use std::collections::BTreeSet;

use hosted_connection::{Bandwidth, IdempotencyKey};
use local_cloud::Fault;
use maud::{Markup, html};
use serde::Deserialize;

use crate::about::About;
use crate::bench::Bench;
use crate::home::Home;
use crate::snapshot::Snapshot;
use crate::texts::foreign;

use deliver::BY_PLACE;
pub(crate) use deliver::Order;
pub(crate) use words::{armed, happens};

/// How long a call takes in slow motion.
const SLOW: std::time::Duration = std::time::Duration::from_millis(700);

/// What can be broken: its name, the button, what happens then, and the fault as `--fault` writes it.
const FAULTS: [(&str, &str, &str, &str); 6] = [
    (
        "lose",
        "Lose the next answer",
        "The next order's connection is made, and the answer never arrives.",
        "apply-then-reset@AllocateHostedConnection",
    ),
    (
        "kill",
        "Kill the function at the next call",
        "The connection is made, and the function dies before it can record it.",
        "apply-then-kill@AllocateHostedConnection",
    ),
    (
        "late",
        "Let the next call land late",
        "The answer is lost, and the connection is made only after 5 seconds.",
        "land-late(5s)@AllocateHostedConnection",
    ),
    (
        "throttle",
        "Throttle",
        "Direct Connect turns the next call away: too many requests.",
        "throttle@AllocateHostedConnection",
    ),
    (
        "refuse",
        "Refuse",
        "Direct Connect refuses the next call, which has no effect.",
        "client-exception-before@AllocateHostedConnection",
    ),
    (
        "events",
        "Lose the next event",
        "EventBridge does not take the next event; it stays owed.",
        "partial-put-events(0)@PutEvents",
    ),
];

/// A button that was pressed.
#[derive(Debug, Deserialize)]
pub(crate) struct Pressed {
    #[serde(rename = "do")]
    what: String,
}

/// A hosted connection that somebody makes or decides by hand.
#[derive(Debug, Deserialize)]
pub(crate) struct ByHand {
    #[serde(rename = "do")]
    what: String,
    /// The connection that is decided on.
    #[serde(default)]
    id: String,
    #[serde(default)]
    parent: String,
    #[serde(default)]
    vlan: String,
}

/// The forms, and beside them what is watched.
pub(crate) fn forms(
    home: &Home,
    snapshot: &Snapshot,
    about: &About,
    token: &str,
    watched: &Markup,
) -> Markup {
    if home.bench.is_none() {
        return html! {};
    }
    let number = snapshot.version.max(1);
    html! {
        section id="break" aria-labelledby="break-title" {
            h2 id="break-title" { "Break it yourself" }
            div class="columns" {
                div {
                    h3 { "1. Break something" }
                    form method="post" action="/console/break" class="buttons" data-quiet {
                        (hidden(token, about))
                        @for (name, label, meaning, _) in FAULTS {
                            button name="do" value=(name) title=(meaning) { (label) }
                        }
                        button name="do" value="slow" title="Each call on AWS takes 0.7 s, so that the steps can be watched." { "Slow motion" }
                        button name="do" value="clear" title="No fault is left, and calls take no time again." { "Mend everything" }
                        button name="do" value="track" title="Runs the function that finishes what is left over; it also runs once a minute." { "Run track now" }
                    }
                    (order_form(snapshot, about, token, number))
                    (by_hand(snapshot, about, token))
                }
                div {
                    h3 { "3. Watch" }
                    (watched)
                }
            }
        }
    }
}

fn hidden(token: &str, about: &About) -> Markup {
    html! {
        input type="hidden" name="token" value=(token);
        @if let Some(parent) = &about.parent { input type="hidden" name="shown" value=(parent); }
        @if let Some(watch) = &about.watch { input type="hidden" name="watch" value=(watch); }
    }
}

fn order_form(snapshot: &Snapshot, about: &About, token: &str, number: u64) -> Markup {
    let chosen = snapshot.chosen(about.parent.as_deref());
    let chosen = chosen.map(|known| known.site.id.as_str());
    let locations: BTreeSet<_> = snapshot
        .parents
        .values()
        .map(|known| known.site.location.as_str())
        .filter(|location| !location.is_empty())
        .collect();
    html! {
        h3 { "2. Place an order" }
        form method="post" action="/console/order" class="order" data-quiet data-follow {
            (hidden(token, about))
            label { "Key " input name="key" required maxlength="255" pattern="[!-~]+" autocomplete="off" spellcheck="false" value={ "page-" (snapshot.at_ms % 1_000_000) "-" (number) }; }
            label { "Parent " select name="parent" {
                @for id in snapshot.parents.keys() { option value=(id) selected[chosen == Some(id.as_str())] { (id) } }
                @for location in locations { option value={ (BY_PLACE) (location) } { "chosen at " (location) } }
            } }
            label { "Owner account " input name="owner" required pattern="[0-9]{12}" inputmode="numeric" value="111122223333"; }
            label { "Bandwidth " select name="bandwidth" {
                @for bandwidth in Bandwidth::ALL { option value=(bandwidth.as_str()) { (bandwidth.as_str()) } }
            } }
            label { "Name " input name="name" required maxlength="100" value="Example Corp"; }
            label { "VLAN " input name="vlan" type="number" min="1" max="4094" placeholder="any"; }
            div class="buttons" {
                button name="how" value="http" class="first" { "Place the order" }
                button name="how" value="dry" { "Dry run" }
                button name="how" value="queue" { "By queue" }
                button name="how" value="twice" title="Two messages alike" { "Deliver twice" }
                button name="how" value="workers" title="Two invocations at once, with one key" { "Two workers at once" }
            }
        }
    }
}

fn by_hand(snapshot: &Snapshot, about: &About, token: &str) -> Markup {
    let chosen = snapshot.chosen(about.parent.as_deref());
    let chosen = chosen.map(|known| known.site.id.as_str());
    html! {
        details { summary { "Make a connection by hand, past the allocator" }
            form method="post" action="/console/by-hand" class="order" data-quiet {
                (hidden(token, about))
                label { "Parent " select name="parent" {
                    @for id in snapshot.parents.keys() { option value=(id) selected[chosen == Some(id.as_str())] { (id) } }
                } }
                label { "VLAN " input name="vlan" type="number" min="1" max="4094" required value="4000"; }
                button name="do" value="insert" { "Make it" }
            }
        }
    }
}

/// The page on which a customer decides.
pub(crate) fn customer(id: &str, watch: &str, token: &str) -> Markup {
    html! {
        p { "The customer has the connection " span class="id" { (foreign(id)) } " in their own account, and confirms or declines it there. Track sees that within a minute; the page runs it at once." }
        form method="post" action="/console/by-hand" class="buttons" {
            input type="hidden" name="token" value=(token);
            input type="hidden" name="watch" value=(watch);
            input type="hidden" name="id" value=(id);
            button name="do" value="confirm" { "Confirm" }
            button name="do" value="decline" { "Decline" }
            button name="do" value="available" { "Make it available" }
            button name="do" value="down" { "Take it down" }
            button name="do" value="delete" { "Delete it behind our back" }
        }
        p { a href={ "/?watch=" (crate::texts::encoded(watch)) } { "Back, without a decision" } }
    }
}

/// A form that does something to the local cloud.
pub(crate) trait ToBench: Send + Sync {
    /// Does it, and says what was done.
    ///
    /// # Errors
    /// It cannot be done, for this reason.
    fn apply(&self, bench: &Bench) -> impl Future<Output = Result<String, String>> + Send;
}

impl ToBench for Pressed {
    async fn apply(&self, bench: &Bench) -> Result<String, String> {
        match self.what.as_str() {
            "clear" => {
                bench.cloud.clear_faults();
                bench.cloud.set_latency(std::time::Duration::ZERO);
                Ok("Everything is mended.".to_owned())
            }
            "slow" => {
                bench.cloud.set_latency(SLOW);
                Ok("Each call on AWS takes 0.7 s now.".to_owned())
            }
            "track" => Ok(deliver::track(bench).await),
            what => {
                let found = FAULTS.iter().find(|(name, ..)| *name == what);
                let (_, _, meaning, fault) = found.ok_or("There is no such button.")?;
                let fault = Fault::parse(fault).map_err(|error| error.to_string())?;
                bench.cloud.inject(fault);
                Ok((*meaning).to_owned())
            }
        }
    }
}

impl ToBench for ByHand {
    async fn apply(&self, bench: &Bench) -> Result<String, String> {
        let cloud = &bench.cloud;
        let id = self.id.as_str();
        let done = match self.what.as_str() {
            "insert" => return self.insert(bench),
            "confirm" => cloud.confirm(id),
            "decline" => cloud.decline(id),
            "available" => cloud.set_state(id, "available"),
            "down" => cloud.set_state(id, "down"),
            "delete" => cloud.delete(id),
            _ => return Err("There is no such button.".to_owned()),
        };
        done.map_err(|error| error.to_string())?;
        let told = deliver::track(bench).await;
        Ok(format!("{id}: done. {told}"))
    }
}

impl ByHand {
    fn insert(&self, bench: &Bench) -> Result<String, String> {
        let vlan: u16 = self.vlan.parse().unwrap_or_default();
        if !(1..=4094).contains(&vlan) {
            return Err("The VLAN must be 1 to 4094.".to_owned());
        }
        if !bench
            .cloud
            .parents()
            .iter()
            .any(|parent| parent.id == self.parent)
        {
            return Err("There is no such parent.".to_owned());
        }
        let made = bench.cloud.insert_connection(
            &self.parent,
            vlan,
            "444455556666",
            "50Mbps",
            "Made by hand",
        );
        let made = made.map_err(|error| error.to_string())?;
        Ok(format!(
            "{} was made by hand on VLAN {vlan}: an orphan.",
            made.id
        ))
    }
}

/// Reads a key.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn key(text: &str) -> Result<IdempotencyKey, String> {
    IdempotencyKey::parse(text).map_err(|violation| format!("The key {}", violation.message))
}
