//! Scenes of what comes before and after orders, and of orders by place: one VLAN at two places, and a few who work on it at the
//! same time. Adoption, moves, releases and quarantines that a person ends meet here, with orders and with tracking.
//!
//! Everybody's steps follow the product by hand, one request in each; all writes are those of the table of transitions,
//! on records, leases and policies. A scene has few actors, each of which begins a few times, so that it can be searched to its end.

mod items;

mod request;

mod world;

mod adopting;

mod ordering;

mod placing;

mod moving;

mod following;

mod resolving;

mod machine;

mod end;

mod told;

mod scenes;

pub(crate) use scenes::SCENES;
pub(crate) use world::{MOVED_ONCE, ONE_RECORD, PROMISES, STAYS, VLAN_KEPT};

use scenes::Begins;
use transitions::Table;

/// The safeguards of the flows. Without any one of them something must fail. Those of the writes are the conditions in the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flow {
    /// An adopter reads the leases before it looks.
    pub(crate) reads_leases_before: bool,
    /// And those of other parents once more after that.
    pub(crate) reads_leases_again: bool,
    /// What is on an open order's VLAN is not adopted.
    pub(crate) open_orders_are_let_be: bool,
    /// Tracking looks once more at what no lease explains, after it has read the leases.
    pub(crate) orphans_are_confirmed: bool,
    /// A connection that is being released is not moved.
    pub(crate) released_stay: bool,
    /// No release is asked for while a move is open.
    pub(crate) releases_wait: bool,
    /// What is kept free for a move is given back only when its call can land no more.
    pub(crate) moves_settle: bool,
    /// A call that is not sent soon after it was noted is noted anew.
    pub(crate) late_calls_are_noted: bool,
    /// A refusal says nothing of an earlier call that had no answer.
    pub(crate) unanswered_stay_open: bool,
    /// A quarantine does not end with a connection that another record has.
    pub(crate) owners_are_asked: bool,
    /// A quarantine is not ended with a no before its call can land no more.
    pub(crate) rejections_settle: bool,
    /// And what is on its VLAN then keeps it.
    pub(crate) rejections_look: bool,
    /// Nor is it ended with a connection on another VLAN.
    pub(crate) adoptions_settle: bool,
    /// And what is on the order's VLAN then keeps it.
    pub(crate) adoptions_look: bool,
    /// An order by place goes to no other parent while a call of it is unanswered and may land.
    pub(crate) unanswered_keep_their_parent: bool,
    /// Nor does it beside a connection that looks as asked: it may be what the refused call made.
    pub(crate) refusals_beside_own_wait: bool,
}

impl Flow {
    pub(crate) const ALL: Self = Self {
        reads_leases_before: true,
        reads_leases_again: true,
        open_orders_are_let_be: true,
        orphans_are_confirmed: true,
        released_stay: true,
        releases_wait: true,
        moves_settle: true,
        late_calls_are_noted: true,
        unanswered_stay_open: true,
        owners_are_asked: true,
        rejections_settle: true,
        rejections_look: true,
        adoptions_settle: true,
        adoptions_look: true,
        unanswered_keep_their_parent: true,
        refusals_beside_own_wait: true,
    };
}

/// One scene to search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// How it begins.
    pub(crate) begins: Begins,
    pub(crate) flow: Flow,
    /// What may be written.
    pub(crate) table: &'static Table,
}
