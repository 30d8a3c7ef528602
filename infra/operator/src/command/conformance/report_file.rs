//! The file of the report: known to be writable before anything is made, and either as it was or whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use assumptions::Report;

use super::Trouble;

/// A report that is going to be written.
#[derive(Debug)]
pub(super) struct ReportFile {
    path: PathBuf,
    part: PathBuf,
    is_finished: bool,
}

impl ReportFile {
    /// Begins it beside its path.
    pub(super) fn begin(path: &Path) -> Result<Self, Trouble> {
        // Through a link: it is the file behind it that is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        let begun = Self {
            part: beside(&path),
            path: path.clone(),
            is_finished: false,
        };
        let opened = match fs::metadata(&path) {
            // A file that is there has to be one that may be replaced; a device, or a directory, must not be.
            Ok(there) if there.is_file() => File::options().write(true).open(&path).map(drop),
            Ok(_) => Err(io::Error::other("it is there, and is not a file")),
            Err(_) => Ok(()),
        };
        // Tried, and removed at once: a run that is killed leaves nothing beside the report.
        let opened = opened.and_then(|()| File::create(&begun.part).map(drop));
        let tried = opened.and_then(|()| fs::remove_file(&begun.part));
        tried.map_err(|source| begun.trouble(source))?;
        Ok(begun)
    }

    /// Writes it.
    pub(super) fn finish(mut self, report: &Report) -> Result<(), Trouble> {
        let write = || {
            let mut file = File::create(&self.part)?;
            let mut text = serde_json::to_vec_pretty(report)?;
            text.push(b'\n');
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&self.part, &self.path)
        };
        write().map_err(|source| self.trouble(source))?;
        self.is_finished = true;
        Ok(())
    }

    fn trouble(&self, source: io::Error) -> Trouble {
        Trouble::Report {
            path: self.path.clone(),
            source,
        }
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        if !self.is_finished {
            // It is empty, and of no use to anybody.
            let _ = fs::remove_file(&self.part);
        }
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}
