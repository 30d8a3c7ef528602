//! What a story is played under beside its own line: a broken safeguard, how AWS behaves, and the settle time.

use std::time::Duration;

use local_cloud::{Builder, SwitchError};

use crate::sabotage::Sabotage;

/// What every story is played under. By default nothing is broken, AWS behaves as the story says, and the functions have
/// their default settle time.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// The safeguard that is broken.
    pub broken: Option<Sabotage>,
    /// `SETTLE_SECONDS` of the functions.
    settle_seconds: Option<u64>,
    /// Switches of the local cloud and what they are set to, whatever the story's own line says.
    switches: Vec<(String, String)>,
}

impl From<Option<Sabotage>> for Conditions {
    fn from(broken: Option<Sabotage>) -> Self {
        Self {
            broken,
            ..Self::default()
        }
    }
}

impl Conditions {
    /// The same with a switch of the local cloud set; a later one of that name wins.
    ///
    /// # Errors
    /// There is no such switch, or it has no such value.
    pub fn with(mut self, switch: &str, value: &str) -> Result<Self, SwitchError> {
        Builder::default().switch(switch, value)?;
        self.switches.push((switch.to_owned(), value.to_owned()));
        Ok(self)
    }

    /// The same with functions of this settle time.
    #[must_use]
    pub fn settling(mut self, seconds: u64) -> Self {
        self.settle_seconds = Some(seconds);
        self
    }

    pub(crate) fn configure(&self, builder: Builder) -> Builder {
        self.switches
            .iter()
            .fold(builder, |builder, (name, value)| {
                // Checked when it was set.
                builder.clone().switch(name, value).unwrap_or(builder)
            })
    }

    /// `SETTLE_SECONDS`, as the functions read it.
    pub(crate) fn settle(&self) -> Option<String> {
        self.settle_seconds.map(|seconds| seconds.to_string())
    }

    /// How long the functions settle.
    pub(crate) fn settle_time(&self) -> Duration {
        Duration::from_secs(self.settle_seconds.unwrap_or(30))
    }

    pub(crate) fn value(&self, switch: &str) -> Option<&str> {
        let mut set = self.switches.iter().rev();
        set.find(|(name, _)| name == switch)
            .map(|(_, value)| value.as_str())
    }

    /// Whether what is on a parent is shown late, whatever the story's own line says. Then no story of several workers is told.
    #[must_use]
    pub fn is_late(&self) -> bool {
        let late = ["visible-after-ms", "stale-ms"].map(|switch| self.value(switch));
        late.into_iter().flatten().any(|value| value != "0")
    }

    /// Whether Direct Connect refuses a VLAN in use; `None` where the story says so.
    pub(crate) fn is_unique(&self) -> Option<bool> {
        self.value("no-vlan-uniqueness").map(|value| value == "off")
    }
}
