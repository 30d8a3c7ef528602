//! Events as text, for the time between deciding and publishing them.

use serde::{Deserialize, Deserializer, Serializer};
use uuid::Uuid;

use super::Event;

impl Event {
    /// The event as JSON text. The detail is a string in it, so that it comes back byte by byte.
    pub fn to_json(&self) -> String {
        crate::json::text_of(self)
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// The text is no event.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Gives the event its sequence, unless it has one: events that wait since before there were any go out with it.
    pub fn number(&mut self, sequence: u32) {
        let is_unnumbered = serde_json::from_str::<Numbered>(&self.detail)
            .is_ok_and(|detail| detail.sequence.is_none());
        if let Some(members) = self.detail.strip_suffix('}').filter(|_| is_unnumbered) {
            self.detail = format!("{members},\"sequence\":{sequence}}}");
        }
    }
}

/// What of a detail tells whether it is numbered.
#[derive(Deserialize)]
struct Numbered {
    sequence: Option<u32>,
}

/// For serde's `with`: uuid's own support would be one more feature for a line each.
pub(super) mod uuid_text {
    use super::*;

    pub(in crate::event) fn serialize<S: Serializer>(
        id: &Uuid,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(in crate::event) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Uuid, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
