//! The first page, and those of its parts that have changed since an open page has them.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use tokio::time::Instant;

use super::Console;
use super::frame::OfNote;
use crate::about::About;
use crate::answer::Answer;
use crate::drawings::Drawing;
use crate::parts::Part;
use crate::snapshot::Snapshot;
use crate::{breaking, orders};

impl Console {
    /// What is known now, and its parts as a page about this shows them.
    pub(super) async fn drawing(&self, about: &About) -> (Arc<Snapshot>, Arc<Drawing>) {
        let snapshot = self.live().snapshot().await;
        let drawing = self.drawings().of(self.home(), &snapshot, about);
        (snapshot, drawing)
    }

    /// Notes that somebody looks at this parent's map.
    fn want_map(&self, snapshot: &Snapshot, about: &About) {
        if let Some(chosen) = snapshot.chosen(about.parent.as_deref()) {
            self.live().want(chosen.site.id.as_str());
        }
    }
}

pub(super) async fn overview(
    State(console): State<Console>,
    about: Result<Query<About>, QueryRejection>,
    of: Result<Query<OfNote>, QueryRejection>,
) -> Answer {
    let (Ok(Query(about)), Ok(Query(of))) = (about, of) else {
        return console.wrong(
            StatusCode::BAD_REQUEST,
            "Overview",
            "The address cannot be read.",
        );
    };
    let home = console.home();
    let (snapshot, drawing) = console.drawing(&about).await;
    console.want_map(&snapshot, &about);
    let place = |part: Part| drawing.place(part);
    let section = |id: &str, title: &str, body: Markup| {
        html! { section aria-labelledby={ (id) "-title" } id=(id) { h2 id={ (id) "-title" } { (title) } (body) } }
    };
    let body = html! {
        (console.told(&of))
        (place(Part::Troubles))
        (breaking::forms(home, &snapshot, &about, console.token(), &place(Part::Watch)))
        (section("parents", "Parents", place(Part::Parents)))
        (section("map", "VLAN map", place(Part::Map)))
        (section("orders", "Newest orders", html! { (orders::form(&orders::Wanted::default(), &snapshot)) (place(Part::Orders)) }))
        (section("unfinished", "Unfinished", place(Part::Unfinished)))
        (section("events", "Events", place(Part::Events)))
        (section("figures", "Figures", place(Part::Figures)))
    };
    console.page(StatusCode::OK, "Overview", body)
}

pub(super) async fn home() -> Answer {
    Answer::see("/")
}

/// Which parts a page has.
#[derive(Debug, Deserialize)]
pub(super) struct Having {
    #[serde(default)]
    have: String,
}

pub(super) async fn parts(
    State(console): State<Console>,
    about: Result<Query<About>, QueryRejection>,
    having: Result<Query<Having>, QueryRejection>,
) -> Answer {
    let (Ok(Query(about)), Ok(Query(Having { have }))) = (about, having) else {
        return Answer::text(StatusCode::BAD_REQUEST, "The address cannot be read.");
    };
    let begun = Instant::now();
    let (snapshot, drawing) = console.drawing(&about).await;
    if Drawing::has(&have, Part::Map) {
        console.want_map(&snapshot, &about);
    }
    let news = drawing.news(&have);
    Answer::html(StatusCode::OK, news).drawn_in(begun.elapsed())
}
