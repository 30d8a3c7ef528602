//! Which parent and which order a page is about, as its address says.

/// What a page, or a part of it, is about. Empty is the same as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(from = "Asked")]
pub(crate) struct About {
    /// The parent whose map is shown.
    pub(crate) parent: Option<String>,
    /// The order that is watched.
    pub(crate) watch: Option<String>,
}

/// The same as the address has it.
#[derive(serde::Deserialize)]
struct Asked {
    parent: Option<String>,
    watch: Option<String>,
}

impl From<Asked> for About {
    fn from(asked: Asked) -> Self {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            parent: given(asked.parent),
            watch: given(asked.watch),
        }
    }
}
