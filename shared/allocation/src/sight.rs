//! What Direct Connect shows where a claim's connection would be: its own, somebody else's, or none.
//!
//! What a list leaves out is unknown, and only what contradicts the request is somebody else's.

use aws::failure::CallError;
use hosted_connection::{AllocationRequest, Connection, ParentConnection, Vlan};
use ledger::Claim;

use crate::attempt::Attempt;
use crate::look::Look;
use crate::vlan::is_living;

/// What Direct Connect shows on the claim's VLAN.
#[derive(Debug)]
pub(crate) enum Sight {
    /// A connection as this key asked for, which no other key's record has.
    Ours(Box<Connection>),
    /// Something that may be this key's connection or not: it lacks what would tell, or is being deleted.
    Unclear,
    /// Only somebody else's.
    Foreign,
    /// None.
    Absent,
}

impl Sight {
    /// The one that says more. What may be ours outweighs what is not.
    pub(crate) fn or(self, other: Self) -> Self {
        let weight = |sight: &Self| match sight {
            Self::Ours(_) => 3,
            Self::Unclear => 2,
            Self::Foreign => 1,
            Self::Absent => 0,
        };
        if weight(&other) > weight(&self) {
            other
        } else {
            self
        }
    }
}

impl Attempt<'_> {
    /// What `look` shows on the claim's VLAN. `parents` are those that the VLAN's other holders may be recorded on.
    ///
    /// # Errors
    /// When it cannot be read whose a connection is.
    pub(crate) async fn sight(
        &self,
        claim: &Claim,
        look: &Look,
        parents: &[ParentConnection],
    ) -> Result<Sight, CallError> {
        let mut sight = Sight::Absent;
        for connection in look.connections.iter().filter(|shown| is_living(shown)) {
            let seen = match likeness(claim, connection) {
                Likeness::OnAnotherVlan => continue,
                Likeness::Contradicts => Sight::Foreign,
                Likeness::MayBe => Sight::Unclear,
                Likeness::AsAsked if connection.connection_state.as_deref() == Some("deleting") => {
                    Sight::Unclear
                }
                Likeness::AsAsked => self.unless_owned(claim, connection, parents).await?,
            };
            sight = sight.or(seen);
        }
        Ok(sight)
    }

    /// A connection as asked for, unless it is another key's that was moved here.
    async fn unless_owned(
        &self,
        claim: &Claim,
        connection: &Connection,
        parents: &[ParentConnection],
    ) -> Result<Sight, CallError> {
        // Without an id it can be neither told apart nor released.
        let Some(id) = &connection.connection_id else {
            return Ok(Sight::Unclear);
        };
        let own = &claim.lease_parent;
        let elsewhere = parents.iter().filter(|parent| *parent != own);
        let ledger = &self.aws.ledger;
        Ok(match ledger.owner_of(id, claim.vlan, elsewhere).await? {
            Some(_) => Sight::Foreign,
            None => Sight::Ours(Box::new(connection.clone())),
        })
    }
}

/// How far a living connection is what the claim asked for.
enum Likeness {
    AsAsked,
    /// Nothing contradicts, but the list does not say which VLAN it is on.
    MayBe,
    Contradicts,
    OnAnotherVlan,
}

fn likeness(claim: &Claim, connection: &Connection) -> Likeness {
    match connection.vlan {
        None if is_as_asked(&claim.request, claim.vlan, connection) => Likeness::MayBe,
        Some(vlan) if vlan == i32::from(claim.vlan.get()) => {
            if is_as_asked(&claim.request, claim.vlan, connection) {
                Likeness::AsAsked
            } else {
                Likeness::Contradicts
            }
        }
        None | Some(_) => Likeness::OnAnotherVlan,
    }
}

/// Whether nothing that is known of the connection contradicts what the claim asked for. Owner, bandwidth and VLAN never
/// change.
pub(crate) fn is_as_asked(
    request: &AllocationRequest,
    vlan: Vlan,
    connection: &Connection,
) -> bool {
    let agrees = |shown: &Option<String>, asked: &str| {
        shown
            .as_deref()
            .is_none_or(|shown| shown.is_empty() || shown == asked)
    };
    let on_vlan = connection
        .vlan
        .is_none_or(|shown| shown == i32::from(vlan.get()));
    on_vlan
        && agrees(&connection.owner_account, request.owner_account.as_str())
        && agrees(&connection.bandwidth, request.bandwidth.as_str())
}

pub(crate) fn is_on(connection: &Connection, vlan: Vlan) -> bool {
    connection.vlan == Some(i32::from(vlan.get()))
}

/// Whether a connection that looks as asked, seen right after the call that was refused, can have been made by that call.
///
/// Its owner has had no time to accept it, or to rename it.
pub(crate) fn may_be_just_made(request: &AllocationRequest, connection: &Connection) -> bool {
    let state = connection.connection_state.as_deref();
    !matches!(state, Some("available" | "down" | "deleting"))
        && is_named_as_asked(request, connection)
}

/// Whether the name is the one asked for, as loosely as AWS may have written it.
pub(crate) fn is_named_as_asked(request: &AllocationRequest, connection: &Connection) -> bool {
    let name = letters(connection.connection_name.as_deref().unwrap_or_default());
    let asked = letters(request.connection_name.as_str());
    name.starts_with(&asked) || asked.starts_with(&name)
}

fn letters(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
