//! Where the table and Direct Connect disagree about a parent, read from what `GET /parents/{connectionId}` shows.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

/// The view, as far as it is needed here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parent {
    vlans: Vec<Taken>,
    orphans: Vec<Orphan>,
    ghosts: Vec<Ghost>,
    #[serde(default)]
    moved: Vec<Moved>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    vlan: Option<i32>,
    idempotency_key: Option<String>,
    connection_id: Option<String>,
    connection_state: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Orphan {
    connection_id: Option<String>,
    vlan: Option<i32>,
    owner_account: Option<String>,
    bandwidth: Option<String>,
    connection_state: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ghost {
    idempotency_key: String,
    vlan: i32,
    connection_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Moved {
    idempotency_key: String,
    vlan: i32,
    connection_id: String,
    moved_to: Option<String>,
    moved_from: Option<String>,
}

/// What was seen of the parent's VLANs.
#[derive(Debug, PartialEq)]
pub(super) struct Sight {
    /// VLANs that are taken by anything.
    pub(super) taken: usize,
    /// Those whose order and connection belong together.
    pub(super) agreed: usize,
    /// Keys of orders that have no connection yet.
    pub(super) open: Vec<String>,
    pub(super) differences: Vec<Difference>,
}

/// One disagreement.
#[derive(Debug, PartialEq)]
pub(super) enum Difference {
    /// A connection that no order in this table made.
    Orphan {
        vlan: Option<i32>,
        connection_id: String,
        about: String,
    },
    /// An order whose connection Direct Connect does not show.
    Ghost {
        vlan: i32,
        key: String,
        connection_id: String,
    },
    /// An order's connection that is on another parent than its VLAN lease.
    Moved {
        vlan: i32,
        key: String,
        connection_id: String,
        /// As seen from this parent: `moved to …` or `moved from …`.
        way: String,
    },
    /// An unfinished order, and a connection on its VLAN that may be its own.
    Unrecorded {
        vlan: Option<i32>,
        key: String,
        connection_id: String,
        state: String,
    },
    /// A VLAN that is kept for a connection which is gone: of an order whose end is being recorded, or of an orphan.
    Vacated {
        vlan: Option<i32>,
        key: Option<String>,
        connection_id: String,
    },
}

impl Parent {
    /// `unrecorded` are the keys of unfinished orders whose records have no connection.
    pub(super) fn sight(self, unrecorded: &[&str]) -> Sight {
        let mut sight = Sight {
            taken: self.vlans.len(),
            agreed: 0,
            open: Vec::new(),
            differences: Vec::new(),
        };
        let ghosts = self.ghosts.iter().map(|ghost| &ghost.connection_id);
        let moved = self.moved.iter().map(|moved| &moved.connection_id);
        let has_own_list: BTreeSet<_> = ghosts.chain(moved).collect();
        let is_listed = |taken: &Taken| {
            let id = taken.connection_id.as_ref();
            id.is_some_and(|id| has_own_list.contains(id))
        };
        for taken in &self.vlans {
            match (
                &taken.idempotency_key,
                &taken.connection_id,
                &taken.connection_state,
            ) {
                (Some(key), None, _) => sight.open.push(key.clone()),
                (Some(key), Some(id), Some(state)) if unrecorded.contains(&key.as_str()) => {
                    sight.open.push(key.clone());
                    sight.differences.push(Difference::Unrecorded {
                        vlan: taken.vlan,
                        key: key.clone(),
                        connection_id: id.clone(),
                        state: state.clone(),
                    });
                }
                (Some(_), Some(_), Some(_)) => sight.agreed += 1,
                (key, Some(id), None) if !is_listed(taken) => {
                    sight.differences.push(Difference::Vacated {
                        vlan: taken.vlan,
                        key: key.clone(),
                        connection_id: id.clone(),
                    });
                }
                // Ghosts, orphans and what was moved have lists of their own.
                (_, _, _) => {}
            }
        }
        sight
            .differences
            .extend(self.orphans.into_iter().map(Difference::from));
        sight
            .differences
            .extend(self.ghosts.into_iter().map(Difference::from));
        sight
            .differences
            .extend(self.moved.into_iter().map(Difference::from));
        sight
    }
}

impl Sight {
    /// The connection that may be an unfinished order's own.
    pub(super) fn on_its_vlan(&self, wanted: &str) -> Option<Value> {
        self.differences
            .iter()
            .find_map(|difference| match difference {
                Difference::Unrecorded {
                    key,
                    connection_id,
                    state,
                    ..
                } if key == wanted => {
                    Some(json!({"connectionId": connection_id, "connectionState": state}))
                }
                Difference::Unrecorded { .. }
                | Difference::Orphan { .. }
                | Difference::Ghost { .. }
                | Difference::Moved { .. }
                | Difference::Vacated { .. } => None,
            })
    }
}

impl From<Orphan> for Difference {
    fn from(orphan: Orphan) -> Self {
        let about = [
            orphan.bandwidth,
            orphan.owner_account,
            orphan.connection_state,
        ];
        let about: Vec<_> = about.into_iter().flatten().collect();
        Self::Orphan {
            vlan: orphan.vlan,
            connection_id: orphan.connection_id.unwrap_or_default(),
            about: about.join(", "),
        }
    }
}

impl From<Moved> for Difference {
    fn from(moved: Moved) -> Self {
        let way = match (moved.moved_to, moved.moved_from) {
            (Some(parent), _) => format!("moved to {parent}"),
            (None, Some(parent)) => format!("moved from {parent}"),
            (None, None) => "moved".to_owned(),
        };
        Self::Moved {
            vlan: moved.vlan,
            key: moved.idempotency_key,
            connection_id: moved.connection_id,
            way,
        }
    }
}

impl From<Ghost> for Difference {
    fn from(ghost: Ghost) -> Self {
        Self::Ghost {
            vlan: ghost.vlan,
            key: ghost.idempotency_key,
            connection_id: ghost.connection_id,
        }
    }
}

impl Difference {
    /// VLAN, key, connection, what is wrong, what to do.
    pub(super) fn row(&self) -> [String; 5] {
        let number = |vlan: &Option<i32>| vlan.map_or(String::new(), |vlan| vlan.to_string());
        match self {
            Self::Orphan { vlan, connection_id, about } => [
                number(vlan),
                String::new(),
                connection_id.clone(),
                format!("orphan: no order in this table made it ({about})"),
                "Find out who allocated it outside of this system. It may stay: its VLAN is kept free of orders, and its \
                 bandwidth is counted. `operator adopt` gives it a record, so that it is followed and released like an order's."
                    .to_owned(),
            ],
            Self::Ghost { vlan, key, connection_id } => [
                vlan.to_string(),
                key.clone(),
                connection_id.clone(),
                "ghost: the order has it, and Direct Connect no longer shows it".to_owned(),
                format!(
                    "No other parent shows it either. Ask the customer whether they deleted it; `operator release {key}` records that and \
                     frees the VLAN (it deletes a connection that still exists)."
                ),
            ],
            Self::Moved { vlan, key, connection_id, way } => [
                vlan.to_string(),
                key.clone(),
                connection_id.clone(),
                format!("{way}; the VLAN lease has not followed yet"),
                format!(
                    "Nothing: the next run of track moves the lease. If this stays, the VLAN is another order's on the new parent; \
                     `operator explain {key}` shows where the connection is."
                ),
            ],
            Self::Unrecorded { vlan, key, connection_id, state } => [
                number(vlan),
                key.clone(),
                connection_id.clone(),
                format!("the order is unfinished, and this connection ({state}) is on its VLAN"),
                format!(
                    "--finish, or the next run of track, adopts the connection if it is as ordered. `operator explain {key}` \
                     shows what is missing."
                ),
            ],
            Self::Vacated { vlan, key, connection_id } => [
                number(vlan),
                key.clone().unwrap_or_default(),
                connection_id.clone(),
                match key {
                    Some(_) => "its connection is gone; the VLAN is kept until that is recorded",
                    None => "kept for an orphan that is gone",
                }
                .to_owned(),
                "Nothing: the next run of track frees it.".to_owned(),
            ],
        }
    }
}

#[cfg(test)]
mod tests;
