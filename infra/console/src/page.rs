//! The frame around every page.

use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use crate::answer::Answer;
use crate::home::Home;

/// What is on a page.
pub(crate) struct Page<'p> {
    pub(crate) home: &'p Home,
    /// This run of the server: a page of another run has another token.
    pub(crate) boot: &'p str,
    pub(crate) title: &'p str,
    pub(crate) body: Markup,
}

impl Page<'_> {
    /// The whole page.
    pub(crate) fn answer(&self, status: StatusCode) -> Answer {
        Answer::html(status, self.draw())
    }

    fn draw(&self) -> Markup {
        let Page {
            home,
            boot,
            title,
            body,
        } = self;
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " · hosted connections" }
                    link rel="stylesheet" href="/console/console.css";
                    link rel="icon" href="/console/icon.svg" type="image/svg+xml";
                    script src="/console/console.js" defer {}
                }
                body data-boot=(boot) {
                    a class="skip" href="#main" { "Skip to the content" }
                    header {
                        p class="brand" { a href="/" { "Hosted connections" } " " small { (home.name) @if home.bench.is_none() && !home.actions { ", read-only" } } }
                        nav aria-label="Pages" { ul {
                            li { a href="/" { "Overview" } }
                            li { a href="/console/orders" { "Orders" } }
                            li { a href="/console/events" { "Events" } }
                            li { a href="/console/letters" { "Unfinished and dead letters" } }
                        } }
                        p class="live" role="status" data-live-state { noscript { "Without JavaScript: reload to see news." } }
                    }
                    main id="main" tabindex="-1" { h1 { (title) } (body) }
                    footer { p { "Times are UTC. The page asks no other host for anything." } }
                }
            }
        }
    }
}
