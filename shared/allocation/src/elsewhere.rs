//! A claim's connection that somebody moved to an unrelated parent before anybody had seen it.

use aws::direct_connect::Parents;
use aws::failure::CallError;
use hosted_connection::{Connection, ParentConnection};
use ledger::{Claim, Lease};

use crate::attempt::Attempt;
use crate::look::Looks;
use crate::sight::{is_as_asked, is_named_as_asked, may_be_just_made};

impl Attempt<'_> {
    /// That no parent but the claim's own shows a connection that may be the claim's, moved by hand. Nobody but a person can
    /// tell, so it is neither adopted nor called for again. `Err` says where it is, or why that is not known.
    pub(crate) async fn nothing_elsewhere(
        &self,
        claim: &Claim,
        parents: &Parents,
        looks: &Looks,
    ) -> Result<(), String> {
        let asked = &claim.request.connection_id;
        let near = parents.aliases(asked);
        let besides: Vec<_> = near.iter().chain([asked]).collect();
        let everywhere = looks.everywhere(self.aws, parents, &besides).await;
        let everywhere = everywhere.map_err(|error| error.to_string())?;
        let on_vlan = everywhere.get(&claim.vlan).into_iter().flatten();
        for (place, connection) in on_vlan {
            if place == asked || near.contains(place) {
                continue;
            }
            let moved = self.may_have_moved(claim, place, connection, parents).await;
            if moved.map_err(|error| error.to_string())? {
                return Err(format!(
                    "{place} shows a connection that may be its own: a person has to look"
                ));
            }
        }
        Ok(())
    }

    /// Whether `connection`, which another parent shows, is just as asked for and nothing that we know explains it.
    async fn may_have_moved(
        &self,
        claim: &Claim,
        place: &ParentConnection,
        connection: &Connection,
        parents: &Parents,
    ) -> Result<bool, CallError> {
        // Without an earlier call that had no answer, only the call that was refused a moment ago can have made it.
        let may_be_made = if claim.unanswered {
            is_named_as_asked(claim, connection)
        } else {
            may_be_just_made(claim, connection)
        };
        if !may_be_made || !is_as_asked(claim, connection) {
            return Ok(false);
        }
        let ledger = &self.aws.ledger;
        let id = connection.connection_id.as_deref().unwrap_or_default();
        if ledger
            .owner_of(id, claim.vlan, parents.ids())
            .await?
            .is_some()
        {
            return Ok(false);
        }
        let lease = ledger.lease_of(place, claim.vlan).await?;
        Ok(lease.is_none_or(|lease| !self.explains(claim, &lease, id)))
    }

    /// Whether the VLAN there is another order's, or tracking saw that very connection on it before the key was claimed: by
    /// more than what clocks differ by, which the settle time has to cover anyhow.
    fn explains(&self, claim: &Claim, lease: &Lease, id: &str) -> bool {
        let note = lease.connection.as_ref();
        let is_it = note.is_some_and(|note| !id.is_empty() && note.connection_id == id);
        let settle_ms = u64::try_from(self.rules.settle.as_millis()).unwrap_or(u64::MAX);
        let was_there = lease.leased_at_ms.saturating_add(settle_ms) < claim.claimed_at_ms;
        lease.holder.is_some() || is_it && was_there
    }
}
