//! The VLANs of one parent as a picture: 4,094 cells in one drawing of a few paths, whatever is on them. The picture is one
//! stop for the keyboard; its arrow keys go from VLAN to VLAN. What cannot see it reads the table.

use std::collections::BTreeMap;
use std::fmt::Write;

use maud::{Markup, PreEscaped, html};
use story::words::{away, moment};

use crate::parent::{Holds, ParentData};
use crate::texts::{bandwidth, encoded, foreign, order_link};

/// Cells in a row.
const COLUMNS: u16 = 128;
/// The highest VLAN.
const LAST: u16 = 4094;
/// Pixels of a cell, in the drawing's own measure.
const CELL: u16 = 8;
/// Rows of the table on one page.
const ROWS: usize = 100;

/// The picture, its legend, and the place where a VLAN is told.
pub(crate) fn picture(parent: &ParentData) -> Markup {
    let id = parent.site.id.as_str();
    let (width, height) = (COLUMNS * CELL, (LAST / COLUMNS + 1) * CELL);
    let counts = parent.counts();
    let count = |holds: &Holds| counts.get(holds).copied().unwrap_or(0);
    html! {
        div class="map" {
            svg class="vlans" role="slider" tabindex="0" data-key=(id) data-parent=(id) data-mine="aria-valuenow aria-valuetext data-told" data-columns=(COLUMNS)
                viewBox={ "0 0 " (width) " " (height) }
                aria-label={ "VLAN map of " (id) "; arrow keys go from VLAN to VLAN" }
                aria-valuemin="1" aria-valuemax=(LAST) aria-valuenow="1" aria-valuetext="VLAN 1" {
                (patterns())
                rect class="holds-free" width=(width) height=(height) {}
                @for (holds, path) in paths(parent) {
                    path class={ "holds-" (holds.name()) } d=(path) {}
                    path fill={ "url(#p-" (holds.name()) ")" } d=(path) {}
                }
                path class="grid" d=(grid()) {}
                rect class="cursor" x="0" y="0" width=(CELL) height=(CELL) hidden data-mine="*" {}
            }
            p class="tell" role="status" data-tell data-key=(id) data-mine="*" { "Point at a VLAN, or use the arrow keys." }
        }
        ul class="legend" aria-label="Legend" {
            @for holds in &Holds::ALL {
                li title=(holds.meaning()) {
                    svg class="swatch" viewBox="0 0 16 16" aria-hidden="true" {
                        rect class={ "holds-" (holds.name()) } width="16" height="16" {}
                        rect fill={ "url(#p-" (holds.name()) ")" } width="16" height="16" {}
                    }
                    (holds.words()) " " b { (count(holds)) }
                }
            }
        }
        @if !parent.is_looked_at {
            p class="hint" { "States are those that track noted; orphans and ghosts show when Direct Connect is asked." }
        }
    }
}

/// Each kind as one path of as few rectangles as there are runs.
fn paths(parent: &ParentData) -> BTreeMap<Holds, String> {
    let mut paths: BTreeMap<Holds, String> = BTreeMap::new();
    let mut vlan = 1;
    while vlan <= LAST {
        let holds = parent.holds(vlan);
        let first = vlan;
        // A run ends with its row.
        while vlan < LAST && parent.holds(vlan + 1) == holds && !(vlan + 1).is_multiple_of(COLUMNS)
        {
            vlan += 1;
        }
        if holds != Holds::Free {
            let (x, y) = (first % COLUMNS * CELL, first / COLUMNS * CELL);
            let width = (vlan - first + 1) * CELL;
            // Writing to a string cannot fail.
            let _ = write!(
                paths.entry(holds).or_default(),
                "M{x} {y}h{width}v{CELL}h-{width}z"
            );
        }
        vlan += 1;
    }
    paths
}

fn grid() -> String {
    let mut path = String::new();
    let (width, height) = (COLUMNS * CELL, (LAST / COLUMNS + 1) * CELL);
    for column in 1..COLUMNS {
        let _ = write!(path, "M{} 0v{height}", column * CELL);
    }
    for row in 1..=LAST / COLUMNS {
        let _ = write!(path, "M0 {}h{width}", row * CELL);
    }
    path
}

/// What tells the kinds apart beside their colours.
fn patterns() -> Markup {
    let pattern = |holds: Holds, drawing: &str| {
        format!(
            r#"<pattern id="p-{}" width="8" height="8" patternUnits="userSpaceOnUse"><path class="ink" d="{drawing}"/></pattern>"#,
            holds.name()
        )
    };
    let all = [
        pattern(Holds::InFlight, "M0 8L8 0"),
        pattern(Holds::Ordering, "M3 4h2"),
        pattern(Holds::Available, ""),
        pattern(Holds::Down, "M1 1L7 7M7 1L1 7"),
        pattern(Holds::Orphan, "M4 0v8"),
        pattern(Holds::Ghost, "M0 4h8"),
        pattern(Holds::Reserved, "M0 0L8 8"),
        pattern(Holds::Free, ""),
    ];
    // Made of nothing but what is written here.
    html! { defs { (PreEscaped(all.concat())) } }
}

/// One VLAN, told.
pub(crate) fn told(parent: &ParentData, vlan: u16, now_ms: u64) -> Markup {
    let holds = parent.holds(vlan);
    html! {
        b { "VLAN " (vlan) } ": " span class={ "kind kind-" (holds.name()) } { (holds.words()) }
        @match parent.cell(vlan) {
            None => { ": " (holds.meaning()) "." }
            Some(cell) => {
                @if let Some(key) = &cell.key { ", order " (order_link(key)) }
                @if let Some(id) = &cell.connection_id { ", connection " span class="id" { (foreign(id)) } }
                @if let Some(state) = &cell.state { ", " (foreign(state)) }
                @if let Some(owner) = &cell.owner { ", for " (foreign(owner)) }
                @if cell.mbps > 0 { ", " (bandwidth(cell.mbps)) }
                @if let Some(since_ms) = cell.since_ms { ", since " (moment(since_ms)) " (" (away(since_ms, now_ms)) ")" }
                "."
            }
        }
    }
}

/// VLANs in use as a table, a page of it.
pub(crate) fn table(parent: &ParentData, page: usize, now_ms: u64) -> Markup {
    let id = parent.site.id.as_str();
    let pages = parent.cells.len().div_ceil(ROWS).max(1);
    let page = page.clamp(1, pages);
    let cells = parent.cells.iter().skip((page - 1) * ROWS).take(ROWS);
    let link = |page: usize, text: &str| {
        html! { a href={ "/console/parent?id=" (encoded(id)) "&page=" (page) "#vlans" } { (text) } }
    };
    html! {
        @if parent.cells.is_empty() { p class="none" { "No VLAN is in use." } }
        @else {
            div class="scroll" tabindex="0" role="region" aria-label="VLANs in use" { table {
                thead { tr {
                    th scope="col" class="number" { "VLAN" } th scope="col" { "Held by" } th scope="col" { "Order" }
                    th scope="col" { "Connection" } th scope="col" { "State" } th scope="col" { "Owner" }
                    th scope="col" class="number" { "Bandwidth" } th scope="col" { "Since (UTC)" }
                } }
                tbody { @for cell in cells { tr {
                    td class="number" { (cell.vlan) }
                    td { span class={ "kind kind-" (cell.holds.name()) } { (cell.holds.words()) } }
                    td { @if let Some(key) = &cell.key { (order_link(key)) } }
                    td class="id" { @if let Some(id) = &cell.connection_id { (foreign(id)) } }
                    td { @if let Some(state) = &cell.state { (foreign(state)) } }
                    td { @if let Some(owner) = &cell.owner { (foreign(owner)) } }
                    td class="number" { (bandwidth(cell.mbps)) }
                    td { @if let Some(since) = cell.since_ms { (moment(since)) " (" (away(since, now_ms)) ")" } }
                } } }
            } }
            @if pages > 1 {
                nav class="pages" aria-label="Pages of VLANs" {
                    @if page > 1 { (link(page - 1, "← lower")) " " }
                    "page " (page) " of " (pages)
                    @if page < pages { " " (link(page + 1, "higher →")) }
                }
            }
        }
    }
}
