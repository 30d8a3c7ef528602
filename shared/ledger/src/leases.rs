//! VLAN leases: which key holds which VLAN on which parent, and whether its bandwidth is counted there.

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use hosted_connection::{Bandwidth, IdempotencyKey, ParentConnection, Vlan};

use super::{Ledger, keys};
use crate::item::{self, Item, corrupt, n, s, text};
use crate::lifecycle::ConnectionNote;
use crate::record::Record;
use crate::transact::{Refusal, Write};
use aws::failure::CallError;

pub(crate) const HOLDER: &str = "holder";
pub(crate) const COUNTED_MBPS: &str = "countedMbps";
const LEASED_AT: &str = "leasedAtMs";
const MBPS: &str = "mbps";
const CONNECTION_ID: &str = "connectionId";
const CONNECTION_STATE: &str = "connectionState";
const REMINDED: &str = "reminded";

/// Who has a VLAN of a parent, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The VLAN.
    pub vlan: Vlan,
    /// The key that holds it; none for a connection that no order of ours made.
    pub holder: Option<IdempotencyKey>,
    /// Since when, in milliseconds since the Unix epoch.
    pub leased_at_ms: u64,
    /// Bandwidth that was asked for.
    pub mbps: u32,
    /// Whether that is counted in the parent's policy.
    pub counted: bool,
    /// The connection on it, once tracking has seen one.
    pub connection: Option<ConnectionNote>,
}

/// Whether a lease's bandwidth is counted in the parent's policy, as far as its writer knows. A write on it says so in
/// its condition, because tracking may count it any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Yes,
    No,
}

impl Counted {
    pub(crate) fn by(counted: bool) -> Self {
        if counted { Self::Yes } else { Self::No }
    }
}

impl Lease {
    pub(crate) fn from_item(item: &Item) -> Result<Self, CallError> {
        let vlan = keys::vlan_of(text(item, keys::SK)?);
        let holder = match item.get(HOLDER) {
            Some(_) => Some(IdempotencyKey::from_stored(text(item, HOLDER)?)),
            None => None,
        };
        let connection = match item.get(CONNECTION_ID) {
            Some(_) => Some(ConnectionNote {
                connection_id: text(item, CONNECTION_ID)?.to_owned(),
                state: text(item, CONNECTION_STATE)?.to_owned(),
                reminded: item::flag(item, REMINDED),
            }),
            None => None,
        };
        Ok(Self {
            vlan: vlan.ok_or_else(|| corrupt(keys::SK))?,
            holder,
            leased_at_ms: item::number(item, LEASED_AT)?,
            mbps: item::number(item, MBPS)?,
            counted: item.contains_key(COUNTED_MBPS),
            connection,
        })
    }
}

impl Ledger {
    /// Leases `vlan` to `key`, if it is free or already theirs.
    pub(crate) fn lease(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
        key: &IdempotencyKey,
        bandwidth: Bandwidth,
        counted: Counted,
    ) -> Result<TransactWriteItem, CallError> {
        let mut item = self.new_lease(parent, vlan, bandwidth.mbps());
        item.insert(HOLDER.into(), s(key.as_str()));
        if counted == Counted::Yes {
            item.insert(COUNTED_MBPS.into(), n(bandwidth.mbps()));
        }
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR holder = :key")
            .expression_attribute_values(":key", s(key.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        Ok(TransactWriteItem::builder()
            .put(put.map_err(build_error)?)
            .build())
    }

    /// Frees `vlan`, if it is held by `key`, and the bandwidth that is counted for it.
    pub(crate) fn free(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
        key: &IdempotencyKey,
        bandwidth: Bandwidth,
        counted: Counted,
    ) -> Result<Vec<TransactWriteItem>, CallError> {
        let condition = match counted {
            Counted::Yes => "holder = :key AND attribute_exists(countedMbps)",
            Counted::No => {
                "attribute_not_exists(pk) OR (holder = :key AND attribute_not_exists(countedMbps))"
            }
        };
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(keys::lease(parent, vlan)))
            .condition_expression(condition)
            .expression_attribute_values(":key", s(key.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let mut actions = vec![
            TransactWriteItem::builder()
                .delete(delete.map_err(build_error)?)
                .build(),
        ];
        if counted == Counted::Yes {
            actions.push(self.uncount(parent, bandwidth.mbps())?);
        }
        Ok(actions)
    }

    /// What to think of a lease that refused to be freed or changed by its holder.
    pub(crate) fn after_refused_lease(
        &self,
        key: &IdempotencyKey,
        counted: Counted,
        refusal: Option<Refusal>,
    ) -> Result<Counted, CallError> {
        match (refusal.map(|refusal| refusal.item), counted) {
            (Some(Some(item)), _) if text(&item, HOLDER).ok() == Some(key.as_str()) => {
                Ok(Counted::by(item.contains_key(COUNTED_MBPS)))
            }
            (Some(None), Counted::Yes) => Ok(Counted::No),
            (_, _) => Err(CallError::corrupt(
                "changing a VLAN lease",
                "the VLAN lease is not the key's own",
            )),
        }
    }

    /// Has the lease carry what is known of its connection.
    ///
    /// # Errors
    /// When the table cannot be written. A lease that has gone or changed hands stays as it is.
    pub async fn note_connection(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
        key: &IdempotencyKey,
        note: &ConnectionNote,
    ) -> Result<(), CallError> {
        let action = self.note_action(parent, vlan, key, note)?;
        self.transact(vec![action]).await.map(|_| ())
    }

    pub(crate) fn note_action(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
        key: &IdempotencyKey,
        note: &ConnectionNote,
    ) -> Result<TransactWriteItem, CallError> {
        let reminded = AttributeValue::Bool(note.reminded);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::lease(parent, vlan)))
            .update_expression(
                "SET connectionId = :id, connectionState = :state, reminded = :reminded",
            )
            .condition_expression("holder = :key")
            .expression_attribute_values(":id", s(&note.connection_id))
            .expression_attribute_values(":state", s(&note.state))
            .expression_attribute_values(":reminded", reminded)
            .expression_attribute_values(":key", s(key.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        Ok(TransactWriteItem::builder()
            .update(update.map_err(build_error)?)
            .build())
    }

    /// Notes that a connection which no order of ours made has `vlan`, so that no order is tried on it.
    ///
    /// # Errors
    /// When the table cannot be written. A VLAN that is leased stays as it is.
    pub async fn note_orphan(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
        mbps: u32,
        note: &ConnectionNote,
    ) -> Result<(), CallError> {
        let mut item = self.new_lease(parent, vlan, mbps);
        item.insert(CONNECTION_ID.into(), s(&note.connection_id));
        item.insert(CONNECTION_STATE.into(), s(&note.state));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        let action = TransactWriteItem::builder()
            .put(put.map_err(build_error)?)
            .build();
        self.transact(vec![action]).await.map(|_| ())
    }

    /// Frees a VLAN that was noted as an orphan's, provided it still is that orphan's.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn forget_orphan(
        &self,
        parent: &ParentConnection,
        orphan: &Lease,
    ) -> Result<(), CallError> {
        let id = orphan.connection.as_ref().map(|note| &note.connection_id);
        let counted = if orphan.counted {
            "attribute_exists(countedMbps)"
        } else {
            "attribute_not_exists(countedMbps)"
        };
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(keys::lease(parent, orphan.vlan)))
            .condition_expression(format!(
                "attribute_not_exists(holder) AND connectionId = :id AND {counted}"
            ))
            .expression_attribute_values(":id", s(id.map_or("", String::as_str)))
            .build();
        let mut actions = vec![
            TransactWriteItem::builder()
                .delete(delete.map_err(build_error)?)
                .build(),
        ];
        if orphan.counted {
            actions.push(self.uncount(parent, orphan.mbps)?);
        }
        match self.transact(actions).await? {
            // Gone already, or counted meanwhile: the next run sees it as it is then.
            Write::Done | Write::Refused(_) => Ok(()),
        }
    }

    /// The lease of a record whose connection is known.
    pub(crate) fn lease_item(&self, record: &Record, vlan: Vlan, counted: Counted) -> Item {
        let mbps = record.request.bandwidth.mbps();
        let mut item = self.new_lease(&record.lease_parent, vlan, mbps);
        let shown = record.lifecycle.connection.as_ref().or(record.connection());
        let note = ConnectionNote::of(shown, record.lifecycle.reminded);
        item.extend([
            (HOLDER.into(), s(record.key.as_str())),
            (LEASED_AT.into(), n(record.claimed_at_ms)),
            (CONNECTION_ID.into(), s(note.connection_id)),
            (CONNECTION_STATE.into(), s(note.state)),
            (REMINDED.into(), AttributeValue::Bool(note.reminded)),
        ]);
        if counted == Counted::Yes {
            item.insert(COUNTED_MBPS.into(), n(mbps));
        }
        item
    }

    fn new_lease(&self, parent: &ParentConnection, vlan: Vlan, mbps: u32) -> Item {
        let mut item = keys::lease(parent, vlan);
        item.insert(LEASED_AT.into(), n(self.clock.now_ms()));
        item.insert(MBPS.into(), n(mbps));
        item
    }
}

/// The SDK's builders fail only for want of a member that is set right here.
pub(crate) fn build_error(error: impl std::fmt::Display) -> CallError {
    CallError::corrupt("building a DynamoDB request", error.to_string())
}
