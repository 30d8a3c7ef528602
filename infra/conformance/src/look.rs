//! Looks at what the parent shows, and waits until it shows something.

use hosted_connection::Connection;

use crate::direct_connect::Shown;
use crate::session::{Halt, Session, pace};
use crate::words::{Kind, No};

/// A list that cannot be read is asked for so often.
const TRIES: u32 = 4;

/// What became of waiting for a connection to be shown.
#[derive(Debug)]
pub(crate) enum Watched {
    /// It was shown.
    Shown(Box<Connection>),
    /// It was not, as long as anybody waited.
    NotShown {
        /// Whether each list was one page: several are no snapshot, and need not show everything.
        is_sure: bool,
    },
    /// The list cannot be read.
    Unread(No),
}

/// Whether a state is that of a connection that is going, or gone.
pub(crate) fn is_over(connection: &Connection) -> bool {
    matches!(
        connection.connection_state.as_deref(),
        Some("deleting" | "deleted" | "rejected")
    )
}

impl Session<'_> {
    /// The parent's list; read again if it cannot be read.
    pub(crate) async fn look(&mut self) -> Result<Result<Shown, No>, Halt> {
        let parent = self.parent().to_owned();
        self.look_at(&parent).await
    }

    /// The list of this id; read again if it cannot be read.
    pub(crate) async fn look_at(&mut self, id: &str) -> Result<Result<Shown, No>, Halt> {
        for attempt in 1.. {
            let no = match self.clients.list(id).await {
                Ok(shown) => return Ok(Ok(shown)),
                Err(no) => no,
            };
            self.findings.note(&no, None);
            match no.kind {
                Kind::Denied => return Err(Halt::Denied(no)),
                Kind::Refused => return Ok(Err(no)),
                // A code that is on no list may be that of something that passes.
                Kind::Throttled | Kind::Unreached | Kind::Unknown | Kind::Unlisted
                    if attempt == TRIES =>
                {
                    return Ok(Err(no));
                }
                Kind::Throttled | Kind::Unreached | Kind::Unknown | Kind::Unlisted => {
                    self.pause(std::time::Duration::from_secs(1) * attempt)
                        .await?;
                }
            }
        }
        // The loop ends by itself.
        Ok(Err(No::unknown("the list cannot be read")))
    }

    /// Waits until the connection is shown, and notes how long after `answered_ms` that was.
    pub(crate) async fn watch(
        &mut self,
        id: &str,
        answered_ms: Option<u64>,
    ) -> Result<Watched, Halt> {
        let began_ms = answered_ms.unwrap_or_else(|| self.now_ms());
        let mut is_sure = true;
        for look in 0.. {
            let shown = match self.look().await? {
                Ok(shown) => shown,
                Err(no) => return Ok(Watched::Unread(no)),
            };
            let since_ms = self.now_ms().saturating_sub(began_ms);
            if let Some(found) = shown.by_id(id) {
                if answered_ms.is_some() {
                    // By the first look it was there at once, however long the look itself took.
                    let delay_ms = if look == 0 { 0 } else { since_ms };
                    self.findings.visible_ms.push(delay_ms);
                }
                return Ok(Watched::Shown(Box::new(found.clone())));
            }
            is_sure &= shown.pages == 1;
            if since_ms >= self.setup.wait_ms() {
                break;
            }
            self.pause(pace(since_ms)).await?;
        }
        if is_sure && answered_ms.is_some() {
            self.findings.not_visible_ms = Some(self.setup.wait_ms());
        }
        Ok(Watched::NotShown { is_sure })
    }
}
