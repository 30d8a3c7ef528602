//! How the text of a switch is read.

use std::{str::FromStr, time::Duration};

use super::Switch;

/// A day: no option may overflow a clock.
const LONGEST_MS: u64 = 86_400_000;

pub(super) fn flag(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("expected on or off".to_owned()),
    }
}

pub(super) fn one_of(text: &str, values: &[(&str, &str)]) -> Result<(), String> {
    let names: Vec<_> = values.iter().map(|(name, _)| *name).collect();
    match (names.contains(&text), names.split_last()) {
        (true, _) | (false, None) => Ok(()),
        (false, Some((last, others))) => Err(format!("expected {} or {last}", others.join(", "))),
    }
}

pub(super) fn milliseconds(text: &str) -> Result<Duration, String> {
    let read = text.parse().ok().filter(|ms| *ms <= LONGEST_MS);
    let expected = || format!("expected milliseconds, from 0 to {LONGEST_MS}");
    read.map(Duration::from_millis).ok_or_else(expected)
}

/// What this reads, or nothing for the one word that stands for it.
pub(super) fn unless<T>(
    text: &str,
    word: &str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    match text == word {
        true => Ok(None),
        false => read(text)
            .map(Some)
            .map_err(|expected| format!("{expected}, or {word}")),
    }
}

pub(super) fn number<T: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, String> {
    let read = text.parse().ok().filter(|number| *number >= T::from(1));
    read.ok_or_else(|| "expected a number, 1 or more".to_owned())
}

pub(super) fn page_limit(text: &str) -> Result<usize, String> {
    let read = text
        .parse()
        .ok()
        .filter(|number| (1..=100).contains(number));
    read.ok_or_else(|| "expected a number, 1 to 100".to_owned())
}

/// Names of members of a connection, separated by commas; none of an empty text.
pub(super) fn members(text: &str) -> Result<Vec<&str>, String> {
    let names = text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let known = names.map(|name| match Switch::MEMBERS.contains(&name) {
        true => Ok(name),
        false => Err(format!(
            "expected members of a connection, separated by commas: {}",
            Switch::MEMBERS.join(", ")
        )),
    });
    known.collect()
}

/// What is sold on a parent, or on all that are not named.
pub(super) type Sold<'a> = (Option<&'a str>, Vec<&'a str>);

/// Bandwidths that are sold, by parent; none of the text `all`.
pub(super) fn bandwidths(text: &str) -> Result<Vec<Sold<'_>>, String> {
    if text == "all" {
        return Ok(Vec::new());
    }
    let expected = || {
        format!(
            "expected bandwidths in AWS's spelling, such as 50Mbps,1Gbps for every parent, or dxcon-ffabc123=50Mbps;1Gbps for one and the others. There are {}",
            Switch::BANDWIDTHS.join(", ")
        )
    };
    let parts = text.split(';').map(|part| {
        let (parent, sold) = match part.split_once('=') {
            Some((parent, sold)) => (Some(parent.trim()), sold),
            None => (None, part),
        };
        let sold: Vec<_> = sold.split(',').map(str::trim).collect();
        let is_known = sold.iter().all(|one| Switch::BANDWIDTHS.contains(one));
        let is_parent = parent.is_none_or(|parent| parent.starts_with("dx"));
        (is_known && is_parent)
            .then_some((parent, sold))
            .ok_or_else(expected)
    });
    parts.collect()
}
