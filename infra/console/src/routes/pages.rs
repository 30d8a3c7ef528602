//! What is asked for with GET: orders, one order, events, news, and questions before something is done. None of it changes
//! anything.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use maud::html;
use serde::Deserialize;

use super::Console;
use crate::answer::Answer;
use crate::confirm::Asked;
use crate::orders::Question;
use crate::texts::encoded;
use crate::{breaking, order as one, orders as many};

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
        div data-live=[wanted.again(home)] { (many::table(&listed, &wanted, home.now_ms())) }
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
            let body = html! { (choices) div data-live=(again) { (body) } };
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

pub(super) async fn events(State(console): State<Console>) -> Answer {
    let snapshot = console.live().snapshot().await;
    let body = html! {
        @if console.home().bench.is_none() { p class="hint" { "A bus cannot be read: these are the events of the newest orders, as their records tell them." } }
        div data-live="/console/events" {
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
