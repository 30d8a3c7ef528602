//! Automatic VLANs: which one, and what it means when none will do.

use aws::InFlight;
use aws::config::Rules;
use aws::direct_connect::ReadError;
use aws::ledger::ParentView;
use hosted_connection::{
    Code, Connection, IdempotencyKey, ParentConnection, ParentPolicy, Rejection, Vlan, VlanRange,
};

use crate::attempt::Attempt;

/// What an order may be given, and what it may not.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    range: VlanRange,
    /// By number. A set would be searched 4,094 times for each order.
    occupied: Vec<bool>,
    policy: Option<ParentPolicy>,
}

impl Choice {
    pub(crate) fn new(rules: &Rules, view: ParentView, connections: &[Connection]) -> Self {
        // What the leases tell of others' connections may be old; the look tells it as it is.
        let held = view.leases.iter().filter(|lease| lease.holder.is_some());
        let living = connections
            .iter()
            .filter(|connection| is_living(connection));
        let policy = view.policy.filter(|_| rules.parent_policies);
        let mut choice = Self {
            range: rules.vlan_range,
            occupied: vec![false; usize::from(Vlan::MAX.get()) + 1],
            policy: policy.map(|state| state.policy),
        };
        held.map(|lease| lease.vlan)
            .chain(living.filter_map(vlan_of))
            .for_each(|vlan| choice.exclude(vlan));
        choice
    }

    pub(crate) fn exclude(&mut self, vlan: Vlan) {
        self.occupied[usize::from(vlan.get())] = true;
    }

    pub(crate) fn is_occupied(&self, vlan: Vlan) -> bool {
        self.occupied[usize::from(vlan.get())]
    }

    /// A free VLAN. Not the lowest: orders that choose at the same time would all choose the same one. The key decides
    /// where to look, so a repeated attempt looks there again.
    pub(crate) fn choose(&self, key: &IdempotencyKey) -> Option<Vlan> {
        let allowed = |vlan: &Vlan| {
            self.policy
                .as_ref()
                .is_none_or(|policy| policy.allows_vlan(*vlan))
        };
        let free: Vec<Vlan> = self
            .range
            .iter()
            .filter(|vlan| !self.is_occupied(*vlan) && allowed(vlan))
            .collect();
        let spread = key.as_str().bytes().fold(0_usize, |sum, byte| {
            sum.wrapping_mul(131).wrapping_add(byte.into())
        });
        let index = spread.checked_rem(free.len())?;
        free.get(index).copied()
    }
}

/// Choices of orders that ask for the same parent at the same time. Who asks later has it read anew, for somebody may have
/// used a VLAN by hand meanwhile (ADR 9).
pub(crate) type Choices = InFlight<ParentConnection, Choice>;

impl Attempt<'_> {
    /// What there is to choose from: VLANs of the order's parent that are neither leased nor shown in use.
    pub(crate) async fn choice(&self) -> Result<Choice, ReadError> {
        let (view, connections) = tokio::join!(
            self.aws.ledger.parent(self.parent()),
            self.aws.direct_connect.connections(self.parent()),
        );
        let connections = connections?;
        Ok(Choice::new(self.rules, view?, &connections))
    }
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
