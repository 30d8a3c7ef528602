//! JSON with short names, for what is stored: a record's write units go by its size, and a good part of that is names.
//!
//! JSON text never holds a control character as such, so each of thirty names can be one. A text begins with a mark of its own:
//! whatever does not is plain JSON and is left as it is.

use std::borrow::Cow;

/// What a text in shorthand begins with.
const MARK: char = '\u{1}';
/// What stands for the first name.
const FIRST: u32 = 2;

/// Names that are written short.
///
/// Their places are stored: a name may take a free place behind the others, and none may ever move or go.
#[derive(Debug, Clone, Copy)]
pub struct Shorthand(&'static [&'static str]);

impl Shorthand {
    /// For a connection as the API spells it.
    pub const CONNECTION: Self = Self(&[
        "ownerAccount",
        "connectionId",
        "connectionName",
        "connectionState",
        "region",
        "location",
        "bandwidth",
        "vlan",
        "partnerName",
        "loaIssueTime",
        "lagId",
        "awsDevice",
        "jumboFrameCapable",
        "awsDeviceV2",
        "awsLogicalDeviceId",
        "hasLogicalRedundancy",
        "tags",
        "providerName",
        "macSecCapable",
        "portEncryptionStatus",
        "encryptionMode",
        "macSecKeys",
        "rateLimiterStatus",
        "partnerInterconnectMacSecCapable",
        "prefixPoolSizeIpv4",
        "prefixPoolSizeIpv6",
        "prefixPoolUnallocatedCountIpv4",
        "prefixPoolUnallocatedCountIpv6",
        "billingMode",
        "totalBandwidth",
    ]);

    /// For what became of a connection.
    pub const LIFECYCLE: Self = Self(&[
        "connection",
        "connectionState",
        "without",
        "lookedAtMs",
        "changes",
        "events",
        "reminded",
        "goneAtMs",
        "release",
        "requestedAtMs",
        "releasedAtMs",
        "refused",
        "refusedRelease",
        "message",
        "state",
        "owed",
        "history",
        "atMs",
        "what",
        "detail",
        "eventId",
        "detailType",
        "sequence",
        "occurredAt",
        "origin",
        "previousState",
        "door",
        "requestId",
        "messageId",
        "queueArn",
    ]);

    /// `json`, which is JSON text, with these names short.
    #[must_use]
    pub fn write(self, json: &str) -> String {
        let mut short = String::with_capacity(json.len());
        short.push(MARK);
        let mut rest = json;
        while let Some(open) = rest.find('"') {
            let Some(close) = end_of_string(&rest[open + 1..]) else {
                break;
            };
            let end = open + 1 + close;
            let (name, after) = (&rest[open + 1..end], &rest[end + 1..]);
            match after
                .strip_prefix(':')
                .and_then(|value| Some((self.code(name)?, value)))
            {
                Some((code, value)) => {
                    short.push_str(&rest[..open]);
                    short.push(code);
                    rest = value;
                }
                None => {
                    short.push_str(&rest[..=end]);
                    rest = after;
                }
            }
        }
        short.push_str(rest);
        short
    }

    /// The JSON that was written short, or `text` where it was not.
    #[must_use]
    pub fn read(self, text: &str) -> Cow<'_, str> {
        let Some(short) = text.strip_prefix(MARK) else {
            return Cow::Borrowed(text);
        };
        let mut json = String::with_capacity(2 * short.len());
        for character in short.chars() {
            match self.name(character) {
                Some(name) => {
                    json.push('"');
                    json.push_str(name);
                    json.push_str("\":");
                }
                None => json.push(character),
            }
        }
        Cow::Owned(json)
    }

    fn code(self, name: &str) -> Option<char> {
        let place = self.0.iter().position(|known| *known == name)?;
        char::from_u32(FIRST + u32::try_from(place).ok()?)
    }

    fn name(self, code: char) -> Option<&'static str> {
        let place = u32::from(code).checked_sub(FIRST)?;
        self.0.get(usize::try_from(place).ok()?).copied()
    }
}

/// Where the string ends whose first character is that of `text`.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn there_and_back(json: &Value) {
        for shorthand in [Shorthand::CONNECTION, Shorthand::LIFECYCLE] {
            let text = json.to_string();
            assert_eq!(shorthand.read(&shorthand.write(&text)), text);
        }
    }

    #[test]
    fn names_are_short_and_come_back() {
        let text = r#"{"connectionId":"dxcon-1","tags":[{"key":"vlan"}],"unknown":{"vlan":1}}"#;
        let short = Shorthand::CONNECTION.write(text);
        assert_eq!(
            short,
            "\u{1}{\u{3}\"dxcon-1\",\u{12}[{\"key\":\"vlan\"}],\"unknown\":{\u{9}1}}"
        );
        assert_eq!(Shorthand::CONNECTION.read(&short), text);
    }

    #[test]
    fn only_names_are_short_whatever_values_look_like() {
        there_and_back(
            &json!({"a": "\"vlan\":", "b\"": "vlan", "vlan": "\\", "c": "\\\"vlan\":\u{3}"}),
        );
        there_and_back(&json!(["vlan", {"vlan": {"": ""}}, "\"", 1]));
    }

    #[test]
    fn what_is_not_short_is_left_as_it_is() {
        for text in ["", "{}", r#"{"vlan":1}"#, "no JSON"] {
            assert_eq!(Shorthand::CONNECTION.read(text), text);
        }
    }

    /// Records hold the places.
    #[test]
    fn a_name_keeps_its_place() {
        for (shorthand, place, name) in [
            (Shorthand::CONNECTION, '\u{2}', "ownerAccount"),
            (Shorthand::CONNECTION, '\u{5}', "connectionState"),
            (Shorthand::CONNECTION, '\u{1f}', "totalBandwidth"),
            (Shorthand::LIFECYCLE, '\u{2}', "connection"),
            (Shorthand::LIFECYCLE, '\u{12}', "history"),
            (Shorthand::LIFECYCLE, '\u{1f}', "queueArn"),
        ] {
            assert_eq!(shorthand.name(place), Some(name));
            assert_eq!(shorthand.0.len(), 30, "no control character is left");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(name in "vlan|tags|[a-z\"\\\\]{0,4}", value in ".{0,20}") {
            there_and_back(&json!({ name: value }));
        }
    }
}
