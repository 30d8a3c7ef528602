//! The names of what may happen, and of the writes on VLAN leases and policies that belong to it.

/// What may happen, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// The first delivery of a key claims it, together with its VLAN.
    Claim,
    /// An order that was set aside is claimed, together with its VLAN.
    ClaimSetAside,
    /// An order that cannot have a VLAN yet is set aside.
    SetAside,
    /// An order is rejected before it has a VLAN.
    RejectUnclaimed,
    /// An order that was set aside is rejected.
    RejectSetAside,
    /// An attempt that ended without an outcome is taken over, after a call that may have taken effect.
    TakeOver,
    /// An order whose latest call certainly had no effect is tried again.
    TryAgain,

    /// An attempt notes the moment before a further call.
    BeginCall,
    /// An attempt ends, and its call may have taken effect.
    LeaveUnresolved,
    /// An attempt ends, and its call certainly had no effect.
    LeaveWaiting,
    /// The order goes to another VLAN.
    SwitchVlan,
    /// An order by place is set aside until another parent is chosen.
    PassOver,
    /// The connection exists.
    RecordAllocated,
    /// No, for good.
    RecordRejected,
    /// Direct Connect answered with a connection that was not asked for.
    Quarantine,
    /// A person ends a quarantine: the connection is the order's, on the order's VLAN.
    ResolveAdopted,
    /// The same, where the connection is on another VLAN than the order's.
    ResolveAdoptedElsewhere,
    /// A person ends a quarantine: no, for good.
    ResolveRejected,
    /// The event of an allocation is out.
    MarkAllocated,
    /// The event of a rejection is out.
    MarkRejected,

    /// Something became of the connection, and something is left to do.
    FollowUnfinished,
    /// Something became of the connection, and nothing is left to do.
    FollowSettled,
    /// The connection is gone, and nothing is left to do.
    FollowGone,
    /// A person has the connection moved: its VLAN is kept free on the parent that it is to go to.
    BeginMove,
    /// The connection is on another parent.
    Move,

    /// A lease carries what was last seen of its connection.
    NoteConnection,
    /// A VLAN is noted as taken by a connection that no order made.
    NoteOrphan,
    /// Such a note is dropped, because that connection is gone.
    ForgetOrphan,
    /// A lease from before there was a policy is counted in it.
    CountLease,
    /// A connection that no order made gets a record.
    Adopt,
    /// The record of an adopted connection is dropped.
    Forget,
    /// A parent gets its first policy.
    SetPolicy,
    /// A parent gets another policy.
    ReplacePolicy,
}

impl Name {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 33] = [
        Self::Claim,
        Self::ClaimSetAside,
        Self::SetAside,
        Self::RejectUnclaimed,
        Self::RejectSetAside,
        Self::TakeOver,
        Self::TryAgain,
        Self::BeginCall,
        Self::LeaveUnresolved,
        Self::LeaveWaiting,
        Self::SwitchVlan,
        Self::PassOver,
        Self::RecordAllocated,
        Self::RecordRejected,
        Self::Quarantine,
        Self::ResolveAdopted,
        Self::ResolveAdoptedElsewhere,
        Self::ResolveRejected,
        Self::MarkAllocated,
        Self::MarkRejected,
        Self::FollowUnfinished,
        Self::FollowSettled,
        Self::FollowGone,
        Self::BeginMove,
        Self::Move,
        Self::NoteConnection,
        Self::NoteOrphan,
        Self::ForgetOrphan,
        Self::CountLease,
        Self::Adopt,
        Self::Forget,
        Self::SetPolicy,
        Self::ReplacePolicy,
    ];
}

/// A write on a VLAN lease. Where tracking may count the lease any time, the write says in its condition what it goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseWrite {
    /// The key gets the VLAN.
    Take,
    /// The key's VLAN, which is counted in a policy, becomes free.
    FreeCounted,
    /// The key's VLAN, which is not counted, becomes free.
    FreeUncounted,
    /// The lease carries what was last seen of its connection.
    Note,
    /// The key gets the VLAN on the parent that its connection is to be moved to. The bandwidth is counted on both until that has ended.
    Reserve,
    /// The connection is on the VLAN that was reserved for it.
    Arrive,
    /// The key's VLAN is its connection's, with the bandwidth that the connection has; it is counted.
    KeepCounted,
    /// The same, where it is not counted.
    KeepUncounted,
    /// The key's VLAN, which is counted, is left to the connection that is on it, as one that no order made.
    LeaveCounted,
    /// The same, where it is not counted.
    LeaveUncounted,
    /// The key gets the VLAN that its connection is on already: it was moved here, or adopted.
    MoveIn,
    /// The same, where that connection was noted as one that no order made, and counted.
    MoveInOverCounted,
    /// The same, where it was noted and not counted.
    MoveInOverUncounted,
    /// The VLAN is taken by a connection that no order made.
    NoteOrphan,
    /// That connection is gone; it was counted.
    ForgetCounted,
    /// That connection is gone; it was not counted.
    ForgetUncounted,
    /// The bandwidth of the lease is counted in the policy from now on.
    Count,
    /// The key gives the VLAN up to its connection, which stays on it as one that no order made.
    Disown,
}

impl LeaseWrite {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 18] = [
        Self::Take,
        Self::FreeCounted,
        Self::FreeUncounted,
        Self::Note,
        Self::Reserve,
        Self::Arrive,
        Self::KeepCounted,
        Self::KeepUncounted,
        Self::LeaveCounted,
        Self::LeaveUncounted,
        Self::MoveIn,
        Self::MoveInOverCounted,
        Self::MoveInOverUncounted,
        Self::NoteOrphan,
        Self::ForgetCounted,
        Self::ForgetUncounted,
        Self::Count,
        Self::Disown,
    ];
}

/// The writes that free a VLAN.
pub(crate) const FREE: &[LeaseWrite] = &[LeaseWrite::FreeCounted, LeaseWrite::FreeUncounted];
/// The writes that lease a VLAN that a connection is on already.
pub(crate) const MOVE_IN: &[LeaseWrite] = &[
    LeaseWrite::MoveIn,
    LeaseWrite::MoveInOverCounted,
    LeaseWrite::MoveInOverUncounted,
];
/// The writes that lease a VLAN on the parent to which a connection was moved. It is reserved where that was asked for here.
pub(crate) const MOVE_TO: &[LeaseWrite] = &[
    LeaseWrite::MoveIn,
    LeaseWrite::MoveInOverCounted,
    LeaseWrite::MoveInOverUncounted,
    LeaseWrite::Arrive,
];
/// The writes that leave a VLAN to the order's connection.
pub(crate) const KEEP: &[LeaseWrite] = &[LeaseWrite::KeepCounted, LeaseWrite::KeepUncounted];
/// The writes that end an order's lease: what is shown on its VLAN keeps it.
pub(crate) const FREE_OR_LEAVE: &[LeaseWrite] = &[
    LeaseWrite::FreeCounted,
    LeaseWrite::FreeUncounted,
    LeaseWrite::LeaveCounted,
    LeaseWrite::LeaveUncounted,
];
/// The writes that drop the note of a connection that no order made.
pub(crate) const FORGET: &[LeaseWrite] = &[LeaseWrite::ForgetCounted, LeaseWrite::ForgetUncounted];

/// A write on a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyWrite {
    /// The order's bandwidth is sold, if the policy allows it on the VLAN and enough is free.
    Sell,
    /// Sold bandwidth is given back: less than nothing is added to what is sold.
    GiveBack,
    /// The bandwidth of a lease is sold already.
    Count,
    /// The parent's first policy.
    New,
    /// Another policy. What is sold under the one before stays sold.
    Replace,
}

impl PolicyWrite {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 5] = [
        Self::Sell,
        Self::GiveBack,
        Self::Count,
        Self::New,
        Self::Replace,
    ];
}
