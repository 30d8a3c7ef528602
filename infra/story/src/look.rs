//! What Direct Connect shows of an order's connection at this moment.

use allocation::{JUST_ALLOCATED_MS, Looks, Whereabouts, look_alike_elsewhere};
use aws::config::Rules;
use hosted_connection::ParentConnection;
use ledger::{Record, Services, State};
use serde_json::{Value, json};

use crate::shown::{connection, id, state};
use crate::stuck::is_leased;

/// What it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// There is no connection to look for.
    NotLooked,
    /// The connection, on this parent and in this state.
    Shown {
        /// Where.
        parent: ParentConnection,
        /// In AWS's spelling.
        state: String,
    },
    /// The order is unfinished, and this parent, which is not its own, shows this connection that looks as asked.
    LookAlike {
        /// Where.
        parent: ParentConnection,
        /// The connection's.
        id: String,
    },
    /// No parent of the account shows it. One that `is_new` may be missing from the lists yet.
    Nowhere {
        /// Whether it was allocated a moment ago.
        is_new: bool,
    },
    /// Direct Connect could not be asked, for this reason.
    Failed(String),
}

impl Seen {
    /// Looks for the connection of an order that has one, or may have one elsewhere.
    pub async fn of(aws: &Services, rules: &Rules, record: &Record) -> Self {
        if let State::Calling | State::Unresolved = record.state {
            return Self::of_unfinished(aws, rules, record).await;
        }
        let id = connection(record).and_then(|connection| connection.connection_id.as_deref());
        let id = id.zip(record.lease_parent.as_ref());
        let (Some((id, place)), State::Allocated, None) =
            (id, record.state, record.lifecycle.gone_at_ms)
        else {
            return Self::NotLooked;
        };
        let looks = Looks::own();
        let whereabouts = looks.whereabouts(aws, id, place);
        match Box::pin(whereabouts).await {
            Ok(Whereabouts::Shown {
                parent, connection, ..
            }) => Self::Shown {
                parent,
                state: state(Some(&connection)).to_owned(),
            },
            Ok(Whereabouts::Nowhere { began_at_ms }) => Self::Nowhere {
                is_new: began_at_ms < record.occurred_at.as_ms() + JUST_ALLOCATED_MS,
            },
            Err(error) => Self::Failed(error.to_string()),
        }
    }

    async fn of_unfinished(aws: &Services, rules: &Rules, record: &Record) -> Self {
        // Its attempt is looking by itself.
        if is_leased(record, aws.clock.now_ms()) {
            return Self::NotLooked;
        }
        match Box::pin(look_alike_elsewhere(aws, rules, record)).await {
            Ok(None) => Self::NotLooked,
            Ok(Some((parent, found))) => Self::LookAlike {
                parent,
                id: id(Some(&found)).to_owned(),
            },
            Err(error) => Self::Failed(error.to_string()),
        }
    }

    /// Where it is shown, if that is another parent than the one that its VLAN is recorded on.
    pub(super) fn moved_to(&self, record: &Record) -> Option<&ParentConnection> {
        match self {
            Self::Shown { parent, .. } if Some(parent) != record.lease_parent.as_ref() => {
                Some(parent)
            }
            Self::Shown { .. }
            | Self::LookAlike { .. }
            | Self::NotLooked
            | Self::Nowhere { .. }
            | Self::Failed(_) => None,
        }
    }

    /// The state of the connection: as it is shown, or else as it was recorded last.
    pub(super) fn state<'s>(&'s self, record: &'s Record) -> &'s str {
        match self {
            Self::Shown { state, .. } if !state.is_empty() => state,
            Self::Shown { .. }
            | Self::LookAlike { .. }
            | Self::NotLooked
            | Self::Nowhere { .. }
            | Self::Failed(_) => state(connection(record)),
        }
    }

    /// As JSON, for scripts.
    #[must_use]
    pub fn document(&self) -> Value {
        match self {
            Self::NotLooked => Value::Null,
            Self::Shown { parent, state } => {
                json!({"shown": true, "parentConnectionId": parent, "connectionState": state})
            }
            Self::LookAlike { parent, id } => {
                json!({"lookAlike": id, "parentConnectionId": parent})
            }
            Self::Nowhere { .. } => json!({"shown": false}),
            Self::Failed(error) => json!({"error": error}),
        }
    }
}
