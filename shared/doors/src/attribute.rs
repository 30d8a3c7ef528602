//! Message attributes, as queues and topics hand them over.

use hosted_connection::{CorrelationId, KeyAttribute};

use crate::envelope::Members;

/// The attribute that may carry the key. Names are taken in any case: a sender's library may write them as headers are
/// written, and a key that is overlooked would be missed.
const KEY: &str = "Idempotency-Key";
const CORRELATION: &str = "Correlation-Id";

/// How a service names the parts of an attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spelling {
    /// `{"dataType": "String", "stringValue": "…"}`
    Sqs,
    /// `{"Type": "String", "Value": "…"}`
    Sns,
}

/// The attributes of one message.
#[derive(Debug)]
pub(crate) struct Attributes<'a> {
    members: Members<'a>,
    spelling: Spelling,
}

impl<'a> Attributes<'a> {
    /// The attributes in `members`, of which there may be none.
    pub(crate) fn of(members: Option<Members<'a>>, spelling: Spelling) -> Attributes<'a> {
        let members = members.unwrap_or_default();
        Attributes { members, spelling }
    }

    /// Everything that may be the key.
    pub(crate) fn keys(&self) -> Vec<KeyAttribute> {
        let read = |attribute: Members<'_>| {
            let (data_type, text) = self.parts(&attribute);
            KeyAttribute::new(data_type, text)
        };
        self.named(KEY).map(read).collect()
    }

    /// The caller's correlation id; `None` when there is more than one, or it cannot be used.
    pub(crate) fn correlation_id(&self) -> Option<CorrelationId> {
        let mut named = self.named(CORRELATION);
        let (only, more) = (named.next()?, named.next());
        let (_, text) = self.parts(&only);
        text.filter(|_| more.is_none())
            .and_then(|text| CorrelationId::parse(&text))
    }

    fn named(&self, name: &'static str) -> impl Iterator<Item = Members<'a>> {
        let named = self
            .members
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        // One that is no object has neither type nor text, and is refused as such.
        let parts: Vec<_> = named
            .map(|(_, attribute)| Members::of(attribute).unwrap_or_default())
            .collect();
        parts.into_iter()
    }

    fn parts(&self, attribute: &Members<'_>) -> (Option<String>, Option<String>) {
        let (data_type, text) = match self.spelling {
            Spelling::Sqs => ("dataType", "stringValue"),
            Spelling::Sns => ("Type", "Value"),
        };
        (attribute.text(data_type), attribute.text(text))
    }
}
