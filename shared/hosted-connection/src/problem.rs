//! The answer to an HTTP caller who does not get a receipt.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::{Candidate, Code, Violation};

/// A problem as in RFC 9457, to be sent as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: String,
    instance: String,
    violations: Vec<Violation>,
    candidates: Vec<Candidate>,
}

impl Problem {
    /// A problem without violations. `detail` is for the caller's eyes; `instance` is the request's id.
    pub fn new(code: Code, detail: impl Into<String>, instance: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            instance: instance.into(),
            violations: Vec::new(),
            candidates: Vec::new(),
        }
    }

    /// The same problem with everything that is wrong with the request.
    #[must_use]
    pub fn with_violations(self, violations: Vec<Violation>) -> Self {
        Self { violations, ..self }
    }

    /// The same problem with the parents that could not take an order by place, and why.
    #[must_use]
    pub fn with_candidates(self, candidates: Vec<Candidate>) -> Self {
        Self { candidates, ..self }
    }

    /// What kind of problem this is.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        self.code.status()
    }

    /// What happened, for the caller's eyes.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The problem as the JSON text of an answer's body.
    pub fn to_json(&self) -> String {
        crate::json::text_of(self)
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lists = [self.violations.is_empty(), self.candidates.is_empty()];
        let members = 6 + lists.into_iter().filter(|is_empty| !is_empty).count();
        let mut problem = serializer.serialize_struct("Problem", members)?;
        problem.serialize_field("type", &self.code.urn())?;
        problem.serialize_field("title", self.code.title())?;
        problem.serialize_field("status", &self.code.status())?;
        problem.serialize_field("detail", &self.detail)?;
        problem.serialize_field("instance", &self.instance)?;
        problem.serialize_field("code", &self.code)?;
        if !self.violations.is_empty() {
            problem.serialize_field("violations", &self.violations)?;
        }
        if !self.candidates.is_empty() {
            problem.serialize_field("candidates", &self.candidates)?;
        }
        problem.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ViolationCode;

    #[test]
    fn a_problem_has_the_members_of_the_contract() {
        let problem = Problem::new(Code::VlanInUse, "VLAN 101 is taken.", "request-1");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&problem.to_json()).unwrap(),
            json!({
                "type": "urn:hosted-connections:problem:vlan-in-use",
                "title": "The VLAN is already in use on this parent.",
                "status": 422,
                "detail": "VLAN 101 is taken.",
                "instance": "request-1",
                "code": "VlanInUse",
            })
        );
    }

    #[test]
    fn violations_are_listed_when_there_are_any() {
        let violation =
            Violation::new("/vlan", ViolationCode::OutOfRange, "vlan must be 1 to 4094");
        let problem = Problem::new(Code::InvalidRequest, "One.", "request-1")
            .with_violations(vec![violation]);
        assert_eq!(
            serde_json::to_value(&problem).unwrap()["violations"],
            json!([{"field": "/vlan", "code": "OutOfRange", "message": "vlan must be 1 to 4094"}])
        );
    }
}
