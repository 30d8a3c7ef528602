//! Reads the requests of records, as leniently as they were ever written.
//!
//! The rules for callers have no say here, neither today's nor stricter ones of tomorrow: they decide what comes in, and
//! what is in has to stay readable for as long as its connection lives. Members that nobody knows are passed over; those
//! that are younger than the first release need a default.

use serde::de::Error;
use serde::{Deserialize, Serialize, Serializer};

use super::placement::StoredPlacement;
use super::{
    AllocationRequest, Bandwidth, ConnectionName, OwnerAccount, ParentConnection, Scope, Tag, Tags,
    Target, Vlan,
};

/// What a record keeps beside the request: no member of a request has this name.
pub(super) const SCOPE: &str = "placementScope";

/// A request with what is kept beside it.
pub(super) struct ToStore<'a>(pub(super) &'a AllocationRequest);

impl Serialize for ToStore<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scope = self.0.placement().map(|placement| &placement.scope);
        self.0
            .write(serializer, scope.filter(|scope| !scope.is_everything()))
    }
}

/// What [`AllocationRequest::to_json`] wrote, in any version.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    connection_id: Option<String>,
    placement: Option<StoredPlacement>,
    #[serde(default)]
    placement_scope: Scope,
    owner_account: String,
    bandwidth: String,
    connection_name: String,
    vlan: Option<u16>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl AllocationRequest {
    /// Reads a request that [`to_json`](Self::to_json) wrote, in this version or an earlier one.
    ///
    /// # Errors
    /// It is no JSON, a member that always was there is not, or nobody has heard of the bandwidth.
    pub fn from_stored_json(text: &str) -> Result<Self, serde_json::Error> {
        let stored: Stored = serde_json::from_str(text)?;
        let bandwidth = Bandwidth::named(&stored.bandwidth);
        let target = match (stored.connection_id, stored.placement) {
            (Some(id), _) => Target::Parent(ParentConnection::from_stored(id)),
            (None, Some(placement)) => {
                Target::Placement(Box::new(placement.read(stored.placement_scope)))
            }
            (None, None) => return Err(Error::missing_field("connectionId")),
        };
        Ok(Self {
            target,
            owner_account: OwnerAccount::from_stored(stored.owner_account),
            bandwidth: bandwidth.ok_or_else(|| Error::custom("there is no such bandwidth"))?,
            connection_name: ConnectionName::from_stored(stored.connection_name),
            vlan: stored.vlan.map(Vlan::from_stored),
            tags: Tags::from_stored(stored.tags),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeySource, Order};

    const PLAIN: &str = r#"{"connectionId":"dxcon-ffabc123","ownerAccount":"123456789012","bandwidth":"100Mbps","connectionName":"Customer","vlan":101,"tags":[]}"#;

    fn read(text: &str) -> AllocationRequest {
        AllocationRequest::from_stored_json(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn what_no_rule_for_callers_would_let_through_is_read_and_written_as_it_is_stored() {
        let stored = [
            PLAIN.replace("123456789012", "1234567890123"),
            PLAIN.replace("Customer", &"n".repeat(200)),
            PLAIN.replace("Customer", ""),
            PLAIN.replace("Customer", r"a\nb"),
            PLAIN.replace("dxcon-ffabc123", "DXCON-1"),
            PLAIN.replace("dxcon-ffabc123", &format!("dxlag-{}", "a".repeat(500))),
            PLAIN.replace(":101", ":4095"),
            PLAIN.replace(":101", ":0"),
            PLAIN.replace(
                "[]",
                r#"[{"key":"aws:a","value":"€"},{"key":"aws:a"},{"key":""}]"#,
            ),
            PLAIN.replace("[]", &format!("[{}]", [r#"{"key":"k"}"#; 60].join(","))),
        ];
        for text in stored {
            let by_callers = Order::parse(text.as_bytes(), KeySource::Header(&["k"]));
            assert!(by_callers.is_err(), "callers may send this: {text}");
            assert_eq!(read(&text).to_json(), text);
        }
    }

    #[test]
    fn unknown_members_are_passed_over_and_younger_ones_have_a_default() {
        let unknown = PLAIN
            .replace(r#""vlan""#, r#""placement":{"location":"EqDC2"},"vlan""#)
            .replace("[]", r#"[{"key":"k","value":"v","colour":"red"}]"#);
        let request = read(&unknown);
        assert_eq!(request.vlan, Vlan::new(101));
        assert_eq!(request.tags.as_slice()[0].value.as_deref(), Some("v"));
        let sparse = read(&PLAIN.replace(r#","vlan":101,"tags":[]"#, ""));
        assert_eq!((sparse.vlan, sparse.tags.len()), (None, 0));
    }

    #[test]
    fn interconnects_and_lags_are_told_apart() {
        let on = |id: &str| read(&PLAIN.replace("dxcon-ffabc123", id)).target;
        for id in ["dxcon-ffabc123", "dxlag-ffabc123"] {
            assert_eq!(on(id), Target::Parent(ParentConnection::parse(id).unwrap()));
        }
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            &PLAIN[1..],
            &PLAIN.replace("100Mbps", "3Tbps"),
            &PLAIN.replace(r#""ownerAccount":"123456789012","#, ""),
        ] {
            assert!(AllocationRequest::from_stored_json(text).is_err(), "{text}");
        }
    }
}
