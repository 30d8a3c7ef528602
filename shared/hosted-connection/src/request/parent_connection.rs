//! What a hosted connection is allocated on.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::json::Json;
use crate::{Violation, ViolationCode};

const LAG_PREFIX: &str = "dxlag-";

/// The parent of a hosted connection. The API calls it `connectionId`, as it calls its children.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ParentConnection {
    /// An interconnect, `dxcon-…`.
    Interconnect(String),
    /// A link aggregation group of interconnects, `dxlag-…`.
    Lag(String),
}

impl ParentConnection {
    pub(crate) const POINTER: &str = "/connectionId";

    /// The form, as a regular expression for schemas.
    pub const PATTERN: &str = "^dx(con|lag)-[a-z0-9]{8,}$";

    /// The contract sets no upper limit, but the id becomes part of table keys (2,048 bytes) and of events. AWS's ids
    /// have some 14 characters, so this refuses none of them.
    pub const MAX_CHARACTERS: usize = 255;

    /// Reads `dxcon-…` or `dxlag-…`, followed by 8 or more lower-case letters and digits.
    ///
    /// # Errors
    /// `Malformed` when it has another form, `OutOfRange` when it has that form and more than 255 characters.
    pub fn parse(id: &str) -> Result<Self, Violation> {
        let (parent, suffix) = if let Some(suffix) = id.strip_prefix("dxcon-") {
            (Self::Interconnect(id.to_owned()), suffix)
        } else if let Some(suffix) = id.strip_prefix(LAG_PREFIX) {
            (Self::Lag(id.to_owned()), suffix)
        } else {
            return Err(malformed());
        };
        if suffix.len() < 8
            || !suffix
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        {
            return Err(malformed());
        }
        if id.len() > Self::MAX_CHARACTERS {
            let message = format!("must have at most {} characters", Self::MAX_CHARACTERS);
            return Err(Violation::new(
                Self::POINTER,
                ViolationCode::OutOfRange,
                message,
            ));
        }
        Ok(parent)
    }

    /// The parent in a stored request, whatever the rules for callers are by now.
    pub fn from_stored(id: String) -> Self {
        if id.starts_with(LAG_PREFIX) {
            Self::Lag(id)
        } else {
            Self::Interconnect(id)
        }
    }

    /// The id as AWS spells it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Interconnect(id) | Self::Lag(id) => id,
        }
    }

    pub(crate) fn read(value: &Json) -> Result<Self, Violation> {
        Self::parse(value.as_text(Self::POINTER)?)
    }
}

fn malformed() -> Violation {
    let message = "must be the id of an interconnect (dxcon-…) or a LAG (dxlag-…), with 8 or more of a-z and 0-9";
    Violation::new(ParentConnection::POINTER, ViolationCode::Malformed, message)
}

impl fmt::Display for ParentConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ParentConnection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interconnects_and_lags_are_told_apart() {
        assert_eq!(
            ParentConnection::parse("dxcon-ffabc123"),
            Ok(ParentConnection::Interconnect("dxcon-ffabc123".into()))
        );
        assert_eq!(
            ParentConnection::parse("dxlag-ffabc123"),
            Ok(ParentConnection::Lag("dxlag-ffabc123".into()))
        );
    }

    #[test]
    fn anything_else_is_malformed() {
        let cases = [
            "",
            "dxcon-",
            "dxcon-1234567",
            "dxvif-ffabc123",
            "dxcon-FFABC123",
            "DXCON-ffabc123",
            " dxcon-ffabc123",
            "dxcon-ffabc123\n",
            "dxcon-ffabc12é",
            "dxconffabc1234",
            "dxcon-ffab-c123",
            "dxcon_ffabc123",
        ];
        for id in cases {
            assert_eq!(
                ParentConnection::parse(id).unwrap_err().code,
                ViolationCode::Malformed,
                "{id:?}"
            );
        }
    }

    #[test]
    fn an_id_that_no_table_key_could_hold_is_out_of_range() {
        assert!(ParentConnection::parse(&format!("dxcon-{}", "a".repeat(249))).is_ok());
        let too_long = ParentConnection::parse(&format!("dxcon-{}", "a".repeat(250)));
        assert_eq!(too_long.unwrap_err().code, ViolationCode::OutOfRange);
    }
}
