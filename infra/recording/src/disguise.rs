//! What is replaced, and by what: every word that is not in the vocabulary, by one that is made from it with a secret.
//!
//! The secret is drawn for each file and kept nowhere, so that nobody can go back, also not by trying all accounts. The same
//! word becomes the same word wherever it stands: in a name, an ARN, a message, an item or the detail of an event. That is
//! the rule in reverse of a list of what to hide: what is not known to be harmless is replaced
//! (docs/adr, "A recording keeps only words that are known").

mod secret;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use secret::Secret;

use crate::vocabulary;
use crate::words::{Part, parts};

/// Names, keys of orders and tags are replaced to the last word, known or not.
const NAMES: [&str; 9] = [
    "connectionName",
    "interconnectName",
    "lagName",
    "providerName",
    "partnerName",
    "locationName",
    "idempotencyKey",
    // The holder of a VLAN is the key of an order; in a condition it is called `:key`.
    "holder",
    ":key",
];
/// What is before an order's key in the table.
const BEFORE_A_KEY: &str = "allocation#";
/// What a document begins with that the table holds in its small form (docs/adr, "A record is stored small"). Which of its
/// texts are names cannot be seen.
const SMALL: char = '\u{1}';
/// The attribute of a message that holds a key, in any case.
const KEY_ATTRIBUTE: &str = "idempotency-key";
/// Digits of an account.
const ACCOUNT: usize = 12;
/// Longest number that is written as it is: VLANs are numbers, and counts.
const NUMBER: usize = 4;
/// DynamoDB's type of a number, whose digits may be a time in seconds or milliseconds.
const TIMES: [usize; 2] = [10, 13];
/// Members' names that are not made of known words alone.
const MEMBERS: [&str; 9] = [
    "__type",
    "secretARN",
    "awsDeviceV2",
    "prefixPoolSizeIpv4",
    "prefixPoolSizeIpv6",
    "prefixPoolUnallocatedCountIpv4",
    "prefixPoolUnallocatedCountIpv6",
    "MD5OfMessageBody",
    "MD5OfMessageAttributes",
];
/// What the code of an error ends with.
const CODES: [&str; 8] = [
    "Exception",
    "Error",
    "Failure",
    "Failed",
    "Fault",
    "Throttled",
    "Unavailable",
    "Exceeded",
];

/// Most names that are looked for in other texts.
const MOST_NAMES: usize = 10_000;

/// Replaces what says whose something is.
pub struct Disguise {
    secret: Secret,
    /// Names, seen so far, of several words of which the vocabulary has some: in other texts those would be kept.
    names: Mutex<BTreeSet<String>>,
}

impl std::fmt::Debug for Disguise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disguise").finish_non_exhaustive()
    }
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a name, a key or a tag: no word is kept.
    Name,
    /// A number of DynamoDB.
    Number,
    /// A location's code.
    Location,
    /// An error's code.
    Code,
    /// Anywhere else.
    Text,
}

impl Disguise {
    /// With a secret of its own.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new() -> Result<Self, getrandom::Error> {
        let secret = Secret::drawn()?;
        let names = Mutex::default();
        Ok(Self { secret, names })
    }

    /// The text with everything replaced that is not known to be harmless.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.replaced(text, Place::Text)
    }

    /// The document with all its texts, and those members' names that could be somebody's.
    #[must_use]
    pub fn document(&self, document: &Value) -> Value {
        self.value(document, Place::Text)
    }

    fn value(&self, value: &Value, place: Place) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(number) => match number.to_string() {
                digits if is_account(&digits) => {
                    self.secret.digits(&digits).parse().unwrap_or_default()
                }
                _ => value.clone(),
            },
            Value::String(text) => Value::String(self.string(text, place)),
            Value::Array(all) => all.iter().map(|one| self.value(one, place)).collect(),
            Value::Object(object) => Value::Object(self.object(object, place)),
        }
    }

    fn object(&self, object: &Map<String, Value>, place: Place) -> Map<String, Value> {
        let members = object.iter().map(|(name, value)| {
            let place = match name.as_str() {
                name if NAMES.contains(&name) => Place::Name,
                "tags" | "Tags" => Place::Name,
                name if name.eq_ignore_ascii_case(KEY_ATTRIBUTE) => Place::Name,
                "N" => Place::Number,
                "location" | "locationCode" => Place::Location,
                "__type" | "code" | "Code" | "ErrorCode" => Place::Code,
                _ => place,
            };
            (self.member(name), self.value(value, place))
        });
        members.collect()
    }

    /// The name of a member, which is AWS's or ours as long as it is made of known words, such as `nextToken`.
    fn member(&self, name: &str) -> String {
        let is_known = is_of_known_words(name.trim_start_matches([':', '#']));
        match MEMBERS.contains(&name) || is_known {
            true => name.to_owned(),
            false => self.text(name),
        }
    }

    /// A text that is a document itself, as an event's detail and a message's body are, stays one.
    fn string(&self, text: &str, place: Place) -> String {
        let looks_like_one = text.starts_with(['{', '[']);
        let document = looks_like_one.then(|| serde_json::from_str::<Value>(text).ok());
        match document.flatten() {
            Some(document) => self.value(&document, place).to_string(),
            None => self.replaced(text, place),
        }
    }

    fn replaced(&self, text: &str, place: Place) -> String {
        if text.starts_with(SMALL) {
            return self.in_parts(text, Place::Name);
        }
        if let (Place::Text, Some(key)) = (place, text.strip_prefix(BEFORE_A_KEY)) {
            return format!("{BEFORE_A_KEY}{}", self.replaced(key, Place::Name));
        }
        match place {
            Place::Name => {
                let replaced = self.in_parts(text, place);
                self.note(text, &replaced);
                replaced
            }
            Place::Text => {
                let mut replaced = String::new();
                let mut rest = text;
                while let Some((before, name, after)) = self.name_in(rest) {
                    replaced += &self.in_parts(before, place);
                    replaced += &self.in_parts(&name, Place::Name);
                    rest = after;
                }
                replaced + &self.in_parts(rest, place)
            }
            Place::Number | Place::Location | Place::Code => self.in_parts(text, place),
        }
    }

    /// Remembers a name of which something would be kept in another text.
    fn note(&self, name: &str, replaced: &str) {
        let words = parts(name).into_iter();
        let words = words.filter(|part| matches!(part, Part::Word(_))).count();
        if words > 1 && self.in_parts(name, Place::Text) != replaced {
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            if names.len() < MOST_NAMES {
                names.insert(name.to_owned());
            }
        }
    }

    /// The first name in the text, the longest of those that begin there, with what is before and after it.
    fn name_in<'a>(&self, text: &'a str) -> Option<(&'a str, String, &'a str)> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let found = names
            .iter()
            .filter_map(|name| Some((text.find(name)?, name)));
        let (start, name) = found.min_by_key(|(start, name)| (*start, usize::MAX - name.len()))?;
        let (before, rest) = text.split_at(start);
        Some((before, name.clone(), rest.get(name.len()..)?))
    }

    fn in_parts(&self, text: &str, place: Place) -> String {
        let parts = parts(text).into_iter();
        let parts = parts.map(|part| match part {
            Part::Between(text) | Part::Time(text) => text.to_owned(),
            Part::Account(written) => self.secret.account(written),
            Part::Address(written) => self.secret.address(written),
            Part::Word(word) => self.word(word, place),
        });
        parts.collect()
    }

    fn word(&self, word: &str, place: Place) -> String {
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let is_kept = match place {
            Place::Name => false,
            Place::Number => is_number && (word.len() <= NUMBER || TIMES.contains(&word.len())),
            Place::Location => word.len() <= LOCATION && !is_number,
            Place::Code => is_code(word) || is_of_known_words(word),
            Place::Text => vocabulary::holds(word) || is_number && word.len() <= NUMBER,
        };
        match (is_kept, is_number) {
            (true, _) => word.to_owned(),
            // One digit of a name would be another's by chance.
            (false, true) if word.len() > NUMBER => self.secret.digits(word),
            (false, true) => self.secret.letters(word),
            (false, false) => self.secret.letters(word),
        }
    }
}

/// Longest code of an error.
const CODE: usize = 64;
/// Longest code of a location.
const LOCATION: usize = 10;

/// The words of a name in camel case. Capitals in a row are one.
fn in_words(name: &str) -> Vec<&str> {
    let bytes = name.as_bytes();
    let begins = |index: &usize| {
        let before = index.checked_sub(1).and_then(|before| bytes.get(before));
        bytes[*index].is_ascii_uppercase() && before.is_some_and(u8::is_ascii_lowercase)
    };
    let mut words = Vec::new();
    let mut start = 0;
    for next in (0..bytes.len()).filter(begins) {
        words.push(&name[start..next]);
        start = next;
    }
    words.push(&name[start..]);
    words
}

/// Whether it is a name in camel case of which every word is known, such as `nextToken` or `MalformedDetail`.
fn is_of_known_words(name: &str) -> bool {
    in_words(name).into_iter().all(vocabulary::holds)
}

/// Whether it is the code of an error, which is what a recording is made for.
fn is_code(word: &str) -> bool {
    word.len() <= CODE
        && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        && CODES.iter().any(|end| word.ends_with(end))
}

fn is_account(digits: &str) -> bool {
    digits.len() == ACCOUNT && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
