//! The parts of the first page: what each shows. An open page asks for those that have changed.

use maud::{Markup, html};

use crate::about::About;
use crate::home::Home;
use crate::order;
use crate::orders::{self, Wanted};
use crate::parent::ParentData;
use crate::snapshot::{Known, Snapshot};
use crate::texts::{bandwidth, encoded, foreign, parent_link, status};
use crate::{figures, letters, map, watch};

/// Events on the first page.
const EVENTS: usize = 12;

/// A part of the first page, in the page's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Troubles,
    Parents,
    Map,
    Watch,
    Orders,
    Unfinished,
    Events,
    Figures,
}

impl Part {
    /// All of them.
    pub(crate) const ALL: [Self; 8] = [
        Self::Troubles,
        Self::Parents,
        Self::Map,
        Self::Watch,
        Self::Orders,
        Self::Unfinished,
        Self::Events,
        Self::Figures,
    ];

    /// As the address names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Troubles => "troubles",
            Self::Parents => "parents",
            Self::Map => "map",
            Self::Watch => "watch",
            Self::Orders => "orders",
            Self::Unfinished => "unfinished",
            Self::Events => "events",
            Self::Figures => "figures",
        }
    }

    /// What it shows.
    pub(crate) fn draw(self, home: &Home, snapshot: &Snapshot, about: &About) -> Markup {
        match self {
            Self::Troubles => troubles(snapshot),
            Self::Parents => cards(snapshot, about),
            Self::Map => chosen_map(snapshot, about),
            Self::Watch => watch::watched(home, snapshot, about),
            Self::Orders => {
                let wanted = Wanted::default();
                orders::table(&wanted.newest(snapshot), &wanted, snapshot.at_ms)
            }
            Self::Unfinished => letters::unfinished(snapshot),
            Self::Events => html! {
                @if snapshot.events.is_empty() { p class="none" { "No event yet." } }
                @for told in snapshot.events.iter().take(EVENTS) { (order::event(told)) }
            },
            Self::Figures => figures::plots(snapshot),
        }
    }
}

fn troubles(snapshot: &Snapshot) -> Markup {
    html! {
        @for trouble in &snapshot.troubles { p class="trouble" role="alert" { "✗ " (foreign(trouble)) } }
        @if !snapshot.is_whole && snapshot.troubles.is_empty() { p class="hint" role="status" { "Reading…" } }
    }
}

fn cards(snapshot: &Snapshot, about: &About) -> Markup {
    let chosen = snapshot.chosen(about.parent.as_deref());
    let chosen = chosen.map(|known| known.site.id.as_str().to_owned());
    html! {
        @if snapshot.parents.is_empty() && snapshot.is_whole { p class="none" { "Direct Connect shows no interconnect and no LAG." } }
        ul class="cards" { @for (id, known) in &snapshot.parents {
            li data-key=(id) class={ "card" @if chosen.as_ref() == Some(id) { " chosen" } } { (card(known)) }
        } }
    }
}

/// A parent in short.
pub(crate) fn card(known: &Known) -> Markup {
    let site = &known.site;
    let ports = match site.ports {
        0 | 1 => site.port.clone(),
        ports => format!("{ports} × {}", site.port),
    };
    html! {
        h3 { (parent_link(site.id.as_str())) " " (status(&site.state)) }
        p { (foreign(&site.name)) }
        dl class="facts" {
            dt { "Location" } dd { (foreign(&site.location)) }
            dt { "Device" } dd { (foreign(&site.device)) }
            dt { "Port" } dd { (foreign(&ports)) @if let Some(lag) = &site.lag { ", member of " (parent_link(lag.as_str())) } }
        }
        @match &known.data {
            Some(data) => { (sold(data)) }
            None => { p class="hint" { "Reading…" } }
        }
        p { a href={ "/?parent=" (encoded(site.id.as_str())) "#map" } { "Map" span class="hidden" { " of " (site.id) } } }
    }
}

fn sold(data: &ParentData) -> Markup {
    let limit = data.limit_mbps.unwrap_or(0);
    let per_mille = (data.sold_mbps * 1000)
        .checked_div(limit)
        .unwrap_or(0)
        .min(1000);
    let free = data.free_mbps().unwrap_or_default();
    let free_words = match u64::try_from(free) {
        Ok(free) => format!("{} free", bandwidth(free)),
        Err(_) => format!("{} too much sold", bandwidth(free.unsigned_abs())),
    };
    let whose = if data.is_limited {
        "by policy"
    } else {
        "of ports; no policy limits it"
    };
    html! {
        svg class={ "bar" @if free < 0 { " over" } } viewBox="0 0 1000 40" preserveAspectRatio="none" role="img"
            aria-label={ (bandwidth(data.sold_mbps)) " of " (bandwidth(limit)) " sold" } {
            rect class="bar-free" width="1000" height="40" {}
            rect class="bar-sold" width=(per_mille) height="40" {}
        }
        p { b { (bandwidth(data.sold_mbps)) } " sold, " (free_words) ", limit " (bandwidth(limit)) " " (whose) ". "
            (story::words::count(data.cells.len(), "VLAN")) " in use." }
    }
}

fn chosen_map(snapshot: &Snapshot, about: &About) -> Markup {
    let Some(known) = snapshot.chosen(about.parent.as_deref()) else {
        return html! { p class="none" { "There is no parent to show." } };
    };
    let id = known.site.id.as_str();
    html! {
        form class="filter" method="get" action="/" {
            label { "Parent " select name="parent" {
                @for other in snapshot.parents.keys() { option value=(other) selected[other == id] { (other) } }
            } }
            @if let Some(watch) = &about.watch { input type="hidden" name="watch" value=(watch); }
            button { "Show map" }
        }
        @match &known.data {
            Some(data) => {
                (map::picture(data))
                p { a href={ "/console/parent?id=" (encoded(id)) "#vlans" } { "VLANs of " (id) " as a table" } }
            }
            None => { p class="hint" { "Reading " (id) "…" } }
        }
    }
}
