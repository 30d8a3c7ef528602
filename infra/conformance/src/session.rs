//! What a run has at hand, and what ends its probes early.

use std::time::Duration;

use crate::clients::Clients;
use crate::findings::Findings;
use crate::ground::Ground;
use crate::made::{Made, MadeError};
use crate::setup::Setup;
use crate::stop::Stop;
use crate::words::No;

/// A run.
pub(crate) struct Session<'r> {
    pub(crate) clients: &'r Clients,
    pub(crate) setup: &'r Setup,
    pub(crate) ground: &'r Ground,
    pub(crate) made: Made,
    pub(crate) findings: Findings,
    pub(crate) stop: Stop,
    pub(crate) say: &'r mut dyn FnMut(&str),
    /// VLANs that no probe has used yet, the next one last.
    pub(crate) vlans: Vec<u16>,
    /// How the list of an unknown id was refused.
    pub(crate) is_no_parent: Option<No>,
    /// The members of the answer to the first allocation.
    pub(crate) first_members: Option<serde_json::Value>,
}

/// Why no more probes are carried out. What was made is deleted all the same.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Somebody has stopped the run.
    Stopped,
    /// What is made cannot be noted.
    File(MadeError),
    /// AWS does not let the caller do this.
    Denied(No),
    /// Something has to be there for everything else, and is not.
    Stuck(String),
}

impl From<MadeError> for Halt {
    fn from(error: MadeError) -> Self {
        Self::File(error)
    }
}

impl Halt {
    /// Why the probes that were left out say nothing.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Stopped => "the run was stopped".to_owned(),
            Self::File(error) => error.to_string(),
            Self::Denied(no) => {
                format!("AWS does not allow the call, or refuses the credentials: {no}")
            }
            Self::Stuck(why) => why.clone(),
        }
    }
}

impl Session<'_> {
    pub(crate) fn now_ms(&self) -> u64 {
        self.clients.clock.now_ms()
    }

    pub(crate) fn parent(&self) -> &str {
        self.setup.parent.as_str()
    }

    pub(crate) fn tell(&mut self, text: &str) {
        (self.say)(text);
    }

    /// A VLAN that no probe has used yet.
    pub(crate) fn next_vlan(&mut self) -> Option<u16> {
        self.vlans.pop()
    }

    /// Waits, unless the run is stopped.
    pub(crate) async fn pause(&mut self, time: Duration) -> Result<(), Halt> {
        self.stop.sleep(time).await;
        self.go_on()
    }

    pub(crate) fn go_on(&self) -> Result<(), Halt> {
        match self.stop.is_set() {
            true => Err(Halt::Stopped),
            false => Ok(()),
        }
    }

    /// How long to look for something that may have been made, before it counts as not made.
    pub(crate) fn sure_ms(&self) -> u64 {
        let longest = self.findings.visible_ms.iter().max().copied();
        let twice = longest.map_or(self.setup.wait_ms(), |ms| ms.saturating_mul(2).max(30_000));
        twice.min(self.setup.wait_ms())
    }
}

/// How long to wait before looking again, so many milliseconds after the beginning: closely at first, because that is what
/// is measured, and then less often.
pub(crate) fn pace(since_ms: u64) -> Duration {
    match since_ms {
        0..10_000 => Duration::from_millis(500),
        _ => Duration::from_secs(2),
    }
}
