//! What is done with POST, by a form of our own page: each carries the token of this run.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;

use super::{Console, Note};
use crate::answer::Answer;
use crate::breaking::{self, Order, ToBench};
use crate::confirm::Asked;
use crate::texts::encoded;

/// What every form of ours has.
#[derive(Debug, Deserialize)]
pub(super) struct Ours<T> {
    #[serde(default)]
    token: String,
    /// The parent whose map was shown.
    #[serde(default)]
    shown: String,
    /// The order that was watched.
    #[serde(default)]
    watch: String,
    #[serde(flatten)]
    pub(super) form: T,
}

/// A form as it came.
pub(super) type Sent<T> = Result<Form<Ours<T>>, FormRejection>;

/// Why a form is not taken.
pub(super) struct Refused(StatusCode, String);

impl Refused {
    pub(super) fn answer(self) -> Response {
        Answer::text(self.0, &self.1).into_response()
    }
}

impl Console {
    /// The form, if it is one of ours.
    pub(super) fn ours<T>(&self, sent: Sent<T>) -> Result<Ours<T>, Refused> {
        let Form(ours) = sent.map_err(|rejection| {
            let text = format!("The form cannot be read: {}", rejection.body_text());
            Refused(rejection.status(), text)
        })?;
        if self.token().is_empty() || ours.token != self.token() {
            let text = "The form is not of this page, or the server was started again since: load the page again.";
            return Err(Refused(StatusCode::FORBIDDEN, text.to_owned()));
        }
        Ok(ours)
    }

    /// Back to the first page, with what came of it.
    fn back(&self, shown: &str, watch: &str, came: Result<String, String>) -> Response {
        let is_good = came.is_ok();
        let text = came.unwrap_or_else(|text| text);
        let note = self.leave(Note { is_good, text });
        let mut place = format!("/?note={note}");
        for (name, value) in [("parent", shown), ("watch", watch)] {
            if !value.is_empty() {
                place.push_str(&format!("&{name}={}", encoded(value)));
            }
        }
        Answer::see(&place).into_response()
    }
}

/// Beside the local cloud only.
fn no_bench() -> Response {
    Answer::text(StatusCode::NOT_FOUND, "That is for the local cloud.").into_response()
}

pub(super) async fn order(State(console): State<Console>, sent: Sent<Order>) -> Response {
    let ours = match console.ours(sent) {
        Ok(ours) => ours,
        Err(refused) => return refused.answer(),
    };
    let Some(bench) = &console.home().bench else {
        return no_bench();
    };
    let came = match breaking::key(&ours.form.key) {
        Ok(_) => ours.form.deliver(bench).await,
        Err(text) => Err(text),
    };
    // An order that was answered with no is one to watch as well.
    let watch = match came.is_ok() {
        true => ours.form.key.clone(),
        false => ours.watch.clone(),
    };
    console.live().fresh().await;
    console.back(
        &ours.shown,
        &watch,
        came.and_then(|delivered| delivered.told()),
    )
}

/// What is broken, or done by hand, in the local cloud: said in a form, applied, and told on the first page.
pub(super) async fn bench<T: ToBench>(State(console): State<Console>, sent: Sent<T>) -> Response {
    let ours = match console.ours(sent) {
        Ok(ours) => ours,
        Err(refused) => return refused.answer(),
    };
    let Some(bench) = &console.home().bench else {
        return no_bench();
    };
    let came = ours.form.apply(bench).await;
    console.live().fresh().await;
    console.back(&ours.shown, &ours.watch, came)
}

pub(super) async fn act(State(console): State<Console>, sent: Sent<Asked>) -> Response {
    let ours = match console.ours(sent) {
        Ok(ours) => ours,
        Err(refused) => return refused.answer(),
    };
    let action = match ours.form.read() {
        Ok(action) => action,
        Err(text) => {
            let title = "Nothing was done";
            return console
                .wrong(StatusCode::BAD_REQUEST, title, &text)
                .into_response();
        }
    };
    let came = Box::pin(action.apply(console.home())).await;
    console.live().fresh().await;
    let (status, title) = match came {
        Ok(_) => (StatusCode::OK, "Done"),
        Err(_) => (StatusCode::CONFLICT, "Not done, or not all of it"),
    };
    let note = came.unwrap_or_else(|text| text);
    let back = ours.form.back();
    let body = maud::html! {
        p class={ @if status.is_success() { "note" } @else { "trouble" } } role="status" { (crate::texts::foreign(&note)) }
        p { a href=(back) { "Back" } }
    };
    console.page(status, title, body).into_response()
}
