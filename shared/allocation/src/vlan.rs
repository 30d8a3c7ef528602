//! Automatic VLANs: which one, and what it means when none will do.

use aws::InFlight;
use aws::config::Rules;
use aws::direct_connect::ReadError;
use hosted_connection::{
    Code, Connection, IdempotencyKey, ParentConnection, ParentPolicy, Rejection, Vlan, VlanRange,
    VlanSet,
};
use ledger::ParentView;
use ledger::Services;

/// What an order may be given, and what it may not.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    range: VlanRange,
    occupied: VlanSet,
    policy: Option<ParentPolicy>,
}

impl Choice {
    /// The choice beside the leases of `view` and the VLANs that Direct Connect shows in use.
    pub(crate) fn new(rules: &Rules, view: ParentView, shown: VlanSet) -> Self {
        // What the leases tell of others' connections may be old; the look tells it as it is.
        let held = view.leases.iter().filter(|lease| lease.holder.is_some());
        let policy = view.policy.filter(|_| rules.parent_policies);
        let mut occupied = shown;
        held.map(|lease| lease.vlan)
            .chain(view.unreadable)
            .for_each(|vlan| occupied.insert(vlan));
        Self::among(rules, occupied, policy.map(|state| state.policy))
    }

    /// The choice where all but `occupied` is free.
    pub(crate) fn among(rules: &Rules, occupied: VlanSet, policy: Option<ParentPolicy>) -> Self {
        Self {
            range: rules.vlan_range,
            occupied,
            policy,
        }
    }

    /// The same place under another id: what is taken there is taken here, and the policy of a LAG is its members' too.
    pub(crate) fn and(&mut self, other: Self) {
        self.occupied.add(&other.occupied);
        self.policy = other.policy.or(self.policy.take());
    }

    /// Goes by `policy` from now on.
    pub(crate) fn go_by(&mut self, policy: ParentPolicy) {
        self.policy = Some(policy);
    }

    pub(crate) fn exclude(&mut self, vlan: Vlan) {
        self.occupied.insert(vlan);
    }

    pub(crate) fn occupied(&self) -> &VlanSet {
        &self.occupied
    }

    pub(crate) fn is_occupied(&self, vlan: Vlan) -> bool {
        self.occupied.contains(vlan)
    }

    /// A free VLAN. Not the lowest: orders that choose at the same time would all choose the same one. The key decides
    /// where to look, so a repeated attempt looks there again.
    pub(crate) fn choose(&self, key: &IdempotencyKey) -> Option<Vlan> {
        let free = self.free();
        free.nth(spread(key).checked_rem(free.len())?)
    }

    fn free(&self) -> VlanSet {
        let mut free = VlanSet::of_range(self.range);
        free.subtract(&self.occupied);
        if let Some(policy) = &self.policy {
            if let Some(range) = policy.vlan_range() {
                free.keep(&VlanSet::of_range(range));
            }
            free.subtract(&policy.reserved_vlans().iter().copied().collect());
        }
        free
    }
}

/// A number by which orders are spread over what is equal: the same for one key, another for most others.
pub(crate) fn spread(key: &IdempotencyKey) -> usize {
    key.as_str().bytes().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(131).wrapping_add(byte.into())
    })
}

/// Choices of orders that ask for the same parent at the same time. Who asks later has it read anew, for somebody may have
/// used a VLAN by hand meanwhile (ADR 9).
pub(crate) type Choices = InFlight<ParentConnection, Choice>;

/// What there is to choose from under one id, and the LAG that it is known to be a member of. A member need not show what
/// its LAG shows; `elsewhere` says that this is one of several ids.
pub(crate) async fn choice_on(
    aws: &Services,
    rules: &Rules,
    parent: &ParentConnection,
    elsewhere: bool,
) -> Result<(Choice, Option<ParentConnection>), ReadError> {
    let (view, shown) = tokio::join!(
        aws.ledger.parent(parent),
        aws.direct_connect.vlans(parent, held_by)
    );
    let view = view?;
    let lag = view.lag.clone();
    let shown = match shown {
        Ok(shown) => shown,
        Err(ReadError::Refused(_)) if elsewhere || lag.is_some() => VlanSet::default(),
        Err(error) => return Err(error),
    };
    Ok((Choice::new(rules, view, shown), lag))
}

/// The connection holds its VLAN: deleted and declined ones do not.
#[must_use]
pub fn is_living(connection: &Connection) -> bool {
    !matches!(
        connection.connection_state.as_deref(),
        Some("deleted" | "rejected")
    )
}

/// The VLAN that Direct Connect shows a connection on.
#[must_use]
pub fn vlan_of(connection: &Connection) -> Option<Vlan> {
    connection
        .vlan
        .and_then(|number| u16::try_from(number).ok())
        .and_then(Vlan::new)
}

/// The VLAN that a connection holds, if it does.
pub(crate) fn held_by(connection: &Connection) -> Option<Vlan> {
    vlan_of(connection).filter(|_| is_living(connection))
}

pub(crate) fn taken(vlan: Vlan) -> Rejection {
    Rejection::new(
        Code::VlanInUse,
        format!("VLAN {} is already in use on this parent.", vlan.get()),
    )
}

pub(crate) fn none_available(range: VlanRange) -> Rejection {
    Rejection::new(
        Code::NoVlanAvailable,
        format!("No VLAN of the range {range} is free on this parent."),
    )
}
