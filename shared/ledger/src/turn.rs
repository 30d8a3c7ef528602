//! Whose turn it is when tracking cannot follow all parents in one run: one item, which is there only as long as runs do not get
//! through.
//!
//! Two runs at once each write what they have seen; the first write counts, as either is a good place to go on from.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use hosted_connection::ParentConnection;

use crate::draft::build_error;
use crate::item::{self, Item, s};
use crate::keys;
use crate::ledger::Ledger;
use aws::failure::CallError;

const NEXT: &str = "nextParentId";
const VERSION: &str = "turnVersion";

/// Whose turn it is, as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The parent that the last run did not get to, if that can be understood.
    pub next: Option<ParentConnection>,
    /// Another one with each write.
    version: Option<AttributeValue>,
}

impl Ledger {
    /// Whose turn it is; `None` when the last run got through all parents. What cannot be understood of it is left out: it
    /// is a matter of fairness, and the next run that does not get through writes it anew.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn turn(&self) -> Result<Option<Turn>, CallError> {
        // A query, because tracking may not read single items, and needs no right for this one.
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :tracking AND sk = :turn")
            .expression_attribute_values(":tracking", s(keys::TRACKING))
            .expression_attribute_values(":turn", s(keys::TURN))
            .send()
            .await
            .map_err(|error| CallError::new("Query", &error))?;
        Ok(page.items().first().map(found))
    }

    /// Has the next run begin with `next`, unless another run has said otherwise since this one found `found`.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn set_turn(
        &self,
        next: &ParentConnection,
        found: Option<&Turn>,
    ) -> Result<(), CallError> {
        let mut values = Item::from([
            (":next".into(), s(next.as_str())),
            (":version".into(), s(Self::new_token().as_str())),
        ]);
        let unchanged = unchanged(found, &mut values);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::turn()))
            .update_expression(format!("SET {NEXT} = :next, {VERSION} = :version"))
            .condition_expression(unchanged)
            .set_expression_attribute_values(Some(values))
            .build();
        let action = TransactWriteItem::builder().update(update.map_err(build_error)?);
        self.write_besides(action.build()).await
    }

    /// Forgets the turn that was `found`, unless another run has changed it: everybody has had theirs.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn forget_turn(&self, found: &Turn) -> Result<(), CallError> {
        let mut values = Item::new();
        let unchanged = unchanged(Some(found), &mut values);
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(keys::turn()))
            .condition_expression(unchanged)
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .build();
        let action = TransactWriteItem::builder().delete(delete.map_err(build_error)?);
        self.write_besides(action.build()).await
    }
}

fn unchanged(found: Option<&Turn>, values: &mut Item) -> String {
    let Some(version) = found.and_then(|found| found.version.clone()) else {
        return format!("attribute_not_exists({VERSION})");
    };
    values.insert(":found".into(), version);
    format!("{VERSION} = :found")
}

fn found(item: &Item) -> Turn {
    let next = item::text(item, NEXT).ok();
    Turn {
        next: next.and_then(|id| ParentConnection::parse(id).ok()),
        version: item.get(VERSION).cloned(),
    }
}
