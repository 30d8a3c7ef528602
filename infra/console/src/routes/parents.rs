//! One parent, and one of its VLANs.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use http::StatusCode;
use maud::html;
use serde::Deserialize;

use super::Console;
use super::frame::OfNote;
use crate::answer::Answer;
use crate::map;
use crate::parts::card;
use crate::texts::encoded;

/// A parent in the address.
#[derive(Debug, Deserialize)]
pub(super) struct OfParent {
    #[serde(default)]
    id: String,
    #[serde(default)]
    page: Option<usize>,
}

pub(super) async fn parent(
    State(console): State<Console>,
    of: Result<Query<OfParent>, QueryRejection>,
    note: Result<Query<OfNote>, QueryRejection>,
) -> Answer {
    let (Ok(Query(of)), Ok(Query(note))) = (of, note) else {
        return console.wrong(
            StatusCode::BAD_REQUEST,
            "Parent",
            "The address cannot be read.",
        );
    };
    let snapshot = console.live().snapshot().await;
    let Some(known) = snapshot.parents.get(&of.id) else {
        let text = "Direct Connect shows no such interconnect or LAG.";
        return console.wrong(StatusCode::NOT_FOUND, "Parent", text);
    };
    console.live().want(&of.id);
    let home = console.home();
    let finish = format!("/console/confirm?do=finish&parent={}", encoded(&of.id));
    let adopt = format!("/console/confirm?do=adopt&parent={}", encoded(&of.id));
    let page = of.page.unwrap_or(1);
    let again = format!("/console/parent?id={}&page={page}", encoded(&of.id));
    let body = html! {
        (console.told(&note))
        div data-live=(again) {
            div class="card" { (card(known)) }
            @match &known.data {
                None => { p class="hint" { "Reading…" } }
                Some(data) => {
                    section aria-labelledby="map" { h2 id="map" { "VLAN map" } (map::picture(data)) }
                    section aria-labelledby="vlans" { h2 id="vlans" { "VLANs in use" } (map::table(data, page, home.now_ms())) }
                }
            }
        }
        section aria-labelledby="policy" {
            h2 id="policy" { "Policy" }
            @let policy = known.data.as_ref().and_then(|data| data.policy.as_ref());
            @match policy {
                Some(policy) => { pre tabindex="0" { (policy.to_json()) } }
                None => { p class="none" { "It has no policy: nothing is limited but by Direct Connect." } }
            }
            @if home.actions {
                form method="get" action="/console/confirm" class="order" {
                    input type="hidden" name="do" value="policy";
                    input type="hidden" name="parent" value=(of.id);
                    label { "Policy as JSON " textarea name="policy" rows="3" spellcheck="false" { (policy.map_or_else(|| "{\"bandwidthLimitMbps\":10000}".to_owned(), hosted_connection::ParentPolicy::to_json)) } }
                    div class="buttons" { button { "Set the policy…" } a class="button" href=(finish) { "Finish what is unfinished on it…" } a class="button" href=(adopt) { "Adopt its orphans…" } }
                }
            }
        }
    };
    console.page(StatusCode::OK, &format!("Parent {}", of.id), body)
}

/// A VLAN in the address.
#[derive(Debug, Deserialize)]
pub(super) struct OfVlan {
    #[serde(default)]
    parent: String,
    #[serde(default)]
    vlan: u16,
}

pub(super) async fn vlan(
    State(console): State<Console>,
    of: Result<Query<OfVlan>, QueryRejection>,
) -> Answer {
    let Some(Query(of)) = of.ok().filter(|of| (1..=4094).contains(&of.vlan)) else {
        return Answer::text(StatusCode::BAD_REQUEST, "vlan must be 1 to 4094.");
    };
    let snapshot = console.live().snapshot().await;
    let known = snapshot.parents.get(&of.parent);
    match known.and_then(|known| known.data.as_ref()) {
        Some(data) => Answer::html(
            StatusCode::OK,
            map::told(data, of.vlan, console.home().now_ms()),
        ),
        None => Answer::text(StatusCode::NOT_FOUND, "There is no such parent."),
    }
}
