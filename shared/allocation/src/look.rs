//! Looking at what Direct Connect shows on a parent, afresh or together with others.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use aws::Aws;
use aws::direct_connect::ReadError;
use hosted_connection::{Connection, ParentConnection};

/// All connections of a parent, in every state, as one look from first page to last showed them.
#[derive(Debug, Clone)]
pub struct Look {
    /// When the look began: what landed later need not be in it.
    pub began_at_ms: u64,
    /// What it showed.
    pub connections: Arc<Vec<Connection>>,
}

impl Look {
    /// Reads all pages now.
    ///
    /// # Errors
    /// When any page cannot be read.
    pub async fn now(aws: &Aws, parent: &ParentConnection) -> Result<Self, ReadError> {
        let began_at_ms = aws.clock.now_ms();
        let connections = aws.direct_connect.connections(parent).await?;
        Ok(Self {
            began_at_ms,
            connections: Arc::new(connections),
        })
    }
}

/// Looks that orders may share: thousands of unfinished orders on one parent take one look at it, not one each.
#[derive(Debug, Default)]
pub struct Looks(Option<std::sync::Mutex<BTreeMap<ParentConnection, Shared>>>);

/// Taken by whoever needs it first; the others wait.
type Shared = Arc<tokio::sync::OnceCell<Look>>;

impl Looks {
    /// Every order looks for itself, when it needs to.
    #[must_use]
    pub const fn own() -> Self {
        Self(None)
    }

    /// One look per parent.
    #[must_use]
    pub fn shared() -> Self {
        Self(Some(std::sync::Mutex::default()))
    }

    /// The look at `parent`.
    ///
    /// # Errors
    /// When it cannot be read. Whoever asks next tries again.
    pub async fn of(&self, aws: &Aws, parent: &ParentConnection) -> Result<Look, ReadError> {
        let Some(shared) = &self.0 else {
            return Look::now(aws, parent).await;
        };
        let cell = {
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            Shared::clone(shared.entry(parent.clone()).or_default())
        };
        cell.get_or_try_init(|| Look::now(aws, parent))
            .await
            .cloned()
    }
}
