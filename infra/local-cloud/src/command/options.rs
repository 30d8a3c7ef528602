//! What several commands can be told about the cloud they start.

use std::path::PathBuf;

use clap::Args;
use local_cloud::{Builder, Cloud, CloudError, Fault};

/// Where state is kept, and what goes wrong.
#[derive(Debug, Clone, Args)]
pub(crate) struct CloudOptions {
    /// Keep all state in this directory, and go on from what is there [default: kept in memory]
    #[arg(long, value_name = "DIR", help_heading = "The cloud")]
    pub(crate) data: Option<PathBuf>,
    /// Have something go wrong, as KIND@OPERATION[#N]; can be repeated
    ///
    /// The kinds are refuse-before, reset-before, throttle, server-error-before, apply-then-500, apply-then-reset,
    /// apply-then-cut-body, apply-then-empty-body, apply-then-hang, hang-before, kill-before, apply-then-kill,
    /// delay(250ms), land-late(45s), error(STATUS,CODE), partial-put-events(0,2). Instead of an operation, k3 means the
    /// third request, and +always at the end every one from there on.
    #[arg(long = "fault", value_name = "FAULT", value_parser = Fault::parse, help_heading = "The cloud")]
    pub(crate) faults: Vec<Fault>,
}

impl CloudOptions {
    /// Starts the cloud.
    ///
    /// # Errors
    /// The directory is unusable.
    pub(crate) fn start(&self, mut builder: Builder) -> Result<Cloud, CloudError> {
        if let Some(dir) = &self.data {
            builder = builder.data_dir(dir);
        }
        let cloud = builder.build()?;
        for fault in &self.faults {
            cloud.inject(fault.clone());
        }
        Ok(cloud)
    }
}
