//! Which connections are to be adopted, and under which keys: all orphans, or those that a file names.

use std::collections::BTreeMap;

use hosted_connection::IdempotencyKey;
use serde::Deserialize;

/// The first line of a file of comma-separated values. A spreadsheet may have put the names in quotes.
const HEADER: &str = "connectionId,idempotencyKey";

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// How a file begins that a spreadsheet has saved as Unicode text.
const UTF_16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];
/// Of the lines that name a connection or a key again, so many are told by number: a column that was filled with one key names all.
const MOST_TOLD: usize = 5;

/// The connections that are to get a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Every living connection on the parent that no record knows, each under its own id as key.
    Orphans,
    /// These.
    These(Vec<Line>),
}

/// A connection and the key that it is to be known under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    /// The connection.
    pub connection_id: String,
    /// Its key.
    pub key: IdempotencyKey,
}

/// A line that is not as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number in the file, from 1.
    pub line: usize,
    /// What is wrong, and what was expected.
    pub problem: String,
}

/// Reads comma-separated values with the header `connectionId,idempotencyKey`, or JSON Lines with these members. Empty lines
/// are passed over, and so is a byte order mark.
///
/// # Errors
/// Every line that is not as it has to be.
pub fn parse(content: &[u8]) -> Result<Vec<Line>, Vec<Fault>> {
    let content = content.strip_prefix(BYTE_ORDER_MARK).unwrap_or(content);
    if UTF_16.iter().any(|mark| content.starts_with(mark)) {
        return Err(vec![fault(1, "the file is UTF-16; save it as UTF-8")]);
    }
    let mut faults = Vec::new();
    let mut texts = Vec::new();
    for (number, line) in (1..).zip(content.split(|byte| *byte == b'\n')) {
        match str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)) {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => texts.push((number, text)),
            Err(_) => faults.push(fault(number, "it is not UTF-8 text")),
        }
    }
    let mut lines = texts.into_iter().peekable();
    let Some(&(_, first)) = lines.peek() else {
        if faults.is_empty() {
            let problem =
                format!("the file is empty; expected the line `{HEADER}` first, or JSON Lines");
            faults.push(fault(1, problem));
        }
        return Err(faults);
    };
    let is_json = first.trim_start().starts_with('{');
    let read = if is_json { json } else { separated };
    if !is_json
        && let Some((number, first)) = lines.next()
        && !is_header(first)
    {
        let first = shortened(first);
        let problem = format!("the first line is `{first}`; expected `{HEADER}`, or JSON Lines");
        faults.push(fault(number, problem));
    }
    let mut all = Vec::new();
    for (number, line) in lines {
        match read(line).and_then(|(id, key)| Ok((connection_id(id)?, parsed_key(&key)?))) {
            Ok((connection_id, key)) => all.push(Line {
                number,
                connection_id,
                key,
            }),
            Err(problem) => faults.push(fault(number, problem)),
        }
    }
    if faults.is_empty() {
        Ok(all)
    } else {
        faults.sort_by_key(|fault| fault.line);
        Err(faults)
    }
}

/// The lines that name a connection or a key which another line names too, each with the first such line. Which of them is
/// meant nobody can tell.
pub(crate) fn repeated(lines: &[Line]) -> BTreeMap<usize, String> {
    let mut repeated = BTreeMap::new();
    let mut tell = |of: fn(&Line) -> &str, what: &str| {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for line in lines {
            by_name.entry(of(line)).or_default().push(line.number);
        }
        for numbers in by_name.values().filter(|numbers| numbers.len() > 1) {
            for number in numbers {
                let others = numbers.iter().filter(|other| *other != number);
                let told: Vec<_> = others.take(MOST_TOLD).map(usize::to_string).collect();
                let more = match numbers.len() - 1 - told.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let reason = format!(
                    "the file names the {what} again in line {}{more}",
                    told.join(", ")
                );
                repeated.entry(*number).or_insert(reason);
            }
        }
    };
    tell(|line| &line.connection_id, "connection");
    tell(|line| line.key.as_str(), "key");
    repeated
}

fn is_header(line: &str) -> bool {
    separated(line).is_ok_and(|(first, second)| format!("{first},{second}") == HEADER)
}

/// The two values of a line, each bare or in quotes, in which a quote is doubled.
fn separated(line: &str) -> Result<(String, String), String> {
    let mut values = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest {
        let (value, after) = value(text)?;
        values.push(value);
        rest = after;
    }
    match <[String; 2]>::try_from(values) {
        Ok([id, key]) => Ok((id, key)),
        Err(values) => Err(format!(
            "it has {} values; expected a connection and a key. A value with a comma has to be in quotes",
            values.len()
        )),
    }
}

/// The first value, and what comes after its comma, if there is one.
fn value(text: &str) -> Result<(String, Option<&str>), String> {
    let Some(mut rest) = text.strip_prefix('"') else {
        return Ok(match text.split_once(',') {
            Some((value, rest)) => (value.to_owned(), Some(rest)),
            None => (text.to_owned(), None),
        });
    };
    let mut value = String::new();
    loop {
        let (part, after) = rest.split_once('"').ok_or("a quote is not closed")?;
        value.push_str(part);
        if let Some(after) = after.strip_prefix('"') {
            value.push('"');
            rest = after;
        } else if after.is_empty() {
            return Ok((value, None));
        } else if let Some(after) = after.strip_prefix(',') {
            return Ok((value, Some(after)));
        } else {
            return Err("something stands between a closing quote and the comma".to_owned());
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Members {
    connection_id: String,
    idempotency_key: String,
}

fn json(line: &str) -> Result<(String, String), String> {
    let members: Members = serde_json::from_str(line).map_err(|error| {
        format!("it is not an object with the texts connectionId and idempotencyKey: {error}")
    })?;
    Ok((members.connection_id, members.idempotency_key))
}

fn connection_id(id: String) -> Result<String, String> {
    let name = id.strip_prefix("dxcon-").unwrap_or_default();
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if is_name {
        Ok(id)
    } else {
        Err(format!(
            "`{}` is not the id of a hosted connection, such as dxcon-fgh01abc",
            shortened(&id)
        ))
    }
}

fn parsed_key(key: &str) -> Result<IdempotencyKey, String> {
    IdempotencyKey::parse(key)
        .map_err(|violation| format!("the key `{}` {}", shortened(key), violation.message))
}

/// Enough to recognise it by.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.escape_debug().to_string()
}

fn fault(line: usize, problem: impl Into<String>) -> Fault {
    Fault {
        line,
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests;
