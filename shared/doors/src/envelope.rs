//! Reads an event's envelope one level at a time, values unparsed.
//!
//! It tells which envelope an event is, and reads what the published type of that envelope refuses.
//!
//! Nothing here recurses and nothing here fails: depth costs no stack, a lone surrogate stays where it is, and a member
//! of another type than expected is an absent one. Whether that matters is for the door to say.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::object;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A JSON object's members, in their order.
#[derive(Debug, Clone, Default)]
pub struct Members<'a>(Vec<(Text<'a>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// The members of `value`, or `None` when it is not an object.
    pub fn of(value: &'a RawValue) -> Option<Members<'a>> {
        serde_json::from_str(value.get()).ok()
    }

    /// The members of the object that `text` is; `None` when it is something else. One byte order mark is skipped.
    pub fn read(text: &'a [u8]) -> Option<Members<'a>> {
        serde_json::from_slice(unmarked(text)).ok()
    }

    /// A member's value; the last one's when the name is repeated, as most JSON readers have it.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .rev()
            .find(|(member, _)| &*member.0 == name.as_bytes())
            .map(|(_, value)| *value)
    }

    /// A member that is an object.
    pub fn object(&self, name: &str) -> Option<Members<'a>> {
        self.get(name).and_then(Members::of)
    }

    /// The elements of a member that is an array.
    pub fn array(&self, name: &str) -> Option<Vec<&'a RawValue>> {
        self.get(name).and_then(array)
    }

    /// A member that is a string, lone surrogates replaced.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(text)
    }

    /// A member that is a string, as bytes: a lone surrogate makes them invalid UTF-8.
    pub fn bytes(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        self.get(name).and_then(bytes)
    }

    /// Whether a member is `true`.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.get() == "true")
    }

    /// Each member's name and value.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Cow<'_, str>, &'a RawValue)> {
        self.0
            .iter()
            .map(|(name, value)| (String::from_utf8_lossy(&name.0), *value))
    }
}

/// What `text` is as the published type of its envelope; `None` when the type refuses it. One byte order mark is skipped.
pub(crate) fn published<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(unmarked(text))
        .ok()
        .and_then(object::read)
}

fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// The elements of an array value; `None` for any other type.
pub fn array(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

/// A string value, lone surrogates replaced; `None` for any other type.
pub fn text(value: &RawValue) -> Option<String> {
    bytes(value).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn bytes(value: &RawValue) -> Option<Cow<'_, [u8]>> {
    serde_json::from_str(value.get())
        .ok()
        .map(|Text(bytes)| bytes)
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// A JSON string taken as bytes: serde_json then lets lone surrogates through, as WTF-8, where a `str` would fail.
#[derive(Debug, Clone)]
struct Text<'a>(Cow<'a, [u8]>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl<'de> Visitor<'de> for Bytes {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(bytes)))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(bytes.to_vec())))
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_lone_surrogate_in_one_string_leaves_its_neighbours_readable() {
        let members = Members::of(raw(r#"{"\ud800": 1, "body": "\ud800", "id": "m-1"}"#)).unwrap();
        assert_eq!(members.text("id").as_deref(), Some("m-1"));
        assert!(std::str::from_utf8(&members.bytes("body").unwrap()).is_err());
        assert_eq!(
            members.text("body").as_deref(),
            Some("\u{fffd}\u{fffd}\u{fffd}")
        );
    }

    #[test]
    fn a_member_of_another_type_is_an_absent_one() {
        let members = Members::of(raw(
            r#"{"text": 5, "object": [1], "array": {}, "flag": "true", "none": null}"#,
        ))
        .unwrap();
        assert!(
            members.text("text").is_none()
                && members.text("none").is_none()
                && members.text("array").is_none()
        );
        assert!(members.object("object").is_none() && members.array("array").is_none());
        assert!(members.bytes("object").is_none() && !members.is_true("flag"));
    }

    #[test]
    fn of_a_repeated_member_the_last_counts() {
        assert_eq!(
            Members::of(raw(r#"{"a": "1", "a": "2"}"#))
                .unwrap()
                .text("a")
                .as_deref(),
            Some("2")
        );
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!(
            r#"{{"deep": {}{}, "id": "m-1"}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        let members = Members::of(raw(&deep)).unwrap();
        assert_eq!(members.text("id").as_deref(), Some("m-1"));
        assert_eq!(members.array("deep").unwrap().len(), 1);
    }
}
