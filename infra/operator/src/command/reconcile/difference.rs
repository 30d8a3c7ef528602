//! Where the table and Direct Connect disagree about a parent, read from what `GET /parents/{connectionId}` shows.

use serde::Deserialize;
use serde_json::{Value, json};

/// The view, as far as it is needed here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parent {
    vlans: Vec<Taken>,
    orphans: Vec<Orphan>,
    ghosts: Vec<Ghost>,
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
        let is_ghost = |taken: &Taken| {
            let same = |ghost: &Ghost| Some(&ghost.connection_id) == taken.connection_id.as_ref();
            self.ghosts.iter().any(same)
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
                (key, Some(id), None) if !is_ghost(taken) => {
                    sight.differences.push(Difference::Vacated {
                        vlan: taken.vlan,
                        key: key.clone(),
                        connection_id: id.clone(),
                    });
                }
                // Ghosts and orphans have lists of their own.
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
                    "`operator explain {key}` looks for it on all parents. If it was moved, the next run of track records that. \
                     If it is on no parent, ask the customer whether they deleted it; `operator release {key}` records that and \
                     frees the VLAN (it deletes a connection that still exists)."
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
mod tests {
    use super::*;

    #[test]
    fn each_taken_vlan_is_one_thing_only() {
        let view = json!({
            "vlans": [
                {"vlan": 1, "idempotencyKey": "open"},
                {"vlan": 2, "idempotencyKey": "held", "connectionId": "dxcon-2", "connectionState": "available"},
                {"vlan": 3, "idempotencyKey": "ghost", "connectionId": "dxcon-3"},
                {"vlan": 4, "connectionId": "dxcon-4", "connectionState": "ordering"},
                {"vlan": 5, "connectionId": "dxcon-5"},
                {"vlan": 7, "idempotencyKey": "found", "connectionId": "dxcon-7", "connectionState": "ordering"},
                {"vlan": 6, "idempotencyKey": "releasing", "connectionId": "dxcon-6"},
            ],
            "orphans": [{"vlan": 4, "connectionId": "dxcon-4", "connectionState": "ordering", "bandwidth": "50Mbps"}],
            "ghosts": [{"vlan": 3, "idempotencyKey": "ghost", "connectionId": "dxcon-3"}],
            "capacity": {"soldMbps": 0},
        });
        let sight = serde_json::from_value::<Parent>(view)
            .unwrap()
            .sight(&["found"]);
        assert_eq!((sight.taken, sight.agreed), (7, 1));
        assert_eq!(sight.open, ["open", "found"]);
        let vacated = |vlan, key: Option<&str>| Difference::Vacated {
            vlan: Some(vlan),
            key: key.map(str::to_owned),
            connection_id: format!("dxcon-{vlan}"),
        };
        let expected = [
            vacated(5, None),
            Difference::Unrecorded {
                vlan: Some(7),
                key: "found".to_owned(),
                connection_id: "dxcon-7".to_owned(),
                state: "ordering".to_owned(),
            },
            vacated(6, Some("releasing")),
            Difference::Orphan {
                vlan: Some(4),
                connection_id: "dxcon-4".to_owned(),
                about: "50Mbps, ordering".to_owned(),
            },
            Difference::Ghost {
                vlan: 3,
                key: "ghost".to_owned(),
                connection_id: "dxcon-3".to_owned(),
            },
        ];
        assert_eq!(sight.differences, expected);
    }
}
