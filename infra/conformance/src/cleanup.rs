//! Cleaning up after an earlier run, by its file.

use std::path::Path;
use std::time::Duration;

use hosted_connection::ParentConnection;

use crate::clearing::{Left, clear};
use crate::clients::Clients;
use crate::ground::Unfit;
use crate::made::{Made, MadeError};

/// What became of the file of an earlier run.
#[derive(Debug, Default)]
pub struct Cleaned {
    /// Connections that are deleted.
    pub deleted: usize,
    /// What could not be deleted.
    pub left: Vec<Left>,
}

/// Deletes what an earlier run on `parent` has left, by its file, and then removes the file.
///
/// # Errors
/// The file is not that of such a run, or the parents cannot be read.
pub async fn cleanup(
    clients: &Clients,
    path: &Path,
    parent: &ParentConnection,
    wait: Duration,
    say: &mut dyn FnMut(&str),
) -> Result<Cleaned, CleanupError> {
    let Some(mut made) = Made::open(path)? else {
        return Ok(Cleaned::default());
    };
    for (member, there, here, fix) in [
        (
            "parent",
            &made.head.parent,
            parent.as_str(),
            "give that --parent",
        ),
        (
            "region",
            &made.head.region,
            clients.settings.region.as_str(),
            "set AWS_REGION to it",
        ),
    ] {
        if there != here {
            return Err(CleanupError::File(MadeError::Other {
                path: path.into(),
                member,
                there: there.clone(),
                here: here.to_owned(),
                fix,
            }));
        }
    }
    let places = everywhere(clients, parent).await?;
    let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    let deleted = |made: &Made| {
        let gone = made
            .entries
            .iter()
            .filter(|one| one.is_gone && one.id.is_some());
        gone.count()
    };
    let before = deleted(&made);
    let left = clear(clients, &mut made, &places, wait_ms, say).await;
    let deleted = deleted(&made) - before;
    if made.is_empty() {
        made.end()?;
    }
    Ok(Cleaned { deleted, left })
}

/// Why nothing could be cleaned up.
#[derive(Debug, thiserror::Error)]
pub enum CleanupError {
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] MadeError),
    /// The parents cannot be read.
    #[error(transparent)]
    Unread(#[from] Unfit),
}

/// Every id under which a connection may be shown, the parent's first: somebody may have moved it meanwhile.
async fn everywhere(
    clients: &Clients,
    parent: &ParentConnection,
) -> Result<Vec<ParentConnection>, Unfit> {
    let parents = clients.services.direct_connect.parents().await;
    let parents = parents.map_err(|error| Unfit::Unread {
        what: "the interconnects and LAGs cannot be read",
        error,
    })?;
    let others = parents.ids().filter(|id| *id != parent).cloned();
    Ok(std::iter::once(parent.clone()).chain(others).collect())
}
