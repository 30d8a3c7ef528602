//! What is taken for granted about AWS, which safeguards the protocol has, and what may happen: the switches, and the
//! table of transitions.

use std::sync::LazyLock;

use transitions::{Attribute, Check, Given, Name, Table, Value};

/// Assumptions about AWS, named as in the honest limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Assumptions {
    /// (a): every allocation is visible to DescribeHostedConnections.
    pub(crate) allocations_are_visible: bool,
    /// (b1): a request lands within the settle time or never.
    pub(crate) requests_settle: bool,
    /// (b2): Direct Connect refuses a second use of a VLAN.
    pub(crate) vlans_are_exclusive: bool,
    /// (c1): What Direct Connect has refused has landed by then, or never does.
    pub(crate) refusals_come_last: bool,
    /// (c2): A state of the parent for which a call was refused still shows when that refusal is looked into.
    pub(crate) transitions_show: bool,
    /// (c3): Nobody confirms a connection before a refusal of the call that made it is looked into.
    pub(crate) owners_take_their_time: bool,
}

/// The safeguards of the flow. Without any one of them it must fail. Those of the writes are the conditions in the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Safeguards {
    /// Nobody calls again before the settle time is over.
    pub(crate) settle_wait: bool,
    /// The settle time counts as over only for a look that began after it.
    pub(crate) look_begins_settled: bool,
    /// As long as a call is open, the key keeps its VLAN.
    pub(crate) same_vlan: bool,
    /// An order with a call that had no answer stays on its VLAN for good.
    pub(crate) unanswered_stays: bool,
    /// Nothing is published that is not recorded.
    pub(crate) record_first: bool,
    /// A refusal is final only when no connection of ours is seen.
    pub(crate) look_before_refusal: bool,
    /// A refusal beside a connection that looks as asked leaves the order unresolved.
    pub(crate) refusal_settles: bool,
    /// A refusal is not final while the parent is in a state that passes.
    pub(crate) transition_waits: bool,
    /// What the parent does not show is looked for on the LAG that it has joined.
    pub(crate) both_ids: bool,
    /// And that look begins when the one at the parent has ended.
    pub(crate) lag_comes_last: bool,
    /// A connection that another key's record has is not ours, however much it looks as asked.
    pub(crate) twins_are_told: bool,
    /// An automatic order that cannot be shown its VLANs leaves a record behind.
    pub(crate) unseen_is_parked: bool,
}

/// What kind of order it is, how many workers there are, and what happens around them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) workers: usize,
    /// The VLAN is ours to choose.
    pub(crate) automatic: bool,
    /// Others' connections come to the same VLANs, and go.
    pub(crate) foreign: bool,
    /// Direct Connect refuses requests for reasons of its own.
    pub(crate) refusals: bool,
    /// It repeats by itself what it was sent once, and refuses the repetition.
    pub(crate) repeats: bool,
    /// The parent is at times in a state in which Direct Connect refuses calls.
    pub(crate) transitions: bool,
    /// The parent may join a LAG.
    pub(crate) joins: bool,
}

/// One world to search: its rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Protocol {
    pub(crate) assumptions: Assumptions,
    pub(crate) safeguards: Safeguards,
    pub(crate) scenario: Scenario,
    /// What may be written.
    pub(crate) table: &'static Table,
    /// Whether all writes of an attempt need its token.
    pub(crate) is_fenced: bool,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::default);
/// What an attempt writes.
pub(crate) const BY_ATTEMPTS: [Name; 6] = [
    Name::BeginCall,
    Name::LeaveUnresolved,
    Name::LeaveWaiting,
    Name::SwitchVlan,
    Name::RecordAllocated,
    Name::RecordRejected,
];
/// That the record still has the attempt's token.
pub(crate) const OWNED: Check = Check::Is(Attribute::Token, Value::Given(Given::Token));

impl Protocol {
    /// With the table that production writes by.
    pub(crate) fn new(
        assumptions: Assumptions,
        safeguards: Safeguards,
        scenario: Scenario,
    ) -> Self {
        Self {
            assumptions,
            safeguards,
            scenario,
            table: &TABLE,
            is_fenced: is_fenced(&TABLE),
        }
    }

    /// With another one.
    pub(crate) fn by(self, table: &'static Table) -> Self {
        Self {
            table,
            is_fenced: is_fenced(table),
            ..self
        }
    }
}

fn is_fenced(table: &Table) -> bool {
    let row = |name: Name| table[name].record.map(|write| write.condition);
    BY_ATTEMPTS
        .into_iter()
        .filter_map(row)
        .all(|condition| condition.contains(&OWNED))
}

impl Safeguards {
    pub(crate) const ALL: Self = Self {
        settle_wait: true,
        look_begins_settled: true,
        same_vlan: true,
        unanswered_stays: true,
        record_first: true,
        look_before_refusal: true,
        refusal_settles: true,
        transition_waits: true,
        both_ids: true,
        lag_comes_last: true,
        twins_are_told: true,
        unseen_is_parked: true,
    };
}
