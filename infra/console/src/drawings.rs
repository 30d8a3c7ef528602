//! The parts of the first page, drawn once for all pages that show the same. Whoever has a part already is not sent it again:
//! each has a tag that changes with what it shows.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use maud::{Markup, PreEscaped, html};

use crate::about::About;
use crate::home::Home;
use crate::parts::Part;
use crate::snapshot::Snapshot;
use crate::texts::encoded;

/// Drawings that are kept: more pages than this do not look at different things at once.
const MOST: usize = 64;

/// A part as it is drawn.
pub(crate) struct Drawn {
    part: Part,
    tag: String,
    html: String,
}

/// All parts as one page shows them.
pub(crate) struct Drawing {
    parts: Vec<Drawn>,
    /// Where an open page asks for them again.
    again: String,
}

/// What was drawn of the newest snapshot, by what the pages are about.
#[derive(Default)]
pub(crate) struct Drawings(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    version: u64,
    drawings: HashMap<About, Arc<Drawing>>,
}

impl Drawings {
    /// The parts of the page that is about this.
    pub(crate) fn of(&self, home: &Home, snapshot: &Snapshot, about: &About) -> Arc<Drawing> {
        if let Some(kept) = self.kept(snapshot.version, about) {
            return kept;
        }
        let drawing = Arc::new(Drawing::new(home, snapshot, about));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version != snapshot.version {
            kept.version = snapshot.version;
            kept.drawings.clear();
        }
        if kept.drawings.len() < MOST {
            kept.drawings.insert(about.clone(), drawing.clone());
        }
        drawing
    }

    fn kept(&self, version: u64, about: &About) -> Option<Arc<Drawing>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_newest = kept.version == version;
        kept.drawings.get(about).filter(|_| is_newest).cloned()
    }
}

impl Drawing {
    fn new(home: &Home, snapshot: &Snapshot, about: &About) -> Self {
        let parent = about.parent.as_deref().map(encoded).unwrap_or_default();
        let watch = about.watch.as_deref().map(encoded).unwrap_or_default();
        let parts = Part::ALL.map(|part| Drawn::new(part, part.draw(home, snapshot, about)));
        Self {
            parts: parts.into(),
            again: format!("/console/parts?parent={parent}&watch={watch}"),
        }
    }

    /// A part where it stands in a page.
    pub(crate) fn place(&self, part: Part) -> Markup {
        let drawn = self.parts.iter().find(|drawn| drawn.part == part);
        html! { @if let Some(drawn) = drawn { (drawn.place(&self.again)) } }
    }

    /// Those parts whose tags are not these. `have` is what a page has: names and tags, `orders.0123abcd,map.4567cdef`.
    pub(crate) fn news(&self, have: &str) -> Markup {
        let news = tags(have).filter_map(|(name, tag)| {
            let mut parts = self.parts.iter();
            parts.find(|drawn| drawn.part.name() == name && drawn.tag != tag)
        });
        // However often a part is named, no more is sent than a page has.
        let news: Vec<_> = news.take(Part::ALL.len()).collect();
        html! { @for drawn in news { (drawn.place(&self.again)) } }
    }

    /// Whether a page has this part.
    pub(crate) fn has(have: &str, part: Part) -> bool {
        tags(have).any(|(name, _)| name == part.name())
    }
}

fn tags(have: &str) -> impl Iterator<Item = (&str, &str)> {
    have.split(',').filter_map(|one| one.split_once('.'))
}

impl Drawn {
    fn new(part: Part, markup: Markup) -> Self {
        let html = markup.into_string();
        let mut hasher = DefaultHasher::new();
        html.hash(&mut hasher);
        Self {
            part,
            tag: format!("{:016x}", hasher.finish()),
            html,
        }
    }

    fn place(&self, again: &str) -> Markup {
        // Drawn by `maud`, which has escaped it.
        let inside = PreEscaped(self.html.as_str());
        html! { div id={ "part-" (self.part.name()) } data-parts=(again) data-tag=(self.tag) { (inside) } }
    }
}
