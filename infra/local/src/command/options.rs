//! What several commands can be told about the cloud they start.

use std::path::PathBuf;

use clap::Args;
use local_cloud::{Builder, Cloud, DataLock, Fault};

use super::failure::Failure;

/// Where state is kept, and what goes wrong.
#[derive(Debug, Clone, Args)]
pub(crate) struct CloudOptions {
    /// Keep all state in this directory; without it, state ends with the command
    #[arg(long, value_name = "DIR", help_heading = "The cloud")]
    pub(crate) data: Option<PathBuf>,
    /// Inject a fault, as KIND@OPERATION[#N]; can be repeated
    ///
    /// Kinds: refuse-before, reset-before, hang-before, kill-before, throttle, error(STATUS,CODE), server-error-before,
    /// server-exception-before, client-exception-before, apply-then-500, apply-then-server-exception,
    /// apply-then-client-exception, apply-then-reset, apply-then-cut-body, apply-then-empty-body,
    /// apply-then-without-list, apply-then-hang, apply-then-kill, expired-page-token, delay(250ms), land-late(45s),
    /// partial-put-events(0,2). In place of an operation, k3 is the third request. +always at the end: every later
    /// request, too.
    #[arg(long = "fault", value_name = "FAULT", value_parser = Fault::parse, help_heading = "The cloud")]
    pub(crate) faults: Vec<Fault>,
}

impl CloudOptions {
    /// Starts the cloud. Its directory is this process's until the lock is dropped: the cloud holds state in memory,
    /// and of two on one directory the second to write would undo what the first has done.
    ///
    /// # Errors
    /// The directory is unusable, or another process uses it.
    pub(crate) fn start(&self, mut builder: Builder) -> Result<(Cloud, Option<DataLock>), Failure> {
        let mut lock = None;
        if let Some(dir) = &self.data {
            lock = Some(DataLock::take(dir)?);
            builder = builder.data_dir(dir);
        }
        let cloud = builder.build()?;
        for fault in &self.faults {
            cloud.inject(fault.clone());
        }
        Ok((cloud, lock))
    }
}
