//! The final no.

use serde::{Deserialize, Serialize};

use crate::{Candidate, CandidateCode, Code, ParentConnection, Violation};

/// Why an order will never become a hosted connection. Final: the same key gets the same rejection for ever after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The kind of reason.
    pub code: Code,
    /// The reason in words.
    pub message: String,
    /// Everything that is wrong with the request, when that is the reason; left out of the JSON when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
    /// The parents that could not take an order by place, and why; left out of the JSON when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

impl Rejection {
    /// A rejection without violations.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            violations: Vec::new(),
            candidates: Vec::new(),
        }
    }

    /// More was asked for than the parent has left to sell. `free_mbps` is what it had when that was decided.
    pub fn capacity_exceeded(asked_mbps: u32, free_mbps: u64) -> Self {
        let message = format!(
            "{asked_mbps} Mbps were asked for, and the parent has {free_mbps} Mbps left to sell."
        );
        Self::new(Code::CapacityExceeded, message)
    }

    /// What an order that names `parent` would be told, as the reason against that candidate.
    pub fn of_candidate(&self, parent: &ParentConnection) -> Candidate {
        let mut message = self.message.clone();
        for violation in &self.violations {
            message.push_str(&format!(" {}: {}.", violation.field, violation.message));
        }
        Candidate::new(parent, CandidateCode::AsOnParent(self.code), message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ViolationCode;

    #[test]
    fn a_parent_that_is_sold_out_says_how_much_is_free() {
        let rejection = Rejection::capacity_exceeded(100, 50);
        let message = "100 Mbps were asked for, and the parent has 50 Mbps left to sell.";
        assert_eq!(rejection, Rejection::new(Code::CapacityExceeded, message));
    }

    #[test]
    fn a_rejection_is_read_back_as_it_was_written() {
        let plain = Rejection::new(Code::VlanInUse, "VLAN 101 is taken.");
        let text = r#"{"code":"VlanInUse","message":"VLAN 101 is taken."}"#;
        assert_eq!(crate::json::text_of(&plain), text);
        assert_eq!(serde_json::from_str::<Rejection>(text).unwrap(), plain);

        let violations = vec![Violation::new(
            "/vlan",
            ViolationCode::OutOfRange,
            "must be 1 to 4094",
        )];
        let listed = Rejection {
            violations,
            ..Rejection::new(Code::InvalidRequest, "One.")
        };
        assert_eq!(
            serde_json::from_str::<Rejection>(&crate::json::text_of(&listed)).unwrap(),
            listed
        );
    }
}
