//! What is not done: looked at with GET, which changes nothing. Dead letters themselves are read with POST, by a form of our own
//! page: SQS hides what is read from others for a moment, and counts it as a receive.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use story::forecast::Which;

use super::Console;
use super::posts::Sent;
use crate::about::About;
use crate::answer::Answer;
use crate::letters as dead;
use crate::parts::Part;
use crate::texts::foreign;

const TITLE: &str = "Unfinished and dead letters";

/// Whose dead letters are to be read.
#[derive(Debug, Deserialize)]
pub(super) struct OfQueue {
    #[serde(default)]
    queue: String,
}

/// Says how many there are.
pub(super) async fn letters(State(console): State<Console>) -> Answer {
    page(&console, &html! {}).await
}

/// Reads them.
pub(super) async fn look(State(console): State<Console>, sent: Sent<OfQueue>) -> Response {
    let ours = match console.ours(sent) {
        Ok(ours) => ours,
        Err(refused) => return refused.answer(),
    };
    let which = match ours.form.queue.as_str() {
        "orders" => Which::Orders,
        "releases" => Which::Releases,
        _ => {
            let text = "queue must be orders or releases.";
            return console
                .wrong(StatusCode::BAD_REQUEST, TITLE, text)
                .into_response();
        }
    };
    let home = console.home();
    let found = match Box::pin(dead::look(home, which)).await {
        Ok(None) => {
            html! { p class="none" { "The queue's URL is not known here (ORDERS_QUEUE_URL, RELEASES_QUEUE_URL), or it has no dead-letter queue." } }
        }
        Ok(Some(found)) => dead::found(&found, home.now_ms(), home.actions),
        Err(error) => {
            html! { p class="trouble" role="alert" { "✗ " (foreign(&error.to_string())) } }
        }
    };
    // The count beside them is to be as new as they are.
    console.live().fresh().await;
    page(&console, &found).await.into_response()
}

async fn page(console: &Console, found: &Markup) -> Answer {
    let (_, drawing) = console.drawing(&About::default()).await;
    let body = html! {
        section aria-labelledby="unfinished" { h2 id="unfinished" { "Unfinished" } (drawing.place(Part::Unfinished)) }
        section aria-labelledby="dead" {
            h2 id="dead" { "Dead letters" }
            p { "To read the messages hides each of them from others for a moment, and SQS counts it as a receive." }
            form method="post" action="/console/letters#dead" class="buttons" {
                input type="hidden" name="token" value=(console.token());
                button name="queue" value="orders" { "Read the dead letters of orders" }
                button name="queue" value="releases" { "Read the dead letters of releases" }
            }
            (found)
        }
    };
    console.page(StatusCode::OK, TITLE, body)
}
