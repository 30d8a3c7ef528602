//! Where the table and Direct Connect disagree about a parent, read from what `GET /parents/{connectionId}` shows.

use hosted_connection::ParentConnection;
use serde::Deserialize;

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
    /// A connection that no order of ours made.
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
    /// A VLAN that is kept for a connection which is gone: of an order whose end is being recorded, or of an orphan.
    Vacated {
        vlan: Option<i32>,
        key: Option<String>,
        connection_id: String,
    },
}

impl Parent {
    pub(super) fn sight(self) -> Sight {
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
    pub(super) fn row(&self, parent: &ParentConnection) -> [String; 5] {
        let number = |vlan: &Option<i32>| vlan.map_or(String::new(), |vlan| vlan.to_string());
        match self {
            Self::Orphan { vlan, connection_id, about } => [
                number(vlan),
                String::new(),
                connection_id.clone(),
                format!("orphan: no order of ours made it ({about})"),
                "Ask who allocated it, past this system. If it is to stay, nothing: its VLAN is kept clear, and its bandwidth \
                 counts."
                    .to_owned(),
            ],
            Self::Ghost { vlan, key, connection_id } => [
                vlan.to_string(),
                key.clone(),
                connection_id.clone(),
                "ghost: the order has it, and Direct Connect does not show it".to_owned(),
                format!(
                    "Look again: aws directconnect describe-hosted-connections --connection-id {parent}. If it was \
                     moved, track moves the lease along in its next run. If it is on no parent, DELETE /allocations/{{key}} records \
                     that and frees the VLAN; it deletes a connection that is shown anywhere."
                ),
            ],
            Self::Vacated { vlan, key, connection_id } => [
                number(vlan),
                key.clone().unwrap_or_default(),
                connection_id.clone(),
                match key {
                    Some(_) => "its connection is gone; the VLAN is kept until that is recorded",
                    None => "kept clear of an orphan that is gone",
                }
                .to_owned(),
                "Nothing: the next run of track sees to it.".to_owned(),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
                {"vlan": 6, "idempotencyKey": "releasing", "connectionId": "dxcon-6"},
            ],
            "orphans": [{"vlan": 4, "connectionId": "dxcon-4", "connectionState": "ordering", "bandwidth": "50Mbps"}],
            "ghosts": [{"vlan": 3, "idempotencyKey": "ghost", "connectionId": "dxcon-3"}],
            "capacity": {"soldMbps": 0},
        });
        let sight = serde_json::from_value::<Parent>(view).unwrap().sight();
        assert_eq!((sight.taken, sight.agreed), (6, 1));
        assert_eq!(sight.open, ["open"]);
        let vacated = |vlan, key: Option<&str>| Difference::Vacated {
            vlan: Some(vlan),
            key: key.map(str::to_owned),
            connection_id: format!("dxcon-{vlan}"),
        };
        let expected = [
            vacated(5, None),
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
