//! Reads the policies of the table, as leniently as they were ever written: the rules for who sets one have no say here.

use serde::Deserialize;
use serde::de::Error;

use super::{OversubscriptionRatio, ParentPolicy};
use crate::{Bandwidth, Vlan, VlanRange};

/// What [`ParentPolicy::to_json`] wrote, in any version.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Stored {
    bandwidth_limit_mbps: Option<u32>,
    oversubscription_ratio: Option<f64>,
    allowed_bandwidths: Option<Vec<String>>,
    vlan_range: Option<String>,
    reserved_vlans: Vec<u16>,
}

impl ParentPolicy {
    /// Reads a policy that [`to_json`](Self::to_json) wrote, in this version or an earlier one. Members that nobody
    /// knows are passed over.
    ///
    /// # Errors
    /// It is no JSON, a member is not what its name says, or nobody has heard of a bandwidth.
    pub fn from_stored_json(text: &str) -> Result<Self, serde_json::Error> {
        let stored: Stored = serde_json::from_str(text)?;
        let named = |name: String| {
            Bandwidth::named(&name).ok_or_else(|| Error::custom("there is no such bandwidth"))
        };
        let bandwidths = stored
            .allowed_bandwidths
            .map(|names| names.into_iter().map(named).collect());
        let range = |text: String| {
            VlanRange::from_stored(&text).ok_or_else(|| Error::custom("this is no range of VLANs"))
        };
        Ok(Self {
            bandwidth_limit_mbps: stored.bandwidth_limit_mbps,
            oversubscription_ratio: stored
                .oversubscription_ratio
                .map(OversubscriptionRatio::from_stored),
            allowed_bandwidths: bandwidths.transpose()?,
            vlan_range: stored.vlan_range.map(range).transpose()?,
            reserved_vlans: stored
                .reserved_vlans
                .into_iter()
                .map(Vlan::from_stored)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_could_set_today_is_read_and_written_as_it_is_stored() {
        for text in [
            r#"{"bandwidthLimitMbps":4000000000}"#,
            r#"{"bandwidthLimitMbps":1,"oversubscriptionRatio":0.05}"#,
            r#"{"bandwidthLimitMbps":1,"oversubscriptionRatio":500}"#,
            r#"{"allowedBandwidths":[]}"#,
            r#"{"vlanRange":"0-5000"}"#,
            r#"{"vlanRange":"20-10"}"#,
            r#"{"reservedVlans":[0,4095]}"#,
        ] {
            assert!(ParentPolicy::parse(text.as_bytes()).is_err(), "{text}");
            let read = ParentPolicy::from_stored_json(text);
            assert_eq!(read.unwrap().to_json(), text);
        }
    }

    #[test]
    fn unknown_members_are_passed_over() {
        let read = ParentPolicy::from_stored_json(r#"{"weather":"fine","bandwidthLimitMbps":100}"#);
        assert_eq!(read.unwrap().sellable_mbps(), Some(100));
        let empty = ParentPolicy::from_stored_json("{}").unwrap();
        assert_eq!(empty, ParentPolicy::default());
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        for text in [
            "",
            "7",
            r#"{"bandwidthLimitMbps":"much"}"#,
            r#"{"allowedBandwidths":["3Tbps"]}"#,
            r#"{"vlanRange":"some"}"#,
        ] {
            assert!(ParentPolicy::from_stored_json(text).is_err(), "{text}");
        }
    }
}
