//! A claim: an attempt's hold on a key, and what comes of asking for one.

use hosted_connection::{
    AllocationRequest, Candidate, ClaimToken, IdempotencyKey, Order, Origin, ParentConnection, Vlan,
};

use crate::item::corrupt;
use crate::lease::Lease;
use crate::policy::PolicyState;
use crate::record::{PARENT_ID, Record, VLAN};
use aws::failure::CallError;

/// What an attempt asks for.
#[derive(Debug, Clone, Copy)]
pub struct NewClaim<'a> {
    /// The order to claim, with its parent named or chosen.
    pub order: &'a Order,
    /// Where this delivery of it came from.
    pub origin: &'a Origin,
    /// The VLAN to lease with it: the one asked for, or the one chosen.
    pub vlan: Vlan,
    /// The record of the order as it was set aside before it had a VLAN; its write is conditional on that one.
    pub parked: Option<&'a Record>,
    /// Until when to try again where only other claims on the same parent are in the way.
    pub patient_until_ms: u64,
    /// Until when nobody else may take over: the invocation's deadline and a little more, so that it has ended by then.
    pub lease_expires_at_ms: u64,
}

/// An attempt's hold on a key. All its writes carry the token, so they fail once somebody else has taken over.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The claimed key.
    pub key: IdempotencyKey,
    /// The request that came with the key first.
    pub request: AllocationRequest,
    /// The interconnect or LAG that was named or chosen.
    pub parent: ParentConnection,
    /// Where it came from first.
    pub origin: Origin,
    /// The VLAN leased to the key.
    pub vlan: Vlan,
    /// The interconnect or LAG whose VLAN that is.
    pub lease_parent: ParentConnection,
    /// Fresh per attempt.
    pub token: ClaimToken,
    /// Attempts made, this one included.
    pub attempt: u32,
    /// When the key was first claimed.
    pub claimed_at_ms: u64,
    /// When the latest call was about to be sent.
    pub call_started_at_ms: u64,
    /// Whether some earlier call of this key ended without an answer, so that it may be what is in our way.
    pub unanswered: bool,
    /// Whether the bandwidth was counted in the parent's policy when the VLAN was leased.
    pub(crate) counted: bool,
    /// The parents that turned out not to do for this attempt, where the parent is chosen.
    pub passed_over: Vec<Candidate>,
}

/// How a claim ended. Match all of it.
#[derive(Debug)]
pub enum ClaimAnswer {
    /// Nobody had asked before, or the order had been set aside; the record says `calling`.
    Won(Claim),
    /// The key has a record, and this is what it means for the delivery.
    Known(KnownKey),
    /// Another key holds the VLAN.
    VlanTaken,
    /// A connection that no order of ours made was last seen on the VLAN.
    OrphanOnVlan(Box<Orphan>),
    /// The parent's policy does not allow it, or not enough is free.
    NotForSale(Box<PolicyState>),
}

/// What the record of a key means for a further delivery of it.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "made once per order and moved a few times; a box would be noise"
)]
pub enum KnownKey {
    /// There is a final outcome.
    Replay(Box<Record>),
    /// Another attempt is at it.
    HeldElsewhere {
        /// When its claim ends, in milliseconds since the Unix epoch.
        until_ms: u64,
    },
    /// The key came with another request first.
    KeyReused {
        /// When it was claimed for that one, in milliseconds since the Unix epoch.
        claimed_at_ms: u64,
    },
    /// An earlier attempt ended without an outcome; the key is this attempt's now.
    TakenOver {
        /// The hold on it.
        claim: Claim,
        /// Whether a call may have taken effect. Then the record says `unresolved`, else `calling`.
        must_reconcile: bool,
    },
    /// The order was set aside before it had a VLAN: one has to be chosen, and claimed with this record.
    Parked(Box<Record>),
    /// Direct Connect once answered with a connection that was not asked for.
    Quarantined,
}

/// What is remembered of a connection that no order of ours made.
#[derive(Debug, Clone)]
pub struct Orphan {
    /// The interconnect or LAG that it was seen on.
    pub parent: ParentConnection,
    /// Its VLAN, and the connection as it was seen.
    pub lease: Lease,
}

impl Claim {
    /// The claim that an attempt with the token of `record` holds.
    pub(crate) fn of(record: &Record) -> Result<Self, CallError> {
        Ok(Self {
            key: record.key.clone(),
            request: record.request.clone(),
            parent: record
                .request
                .parent()
                .cloned()
                .ok_or_else(|| corrupt(PARENT_ID))?,
            origin: record.origin.clone(),
            vlan: record.vlan.ok_or_else(|| corrupt(VLAN))?,
            lease_parent: record
                .lease_parent
                .clone()
                .ok_or_else(|| corrupt(PARENT_ID))?,
            token: record.token.clone(),
            attempt: record.attempts,
            claimed_at_ms: record.claimed_at_ms,
            call_started_at_ms: record.call_started_at_ms,
            unanswered: record.unanswered,
            counted: record.counted,
            passed_over: Vec::new(),
        })
    }
}

impl NewClaim<'_> {
    pub(crate) fn first_origin(&self) -> &Origin {
        self.parked.map_or(self.origin, |parked| &parked.origin)
    }

    pub(crate) fn claimed_at_ms(&self, now_ms: u64) -> u64 {
        self.parked.map_or(now_ms, |parked| parked.claimed_at_ms)
    }

    pub(crate) fn attempt(&self) -> u32 {
        self.parked.map_or(0, |parked| parked.attempts) + 1
    }
}
