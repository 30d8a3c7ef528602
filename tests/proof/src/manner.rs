//! How Direct Connect behaves where AWS does not document it: both sides of each question are played.

use std::fmt;
use std::time::Duration;

use local_cloud::{Builder, LagMembers, Pages};

/// How long lists lag behind, and how long a new connection is not shown: with the latest landing that is played beside it
/// less than the settle time.
const BEHIND: Duration = Duration::from_secs(8);

/// One way to be less kind than the local cloud is by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Manner {
    /// As the local cloud is by default.
    Plain,
    /// Lists show what there was eight seconds ago.
    LateLists,
    /// A new connection is not shown for eight seconds.
    LateSight,
    /// Pages of two connections that go by position: what comes or goes between two of them repeats or hides another.
    Shifting,
    /// Answers and lists leave out most of what they could say of a connection.
    Terse,
    /// A member of a LAG shows the LAG's connections, and can be allocated on.
    MembersShow,
    /// A member of a LAG refuses to show connections, and to be allocated on.
    MembersRefuse,
    /// Automatic orders go by memory (`VLAN_MEMORY_SECONDS`), and it is as tracking would see it now.
    Remembered,
    /// They go by memory, and everything that is free by it has been used by hand since.
    Misremembered,
    /// Neither `pending` nor a second time is a connection deleted, and deleted ones are not listed.
    Reluctant,
}

impl Manner {
    pub(crate) const ALL: [Self; 10] = [
        Self::Plain,
        Self::LateLists,
        Self::LateSight,
        Self::Shifting,
        Self::Terse,
        Self::MembersShow,
        Self::MembersRefuse,
        Self::Remembered,
        Self::Misremembered,
        Self::Reluctant,
    ];

    /// What becomes of an interconnect's connections when it joins a LAG: by default it shows nothing.
    pub(crate) const MEMBERS: [Self; 3] = [Self::Plain, Self::MembersShow, Self::MembersRefuse];

    pub(crate) fn configure(self, builder: Builder) -> Builder {
        match self {
            Self::Plain | Self::Remembered | Self::Misremembered => builder,
            Self::LateLists => builder.stale_for(BEHIND),
            Self::LateSight => builder.visible_after(BEHIND),
            Self::Shifting => builder.pages(Pages::ByPosition).page_limit(2),
            Self::Terse => builder
                .allocate_leaves_out(&["vlan", "ownerAccount", "bandwidth", "connectionState"])
                .list_leaves_out(&["ownerAccount", "bandwidth"]),
            Self::MembersShow => builder
                .lag_members(LagMembers::ShowTheLags)
                .lag_members_sell(true),
            Self::MembersRefuse => builder.lag_members(LagMembers::RefuseToShow),
            Self::Reluctant => builder
                .pending_deletable(false)
                .second_delete_refused(true)
                .deleted_listed(false),
        }
    }

    /// Whether automatic orders go by what is remembered of the parent.
    pub(crate) fn goes_by_memory(self) -> bool {
        matches!(self, Self::Remembered | Self::Misremembered)
    }

    /// The local cloud's switches that it sets.
    pub(crate) fn switches(self) -> &'static [&'static str] {
        match self {
            Self::Plain | Self::Remembered | Self::Misremembered => &[],
            Self::LateLists => &["stale-ms"],
            Self::LateSight => &["visible-after-ms"],
            Self::Shifting => &["pages-by-position"],
            Self::Terse => &["allocate-leaves-out", "list-leaves-out"],
            Self::MembersShow => &["lag-members-show", "lag-members-sell"],
            Self::MembersRefuse => &["lag-members-show"],
            Self::Reluctant => &[
                "pending-not-deletable",
                "second-delete-refused",
                "deleted-not-listed",
            ],
        }
    }

    /// Whether what has landed is not shown at once.
    pub(crate) fn is_late(self) -> bool {
        matches!(self, Self::LateLists | Self::LateSight)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::LateLists => "late-lists",
            Self::LateSight => "late-sight",
            Self::Shifting => "shifting",
            Self::Terse => "terse",
            Self::MembersShow => "members-show",
            Self::MembersRefuse => "members-refuse",
            Self::Remembered => "remembered",
            Self::Misremembered => "misremembered",
            Self::Reluctant => "reluctant",
        }
    }
}

/// A part of a scenario's line, with the slash before it; nothing for the plain one.
impl fmt::Display for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => Ok(()),
            other => write!(f, "/{}", other.name()),
        }
    }
}
