//! Which parent and which order a page is about, as its address says.

/// What a page, or a part of it, is about.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub(crate) struct About {
    /// The parent whose map is shown.
    pub(crate) parent: Option<String>,
    /// The order that is watched.
    pub(crate) watch: Option<String>,
    /// A note that somebody left.
    pub(crate) note: Option<u64>,
}
