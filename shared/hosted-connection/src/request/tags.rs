//! The tags of a hosted connection. The partner can neither see nor change them later.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::json::{Json, Object};
use crate::report::Report;
use crate::{Violation, ViolationCode};

/// A key and perhaps a value, as the API has them. Only inside of [`Tags`] are they known to be in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value; absent is not the same as empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Tag {
    /// The most characters of a key, which has one at least.
    pub const MAX_KEY_CHARACTERS: usize = 128;

    /// The most characters of a value.
    pub const MAX_VALUE_CHARACTERS: usize = 256;

    /// What the characters of keys and values may be: AWS's own regular expression.
    pub const PATTERN: &str = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";

    /// What no key may begin with, in any case: it belongs to AWS.
    pub const RESERVED_PREFIX: &str = "aws:";
}

/// At most 50 tags with keys of their own, in the order they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tags(Vec<Tag>);

impl Tags {
    const POINTER: &str = "/tags";

    /// The most tags.
    pub const MAX: usize = 50;

    /// The tags of a stored request, whatever the rules are by now.
    pub(super) fn from_stored(tags: Vec<Tag>) -> Self {
        Self(tags)
    }

    /// The tags in the order they were given.
    pub fn as_slice(&self) -> &[Tag] {
        &self.0
    }

    /// The tags in the order they were given.
    pub fn iter(&self) -> std::slice::Iter<'_, Tag> {
        self.0.iter()
    }

    /// How many tags there are, 0 to 50.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a list of `{"key", "value"?}`; nothing, if anything is reported.
    pub(crate) fn read(value: &Json, report: &mut Report) -> Option<Self> {
        let Json::List(items) = value else {
            return report.keep(Err(value.wrong_type(Self::POINTER, "a list")));
        };
        let is_short = items.len() <= Self::MAX;
        if !is_short {
            report.push(
                Self::POINTER,
                ViolationCode::TooMany,
                format!("must be at most {} tags", Self::MAX),
            );
        }
        let mut keys = HashSet::new();
        let mut tags = Vec::new();
        for (index, item) in items.iter().enumerate() {
            tags.extend(read_tag(
                item,
                &format!("{}/{index}", Self::POINTER),
                &mut keys,
                report,
            ));
        }
        (is_short && tags.len() == items.len()).then_some(Self(tags))
    }
}

impl<'a> IntoIterator for &'a Tags {
    type Item = &'a Tag;
    type IntoIter = std::slice::Iter<'a, Tag>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn read_tag<'a>(
    item: &'a Json,
    pointer: &str,
    keys: &mut HashSet<&'a str>,
    report: &mut Report,
) -> Option<Tag> {
    let Some(tag) = item.as_object() else {
        return report.keep(Err(item.wrong_type(pointer, "an object")));
    };
    tag.report_unknown(&["key", "value"], None, pointer, report);
    let key = read_key(tag, &format!("{pointer}/key"), keys, report);
    let value = read_value(tag, &format!("{pointer}/value"), report);
    Some(Tag {
        key: key?.to_owned(),
        value: value?,
    })
}

fn read_key<'a>(
    tag: &'a Object,
    pointer: &str,
    keys: &mut HashSet<&'a str>,
    report: &mut Report,
) -> Option<&'a str> {
    let missing = || Violation::new(pointer, ViolationCode::Missing, "is required");
    let key = report.keep(
        tag.first("key")
            .ok_or_else(missing)
            .and_then(|key| key.as_text(pointer)),
    )?;
    let is_well_formed = report
        .keep(check_text(key, 1..=Tag::MAX_KEY_CHARACTERS, pointer))
        .is_some();
    let is_reserved = key
        .get(..Tag::RESERVED_PREFIX.len())
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case(Tag::RESERVED_PREFIX));
    if is_reserved {
        report.push(
            pointer,
            ViolationCode::Reserved,
            "must not begin with aws:, which belongs to AWS",
        );
    }
    let is_new = keys.insert(key);
    if !is_new {
        report.push(
            pointer,
            ViolationCode::Duplicate,
            "is the key of an earlier tag already",
        );
    }
    (is_well_formed && !is_reserved && is_new).then_some(key)
}

/// The outer `Option` is for refused, the inner one for absent.
fn read_value(tag: &Object, pointer: &str, report: &mut Report) -> Option<Option<String>> {
    let Some(value) = tag.first("value") else {
        return Some(None);
    };
    let value = report.keep(value.as_text(pointer))?;
    report.keep(check_text(value, 0..=Tag::MAX_VALUE_CHARACTERS, pointer))?;
    Some(Some(value.to_owned()))
}

fn check_text(
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    pointer: &str,
) -> Result<(), Violation> {
    if !length.contains(&text.chars().count()) {
        let message = format!(
            "must have {} to {} characters",
            length.start(),
            length.end()
        );
        return Err(Violation::new(pointer, ViolationCode::OutOfRange, message));
    }
    if !text.chars().all(is_tag_character) {
        let message = "must be letters, digits, spaces and _.:/=+-@ only";
        return Err(Violation::new(pointer, ViolationCode::Malformed, message));
    }
    Ok(())
}

/// The characters of [`Tag::PATTERN`].
fn is_tag_character(character: char) -> bool {
    use GeneralCategoryGroup::{Letter, Number, Separator};
    character.is_ascii_alphanumeric()
        || "_.:/=+-@".contains(character)
        || matches!(
            character.general_category_group(),
            Letter | Number | Separator
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_characters_are_the_general_categories_of_the_pattern() {
        // L, N and Z beyond ASCII; the last three are a letter number, a fraction and a line separator.
        for character in "aZ09 _.:/=+-@éßЖ中ªʰ٣Ⅷ½\u{2028}\u{a0}\u{3000}".chars() {
            assert!(is_tag_character(character), "{character:?}");
        }
        // A combining mark (M) is alphabetic to std (ͅ), and a tab is white space, but neither is in the pattern.
        for character in "\u{345}\u{301}\t\n\0!\"#$%&'()*,;<>?[\\]^`{|}~€😀\u{200b}".chars() {
            assert!(!is_tag_character(character), "{character:?}");
        }
    }
}
