//! A claim's connection that somebody moved to an unrelated parent before anybody had seen it.

use aws::config::Rules;
use aws::direct_connect::Parents;
use aws::failure::CallError;
use hosted_connection::{AllocationRequest, Connection, ParentConnection, Vlan};
use ledger::{Claim, Lease, Record, Services, State};

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
        let sought = Sought {
            request: &claim.request,
            parent: &claim.parent,
            vlan: claim.vlan,
            unanswered: claim.unanswered,
            claimed_at_ms: claim.claimed_at_ms,
        };
        let found = sought.elsewhere(self.aws, self.rules, parents, looks).await;
        match found.map_err(|error| error.to_string())? {
            None => Ok(()),
            Some((place, _)) => Err(format!(
                "{place} shows a connection that may be its own: a person has to look"
            )),
        }
    }
}

/// The connection of an order whose call was not answered that another parent than the order's own shows: one that is just
/// as asked for, and that nothing we know explains. Such an order waits for a person.
///
/// # Errors
/// When it cannot be read.
pub async fn look_alike_elsewhere(
    aws: &Services,
    rules: &Rules,
    record: &Record,
) -> Result<Option<(ParentConnection, Connection)>, CallError> {
    let (State::Calling | State::Unresolved, Some(vlan)) = (record.state, record.vlan) else {
        return Ok(None);
    };
    let Some(parent) = record.request.parent() else {
        return Ok(None);
    };
    let sought = Sought {
        request: &record.request,
        parent,
        vlan,
        // Whoever takes it over cannot know what became of the call.
        unanswered: true,
        claimed_at_ms: record.claimed_at_ms,
    };
    let looks = Looks::own();
    let parents = looks.parents(aws).await?;
    sought.elsewhere(aws, rules, &parents, &looks).await
}

/// What is looked for.
struct Sought<'a> {
    request: &'a AllocationRequest,
    parent: &'a ParentConnection,
    vlan: Vlan,
    unanswered: bool,
    claimed_at_ms: u64,
}

impl Sought<'_> {
    async fn elsewhere(
        &self,
        aws: &Services,
        rules: &Rules,
        parents: &Parents,
        looks: &Looks,
    ) -> Result<Option<(ParentConnection, Connection)>, CallError> {
        let asked = self.parent;
        let near = parents.aliases(asked);
        let besides: Vec<_> = near.iter().chain([asked]).collect();
        let everywhere = looks.everywhere(aws, parents, &besides, self.vlan);
        let everywhere = everywhere.await?;
        let on_vlan = everywhere.get(&self.vlan).into_iter().flatten();
        for (place, connection) in on_vlan {
            if place == asked || near.contains(place) {
                continue;
            }
            let may_be_it = self.may_have_moved(aws, rules, (place, connection), parents);
            if may_be_it.await? {
                return Ok(Some((place.clone(), connection.clone())));
            }
        }
        Ok(None)
    }

    /// Whether `connection`, which another parent shows, is just as asked for and nothing that we know explains it.
    async fn may_have_moved(
        &self,
        aws: &Services,
        rules: &Rules,
        (place, connection): (&ParentConnection, &Connection),
        parents: &Parents,
    ) -> Result<bool, CallError> {
        // Without an earlier call that had no answer, only the call that was refused a moment ago can have made it.
        let may_be_made = if self.unanswered {
            is_named_as_asked(self.request, connection)
        } else {
            may_be_just_made(self.request, connection)
        };
        if !may_be_made || !is_as_asked(self.request, self.vlan, connection) {
            return Ok(false);
        }
        let ledger = &aws.ledger;
        let id = connection.connection_id.as_deref().unwrap_or_default();
        if ledger
            .owner_of(id, self.vlan, parents.ids())
            .await?
            .is_some()
        {
            return Ok(false);
        }
        let lease = ledger.lease_of(place, self.vlan).await?;
        Ok(lease.is_none_or(|lease| !self.explains(rules, &lease, id)))
    }

    /// Whether the VLAN there is another order's, or tracking saw that very connection on it before the key was claimed: by
    /// more than what clocks differ by, which the settle time has to cover anyhow.
    fn explains(&self, rules: &Rules, lease: &Lease, id: &str) -> bool {
        let note = lease.connection.as_ref();
        let is_it = note.is_some_and(|note| !id.is_empty() && note.connection_id == id);
        let settle_ms = u64::try_from(rules.settle.as_millis()).unwrap_or(u64::MAX);
        let was_there = lease.leased_at_ms.saturating_add(settle_ms) < self.claimed_at_ms;
        lease.holder.is_some() || is_it && was_there
    }
}
