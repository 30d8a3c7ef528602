//! Whether a connection may be that of a quarantined order.

use std::collections::BTreeSet;

use aws::failure::CallError;
use hosted_connection::{Connection, IdempotencyKey, ParentConnection, Vlan};
use ledger::Record;

use super::places;
use crate::Allocator;
use crate::look::Looks;
use crate::sight::is_as_asked;
use crate::vlan::{is_living, vlan_of};
use crate::whereabouts::Whereabouts;

impl Allocator {
    /// The living connection `id` as the order's parent shows it; or why not, and what to do about it.
    pub(super) async fn shown(
        &self,
        record: &Record,
        id: &str,
    ) -> Result<Result<Connection, String>, CallError> {
        let Some(expected) = places(record).next() else {
            return Ok(Err("the order has no parent".into()));
        };
        let looks = Looks::own();
        let whereabouts = Box::pin(looks.whereabouts(&self.aws, id, expected)).await?;
        Ok(match whereabouts {
            Whereabouts::Nowhere { .. } => Err(format!(
                "{expected} does not show a connection {id}, nor does any other parent"
            )),
            Whereabouts::Shown { connection, .. } if !is_usable(&connection) => {
                let state = connection.connection_state.as_deref().unwrap_or_default();
                Err(format!("{id} is {state}"))
            }
            Whereabouts::Shown {
                parent, connection, ..
            } => match places(record).any(|place| *place == parent) {
                true => Ok(*connection),
                false => Err(moved_by_hand(id, &record.key, expected, &parent)),
            },
        })
    }

    /// The VLAN of `shown`, if it may be the order's; or what is against that.
    pub(super) async fn fits(
        &self,
        record: &Record,
        shown: &Connection,
    ) -> Result<Result<Vlan, String>, CallError> {
        let (request, id) = (&record.request, shown.connection_id.as_deref());
        let Some(vlan) = vlan_of(shown).or(record.vlan) else {
            return Ok(Err("it is not known which VLAN it is on".into()));
        };
        let owner = request.owner_account.as_str();
        if shown
            .owner_account
            .as_deref()
            .is_some_and(|other| !other.is_empty() && other != owner)
        {
            let why = "it belongs to another account than the order asks for; reject the order in place of that, and see to it that the \
                       account does not use it";
            return Ok(Err(why.into()));
        }
        let answered = record.instead.as_ref();
        let answered = answered.and_then(|answered| answered.connection_id.as_deref());
        // What the answer contradicts is what a person has looked at. Any other connection may be anybody's.
        let asked_on = record.vlan.unwrap_or(vlan);
        if answered != id && !is_as_asked(request, asked_on, shown) {
            let why = "it is neither as the order asks for in VLAN and bandwidth, nor the connection that Direct Connect answered \
                       the order with";
            return Ok(Err(why.into()));
        }
        let parents = self.aws.direct_connect.parents().await?;
        // DynamoDB refuses to read one item twice in a request.
        let places: BTreeSet<_> = parents.ids().chain(places(record)).collect();
        let ledger = &self.aws.ledger;
        let owner = ledger
            .owner_of(id.unwrap_or_default(), vlan, places.into_iter())
            .await?;
        Ok(match owner {
            Some(key) if key != record.key => Err(format!("it is the connection of order {key}")),
            Some(_) | None => Ok(vlan),
        })
    }
}

/// The order's VLAN is leased where the connection was made, and whether it is free where the connection is now nobody has asked.
fn moved_by_hand(
    id: &str,
    key: &IdempotencyKey,
    expected: &ParentConnection,
    parent: &ParentConnection,
) -> String {
    format!(
        "{id} is on {parent}, and the order's VLAN is leased on {expected}. Move it back (`aws directconnect associate-hosted-connection \
         --connection-id {id} --parent-connection-id {expected}`) and run this again; after that, `operator move {key} --to {parent}` \
         moves it with its VLAN. Or reject the order; `operator adopt {parent}` then gives the connection a record of its own"
    )
}

fn is_usable(shown: &Connection) -> bool {
    is_living(shown) && shown.connection_state.as_deref() != Some("deleting")
}
