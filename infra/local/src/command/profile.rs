//! A report of `operator conformance`, turned into switches of the local cloud: it then behaves as AWS was seen to.

mod measured;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use assumptions::{Report, Verdict};
use local_cloud::{Builder, SwitchError};
use serde_json::{Value, json};
use terminal::{BOLD, DIM};

use super::{behaviour::Setting, failure::Failure};

/// What a report sets.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    path: PathBuf,
    report: Report,
    lines: Vec<Line>,
}

/// What one probe of the report sets.
#[derive(Debug, Clone)]
struct Line {
    id: String,
    verdict: Verdict,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    /// These switches.
    Sets(Vec<Setting>),
    /// Nothing, and why.
    Nothing(&'static str),
}

impl Profile {
    /// Reads the report in the file.
    ///
    /// # Errors
    /// There is no such file, or it is not a report that this version can read.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let unreadable = |source| Failure::Profile {
            path: path.into(),
            source,
        };
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let report = Report::parse(&text).map_err(|problem| Failure::NotAReport {
            path: path.into(),
            problem: problem.to_string(),
        })?;
        let lines = report.probes.iter().map(|probe| Line {
            id: probe.id.clone(),
            verdict: probe.verdict,
            what: what(probe, &report.parent),
        });
        Ok(Self {
            path: path.into(),
            lines: lines.collect(),
            report,
        })
    }

    /// The report itself.
    pub(crate) fn report(&self) -> &Report {
        &self.report
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What it sets, but for what is given beside it.
    pub(crate) fn settings(&self, given: &[Setting]) -> Vec<Setting> {
        let all = self.lines.iter().filter_map(|line| match &line.what {
            What::Sets(settings) => Some(settings),
            What::Nothing(_) => None,
        });
        let is_given = |setting: &Setting| given.iter().any(|given| given.switch == setting.switch);
        all.flatten()
            .filter(|setting| !is_given(setting))
            .cloned()
            .collect()
    }

    /// Says line by line what was taken from it.
    ///
    /// # Errors
    /// The output is closed.
    pub(crate) fn print(&self, out: &mut dyn Write, given: &[Setting]) -> io::Result<()> {
        writeln!(
            out,
            "{BOLD}AWS as in {}{BOLD:#} {DIM}(measured on {} at {}){DIM:#}",
            self.path.display(),
            self.report.parent,
            self.report.started_at
        )?;
        for line in &self.lines {
            let (id, verdict) = (&line.id, line.verdict.as_str());
            let what = match &line.what {
                What::Nothing(why) => (*why).to_owned(),
                What::Sets(settings) => {
                    let said = settings.iter().map(|setting| said(setting, given));
                    said.collect::<Vec<_>>().join(", ")
                }
            };
            writeln!(out, "  {id:<23} {verdict:<14} {what}")?;
        }
        writeln!(out)
    }

    /// As a document.
    pub(crate) fn document(&self, given: &[Setting]) -> Value {
        let settings = self.settings(given);
        let settings = settings
            .iter()
            .map(|setting| (setting.switch.to_owned(), json!(setting.value)));
        json!({
            "file": self.path,
            "parent": self.report.parent,
            "startedAt": self.report.started_at,
            "sets": settings.collect::<serde_json::Map<_, _>>(),
        })
    }
}

/// What one probe sets. What it was seen to be is checked here: a file may have been written by hand.
fn what(probe: &assumptions::Probe, parent: &str) -> What {
    let Some(assumption) = probe.assumption() else {
        return What::Nothing("ignored: this version does not know it");
    };
    if probe.verdict == Verdict::NotKnown {
        return What::Nothing("as by default");
    }
    let settings = measured::settings(assumption, probe.verdict, &probe.seen, parent);
    let is_possible = |setting: &Setting| setting.apply(Builder::default()).is_ok();
    match settings {
        settings if settings.is_empty() => {
            What::Nothing("as by default: nothing is measured of it")
        }
        settings if settings.iter().all(is_possible) => What::Sets(settings),
        _ => What::Nothing("ignored: the local cloud cannot be what was seen"),
    }
}

fn said(setting: &Setting, given: &[Setting]) -> String {
    let option = setting.option();
    match given.iter().find(|given| given.switch == setting.switch) {
        Some(given) if given != setting => format!("{option}, but {} is given", given.option()),
        Some(_) | None => option,
    }
}

/// Sets all of them.
///
/// # Errors
/// A switch has no such value.
pub(crate) fn apply(settings: &[Setting], builder: Builder) -> Result<Builder, SwitchError> {
    settings
        .iter()
        .try_fold(builder, |builder, setting| setting.apply(builder))
}

#[cfg(test)]
mod tests;
