//! What a check-up has found.

use aws::failure::{CallError, Cause, Denial};
use serde::Serialize;

use crate::command::failure::expired;

/// Everything that was found, in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Checkup {
    pub(super) findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    #[serde(rename = "verdict")]
    pub(super) mark: Mark,
    pub(super) what: String,
    pub(super) found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mark {
    Well,
    /// It works, and rests on something that has to be known.
    Warning,
    Wrong,
    Skipped,
}

impl Mark {
    /// For people.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Well => "✓",
            Self::Warning => "!",
            Self::Wrong => "✗",
            Self::Skipped => "…",
        }
    }
}

impl Checkup {
    pub(super) fn well(&mut self, what: &str, found: impl Into<String>) {
        self.add(Mark::Well, what, found.into(), None);
    }

    /// All is well as long as `condition` holds.
    pub(super) fn warn(&mut self, what: &str, found: impl Into<String>, condition: &str) {
        self.add(
            Mark::Warning,
            what,
            found.into(),
            Some(condition.to_owned()),
        );
    }

    pub(super) fn wrong(&mut self, what: &str, found: impl Into<String>, fix: impl Into<String>) {
        self.add(Mark::Wrong, what, found.into(), Some(fix.into()));
    }

    pub(super) fn skip(&mut self, what: &str, why: impl Into<String>) {
        self.add(Mark::Skipped, what, why.into(), None);
    }

    /// A call failed. `action` is its IAM action, `resource` what it is allowed on.
    pub(super) fn failed(&mut self, what: &str, error: &CallError, action: &str, resource: &str) {
        let fix = match (error.denial(), error.cause) {
            (Some(Denial::Permission), _) => {
                format!("allow your role {action} on {resource}")
            }
            (Some(Denial::Credentials), _) => expired(),
            (None, Cause::Throttled) => "AWS asks for fewer requests: try again in a minute".to_owned(),
            (None, Cause::Unavailable) => {
                "check AWS_REGION, the network, and that AWS_ENDPOINT_URL (if set) is an address that answers".to_owned()
            }
            (None, Cause::Misconfigured) => format!("check that {resource} exists in this account and region"),
        };
        // What keeps one service from being reached keeps the others, and is told once.
        let is_common = matches!(
            (error.denial(), error.cause),
            (Some(Denial::Credentials), _) | (None, Cause::Unavailable)
        );
        let is_told = |finding: &&Finding| finding.fix.as_ref() == Some(&fix);
        if let Some(told) = self.findings.iter().find(is_told).filter(|_| is_common) {
            let why = format!("not checked, for the same reason as: {}", told.what);
            return self.skip(what, why);
        }
        let found = format!("{}: {}", error.operation, error.message);
        self.wrong(what, found, fix);
    }

    pub(super) fn is_good(&self) -> bool {
        self.to_mend() == 0
    }

    pub(super) fn to_mend(&self) -> usize {
        let wrong = |finding: &&Finding| finding.mark == Mark::Wrong;
        self.findings.iter().filter(wrong).count()
    }

    fn add(&mut self, mark: Mark, what: &str, found: String, fix: Option<String>) {
        self.findings.push(Finding {
            mark,
            what: what.to_owned(),
            found,
            fix,
        });
    }
}
