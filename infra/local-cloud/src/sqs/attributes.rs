//! Message attributes and the digest that SDKs check them by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A message attribute as SQS's API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    /// `String`, `Number` or `Binary`, with or without a label after a dot.
    pub(super) data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) string_value: Option<String>,
    /// In Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) binary_value: Option<String>,
}

impl Attribute {
    pub(super) fn string(value: &str) -> Self {
        Self {
            data_type: "String".to_owned(),
            string_value: Some(value.to_owned()),
            binary_value: None,
        }
    }
}

/// Attributes by name, in the order that the digest wants.
pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// MD5 in hexadecimal, as SQS gives it for bodies.
pub(super) fn md5_of(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

/// MD5 of all attributes (developer guide, "Calculating the MD5 message digest for message attributes"). `None` where
/// there are none, and for binary values, whose digest nothing here asks for.
pub(super) fn md5_of_attributes(attributes: &Attributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    for (name, attribute) in attributes {
        let value = attribute.string_value.as_ref()?;
        for part in [name, &attribute.data_type] {
            write_part(&mut bytes, part);
        }
        // 1 stands for a string, 2 for bytes.
        bytes.push(1);
        write_part(&mut bytes, value);
    }
    Some(format!("{:x}", md5::compute(bytes)))
}

fn write_part(bytes: &mut Vec<u8>, part: &str) {
    // No part is longer than a message may be, 1 MiB.
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    bytes.extend(length.to_be_bytes());
    bytes.extend(part.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_covers_name_type_kind_and_value_with_their_lengths() {
        let attributes = Attributes::from([("a".to_owned(), Attribute::string("b"))]);
        let mut by_hand = vec![0, 0, 0, 1, b'a', 0, 0, 0, 6];
        by_hand.extend(b"String");
        by_hand.extend([1, 0, 0, 0, 1, b'b']);
        assert_eq!(
            md5_of_attributes(&attributes),
            Some(format!("{:x}", md5::compute(by_hand)))
        );
        assert_eq!(md5_of_attributes(&Attributes::new()), None);
    }
}
