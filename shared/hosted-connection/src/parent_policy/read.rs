//! Reads a policy, and finds everything that is wrong with it in one pass.

use std::collections::BTreeSet;

use super::{OversubscriptionRatio, ParentPolicy};
use crate::body;
use crate::json::{Json, Object};
use crate::report::Report;
use crate::{Bandwidth, Violation, ViolationCode, Vlan, VlanRange};

const FIELDS: [&str; 5] = [
    "bandwidthLimitMbps",
    "oversubscriptionRatio",
    "allowedBandwidths",
    "vlanRange",
    "reservedVlans",
];

/// 10 Tbps: far more than a LAG has, and less than one Gbps that was written down in bits.
const MAX_LIMIT_MBPS: u32 = 10_000_000;

impl ParentPolicy {
    /// Reads a policy: UTF-8 JSON of at most [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    ///
    /// # Errors
    /// Everything that is wrong with it, together; never empty.
    pub fn parse(text: &[u8]) -> Result<Self, Vec<Violation>> {
        let mut report = Report::default();
        let policy = body::read(text, &FIELDS, &mut report, read_fields);
        policy.ok_or_else(|| report.into_violations())
    }
}

/// The fields of `body`; what is absent or refused is absent here, and what is refused is reported.
fn read_fields(body: &Object, report: &mut Report) -> Option<ParentPolicy> {
    let bandwidths = body.first("allowedBandwidths");
    let vlans = body.first("reservedVlans");
    Some(ParentPolicy {
        bandwidth_limit_mbps: optional(body, "bandwidthLimitMbps", read_limit, report),
        oversubscription_ratio: optional(
            body,
            "oversubscriptionRatio",
            OversubscriptionRatio::read,
            report,
        ),
        allowed_bandwidths: bandwidths.map(|list| read_bandwidths(list, report)),
        vlan_range: optional(body, "vlanRange", read_range, report),
        reserved_vlans: vlans
            .map(|list| read_set(list, "/reservedVlans", Vlan::read, report))
            .unwrap_or_default(),
    })
}

fn optional<T>(
    body: &Object,
    name: &str,
    read: impl Fn(&Json) -> Result<T, Violation>,
    report: &mut Report,
) -> Option<T> {
    body.first(name).and_then(|value| report.keep(read(value)))
}

fn read_limit(value: &Json) -> Result<u32, Violation> {
    const POINTER: &str = "/bandwidthLimitMbps";
    let Json::Integer(mbps) = value else {
        return Err(value.wrong_type(POINTER, "an integer"));
    };
    u32::try_from(*mbps)
        .ok()
        .filter(|mbps| *mbps <= MAX_LIMIT_MBPS)
        .ok_or_else(|| {
            let message = format!("must be 0 to {MAX_LIMIT_MBPS}");
            Violation::new(POINTER, ViolationCode::OutOfRange, message)
        })
}

fn read_range(value: &Json) -> Result<VlanRange, Violation> {
    const POINTER: &str = "/vlanRange";
    let text = value.as_text(POINTER)?;
    text.parse().map_err(|error: crate::NotAVlanRange| {
        Violation::new(POINTER, ViolationCode::Malformed, error.to_string())
    })
}

/// An empty list could mean none or all, so it is refused.
fn read_bandwidths(list: &Json, report: &mut Report) -> BTreeSet<Bandwidth> {
    const POINTER: &str = "/allowedBandwidths";
    if *list == Json::List(Vec::new()) {
        let message = "must name a bandwidth, or be left out to allow all";
        report.push(POINTER, ViolationCode::OutOfRange, message);
    }
    read_set(list, POINTER, Bandwidth::read, report)
}

/// The entries of a list that has each of them once.
fn read_set<T: Copy + Ord>(
    list: &Json,
    pointer: &str,
    read: impl Fn(&Json) -> Result<T, Violation>,
    report: &mut Report,
) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    let Json::List(items) = list else {
        report.keep::<()>(Err(list.wrong_type(pointer, "a list")));
        return set;
    };
    for (index, item) in items.iter().enumerate() {
        // The entry's own rules know it as the field of a request.
        let field = format!("{pointer}/{index}");
        match read(item) {
            Err(violation) => report.push(&field, violation.code, violation.message),
            Ok(entry) if !set.insert(entry) => {
                report.push(&field, ViolationCode::Duplicate, "is in the list already");
            }
            Ok(_) => {}
        }
    }
    set
}
