//! What a partner allows to be sold on one parent.
//!
//! It judges requests and says how much may be sold. How much is sold already is not its knowledge.

mod oversubscription;
mod read;
mod stored;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{AllocationRequest, Bandwidth, Violation, ViolationCode, Vlan, VlanRange};
use oversubscription::OversubscriptionRatio;

/// The rules for one parent; what is absent limits nothing. As JSON:
/// `{"bandwidthLimitMbps": 10000, "oversubscriptionRatio": 1.5, "allowedBandwidths": ["50Mbps"],
/// "vlanRange": "100-2000", "reservedVlans": [101]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParentPolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    bandwidth_limit_mbps: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oversubscription_ratio: Option<OversubscriptionRatio>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_bandwidths: Option<BTreeSet<Bandwidth>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vlan_range: Option<VlanRange>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    reserved_vlans: BTreeSet<Vlan>,
}

impl ParentPolicy {
    /// The policy as JSON text: absent rules left out, lists sorted. It is stored;
    /// [`from_stored_json`](Self::from_stored_json) has to read whatever any version of this wrote.
    pub fn to_json(&self) -> String {
        crate::json::text_of(self)
    }

    /// How many Mbps may be sold altogether: the limit times the ratio, rounded down. Nothing when there is no limit.
    pub fn sellable_mbps(&self) -> Option<u64> {
        let ratio = self.oversubscription_ratio.unwrap_or_default();
        self.bandwidth_limit_mbps.map(|limit| ratio.times(limit))
    }

    /// The bandwidths that may be sold; all of them when absent.
    pub fn allowed_bandwidths(&self) -> Option<&BTreeSet<Bandwidth>> {
        self.allowed_bandwidths.as_ref()
    }

    /// The VLANs that may be sold, reserved ones included; all of them when absent.
    pub fn vlan_range(&self) -> Option<VlanRange> {
        self.vlan_range
    }

    /// VLANs that are not for sale.
    pub fn reserved_vlans(&self) -> &BTreeSet<Vlan> {
        &self.reserved_vlans
    }

    /// Whether a hosted connection may have this VLAN.
    pub fn allows_vlan(&self, vlan: Vlan) -> bool {
        self.check_vlan(vlan).is_ok()
    }

    /// What the policy has against `request`. An absent VLAN is never against it: only an allowed one is assigned.
    pub fn violations(&self, request: &AllocationRequest) -> Vec<Violation> {
        let vlan = request.vlan.map_or(Ok(()), |vlan| self.check_vlan(vlan));
        [self.check_bandwidth(request.bandwidth), vlan]
            .into_iter()
            .filter_map(Result::err)
            .collect()
    }

    fn check_bandwidth(&self, bandwidth: Bandwidth) -> Result<(), Violation> {
        match &self.allowed_bandwidths {
            Some(allowed) if !allowed.contains(&bandwidth) => {
                let names: Vec<_> = allowed.iter().map(|allowed| allowed.as_str()).collect();
                let message = format!("must be one of {} on this parent", names.join(", "));
                Err(Violation::new(
                    Bandwidth::POINTER,
                    ViolationCode::OutOfRange,
                    message,
                ))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_vlan(&self, vlan: Vlan) -> Result<(), Violation> {
        let refuse = |code, message: String| Err(Violation::new(Vlan::POINTER, code, message));
        match self.vlan_range {
            Some(range) if !range.contains(vlan) => refuse(
                ViolationCode::OutOfRange,
                format!(
                    "must be {} to {} on this parent",
                    range.first(),
                    range.last()
                ),
            ),
            Some(_) | None if self.reserved_vlans.contains(&vlan) => refuse(
                ViolationCode::Reserved,
                "is reserved on this parent".to_owned(),
            ),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
