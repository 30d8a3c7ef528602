//! What stands around a page's own content: the frame, what is wrong, and what came of a form.

use http::StatusCode;
use maud::{Markup, html};

use super::{Console, Note};
use crate::answer::Answer;
use crate::page::Page;
use crate::texts::foreign;

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

/// Which note is to be shown, as the address has it. What is no number is no note.
#[derive(Debug, serde::Deserialize)]
pub(super) struct OfNote {
    #[serde(default)]
    note: String,
}

impl Console {
    /// What came of a form, for whoever sees and whoever hears the page.
    pub(super) fn told(&self, of: &OfNote) -> Markup {
        noted(self.note(of.note.parse().ok()))
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
