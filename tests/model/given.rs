//! What is taken for granted about AWS, which safeguards the protocol has, and what may happen: the switches.

/// Assumptions about AWS, named as in the honest limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Assumptions {
    /// (a): every allocation is visible to DescribeHostedConnections.
    pub(crate) allocations_are_visible: bool,
    /// (b1): a request lands within the settle time or never.
    pub(crate) requests_settle: bool,
    /// (b2): Direct Connect refuses a second use of a VLAN.
    pub(crate) vlans_are_exclusive: bool,
}

/// The safeguards of the protocol. Without any one of them it must fail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Safeguards {
    /// Writes carry the claim's token.
    pub(crate) fencing: bool,
    /// Nobody calls again before the settle time is over.
    pub(crate) settle_wait: bool,
    /// The settle time counts as over only for a look that began after it.
    pub(crate) look_begins_settled: bool,
    /// A late repetition of the write that notes the start of a call changes nothing.
    pub(crate) notes_are_compared: bool,
    /// As long as a call is open, the key keeps its VLAN.
    pub(crate) same_vlan: bool,
    /// An order with a call that had no answer stays on its VLAN for good.
    pub(crate) unanswered_stays: bool,
    /// Nothing is published that is not recorded.
    pub(crate) record_first: bool,
    /// After an unanswered call, a refusal is final only when no connection of ours is seen.
    pub(crate) look_before_refusal: bool,
}

/// What kind of order it is, how many workers there are, and what happens around them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) workers: usize,
    /// The VLAN is ours to choose.
    pub(crate) automatic: bool,
    /// Somebody makes and deletes connections by hand on the same VLANs.
    pub(crate) foreign: bool,
    /// Direct Connect refuses requests for reasons of its own.
    pub(crate) refusals: bool,
}

/// One world to search: its rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Protocol {
    pub(crate) assumptions: Assumptions,
    pub(crate) safeguards: Safeguards,
    pub(crate) scenario: Scenario,
}

impl Safeguards {
    pub(crate) const ALL: Self = Self {
        fencing: true,
        settle_wait: true,
        look_begins_settled: true,
        notes_are_compared: true,
        same_vlan: true,
        unanswered_stays: true,
        record_first: true,
        look_before_refusal: true,
    };
}
