//! What is asked for with GET. None of it changes anything.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Console, Note};
use crate::about::About;
use crate::answer::Answer;
use crate::confirm::Asked;
use crate::orders::Question;
use crate::page::Page;
use crate::parts::{Part, card};
use crate::texts::{encoded, foreign};
use crate::{breaking, map, order as one, orders as many};

impl Console {
    pub(super) fn page(&self, status: StatusCode, title: &str, body: Markup) -> Answer {
        let page = Page {
            home: self.home(),
            boot: self.boot(),
            title,
            body,
        };
        page.answer(status)
    }

    /// A page that says what is wrong.
    pub(super) fn wrong(&self, status: StatusCode, title: &str, text: &str) -> Answer {
        let body = html! { p class="trouble" role="alert" { "✗ " (foreign(text)) } p { a href="/" { "To the overview" } } };
        self.page(status, title, body)
    }
}

fn noted(note: Option<Note>) -> Markup {
    html! {
        div class="notes" role="status" aria-live="polite" data-note {
            @if let Some(note) = note {
                p class={ @if note.is_good { "note" } @else { "trouble" } } { @if note.is_good { "✓ " } @else { "✗ " } (foreign(&note.text)) }
            }
        }
    }
}

pub(super) async fn overview(
    State(console): State<Console>,
    about: Result<Query<About>, QueryRejection>,
) -> Answer {
    let Ok(Query(about)) = about else {
        return console.wrong(
            StatusCode::BAD_REQUEST,
            "Overview",
            "The address cannot be read.",
        );
    };
    let home = console.home();
    let snapshot = console.live().snapshot().await;
    if let Some(chosen) = snapshot.chosen(about.parent.as_deref()) {
        console.live().want(chosen.site.id.as_str());
    }
    let place = |part: Part| part.place(home, &snapshot, &about);
    let section = |id: &str, title: &str, body: Markup| {
        html! { section aria-labelledby={ (id) "-title" } id=(id) { h2 id={ (id) "-title" } { (title) } (body) } }
    };
    let body = html! {
        (noted(console.note(about.note)))
        (place(Part::Troubles))
        (breaking::forms(home, &snapshot, &about, console.token()))
        (section("parents", "Parents", place(Part::Parents)))
        (section("map", "VLAN map", place(Part::Map)))
        (section("orders", "Newest orders", html! { (many::form(&many::Wanted::default(), &snapshot)) (place(Part::Orders)) }))
        (section("unfinished", "Unfinished", place(Part::Unfinished)))
        (section("events", "Events", place(Part::Events)))
        (section("figures", "Figures", place(Part::Figures)))
    };
    console.page(StatusCode::OK, "Overview", body)
}

pub(super) async fn home() -> Answer {
    Answer::see("/")
}

pub(super) async fn part(
    State(console): State<Console>,
    Path(name): Path<String>,
    about: Result<Query<About>, QueryRejection>,
    headers: HeaderMap,
) -> Answer {
    let (Some(part), Ok(Query(about))) = (Part::named(&name), about) else {
        return Answer::text(StatusCode::NOT_FOUND, "There is no such part of the page.");
    };
    let snapshot = console.live().snapshot().await;
    if part == Part::Map
        && let Some(chosen) = snapshot.chosen(about.parent.as_deref())
    {
        console.live().want(chosen.site.id.as_str());
    }
    let about = About {
        parent: about.parent.filter(|parent| !parent.is_empty()),
        ..about
    };
    let drawn = part.draw(console.home(), &snapshot, &about);
    Answer::if_new(drawn, headers.get(header::IF_NONE_MATCH))
}

pub(super) async fn live(State(console): State<Console>) -> Response {
    let Some(stream) = console.live().stream(console.boot()) else {
        let text = "Too many pages are open: each needs a stream. Close some.";
        let mut response = Answer::text(StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        let after = HeaderValue::from_static("5");
        response.headers_mut().insert(header::RETRY_AFTER, after);
        return response;
    };
    Sse::new(stream)
        .keep_alive(KeepAlive::default())
        .into_response()
}

pub(super) async fn orders(
    State(console): State<Console>,
    question: Result<Query<Question>, QueryRejection>,
) -> Answer {
    let title = "Orders";
    let question = question.map_err(|_| "The address cannot be read.".to_owned());
    let wanted = match question.and_then(|Query(question)| question.read()) {
        Ok(wanted) => wanted,
        Err(text) => return console.wrong(StatusCode::BAD_REQUEST, title, &text),
    };
    let home = console.home();
    let snapshot = console.live().snapshot().await;
    let listed = match wanted.list(home, &snapshot).await {
        Ok(listed) => listed,
        Err(error) => return console.wrong(StatusCode::BAD_GATEWAY, title, &error.to_string()),
    };
    let exact = wanted.key.as_deref().filter(|_| listed.records.is_empty());
    let exact = exact.and_then(|key| breaking::key(key).ok());
    let body = html! {
        (many::form(&wanted, &snapshot))
        @if let Some(key) = exact { p { "Or look for the order with exactly this key: " (crate::texts::order_link(key.as_str())) "." } }
        (many::table(&listed, &wanted, home.now_ms()))
    };
    console.page(StatusCode::OK, title, body)
}

/// An order's key in the address.
#[derive(Debug, Deserialize)]
pub(super) struct OfKey {
    #[serde(default)]
    key: String,
}

pub(super) async fn order(
    State(console): State<Console>,
    key: Result<Query<OfKey>, QueryRejection>,
) -> Answer {
    let key = key.map_err(|_| "The address cannot be read.".to_owned());
    let key = match key.and_then(|Query(of)| breaking::key(&of.key)) {
        Ok(key) => key,
        Err(text) => return console.wrong(StatusCode::BAD_REQUEST, "Order", &text),
    };
    let title = format!("Order {key}");
    let snapshot = console.live().snapshot().await;
    match Box::pin(one::look(console.home(), &key)).await {
        Ok(Some(looked)) => {
            let body = one::told(console.home(), &snapshot, &looked);
            let again = format!("/console/order?key={}", encoded(key.as_str()));
            // Apart, so that news do not take away what somebody is typing.
            let choices = one::choices(console.home(), &snapshot, &looked);
            let body = html! { (choices) div data-live=(again) data-pick="[data-live]" { (body) } };
            console.page(StatusCode::OK, &title, body)
        }
        Ok(None) => console.wrong(
            StatusCode::NOT_FOUND,
            &title,
            "There is no order with this key. It never arrived, was invalid, or was removed after its retention time.",
        ),
        Err(error) => console.wrong(StatusCode::BAD_GATEWAY, &title, &error.to_string()),
    }
}

/// A parent in the address.
#[derive(Debug, Deserialize)]
pub(super) struct OfParent {
    #[serde(default)]
    id: String,
    #[serde(default)]
    page: Option<usize>,
    #[serde(default)]
    note: Option<u64>,
}

pub(super) async fn parent(
    State(console): State<Console>,
    of: Result<Query<OfParent>, QueryRejection>,
) -> Answer {
    let Ok(Query(of)) = of else {
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
        (noted(console.note(of.note)))
        div data-live=(again) data-pick="[data-live]" {
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

pub(super) async fn events(State(console): State<Console>) -> Answer {
    let snapshot = console.live().snapshot().await;
    let body = html! {
        @if console.home().bench.is_none() { p class="hint" { "A bus cannot be read: these are the events of the newest orders, as their records tell them." } }
        div data-live="/console/events" data-pick="[data-live]" {
            @if snapshot.events.is_empty() { p class="none" { "No event yet." } }
            @for told in snapshot.events.iter() { (one::event(told)) }
        }
    };
    console.page(StatusCode::OK, "Events", body)
}

/// A connection and an order in the address.
#[derive(Debug, Deserialize)]
pub(super) struct OfCustomer {
    #[serde(default)]
    id: String,
    #[serde(default)]
    watch: String,
}

pub(super) async fn customer(
    State(console): State<Console>,
    of: Result<Query<OfCustomer>, QueryRejection>,
) -> Answer {
    let Ok(Query(of)) = of else {
        return console.wrong(
            StatusCode::BAD_REQUEST,
            "Customer",
            "The address cannot be read.",
        );
    };
    let body = breaking::customer(&of.id, &of.watch, console.token());
    console.page(StatusCode::OK, "The customer decides", body)
}

pub(super) async fn confirm(
    State(console): State<Console>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let title = "Are you sure?";
    let Ok(Query(asked)) = asked else {
        return console.wrong(
            StatusCode::BAD_REQUEST,
            title,
            "The address cannot be read.",
        );
    };
    match asked.read() {
        Ok(action) => match Box::pin(action.forecast(console.home())).await {
            Ok(forecast) => {
                let place = &console.home().name;
                let page = asked.page(&action, forecast.as_ref(), place, console.token());
                console.page(StatusCode::OK, title, page)
            }
            Err(text) => console.wrong(StatusCode::BAD_GATEWAY, title, &text),
        },
        Err(text) => console.wrong(StatusCode::BAD_REQUEST, title, &text),
    }
}

pub(super) async fn style() -> Answer {
    Answer::asset(
        "text/css; charset=utf-8",
        include_str!("../../assets/console.css"),
    )
}

pub(super) async fn script() -> Answer {
    Answer::asset(
        "text/javascript; charset=utf-8",
        include_str!("../../assets/console.js"),
    )
}

pub(super) async fn icon() -> Answer {
    Answer::asset("image/svg+xml", include_str!("../../assets/icon.svg"))
}
