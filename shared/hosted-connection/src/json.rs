//! A JSON text as a tree that keeps what serde_json's own `Value` loses: members that are there twice.
//!
//! It judges no content. What cannot be represented (bad UTF-8, lone surrogates, nesting deeper than serde_json's 128)
//! is no tree.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::Serialize;

use crate::report::Report;
use crate::{Violation, ViolationCode};

/// A JSON value, as far as requests need to tell values apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool,
    /// A number written as an integer. One beyond 64 bits is known only by its size: it arrives as a float.
    Integer(i128),
    /// A number written with a fraction or an exponent, as the nearest float.
    Fraction(f64),
    String(String),
    List(Vec<Json>),
    Object(Object),
}

/// The members of an object as they were written, repeated ones included.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Object(Vec<(String, Json)>);

impl Json {
    /// Reads a whole text.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(text)
    }

    /// The text of a string.
    pub(crate) fn as_text(&self, pointer: &str) -> Result<&str, Violation> {
        match self {
            Self::String(text) => Ok(text),
            other => Err(other.wrong_type(pointer, "a string")),
        }
    }

    /// The object, if it is one.
    pub(crate) fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Null
            | Self::Bool
            | Self::Integer(_)
            | Self::Fraction(_)
            | Self::String(_)
            | Self::List(_) => None,
        }
    }

    /// The violation of being something else than what is `expected` at `pointer`.
    pub(crate) fn wrong_type(&self, pointer: &str, expected: &str) -> Violation {
        let found = match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Fraction(_) => "a number with a fraction or an exponent",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        };
        Violation::new(
            pointer,
            ViolationCode::WrongType,
            format!("must be {expected}, not {found}"),
        )
    }

    /// Reports each member that is there more than once, at every level. `pointer` is this value's own; it is used as
    /// working space and given back unchanged.
    pub(crate) fn report_repeated(&self, pointer: &mut String, report: &mut Report) {
        let own_length = pointer.len();
        match self {
            Self::Null | Self::Bool | Self::Integer(_) | Self::Fraction(_) | Self::String(_) => {}
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    push_member(pointer, &index.to_string());
                    item.report_repeated(pointer, report);
                    pointer.truncate(own_length);
                }
            }
            Self::Object(object) => {
                let (mut seen, mut told) = (HashSet::new(), HashSet::new());
                for (name, value) in object.members() {
                    push_member(pointer, name);
                    if !seen.insert(name) && told.insert(name) {
                        report.push(pointer, ViolationCode::Duplicate, "is there more than once");
                    }
                    value.report_repeated(pointer, report);
                    pointer.truncate(own_length);
                }
            }
        }
    }
}

impl Object {
    /// The value of the first member of that name.
    pub(crate) fn first(&self, name: &str) -> Option<&Json> {
        self.members()
            .find(|(member, _)| *member == name)
            .map(|(_, value)| value)
    }

    /// How many members have that name.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.members().filter(|(member, _)| *member == name).count()
    }

    /// The members as they were written.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Reports each name that is not in `known`, once. `pointer` is the object's own. A name that has its place `elsewhere`
    /// is reported with the advice beside it.
    pub(crate) fn report_unknown(
        &self,
        known: &[&str],
        elsewhere: Option<(&str, &str)>,
        pointer: &str,
        report: &mut Report,
    ) {
        let mut told = HashSet::new();
        for (name, _) in self.members().filter(|(name, _)| !known.contains(name)) {
            if told.insert(name) {
                let mut member = pointer.to_owned();
                push_member(&mut member, name);
                let message = match elsewhere {
                    Some((misplaced, advice)) if misplaced == name => {
                        format!("does not belong in the body: {advice}")
                    }
                    Some(_) | None => {
                        let known = known.join(", ");
                        format!("there is no such field; the fields are {known}")
                    }
                };
                report.push(&member, ViolationCode::UnknownField, message);
            }
        }
    }
}

/// Adds a member's name to a JSON Pointer (RFC 6901, section 3: `~` and `/` are escaped).
fn push_member(pointer: &mut String, name: &str) {
    pointer.push('/');
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Our own types as JSON text, members in the order of their declaration.
#[expect(
    clippy::expect_used,
    reason = "only maps with keys that are no strings fail, and our types have none"
)]
pub(crate) fn text_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our types are JSON")
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Bool)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        // serde_json hands integers over as floats when they do not fit into 64 bits.
        const TWO_TO_THE_63: f64 = 9_223_372_036_854_775_808.0;
        Ok(if value.abs() >= TWO_TO_THE_63 {
            Json::Integer(value as i128)
        } else {
            Json::Fraction(value)
        })
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(Object(object)))
    }
}

#[cfg(test)]
mod tests;
