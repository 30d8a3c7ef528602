//! What is written on a parent's policy. Its condition is the policy: so ten claims at once cannot sell what there is once.

use crate::name::PolicyWrite;
use crate::transition::{LeaseSteps, Owes, Transition};
use crate::write::{Change, Check, Set, Value, Write, set};
use crate::{Attribute as A, Given as G};

const ADDED_TO_SOLD: Change = Change::Update(
    &[
        Set::Add(A::SoldMbps, G::Mbps),
        Set::Subtract(A::FreeMbps, G::Mbps),
    ],
    &[],
);

const FIRST: Change = Change::Put(&[
    set(A::Policy, G::Policy),
    Set::To(A::SoldMbps, Value::Zero),
    set(A::FreeMbps, G::Sellable),
    set(A::VlanFirst, G::VlanFirst),
    set(A::VlanLast, G::VlanLast),
    Set::Where(A::AllowedBandwidths, G::AllowedBandwidths),
    Set::Where(A::ReservedVlans, G::ReservedVlans),
]);
const REPLACED: Change = Change::Update(
    &[
        set(A::Policy, G::Policy),
        Set::Add(A::FreeMbps, G::Sellable),
        set(A::VlanFirst, G::VlanFirst),
        set(A::VlanLast, G::VlanLast),
        Set::Where(A::AllowedBandwidths, G::AllowedBandwidths),
        Set::Where(A::ReservedVlans, G::ReservedVlans),
    ],
    &[],
);

/// What a write consists of.
pub(crate) const fn write(name: PolicyWrite) -> Write {
    match name {
        PolicyWrite::Sell => Write {
            condition: &[
                Check::AtLeast(A::FreeMbps, Value::Given(G::Mbps)),
                Check::AtMost(A::VlanFirst, Value::Given(G::Vlan)),
                Check::AtLeast(A::VlanLast, Value::Given(G::Vlan)),
                Check::Any(&[
                    Check::HasNot(A::AllowedBandwidths),
                    Check::Contains(A::AllowedBandwidths, Value::Given(G::Bandwidth)),
                ]),
                Check::Any(&[
                    Check::HasNot(A::ReservedVlans),
                    Check::ContainsNot(A::ReservedVlans, Value::Given(G::Vlan)),
                ]),
            ],
            change: ADDED_TO_SOLD,
            own: &[],
            tells: true,
        },
        PolicyWrite::GiveBack | PolicyWrite::Count => Write {
            condition: &[Check::Has(A::Item)],
            change: ADDED_TO_SOLD,
            own: &[],
            tells: false,
        },
        PolicyWrite::New => Write {
            condition: &[Check::HasNot(A::Item)],
            change: FIRST,
            own: &[],
            tells: false,
        },
        PolicyWrite::Replace => Write {
            condition: &[Check::Is(A::Policy, Value::Given(G::SeenPolicy))],
            change: REPLACED,
            own: &[],
            tells: false,
        },
    }
}

pub(crate) const SET_POLICY: Transition = Transition {
    about: "A parent gets its first policy. What is sold on it already is counted afterwards, lease by lease.",
    seen: &[],
    record: None,
    lease: LeaseSteps::NONE,
    policy: Some(PolicyWrite::New),
    owes: Owes::Nothing,
};

pub(crate) const REPLACE_POLICY: Transition = Transition {
    about: "A parent gets another policy, provided that the one before is as it was read.",
    seen: &[],
    record: None,
    lease: LeaseSteps::NONE,
    policy: Some(PolicyWrite::Replace),
    owes: Owes::Nothing,
};
