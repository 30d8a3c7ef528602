//! DeleteConnection. A connection's id names it for good, so asking again is harmless; but the refusal of a second send is
//! not the refusal of the first, so each of our calls sends once.

use std::time::Duration;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{DirectConnect, is_refused};
use crate::failure::{CallError, Cause};

/// Longest wait for the answer. AWS publishes no figure.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a deletion ended.
#[derive(Debug)]
pub enum Deletion {
    /// Direct Connect deletes the connection, or has.
    Accepted,
    /// Direct Connect looked at the request and said no: the connection is unknown, or still has virtual interfaces.
    /// Which of the two is not in its words, but in what it shows on the parent.
    Refused {
        /// Direct Connect's own words, for people.
        message: String,
    },
    /// It may have been deleted or not; ask again.
    Failed(CallError),
}

impl DirectConnect {
    /// Asks once that the hosted connection of that id be deleted.
    pub async fn delete(&self, connection_id: &str) -> Deletion {
        let call = self.once.delete_connection().connection_id(connection_id);
        let Ok(answer) = tokio::time::timeout(PATIENCE, call.send()).await else {
            return Deletion::Failed(CallError {
                operation: "DeleteConnection",
                cause: Cause::Unavailable,
                message: format!("no answer within {PATIENCE:?}"),
            });
        };
        match answer {
            Ok(_) => Deletion::Accepted,
            Err(error) if is_refused(&error) => Deletion::Refused {
                message: error.message().unwrap_or_default().to_owned(),
            },
            Err(error) => Deletion::Failed(CallError::without_words("DeleteConnection", &error)),
        }
    }
}
