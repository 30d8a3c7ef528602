//! The file in which is noted what is made, before it is made: with it another process can finish.
//!
//! Lines of JSON, only ever appended, each on the disk before the call that it is about is sent. It is locked while a
//! process works with it, and removed when everything in it is gone.

mod lines;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use hosted_connection::ParentConnection;
use serde::Serialize;

pub(crate) use lines::{Entry, Head};
use lines::{Line, SCHEMA_VERSION, apply, read};

/// The file of a run on this parent, unless another is named: in the working directory.
#[must_use]
pub fn made_path(parent: &ParentConnection) -> PathBuf {
    PathBuf::from(format!("conformance-{parent}.made"))
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MadeError {
    /// It is left of an earlier run.
    #[error(
        "{0} is there: an earlier run has not deleted everything that it made. Run `operator conformance --parent {1} --made {0} --cleanup` first",
        .path.display(), .parent
    )]
    LeftOver {
        /// The file.
        path: PathBuf,
        /// The parent that was asked for now.
        parent: String,
    },
    /// Another process works with it.
    #[error("{} is in use: a run is still under way. Wait for its end, or end it", .0.display())]
    InUse(PathBuf),
    /// There is none.
    #[error("there is no file {}: nothing is left to delete, or the run had another --made, or another working directory", .0.display())]
    Missing(PathBuf),
    /// It is something else.
    #[error("{} is not a file of `operator conformance` (line {line}), and is left alone", .path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// The first line that is not understood.
        line: usize,
    },
    /// It is about something else.
    #[error("{} is about {member} {there}, not {here}: {fix}", .path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What differs.
        member: &'static str,
        /// As the file has it.
        there: String,
        /// As it was asked for.
        here: String,
        /// What to do.
        fix: &'static str,
    },
    /// It cannot be read or written.
    #[error("cannot note in {} what is made, so nothing more is made", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The file, open and locked, and what is in it.
#[derive(Debug)]
pub(crate) struct Made {
    path: PathBuf,
    file: File,
    pub(crate) head: Head,
    pub(crate) entries: Vec<Entry>,
}

impl Made {
    /// Begins the file of a run.
    pub(crate) fn begin(path: &Path, mut head: Head) -> Result<Self, MadeError> {
        SCHEMA_VERSION.clone_into(&mut head.schema_version);
        let opened = OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .open(path);
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => MadeError::LeftOver {
                path: path.into(),
                parent: head.parent.clone(),
            },
            _ => at(path)(error),
        })?;
        lock(&file, path)?;
        let mut made = Self {
            path: path.into(),
            file,
            head,
            entries: Vec::new(),
        };
        let head = made.head.clone();
        // Without room for the head there is none for anything else: the file is of no use.
        made.append(&head).inspect_err(|_| {
            let _ = std::fs::remove_file(path);
        })?;
        sync_directory(path);
        Ok(made)
    }

    /// Opens the file of a run that has ended; `None` if it ended before it made anything.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, MadeError> {
        let opened = OpenOptions::new().read(true).append(true).open(path);
        let mut file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => MadeError::Missing(path.into()),
            _ => at(path)(error),
        })?;
        lock(&file, path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => not_ours(path, 1),
                _ => at(path)(error),
            })?;
        // A line without an end was being written when the process died: its call was never sent.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole == 0 {
            let is_ours = text.is_empty() || text.starts_with("{\"schemaVersion\":");
            return if is_ours {
                std::fs::remove_file(path).map_err(at(path))?;
                Ok(None)
            } else {
                Err(not_ours(path, 1))
            };
        }
        let (head, entries) = read(&text[..whole]).map_err(|line| not_ours(path, line))?;
        file.set_len(whole as u64).map_err(at(path))?;
        file.seek(SeekFrom::End(0)).map_err(at(path))?;
        Ok(Some(Self {
            path: path.into(),
            file,
            head,
            entries,
        }))
    }

    /// Notes a call that is about to be sent. Its number.
    pub(crate) fn call(&mut self, name: &str, vlan: u16, at_ms: u64) -> Result<usize, MadeError> {
        let name = name.to_owned();
        let noted = self.note(Line::Call { name, vlan, at_ms });
        let call = self.entries.len() - 1;
        if noted.is_err() {
            // It is not sent.
            self.entries[call].is_refused = true;
        }
        noted.map(|()| call)
    }

    /// Notes the connection of a call.
    pub(crate) fn id(&mut self, call: usize, id: &str) -> Result<(), MadeError> {
        let id = id.to_owned();
        self.note(Line::Id { call, id })
    }

    /// Notes that a call was refused, or never sent.
    pub(crate) fn refused(&mut self, call: usize) -> Result<(), MadeError> {
        self.note(Line::Refused { call })
    }

    /// Notes that nothing is left of a call.
    pub(crate) fn gone(&mut self, call: usize) -> Result<(), MadeError> {
        self.note(Line::Gone { call })
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| entry.is_gone)
    }

    /// Removes the file, when nothing is left.
    pub(crate) fn end(self) -> Result<(), MadeError> {
        std::fs::remove_file(&self.path).map_err(at(&self.path))
    }

    /// In memory it is noted in any case: what was made has to be deleted, whether or not the disk is full.
    fn note(&mut self, line: Line) -> Result<(), MadeError> {
        let appended = self.append(&line);
        apply(&mut self.entries, line);
        appended
    }

    fn append(&mut self, line: &impl Serialize) -> Result<(), MadeError> {
        let mut text = serde_json::to_vec(line).map_err(|error| at(&self.path)(error.into()))?;
        text.push(b'\n');
        let length = self.file.metadata().map_err(at(&self.path))?.len();
        let written = self
            .file
            .write_all(&text)
            .and_then(|()| self.file.sync_data());
        written.map_err(|error| {
            // Half a line would spoil the next one. If this fails as well, the file ends with half a line.
            let _ = self.file.set_len(length);
            at(&self.path)(error)
        })
    }
}

fn lock(file: &File, path: &Path) -> Result<(), MadeError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => MadeError::InUse(path.into()),
        TryLockError::Error(error) => at(path)(error),
    })
}

/// A new file is only there after a crash of the machine if its directory is on the disk, too.
fn sync_directory(path: &Path) {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    // Not every system lets a directory be opened; the file itself is on the disk.
    let _ = File::open(directory.unwrap_or(Path::new("."))).and_then(|opened| opened.sync_all());
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> MadeError {
    let path = path.to_owned();
    move |source| MadeError::Io { path, source }
}

fn not_ours(path: &Path, line: usize) -> MadeError {
    MadeError::NotOurs {
        path: path.into(),
        line,
    }
}
