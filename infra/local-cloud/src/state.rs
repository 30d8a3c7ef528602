//! What the services remember, apart from DynamoDB, and how it is kept between runs: one JSON file, replaced whole
//! after each change, so that a crash leaves the state before or after it and nothing in between.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    CloudError, direct_connect::DirectConnect, event_bus::EventBridge, random::Random, sqs::Sqs,
};

/// State of all services but DynamoDB, whose engine keeps its own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) random: Random,
    pub(crate) direct_connect: DirectConnect,
    pub(crate) event_bridge: EventBridge,
    pub(crate) sqs: Sqs,
}

/// A directory for state is this process's until this is dropped. A cloud holds its state in memory, so of two on one
/// directory the second to write would undo what the first has done. Those who only look may share it.
#[derive(Debug)]
pub struct DataLock(
    #[expect(dead_code, reason = "the lock is held for as long as the file is open")] Option<File>,
);

impl DataLock {
    /// Takes the directory, creating it if absent.
    ///
    /// # Errors
    /// The directory is unusable, or another process has it.
    pub fn take(dir: &Path) -> Result<Self, CloudError> {
        let unusable = |source| CloudError::Data {
            path: dir.into(),
            source,
        };
        fs::create_dir_all(dir).map_err(unusable)?;
        let file = File::create(dir.join("lock")).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => Err(CloudError::InUse(dir.into())),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// Keeps others from changing what is in the directory, while any number of processes look at it. Changes nothing.
    ///
    /// # Errors
    /// The directory is unusable, or another process has it to itself.
    pub fn share(dir: &Path) -> Result<Self, CloudError> {
        let path = dir.join("lock");
        let unusable = |source| CloudError::Data {
            path: dir.into(),
            source,
        };
        let file = match File::open(path) {
            Ok(file) => file,
            // Nobody has ever taken it, so nobody has it now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self(None)),
            Err(source) => return Err(unusable(source)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => Err(CloudError::InUse(dir.into())),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}

/// A directory that outlives the process.
#[derive(Debug)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    /// Opens the directory, creating it if absent.
    pub(crate) fn open(path: PathBuf) -> Result<Self, CloudError> {
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(CloudError::Data { path, source }),
        }
    }

    /// The directory that an earlier run has left; creates nothing.
    pub(crate) fn kept(path: PathBuf) -> Result<Self, CloudError> {
        let dir = Self(path);
        if dir.database().is_file() {
            Ok(dir)
        } else {
            Err(CloudError::NothingKept(dir.0))
        }
    }

    /// The file that DynamoDB's engine keeps.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("dynamodb.sqlite")
    }

    /// What an earlier run has left.
    pub(crate) fn load(&self) -> Result<Option<State>, CloudError> {
        let path = self.0.join("cloud.json");
        match fs::read(&path) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(state) => Ok(Some(state)),
                Err(source) => Err(CloudError::State { path, source }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.unusable(source)),
        }
    }

    /// Replaces what is kept.
    pub(crate) fn save(&self, state: &State) -> Result<(), CloudError> {
        let path = self.0.join("cloud.json");
        let result = serde_json::to_vec(state)
            .map_err(io::Error::from)
            .and_then(|bytes| replace(&path, &bytes));
        result.map_err(|source| self.unusable(source))
    }

    fn unusable(&self, source: io::Error) -> CloudError {
        CloudError::Data {
            path: self.0.clone(),
            source,
        }
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("json.new");
    fs::write(&beside, bytes)?;
    fs::rename(&beside, path)
}
