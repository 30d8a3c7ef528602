//! What hosted connections were a while ago, for a list that lags behind ([`Builder::stale_for`](crate::Builder::stale_for)).
//! Not kept between runs: a list catches up while the cloud is down.

use super::HostedConnection;

/// How connections have changed, as far back as a list lags behind; nothing, when lists are up to date.
#[derive(Debug, Default)]
pub(super) struct Past {
    reach_ms: u64,
    /// In order of creation.
    histories: Vec<History>,
}

#[derive(Debug)]
struct History {
    id: String,
    /// Oldest first, each from this moment on. `None` when it has been forgotten.
    versions: Vec<(u64, Option<HostedConnection>)>,
}

impl Past {
    /// Starts with what is there, as if it had been as it is since its last change of state.
    pub(super) fn reaching(reach_ms: u64, connections: &[HostedConnection]) -> Self {
        let mut past = Self {
            reach_ms,
            histories: Vec::new(),
        };
        for connection in connections {
            past.note(connection, connection.state_since_ms);
        }
        past
    }

    /// This is what the connection is from now on.
    pub(super) fn note(&mut self, connection: &HostedConnection, now_ms: u64) {
        self.push(&connection.id, now_ms, Some(connection));
    }

    /// From now on there is no such connection.
    pub(super) fn forget(&mut self, id: &str, now_ms: u64) {
        self.push(id, now_ms, None);
    }

    /// What there was at this moment, each with its position in a list that is only ever appended to.
    pub(super) fn at(&self, then_ms: u64) -> impl Iterator<Item = (usize, &HostedConnection)> {
        let versions = self.histories.iter().map(|history| &history.versions);
        versions.enumerate().filter_map(move |(index, versions)| {
            let mut backwards = versions.iter().rev();
            let (_, then) = backwards.find(|(since_ms, _)| *since_ms <= then_ms)?;
            then.as_ref().map(|connection| (index, connection))
        })
    }

    fn push(&mut self, id: &str, now_ms: u64, connection: Option<&HostedConnection>) {
        if self.reach_ms == 0 {
            return;
        }
        let version = (now_ms, connection.cloned());
        match self.histories.iter_mut().find(|history| history.id == id) {
            Some(history) => {
                // The newest of those too old to be looked at is what a look sees first.
                let oldest_ms = now_ms.saturating_sub(self.reach_ms);
                let versions = &mut history.versions;
                let too_old = versions.partition_point(|(since_ms, _)| *since_ms <= oldest_ms);
                versions.drain(..too_old.saturating_sub(1));
                versions.push(version);
            }
            None => self.histories.push(History {
                id: id.to_owned(),
                versions: vec![version],
            }),
        }
    }
}
