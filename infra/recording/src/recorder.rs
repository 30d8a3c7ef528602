//! Writes what passes, as it passes.

mod client;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::disguise::Disguise;
use crate::file::{Exchange, Head, VERSION};

/// Milliseconds of some clock. Only differences are written.
type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Writes exchanges into a file. Clones write into the same one.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

struct Shared {
    disguise: Disguise,
    now_ms: Clock,
    begun_ms: u64,
    /// The file, until it can no longer be written.
    file: Mutex<Option<File>>,
    path: PathBuf,
}

/// A recording cannot be begun.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// The file is there, or cannot be made.
    #[error(
        "cannot record into {path}; --record wants a file that does not exist yet, in a directory that does"
    )]
    File {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There are no random numbers to make the secret of.
    #[error("cannot record: the system gives no random numbers")]
    Random(#[source] getrandom::Error),
}

/// A request that has been sent.
#[derive(Debug)]
pub struct Sent {
    service: String,
    operation: String,
    request: Value,
    at_ms: u64,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("path", &self.shared.path)
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// Begins a recording in a file of its own, which only its owner can read. `now_ms` is the clock.
    ///
    /// # Errors
    /// The file exists, or cannot be made.
    pub fn begin(
        path: &Path,
        now_ms: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<Self, RecorderError> {
        let disguise = Disguise::new().map_err(RecorderError::Random)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let head = Head {
            hosted_connections_recording: VERSION.to_owned(),
        };
        let begun = options.open(path).and_then(|mut file| {
            write_line(&mut file, &json!(head))?;
            Ok(file)
        });
        let file = begun.map_err(|source| RecorderError::File {
            path: path.into(),
            source,
        })?;
        Ok(Self {
            shared: Arc::new(Shared {
                disguise,
                begun_ms: now_ms(),
                now_ms: Arc::new(now_ms),
                file: Mutex::new(Some(file)),
                path: path.into(),
            }),
        })
    }

    /// A request is on its way. `target` is its header `X-Amz-Target`; of the headers nothing else is looked at.
    #[must_use]
    pub fn sent(&self, target: &str, body: &[u8]) -> Sent {
        let (service, operation) = target.split_once('.').unwrap_or(("", target));
        Sent {
            service: self.known(service),
            operation: self.known(operation),
            request: self.read(body),
            at_ms: (self.shared.now_ms)(),
        }
    }

    /// Its answer has come.
    pub fn answered(&self, sent: Sent, status: u16, body: &[u8]) {
        self.write(sent, Some(status), self.read(body), None);
    }

    /// It has none.
    pub fn lost(&self, sent: Sent, why: &str) {
        self.write(sent, None, Value::Null, Some(why.to_owned()));
    }

    /// Where it writes.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Whether everything was written so far. If not, the file ends where the disk was full.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.file().is_some()
    }

    fn write(&self, sent: Sent, status: Option<u16>, answer: Value, lost: Option<String>) {
        let shared = &self.shared;
        let exchange = Exchange {
            at_ms: sent.at_ms.saturating_sub(shared.begun_ms),
            took_ms: (shared.now_ms)().saturating_sub(sent.at_ms),
            service: sent.service,
            operation: sent.operation,
            request: sent.request,
            status,
            answer,
            lost,
        };
        let mut file = self.file();
        let written = file.as_mut().map(|file| write_line(file, &json!(exchange)));
        if matches!(written, Some(Err(_))) {
            // A line in the middle of another would make the whole file unreadable.
            *file = None;
        }
    }

    /// AWS's and our own names of services and operations are letters, digits and underscores.
    fn known(&self, name: &str) -> String {
        let is_a_name = name.bytes().all(|byte| byte.is_ascii_alphabetic());
        match (is_a_name && name.len() <= 48) || name == "DynamoDB_20120810" {
            true => name.to_owned(),
            false => self.shared.disguise.text(name),
        }
    }

    /// What is no JSON is not written: what could be in it is not known.
    fn read(&self, body: &[u8]) -> Value {
        let document = serde_json::from_slice(body).unwrap_or_default();
        self.shared.disguise.document(&document)
    }

    fn file(&self) -> std::sync::MutexGuard<'_, Option<File>> {
        self.shared
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// In one write, so that a line is whole or the last one.
fn write_line(file: &mut File, document: &Value) -> io::Result<()> {
    file.write_all(format!("{document}\n").as_bytes())
}
