//! Where a connection is: wherever this account can see it. Connections move, when an interconnect joins a LAG or somebody
//! associates them anew, so neither "gone" nor "absent" is ever concluded from one parent.

use aws::direct_connect::{Parents, ReadError};
use aws::failure::CallError;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use hosted_connection::{Connection, ParentConnection, Vlan};
use ledger::Services;

use crate::look::{Look, Looks, Round, SIDE_BY_SIDE, not_shown};

/// Where a connection is shown.
#[derive(Debug, Clone)]
pub enum Whereabouts {
    /// On this parent, in whatever state.
    Shown {
        /// The interconnect or LAG.
        parent: ParentConnection,
        /// The connection.
        connection: Box<Connection>,
        /// When the look began that showed it.
        began_at_ms: u64,
    },
    /// On none of all that the account has.
    Nowhere {
        /// When the first of the looks began that did not show it.
        began_at_ms: u64,
    },
}

impl Looks {
    /// Where the connection `id` is shown: looked for on `first`, then on the other ids of the same place, then on all other
    /// parents, and once more before it counts as shown nowhere, because it may have moved behind the looks.
    ///
    /// # Errors
    /// When a parent that may show it cannot be looked at.
    pub async fn whereabouts(
        &self,
        aws: &Services,
        id: &str,
        first: &ParentConnection,
    ) -> Result<Whereabouts, CallError> {
        let began_at_ms = aws.clock.now_ms();
        let is_shown = match self.of(aws, first).await {
            Ok(look) => match found(&look, id, first) {
                Some(shown) => return Ok(shown),
                None => true,
            },
            // Looked at again below, if the account still lists it.
            Err(ReadError::Refused(_)) => false,
            Err(ReadError::Failed(error)) => return Err(error),
        };
        let parents = self.parents(aws).await?;
        let places = nearest_first(&parents, first, is_shown);
        for round in [Round::First, Round::Second] {
            // It has been looked at first of all.
            let is_due =
                |place: &&ParentConnection| round == Round::Second || !is_shown || *place != first;
            // Collected first: see `batch::run`.
            let looks: Vec<_> = places
                .iter()
                .filter(is_due)
                .map(|place| self.found_at(aws, &parents, place, round, id).boxed())
                .collect();
            let mut looks = stream::iter(looks).buffered(SIDE_BY_SIDE);
            while let Some(shown) = looks.try_next().await? {
                if let Some(shown) = shown {
                    return Ok(shown);
                }
            }
        }
        Ok(Whereabouts::Nowhere { began_at_ms })
    }

    async fn found_at(
        &self,
        aws: &Services,
        parents: &Parents,
        place: &ParentConnection,
        round: Round,
        id: &str,
    ) -> Result<Option<Whereabouts>, CallError> {
        let look = self.place(aws, parents, place, (round, None)).await?;
        Ok(look.and_then(|look| found(&look, id, place)))
    }

    /// The look at one of several places, as in [`in_round`](Self::in_round); none at one that has no hosted connections of its own
    /// to show.
    ///
    /// # Errors
    /// When it cannot be read, or is refused although there may be connections that no other parent shows.
    pub(crate) async fn place(
        &self,
        aws: &Services,
        parents: &Parents,
        place: &ParentConnection,
        (round, only): (Round, Option<Vlan>),
    ) -> Result<Option<Look>, CallError> {
        match self.in_round(aws, place, round, only).await {
            Ok(look) => Ok(Some(look)),
            Err(ReadError::Failed(error)) => Err(error),
            Err(ReadError::Refused(_)) if !parents.shows_its_own(place) => Ok(None),
            Err(ReadError::Refused(_)) => Err(not_shown(place)),
        }
    }
}

/// All parents, those of the same place first. `first` is among them even if the account does not list it, as long as it
/// shows its connections.
fn nearest_first(
    parents: &Parents,
    first: &ParentConnection,
    is_shown: bool,
) -> Vec<ParentConnection> {
    let mut places: Vec<_> = parents.aliases(first);
    let others: Vec<_> = parents
        .ids()
        .filter(|id| !places.contains(id))
        .cloned()
        .collect();
    places.extend(others);
    if is_shown && !places.contains(first) {
        places.push(first.clone());
    }
    places
}

fn found(look: &Look, id: &str, parent: &ParentConnection) -> Option<Whereabouts> {
    Some(Whereabouts::Shown {
        parent: parent.clone(),
        connection: Box::new(look.of_id(id)?.clone()),
        began_at_ms: look.began_at_ms,
    })
}
