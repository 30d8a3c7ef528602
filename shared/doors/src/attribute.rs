//! The attributes of a message that mean something here: those that may hold the key, and the caller's correlation id.

use std::collections::HashMap;

use aws_lambda_events::sns::MessageAttribute;
use aws_lambda_events::sqs::SqsMessageAttribute;
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

/// What the attributes of one message say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Attributes {
    keys: Vec<KeyAttribute>,
    correlation_id: Option<CorrelationId>,
}

impl Attributes {
    /// Those of a message of a queue.
    pub(crate) fn of_sqs(attributes: HashMap<String, SqsMessageAttribute>) -> Attributes {
        let parts = |attribute: SqsMessageAttribute| (attribute.data_type, attribute.string_value);
        Attributes::of(attributes.into_iter().map(|(name, of)| (name, parts(of))))
    }

    /// Those of a notification.
    pub(crate) fn of_sns(attributes: HashMap<String, MessageAttribute>) -> Attributes {
        let parts =
            |attribute: MessageAttribute| (Some(attribute.data_type), Some(attribute.value));
        Attributes::of(attributes.into_iter().map(|(name, of)| (name, parts(of))))
    }

    /// Those in `members`, of which there may be none, where an attribute is not as the service writes them. One that is
    /// no object has neither type nor text, and is refused as such.
    pub(crate) fn leniently(members: Option<&Members<'_>>, spelling: Spelling) -> Attributes {
        let (data_type, text) = match spelling {
            Spelling::Sqs => ("dataType", "stringValue"),
            Spelling::Sns => ("Type", "Value"),
        };
        let members = members.into_iter().flat_map(Members::iter);
        let read = members.filter(|(name, _)| is(name, KEY) || is(name, CORRELATION));
        Attributes::of(read.map(|(name, attribute)| {
            let attribute = Members::of(attribute).unwrap_or_default();
            (name, (attribute.text(data_type), attribute.text(text)))
        }))
    }

    /// Each by its name, with its data type and its text.
    fn of<N: AsRef<str> + Ord>(
        attributes: impl Iterator<Item = (N, (Option<String>, Option<String>))>,
    ) -> Attributes {
        let (mut keys, mut correlation_ids) = (Vec::new(), Vec::new());
        for (name, (data_type, text)) in attributes {
            if is(name.as_ref(), KEY) {
                keys.push((name, KeyAttribute::new(data_type, text)));
            } else if is(name.as_ref(), CORRELATION) {
                correlation_ids.push(text);
            }
        }
        // A map has no order, and what is said about two keys is to be the same each time.
        keys.sort_by(|(one, _), (other, _)| one.cmp(other));
        let correlation_id = match correlation_ids.as_slice() {
            [Some(only)] => CorrelationId::parse(only),
            _ => None,
        };
        Attributes {
            keys: keys.into_iter().map(|(_, key)| key).collect(),
            correlation_id,
        }
    }

    /// Everything that may be the key.
    pub(crate) fn keys(&self) -> Vec<KeyAttribute> {
        self.keys.clone()
    }

    /// The caller's correlation id; `None` when there is more than one, or it cannot be used.
    pub(crate) fn correlation_id(&self) -> Option<CorrelationId> {
        self.correlation_id.clone()
    }
}

fn is(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known)
}
