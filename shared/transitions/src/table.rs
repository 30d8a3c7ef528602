//! The table: every transition and what it consists of, as a value, so that a test can try one with something taken out.

use std::ops::{Index, IndexMut};

use crate::name::{LeaseWrite, Name, PolicyWrite};
use crate::transition::Transition;
use crate::write::Write;
use crate::{adoption, lease, lifecycle, order, outcome, policy, resolution};

/// All transitions. `Table::default()` is the one that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    transitions: [Transition; Name::ALL.len()],
    leases: [Write; LeaseWrite::ALL.len()],
    policies: [Write; PolicyWrite::ALL.len()],
}

impl Default for Table {
    fn default() -> Self {
        Self {
            transitions: Name::ALL.map(row),
            leases: LeaseWrite::ALL.map(lease::write),
            policies: PolicyWrite::ALL.map(policy::write),
        }
    }
}

const fn row(name: Name) -> Transition {
    match name {
        Name::Claim => order::CLAIM,
        Name::ClaimSetAside => order::CLAIM_SET_ASIDE,
        Name::SetAside => order::SET_ASIDE,
        Name::RejectUnclaimed => order::REJECT_UNCLAIMED,
        Name::RejectSetAside => order::REJECT_SET_ASIDE,
        Name::TakeOver => order::TAKE_OVER,
        Name::TryAgain => order::TRY_AGAIN,
        Name::BeginCall => outcome::BEGIN_CALL,
        Name::LeaveUnresolved => outcome::LEAVE_UNRESOLVED,
        Name::LeaveWaiting => outcome::LEAVE_WAITING,
        Name::SwitchVlan => outcome::SWITCH_VLAN,
        Name::PassOver => outcome::PASS_OVER,
        Name::RecordAllocated => outcome::RECORD_ALLOCATED,
        Name::RecordRejected => outcome::RECORD_REJECTED,
        Name::Quarantine => outcome::QUARANTINE,
        Name::ResolveAdopted => resolution::RESOLVE_ADOPTED,
        Name::ResolveAdoptedElsewhere => resolution::RESOLVE_ADOPTED_ELSEWHERE,
        Name::ResolveRejected => resolution::RESOLVE_REJECTED,
        Name::MarkAllocated => outcome::MARK_ALLOCATED,
        Name::MarkRejected => outcome::MARK_REJECTED,
        Name::FollowUnfinished => lifecycle::FOLLOW_UNFINISHED,
        Name::FollowSettled => lifecycle::FOLLOW_SETTLED,
        Name::FollowGone => lifecycle::FOLLOW_GONE,
        Name::BeginMove => lifecycle::BEGIN_MOVE,
        Name::Move => lifecycle::MOVE,
        Name::NoteConnection => lease::NOTE_CONNECTION,
        Name::NoteOrphan => lease::NOTE_ORPHAN,
        Name::ForgetOrphan => lease::FORGET_ORPHAN,
        Name::CountLease => lease::COUNT_LEASE,
        Name::Adopt => adoption::ADOPT,
        Name::Forget => adoption::FORGET,
        Name::SetPolicy => policy::SET_POLICY,
        Name::ReplacePolicy => policy::REPLACE_POLICY,
    }
}

impl Index<Name> for Table {
    type Output = Transition;

    fn index(&self, name: Name) -> &Transition {
        &self.transitions[name as usize]
    }
}

impl IndexMut<Name> for Table {
    fn index_mut(&mut self, name: Name) -> &mut Transition {
        &mut self.transitions[name as usize]
    }
}

impl Index<LeaseWrite> for Table {
    type Output = Write;

    fn index(&self, write: LeaseWrite) -> &Write {
        &self.leases[write as usize]
    }
}

impl IndexMut<LeaseWrite> for Table {
    fn index_mut(&mut self, write: LeaseWrite) -> &mut Write {
        &mut self.leases[write as usize]
    }
}

impl Index<PolicyWrite> for Table {
    type Output = Write;

    fn index(&self, write: PolicyWrite) -> &Write {
        &self.policies[write as usize]
    }
}

impl IndexMut<PolicyWrite> for Table {
    fn index_mut(&mut self, write: PolicyWrite) -> &mut Write {
        &mut self.policies[write as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_where_it_is_looked_for() {
        assert!((0..).zip(Name::ALL).all(|(at, name)| name as usize == at));
        assert!(
            (0..)
                .zip(LeaseWrite::ALL)
                .all(|(at, write)| write as usize == at)
        );
        assert!(
            (0..)
                .zip(PolicyWrite::ALL)
                .all(|(at, write)| write as usize == at)
        );
    }
}
