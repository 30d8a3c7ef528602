//! Whose turn it is when tracking cannot follow all parents in one run: one item, which is there only as long as runs do not get
//! through.
//!
//! Two runs at once each write what they have seen; the first write counts, as either is a good place to go on from.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use hosted_connection::ParentConnection;

use super::item::{self, Item, n, s};
use super::leases::build_error;
use super::{Ledger, keys};
use crate::failure::CallError;

const FIRST: &str = "firstParentIds";
const NEXT: &str = "nextParentId";
const REVISION: &str = "turnRevision";

/// Where the next run begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// Parents whose turn came to nothing in the last run: they come first.
    pub first: Vec<ParentConnection>,
    /// After them it goes on here, in the order of their ids; `None` when the last run had begun with all.
    pub next: Option<ParentConnection>,
}

/// A turn as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTurn {
    /// Where to begin.
    pub turn: Turn,
    revision: u64,
}

impl Ledger {
    /// Whose turn it is; `None` when the last run got through all parents.
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
        page.items().first().map(read).transpose()
    }

    /// Has the next run begin with `turn`, unless another run has said otherwise since this one found `found`.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn set_turn(&self, turn: &Turn, found: Option<&FoundTurn>) -> Result<(), CallError> {
        let ids = turn.first.iter().map(|parent| s(parent.as_str())).collect();
        let revision = found.map_or(0, |found| found.revision);
        let mut values = Item::from([
            (":first".into(), AttributeValue::L(ids)),
            (":revision".into(), n(revision + 1)),
        ]);
        let next = match &turn.next {
            Some(next) => {
                values.insert(":next".into(), s(next.as_str()));
                format!(", {NEXT} = :next")
            }
            None => format!(" REMOVE {NEXT}"),
        };
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::turn()))
            .update_expression(format!(
                "SET {FIRST} = :first, {REVISION} = :revision{next}"
            ))
            .condition_expression(unchanged(found, &mut values))
            .set_expression_attribute_values(Some(values))
            .build();
        let action = TransactWriteItem::builder().update(update.map_err(build_error)?);
        self.transact(vec![action.build()]).await.map(|_| ())
    }

    /// Forgets the turn that was `found`: everybody has had theirs.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn forget_turn(&self, found: &FoundTurn) -> Result<(), CallError> {
        let mut values = Item::new();
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(keys::turn()))
            .condition_expression(unchanged(Some(found), &mut values))
            .set_expression_attribute_values(Some(values))
            .build();
        let action = TransactWriteItem::builder().delete(delete.map_err(build_error)?);
        self.transact(vec![action.build()]).await.map(|_| ())
    }
}

fn unchanged(found: Option<&FoundTurn>, values: &mut Item) -> String {
    let Some(found) = found else {
        return format!("attribute_not_exists({REVISION})");
    };
    values.insert(":found".into(), n(found.revision));
    format!("{REVISION} = :found")
}

/// Of what cannot be read, the revision alone counts: then it can at least be written anew.
fn read(item: &Item) -> Result<FoundTurn, CallError> {
    let id = |text: &str| ParentConnection::parse(text).ok();
    let first = match item.get(FIRST) {
        Some(AttributeValue::L(ids)) => ids
            .iter()
            .filter_map(|value| id(value.as_s().ok()?))
            .collect(),
        Some(_) | None => Vec::new(),
    };
    Ok(FoundTurn {
        turn: Turn {
            first,
            next: item::text(item, NEXT).ok().and_then(id),
        },
        revision: item::number(item, REVISION)?,
    })
}
