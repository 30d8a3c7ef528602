//! What a proof breaks to show what it is for. Each safeguard is broken from outside the functions: what they send and
//! what they are answered is rewritten on the wire, or they are configured otherwise.

use std::str::FromStr;

use transitions::{Name, Table, Write};

/// A safeguard that can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sabotage {
    /// Every write of an attempt is conditional on its token, and on the states that it may come from.
    Fencing,
    /// The key is claimed before Direct Connect is called.
    ClaimBeforeCall,
    /// The claim and the lease of its VLAN are one transaction.
    LeaseInClaim,
    /// The claim and the sale that the parent's policy counts are one transaction.
    SaleInClaim,
    /// AllocateHostedConnection is sent once.
    SingleSend,
    /// A call without a known outcome may have taken effect.
    UnknownOutcome,
    /// Only what Direct Connect says after it has looked at the request is final, not every 4xx.
    Classification,
    /// A call that may still land is not made again before the settle time.
    SettleTime,
    /// The settle time begins anew with each call.
    MomentOfCall,
    /// A call that may have taken effect is only repeated with the same VLAN.
    SameVlan,
    /// The outcome is recorded before its event goes out.
    RecordBeforePublish,
    /// An outcome is marked as published only when its event is out, and every replay sends what is not.
    OwedUntilPublished,
    /// A refused write is judged by the item that refused it.
    OldItem,
    /// A refused write that finds its own token in the table succeeded earlier.
    OwnWrite,
    /// A parent's connections are read to the last page.
    AllPages,
    /// The record of a living connection never expires.
    Retention,
    /// Absence is not concluded from the order's own parent alone.
    OneParent,
    /// A refusal is looked into before it is final.
    RefusalFinal,
    /// A key that has a record is not claimed anew.
    OneRecord,
}

/// The stories in which a broken safeguard shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShowsIn {
    /// An order with one fault.
    Singles,
    /// The same, where Direct Connect takes a VLAN twice.
    SharedVlans,
    /// The same, where the VLAN is automatic.
    AutomaticVlans,
    /// An order with two faults.
    Pairs,
    /// An order whose call was throttled, and that is taken over while an answer of the table is lost.
    LostAnswers,
    /// An order whose second call lands late.
    SecondCalls,
    /// What comes after an order on a parent with a policy.
    Policies,
    /// Something happens at Direct Connect meanwhile.
    Meanwhile,
}

impl Sabotage {
    /// All that can be broken, in the order in which an order meets them.
    pub const ALL: [Self; 19] = [
        Self::Fencing,
        Self::ClaimBeforeCall,
        Self::LeaseInClaim,
        Self::SaleInClaim,
        Self::SingleSend,
        Self::UnknownOutcome,
        Self::Classification,
        Self::SettleTime,
        Self::MomentOfCall,
        Self::SameVlan,
        Self::RecordBeforePublish,
        Self::OwedUntilPublished,
        Self::OldItem,
        Self::OwnWrite,
        Self::AllPages,
        Self::Retention,
        Self::OneParent,
        Self::RefusalFinal,
        Self::OneRecord,
    ];

    /// Its name on the command line and in the documentation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fencing => "fencing",
            Self::ClaimBeforeCall => "claim-before-call",
            Self::LeaseInClaim => "lease-in-claim",
            Self::SaleInClaim => "sale-in-claim",
            Self::SingleSend => "single-send",
            Self::UnknownOutcome => "unknown-outcome",
            Self::Classification => "classification",
            Self::SettleTime => "settle-time",
            Self::MomentOfCall => "moment-of-call",
            Self::SameVlan => "same-vlan",
            Self::RecordBeforePublish => "record-before-publish",
            Self::OwedUntilPublished => "owed-until-published",
            Self::OldItem => "old-item",
            Self::OwnWrite => "own-write",
            Self::AllPages => "all-pages",
            Self::Retention => "retention",
            Self::OneParent => "one-parent",
            Self::RefusalFinal => "refusal-final",
            Self::OneRecord => "one-record",
        }
    }

    /// What goes on while it is broken.
    #[must_use]
    pub fn without(self) -> &'static str {
        match self {
            Self::Fencing => "an attempt that lost its claim may still write",
            Self::ClaimBeforeCall => "Direct Connect is called before the key is claimed",
            Self::LeaseInClaim => "the VLAN is leased after the claim, by a write of its own",
            Self::SaleInClaim => "bandwidth is counted after the claim, by a write of its own",
            Self::SingleSend => "AllocateHostedConnection is sent again where the SDK would do so",
            Self::UnknownOutcome => "a call without a known outcome counts as not made",
            Self::Classification => "every 4xx is a final no",
            Self::SettleTime => "an unanswered call is made again at once",
            Self::MomentOfCall => "the settle time runs from the first call of an order only",
            Self::SameVlan => "an unanswered call is made again with another VLAN",
            Self::RecordBeforePublish => "the event goes out before the outcome is recorded",
            Self::OwedUntilPublished => "an outcome counts as published as soon as it is recorded",
            Self::OldItem => "a refused write does not say which item refused it",
            Self::OwnWrite => "a write whose answer was lost takes itself for somebody else's",
            Self::AllPages => "only the first page of a parent's connections is read",
            Self::Retention => "the record of a living connection expires",
            Self::OneParent => "no parent but the order's own is looked at",
            Self::RefusalFinal => {
                "a refusal is final at once, whatever is on the VLAN and whatever state the parent is in"
            }
            Self::OneRecord => "a key is claimed anew, whatever record it has",
        }
    }

    /// The table of transitions without it, where the table is what holds it up.
    pub(crate) fn table(self) -> Option<Table> {
        let mut table = Table::default();
        match self {
            Self::OneRecord => {
                for name in [Name::Claim, Name::SetAside, Name::RejectUnclaimed] {
                    change(&mut table, name, |write| write.condition = &[]);
                }
            }
            Self::Fencing
            | Self::ClaimBeforeCall
            | Self::LeaseInClaim
            | Self::SaleInClaim
            | Self::SingleSend
            | Self::UnknownOutcome
            | Self::Classification
            | Self::SettleTime
            | Self::MomentOfCall
            | Self::SameVlan
            | Self::RecordBeforePublish
            | Self::OwedUntilPublished
            | Self::OldItem
            | Self::OwnWrite
            | Self::AllPages
            | Self::Retention
            | Self::OneParent
            | Self::RefusalFinal => return None,
        }
        Some(table)
    }

    pub(crate) fn shows_in(self) -> ShowsIn {
        match self {
            Self::LeaseInClaim
            | Self::Classification
            | Self::RecordBeforePublish
            | Self::OwedUntilPublished
            | Self::OldItem
            | Self::AllPages
            | Self::Retention => ShowsIn::Singles,
            Self::ClaimBeforeCall | Self::SingleSend | Self::UnknownOutcome | Self::SettleTime => {
                ShowsIn::SharedVlans
            }
            Self::OneRecord => ShowsIn::SharedVlans,
            Self::SameVlan => ShowsIn::AutomaticVlans,
            Self::Fencing => ShowsIn::Pairs,
            Self::OwnWrite => ShowsIn::LostAnswers,
            Self::MomentOfCall => ShowsIn::SecondCalls,
            Self::SaleInClaim => ShowsIn::Policies,
            Self::OneParent | Self::RefusalFinal => ShowsIn::Meanwhile,
        }
    }
}

fn change(table: &mut Table, name: Name, how: impl Fn(&mut Write)) {
    table[name].record.iter_mut().for_each(how);
}

impl FromStr for Sabotage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|safeguard| safeguard.name() == text)
            .ok_or_else(|| format!("there is no safeguard `{text}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_safeguard_is_found_by_its_own_name() {
        for safeguard in Sabotage::ALL {
            assert_eq!(safeguard.name().parse(), Ok(safeguard));
        }
        assert!("luck".parse::<Sabotage>().is_err());
    }
}
