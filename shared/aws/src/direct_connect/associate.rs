//! AssociateHostedConnection: a hosted connection is moved to another interconnect or LAG. Its id stays, so asking again for the
//! same place is harmless; but the refusal of a second send is not the refusal of the first, so each of our calls sends once.

use std::time::Duration;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use hosted_connection::ParentConnection;

use super::{DirectConnect, is_4xx, is_refused, never_connected};
use crate::failure::{self, CallError, Cause};

/// Longest wait for the answer. AWS publishes no figure.
const PATIENCE: Duration = Duration::from_secs(10);
const OPERATION: &str = "AssociateHostedConnection";

/// How a move ended.
#[derive(Debug)]
pub enum Association {
    /// Direct Connect has moved the connection, or is at it.
    Accepted,
    /// Direct Connect looked at the request and said no: an unknown id, a VLAN that is in use there, a state that it does not
    /// move in; or the connection is there already.
    Refused {
        /// Direct Connect's own words, for people.
        message: String,
    },
    /// It certainly had no effect: never sent, throttled, or not authorised.
    NotApplied(CallError),
    /// It may have been moved or not.
    Unknown(CallError),
}

impl DirectConnect {
    /// Asks once that the hosted connection of that id be moved to `parent`.
    pub async fn associate(&self, connection_id: &str, parent: &ParentConnection) -> Association {
        let call = self.once.associate_hosted_connection();
        let call = call
            .connection_id(connection_id)
            .parent_connection_id(parent.as_str());
        let Ok(answer) = tokio::time::timeout(PATIENCE, call.send()).await else {
            return Association::Unknown(CallError {
                operation: OPERATION,
                cause: Cause::Unavailable,
                message: format!("no answer within {PATIENCE:?}"),
            });
        };
        match answer {
            Ok(_) => Association::Accepted,
            Err(error) if is_refused(&error) => Association::Refused {
                message: error.message().unwrap_or_default().to_owned(),
            },
            Err(error) => {
                let code = error.code().unwrap_or_default();
                let is_known = failure::is_throttling(code)
                    || failure::is_access(code)
                    || failure::is_malformed(code);
                let was_not_applied = never_connected(&error) || is_known && is_4xx(&error);
                let failed = CallError::without_words(OPERATION, &error);
                match was_not_applied {
                    true => Association::NotApplied(failed),
                    false => Association::Unknown(failed),
                }
            }
        }
    }
}
