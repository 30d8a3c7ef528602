//! What a check-up has found.

use aws::failure::{CallError, Cause, Denial};
use serde::Serialize;

use crate::command::failure::EXPIRED;

/// Everything that was found, in the order of looking.
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
    Wrong,
    Skipped,
}

impl Mark {
    /// For people.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Well => "✓",
            Self::Wrong => "✗",
            Self::Skipped => "…",
        }
    }
}

impl Checkup {
    pub(super) fn well(&mut self, what: &str, found: impl Into<String>) {
        self.add(Mark::Well, what, found.into(), None);
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
            (Some(Denial::Credentials), _) => EXPIRED.to_owned(),
            (None, Cause::Throttled) => "AWS asks for fewer requests: look again in a minute".to_owned(),
            (None, Cause::Unavailable) => {
                "is AWS_REGION right, is the network there, does AWS_ENDPOINT_URL point somewhere that answers?".to_owned()
            }
            (None, Cause::Misconfigured) => format!("does {resource} exist, in this account and region?"),
        };
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
