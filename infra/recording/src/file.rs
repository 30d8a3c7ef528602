//! The file: how it is written and read.

use std::io::{BufRead, Read};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The only version so far.
pub const VERSION: &str = "1";

/// Longest line that is read. An answer of DynamoDB has 16 MB at most; Direct Connect's are small.
const LONGEST_LINE: u64 = 24 * 1024 * 1024;
/// Most exchanges that are read: a recorder of conformance writes some hundred.
const MOST: usize = 200_000;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// [`VERSION`]. The member's name says what the file is.
    pub hosted_connections_recording: String,
}

/// A request and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// When it was sent, in milliseconds since the recording began.
    pub at_ms: u64,
    /// How long the answer took.
    pub took_ms: u64,
    /// `OvertureService` (Direct Connect), `DynamoDB_20120810`, `AWSEvents` or `AmazonSQS`.
    pub service: String,
    /// The API's name of the operation.
    pub operation: String,
    /// What was asked.
    pub request: Value,
    /// HTTP status of the answer; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer; null if it was not JSON.
    #[serde(default)]
    pub answer: Value,
    /// Why there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
}

/// What a file holds.
#[derive(Debug, Clone)]
pub struct Recording {
    /// In the order in which their answers came.
    pub exchanges: Vec<Exchange>,
    /// Whether the last line was cut off, which is so where the recorder was killed.
    pub is_cut: bool,
}

/// The file is no recording that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Io(#[from] std::io::Error),
    /// It does not begin with the head.
    #[error(
        "its first line is not that of a recording; `operator --record FILE` and `local serve --record FILE` write one"
    )]
    NotARecording,
    /// It is of another version.
    #[error(
        "it is a recording of version {0:?}, and this version reads {VERSION:?}; play it with the version that wrote it"
    )]
    Version(String),
    /// A line makes no sense.
    #[error("line {line} is not an exchange: {problem}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// Why.
        problem: String,
    },
}

impl Recording {
    /// Reads a recording, up to where it was cut off.
    ///
    /// # Errors
    /// It is not a recording, of another version, or damaged in the middle.
    pub fn read(mut file: impl BufRead) -> Result<Self, ReadError> {
        let first = line(&mut file, 1)?;
        let head: Head = first
            .and_then(|line| serde_json::from_slice(&line.text).ok())
            .ok_or(ReadError::NotARecording)?;
        if head.hosted_connections_recording != VERSION {
            return Err(ReadError::Version(head.hosted_connections_recording));
        }
        let mut recording = Self {
            exchanges: Vec::new(),
            is_cut: false,
        };
        let mut number = 1;
        loop {
            number += 1;
            let Some(line) = line(&mut file, number)? else {
                return Ok(recording);
            };
            let problem = |problem: String| ReadError::Line {
                line: number,
                problem,
            };
            match serde_json::from_slice(&line.text) {
                Ok(exchange) => recording.exchanges.push(exchange),
                Err(_) if !line.is_whole => {
                    recording.is_cut = true;
                    return Ok(recording);
                }
                Err(error) => return Err(problem(error.to_string())),
            }
            if recording.exchanges.len() > MOST {
                return Err(problem(format!("a recording has at most {MOST} exchanges")));
            }
        }
    }
}

struct Line {
    text: Vec<u8>,
    /// Whether it ends as a line does.
    is_whole: bool,
}

/// The next line, no more of it than is read at all.
fn line(file: &mut impl BufRead, number: usize) -> Result<Option<Line>, ReadError> {
    let mut text = Vec::new();
    file.by_ref()
        .take(LONGEST_LINE + 1)
        .read_until(b'\n', &mut text)?;
    if text.is_empty() {
        return Ok(None);
    }
    let is_whole = text.last() == Some(&b'\n');
    if !is_whole && text.len() as u64 > LONGEST_LINE {
        return Err(ReadError::Line {
            line: number,
            problem: format!("it is longer than {LONGEST_LINE} bytes"),
        });
    }
    Ok(Some(Line { text, is_whole }))
}

#[cfg(test)]
mod tests;
