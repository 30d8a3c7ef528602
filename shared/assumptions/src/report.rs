//! The report: a verdict for each assumption, what was seen, and what to set.

use serde::{Deserialize, Serialize};

use crate::{Assumption, Seen};

/// The only version so far.
pub const SCHEMA_VERSION: &str = "1";

/// What `operator conformance` has found out about one parent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// The interconnect or LAG.
    pub parent: String,
    /// When the run began, RFC 3339.
    pub started_at: String,
    /// What each probe has found. Some may be missing, and some may be of a newer version.
    pub probes: Vec<Probe>,
    /// What to set.
    #[serde(default)]
    pub recommended: Recommended,
}

/// What is known about one assumption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// The assumption's id. It may be one that only a newer version knows.
    pub id: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What was seen.
    #[serde(default)]
    pub seen: Seen,
}

/// Whether an assumption holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It does.
    #[serde(rename = "holds")]
    Holds,
    /// It does not.
    #[serde(rename = "does not hold")]
    DoesNotHold,
    /// It could not be found out.
    #[serde(rename = "not known")]
    NotKnown,
}

/// Settings that fit what was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommended {
    /// `SETTLE_SECONDS`; `None` if no setting is known to be enough.
    #[serde(rename = "SETTLE_SECONDS")]
    pub settle_seconds: Option<u64>,
}

/// The text is not a report that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It is not JSON, or not of this shape.
    #[error("it is not a report of `operator conformance`: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It is of another version.
    #[error(
        "its schemaVersion is {0}, and this version reads {SCHEMA_VERSION:?}; read it with the version that wrote it, or run `operator conformance` again"
    )]
    Version(String),
}

impl Verdict {
    /// As reports and tables spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::DoesNotHold => "does not hold",
            Self::NotKnown => "not known",
        }
    }
}

impl Probe {
    /// A probe's result.
    #[must_use]
    pub fn new(assumption: Assumption, verdict: Verdict, seen: Seen) -> Self {
        Self {
            id: assumption.id().to_owned(),
            verdict,
            seen,
        }
    }

    /// Which assumption it is about; `None` if only a newer version knows it.
    #[must_use]
    pub fn assumption(&self) -> Option<Assumption> {
        self.id.parse().ok()
    }
}

impl Report {
    /// Reads a report. Members and ids that are not known are those of a newer version, and are kept.
    ///
    /// # Errors
    /// It is not a report, or one of another `schemaVersion`.
    pub fn parse(text: &str) -> Result<Self, ReportError> {
        // First of all: the rest of another version may look different.
        let document: serde_json::Value = serde_json::from_str(text)?;
        match document.get("schemaVersion") {
            Some(version) if version != SCHEMA_VERSION => {
                Err(ReportError::Version(version.to_string()))
            }
            Some(_) | None => Ok(serde_json::from_value(document)?),
        }
    }

    /// What is known about an assumption, if anything was reported.
    #[must_use]
    pub fn probe(&self, assumption: Assumption) -> Option<&Probe> {
        self.probes.iter().find(|probe| probe.id == assumption.id())
    }

    /// Whether an assumption holds; not known if nothing was reported.
    #[must_use]
    pub fn verdict(&self, assumption: Assumption) -> Verdict {
        self.probe(assumption)
            .map_or(Verdict::NotKnown, |probe| probe.verdict)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Times;

    fn document() -> Value {
        json!({
            "schemaVersion": "1", "parent": "dxcon-ffabc123", "startedAt": "2026-01-02T03:04:05.678Z",
            "probes": [
                {"id": "allocate-visible", "verdict": "does not hold",
                 "seen": {"times": {"count": 3, "minMs": 100, "medianMs": 200, "maxMs": 900}}},
                {"id": "throttle-code", "verdict": "not known", "seen": {"why": "not seen"}},
            ],
            "recommended": {"SETTLE_SECONDS": 40},
        })
    }

    #[test]
    fn a_report_is_written_as_it_was_read() {
        let report = Report::parse(&document().to_string()).unwrap();
        let probe = report.probe(Assumption::AllocateVisible).unwrap();
        assert_eq!(probe.verdict, Verdict::DoesNotHold);
        let times = Times::of(&[900, 100, 200], None);
        assert_eq!(probe.seen.times, times);
        assert_eq!(report.verdict(Assumption::TagsHidden), Verdict::NotKnown);
        assert_eq!(serde_json::to_value(&report).unwrap(), document());
    }

    #[test]
    fn what_only_a_newer_version_knows_is_kept_and_not_in_the_way() {
        let mut newer = document();
        newer["probes"][0]["seen"]["phase"] = json!("of the moon");
        newer["probes"][1]["id"] = json!("moon-full");
        let report = Report::parse(&newer.to_string()).unwrap();
        assert_eq!(report.probes[1].assumption(), None);
        assert_eq!(serde_json::to_value(&report).unwrap(), newer);
    }

    #[test]
    fn what_is_no_report_of_this_version_is_refused_with_words() {
        let mut other = document();
        other["schemaVersion"] = json!("2");
        let error = Report::parse(&other.to_string()).unwrap_err().to_string();
        assert!(error.contains("schemaVersion is \"2\""), "{error}");
        other["schemaVersion"] = json!(1);
        let error = Report::parse(&other.to_string()).unwrap_err().to_string();
        assert!(error.contains("schemaVersion is 1"), "{error}");
        let mut wrong = document();
        wrong["probes"][0]["verdict"] = json!("hold");
        for text in ["", "[]", "{}", &wrong.to_string()] {
            let error = Report::parse(text).unwrap_err().to_string();
            assert!(error.contains("not a report"), "{text}: {error}");
        }
    }
}
