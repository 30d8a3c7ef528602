//! Whose turn it is when tracking cannot follow all parents in one run: one item, which is there only as long as runs do not get
//! through.
//!
//! Two runs at once each write what they have seen; the first write counts, as either is a good place to go on from.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use hosted_connection::ParentConnection;

use super::item::{self, Item, s};
use super::leases::build_error;
use super::{Ledger, keys};
use crate::failure::CallError;

const FIRST: &str = "firstParentIds";
const NEXT: &str = "nextParentId";
const VERSION: &str = "turnVersion";

/// Where the next run begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// Parents whose turn came to nothing in the last run: they come first.
    pub first: Vec<ParentConnection>,
    /// After them it goes on here, in the order of their ids; `None` when the last run had begun with all.
    pub next: Option<ParentConnection>,
}

/// A turn as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundTurn {
    /// Where to begin.
    pub turn: Turn,
    /// Another one with each write.
    version: Option<AttributeValue>,
}

impl Ledger {
    /// Whose turn it is; `None` when the last run got through all parents. What cannot be understood of it is left out: it
    /// is a matter of fairness, and the next run that does not get through writes it anew.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn turn(&self) -> Result<Option<FoundTurn>, CallError> {
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

    /// Has the next run begin with `turn`, unless another run has said otherwise since this one found `found`.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn set_turn(&self, turn: &Turn, found: Option<&FoundTurn>) -> Result<(), CallError> {
        let ids = turn.first.iter().map(|parent| s(parent.as_str())).collect();
        let mut values = Item::from([
            (":first".into(), AttributeValue::L(ids)),
            (":version".into(), s(Self::new_token().as_str())),
        ]);
        let next = match &turn.next {
            Some(next) => {
                values.insert(":next".into(), s(next.as_str()));
                format!(", {NEXT} = :next")
            }
            None => format!(" REMOVE {NEXT}"),
        };
        let unchanged = unchanged(found, &mut values);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::turn()))
            .update_expression(format!("SET {FIRST} = :first, {VERSION} = :version{next}"))
            .condition_expression(unchanged)
            .set_expression_attribute_values(Some(values))
            .build();
        let action = TransactWriteItem::builder().update(update.map_err(build_error)?);
        self.transact(vec![action.build()]).await.map(|_| ())
    }

    /// Forgets the turn that was `found`, unless another run has changed it: everybody has had theirs.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn forget_turn(&self, found: &FoundTurn) -> Result<(), CallError> {
        let mut values = Item::new();
        let unchanged = unchanged(Some(found), &mut values);
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(keys::turn()))
            .condition_expression(unchanged)
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .build();
        let action = TransactWriteItem::builder().delete(delete.map_err(build_error)?);
        self.transact(vec![action.build()]).await.map(|_| ())
    }
}

fn unchanged(found: Option<&FoundTurn>, values: &mut Item) -> String {
    let Some(version) = found.and_then(|found| found.version.clone()) else {
        return format!("attribute_not_exists({VERSION})");
    };
    values.insert(":found".into(), version);
    format!("{VERSION} = :found")
}

fn found(item: &Item) -> FoundTurn {
    let id = |text: &str| ParentConnection::parse(text).ok();
    let ids = item.get(FIRST).and_then(|ids| ids.as_l().ok());
    let first = ids.into_iter().flatten();
    FoundTurn {
        turn: Turn {
            first: first.filter_map(|value| id(value.as_s().ok()?)).collect(),
            next: item::text(item, NEXT).ok().and_then(id),
        },
        version: item.get(VERSION).cloned(),
    }
}
