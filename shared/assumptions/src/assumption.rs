//! The ids, and whether a probe can settle each.

use std::fmt;
use std::str::FromStr;

/// Defines the enum, its ids and the list of all from one list, so that the three cannot differ.
macro_rules! assumptions {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $probed:expr;)*) => {
        /// Something that is assumed about AWS, and cannot be checked without a partner's account.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Assumption {
            $($(#[$doc])* $name,)*
        }

        impl Assumption {
            /// All, in the order of `docs/assumptions.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The id, as documents, comments and reports spell it.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }

            /// Whether `operator conformance` can settle it.
            #[must_use]
            pub fn probed(self) -> Probed {
                match self {
                    $(Self::$name => $probed,)*
                }
            }
        }
    };
}

/// Whether a probe can settle an assumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probed {
    /// There is a probe that asks.
    Asked,
    /// Only if it happens to be seen while something else is asked.
    WhenSeen,
    /// Only if the parent, or the command line, allows it: what is needed.
    Given(&'static str),
    /// No probe: why not.
    Never(&'static str),
}

assumptions! {
    /// An allocated connection is shown by DescribeHostedConnections at once.
    AllocateVisible = "allocate-visible", Probed::Asked;
    /// AllocateHostedConnection refuses a VLAN that a living connection of the parent has.
    DuplicateVlanRefused = "duplicate-vlan-refused", Probed::Asked;
    /// A refusal is a DirectConnectClientException.
    RefusalCode = "refusal-code", Probed::Asked;
    /// A refusal is final if nothing shows a connection that the refused call may have made.
    RefusalFinal = "refusal-final", Probed::Never("AWS would have to repeat a call by itself, which nobody can have it do");
    /// An order that is refused while its parent is being changed may be accepted later.
    TransitionPasses = "transition-passes", Probed::Never("a parent that is in use would have to be changed");
    /// A VLAN can be used again once its connection is shown `deleted`, or is not shown.
    VlanFreeAfterDelete = "vlan-free-after-delete", Probed::Asked;
    /// A connection that its owner has not confirmed can be deleted.
    OrderingDeletable = "ordering-deletable", Probed::Asked;
    /// A connection that is being set up can be deleted.
    PendingDeletable = "pending-deletable", Probed::Never("the owner would have to confirm the connection, and may be billed for it");
    /// Deleted and rejected connections stay listed for a while.
    DeletedListed = "deleted-listed", Probed::Asked;
    /// The pages of a list show every connection that exists during the whole look.
    PagesComplete = "pages-complete", Probed::Asked;
    /// A list is not older than the settle time.
    ListCurrent = "list-current", Probed::Asked;
    /// The id of a hosted connection, or an unknown id, is refused by DescribeHostedConnections with a client exception.
    ParentById = "parent-by-id", Probed::Asked;
    /// Tags are in AllocateHostedConnection's answer at most.
    TagsHidden = "tags-hidden", Probed::Asked;
    /// Names that the contract allows are accepted.
    NameLimits = "name-limits", Probed::Asked;
    /// Bandwidths that are sold on this parent.
    Bandwidths = "bandwidths", Probed::Given("the bandwidths to be tried, by --bandwidths");
    /// Hosted connections of a LAG are shown under the LAG's id.
    LagMembers = "lag-members", Probed::Given("a parent that is a LAG");
    /// Throttling comes as a code that had no effect.
    ThrottleCode = "throttle-code", Probed::WhenSeen;
    /// Which account is in a hosted connection's ARN when a partner deletes or tags it.
    ArnAccount = "arn-account", Probed::Never("no answer of Direct Connect contains the ARN, and only a role that is allowed one of the two accounts would be denied; CloudTrail's record of the deletion has it");
    /// Associating a connection again with the parent that it is on succeeds or changes nothing.
    AssociateIdempotent = "associate-idempotent", Probed::Asked;
    /// A refused transaction returns the items that refused it.
    DynamodbAllOld = "dynamodb-all-old", Probed::Given("a table that has at least one item");
    /// PutEvents answers 200 when it has refused some of the entries.
    PuteventsPartial = "putevents-partial", Probed::Asked;
}

/// The text is the id of no assumption.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no assumption {0:?}; docs/assumptions.md lists them")]
pub struct Unknown(String);

impl FromStr for Assumption {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let mut all = Self::ALL.iter().copied();
        all.find(|one| one.id() == text)
            .ok_or_else(|| Unknown(text.to_owned()))
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_read_back_and_no_two_are_the_same() {
        for one in Assumption::ALL {
            assert_eq!(one.id().parse(), Ok(*one));
        }
        let mut ids: Vec<_> = Assumption::ALL.iter().map(|one| one.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Assumption::ALL.len());
        let unknown = "allocate-visibel".parse::<Assumption>().unwrap_err();
        assert!(unknown.to_string().contains("allocate-visibel"));
    }
}
