//! Which request goes where.

mod frame;

mod assets;
mod letters;
mod overview;
mod pages;
mod parents;
mod posts;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use http::StatusCode;

use crate::answer::Answer;
use crate::breaking::{ByHand, Pressed};
use crate::drawings::Drawings;
use crate::guard::{Hosts, guard};
use crate::home::Home;
use crate::live::Live;

/// Longest form, in bytes: a policy that reserves a few hundred VLANs.
const MOST_BYTES: usize = 64 * 1024;
/// Notes that are remembered for the page after a form.
const NOTES: usize = 64;

/// What answers the console's requests. Cheap to clone.
#[derive(Clone)]
pub struct Console(Arc<Parts>);

struct Parts {
    home: Arc<Home>,
    live: Live,
    hosts: Hosts,
    /// What only a form of this run's pages can know.
    token: String,
    /// Which run this is.
    boot: String,
    notes: Mutex<Notes>,
    drawings: Drawings,
}

#[derive(Default)]
struct Notes {
    last: u64,
    kept: VecDeque<(u64, Note)>,
}

/// What is told on the page after a form.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) is_good: bool,
    pub(crate) text: String,
}

/// Whether a path is the console's own: the first page, for who asks for a page, and everything under `/console/`.
#[must_use]
pub fn belongs(request: &http::request::Parts) -> bool {
    let path = request.uri.path();
    let wants_page = || {
        let accept = request.headers.get(http::header::ACCEPT);
        accept
            .is_some_and(|accept| String::from_utf8_lossy(accept.as_bytes()).contains("text/html"))
    };
    path.starts_with("/console/") || path == "/console" || (path == "/" && wants_page())
}

impl Console {
    pub(crate) fn new(home: Arc<Home>, live: Live, hosts: Hosts) -> Self {
        Self(Arc::new(Parts {
            home,
            live,
            hosts,
            token: random(),
            boot: random(),
            notes: Mutex::default(),
            drawings: Drawings::default(),
        }))
    }

    /// The routes.
    pub fn router(&self) -> Router {
        let mut routes = Router::new()
            .route("/", get(overview::overview))
            .route("/console", get(overview::home))
            .route("/console/live", get(pages::live))
            .route("/console/parts", get(overview::parts))
            .route("/console/orders", get(pages::orders))
            .route("/console/order", get(pages::order))
            .route("/console/parent", get(parents::parent))
            .route("/console/vlan", get(parents::vlan))
            .route("/console/events", get(pages::events))
            .route(
                "/console/letters",
                get(letters::letters).post(letters::look),
            )
            .route("/console/console.css", get(assets::style))
            .route("/console/console.js", get(assets::script))
            .route("/console/icon.svg", get(assets::icon));
        if self.home().bench.is_some() {
            routes = routes
                .route("/console/customer", get(pages::customer))
                .route("/console/order", post(posts::order))
                .route("/console/break", post(posts::bench::<Pressed>))
                .route("/console/by-hand", post(posts::bench::<ByHand>));
        }
        if self.home().actions {
            routes = routes
                .route("/console/confirm", get(pages::confirm))
                .route("/console/act", post(posts::act));
        }
        routes
            .fallback(nowhere)
            .method_not_allowed_fallback(not_allowed)
            .layer(DefaultBodyLimit::max(MOST_BYTES))
            .layer(from_fn_with_state(self.0.hosts.clone(), guard))
            .with_state(self.clone())
    }

    pub(crate) fn home(&self) -> &Home {
        &self.0.home
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    pub(crate) fn drawings(&self) -> &Drawings {
        &self.0.drawings
    }

    pub(crate) fn token(&self) -> &str {
        &self.0.token
    }

    pub(crate) fn boot(&self) -> &str {
        &self.0.boot
    }

    /// Keeps a note, and gives its number.
    pub(crate) fn leave(&self, note: Note) -> u64 {
        let mut notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.last += 1;
        let number = notes.last;
        notes.kept.push_back((number, note));
        if notes.kept.len() > NOTES {
            notes.kept.pop_front();
        }
        number
    }

    /// The note of this number.
    pub(crate) fn note(&self, number: Option<u64>) -> Option<Note> {
        let notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let found = notes.kept.iter().find(|(known, _)| Some(*known) == number);
        found.map(|(_, note)| note.clone())
    }
}

/// What nobody guesses.
fn random() -> String {
    let mut bytes = [0; 24];
    // Without randomness no form is taken, rather than any.
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => String::new(),
    }
}

async fn nowhere(State(console): State<Console>) -> Answer {
    let text = "The console has no such page.";
    console.wrong(StatusCode::NOT_FOUND, "Not found", text)
}

async fn not_allowed() -> Answer {
    Answer::text(
        StatusCode::METHOD_NOT_ALLOWED,
        "The page is there, and not for this method; the header Allow names those that it has.",
    )
}
