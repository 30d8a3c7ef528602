//! Deletes a connection that this run has made, and watches what is shown of it.

use std::time::Duration;

use crate::direct_connect::Shown;
use crate::look::is_over;
use crate::making::Living;
use crate::session::{Halt, Session, pace};
use crate::words::{Kind, No};

/// A deletion names its connection for good, so asking again is harmless. A refusal is asked again as well: it may pass.
const TRIES: u32 = 4;

/// What was seen of a deletion.
#[derive(Debug, Default)]
pub(crate) struct Going {
    /// States, in the order in which they first appeared.
    pub(crate) states: Vec<String>,
    /// From the answer until the list showed that something had happened.
    pub(crate) current_ms: Option<u64>,
    /// From the answer until it was `deleted`, or not listed.
    pub(crate) over_ms: Option<u64>,
    /// When that was.
    pub(crate) over_at_ms: Option<u64>,
    /// Whether it was listed as `deleted`; `None` if it was neither `deleted` nor left out.
    pub(crate) listed: Option<bool>,
}

impl Session<'_> {
    /// Asks for the deletion, and again where the answer says nothing.
    pub(crate) async fn delete(&mut self, living: &Living) -> Result<Result<u64, No>, Halt> {
        for attempt in 1.. {
            let no = match self.clients.delete(&living.id).await {
                Ok(()) => return Ok(Ok(self.now_ms())),
                Err(no) => no,
            };
            self.findings.note(&no, None);
            // AWS may have repeated the call by itself: then the refusal is that of its own repetition.
            if no.kind == Kind::Refused && self.is_going(living).await? {
                return Ok(Ok(self.now_ms()));
            }
            if no.kind == Kind::Denied || attempt == TRIES {
                return Ok(Err(no));
            }
            self.pause(Duration::from_secs(1) * attempt).await?;
        }
        Ok(Err(No::unknown("the deletion was not answered")))
    }

    async fn is_going(&mut self, living: &Living) -> Result<bool, Halt> {
        let shown = self.look().await?;
        Ok(shown.is_ok_and(|shown| {
            shown.by_id(&living.id).is_some_and(is_over) || found_nowhere(&shown, living)
        }))
    }

    /// Watches a connection whose deletion was accepted until it is `deleted` or not listed, as long as anybody waits.
    pub(crate) async fn watch_going(
        &mut self,
        living: &Living,
        accepted_ms: u64,
    ) -> Result<Result<Going, No>, Halt> {
        let mut going = Going::default();
        let mut is_missing = false;
        for look in 0.. {
            let shown = match self.look().await? {
                Ok(shown) => shown,
                Err(no) => return Ok(Err(no)),
            };
            let since_ms = self.now_ms().saturating_sub(accepted_ms);
            let measured_ms = if look == 0 { 0 } else { since_ms };
            let found = shown.by_id(&living.id);
            let state = found.and_then(|found| found.connection_state.clone());
            for state in state
                .iter()
                .filter(|state| !going.states.contains(state))
                .cloned()
                .collect::<Vec<_>>()
            {
                going.states.push(state);
            }
            // One look at several pages may pass it over.
            let is_gone = found.is_none() && (shown.pages == 1 || is_missing);
            is_missing = found.is_none();
            if is_gone || found.is_some_and(is_over) {
                going.current_ms.get_or_insert(measured_ms);
            }
            let is_deleted = matches!(state.as_deref(), Some("deleted" | "rejected"));
            if is_gone || is_deleted {
                going.over_ms = Some(measured_ms);
                going.over_at_ms = Some(self.now_ms());
                going.listed = Some(is_deleted);
                break;
            }
            if since_ms >= self.setup.wait_ms() {
                break;
            }
            self.pause(pace(since_ms)).await?;
        }
        match going.current_ms {
            Some(ms) => self.findings.current_ms.push(ms),
            None => self.findings.not_current_ms = Some(self.setup.wait_ms()),
        }
        Ok(Ok(going))
    }
}

/// One page that does not show it; several may pass it over.
fn found_nowhere(shown: &Shown, living: &Living) -> bool {
    shown.pages == 1 && shown.by_id(&living.id).is_none()
}
