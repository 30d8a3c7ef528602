//! One request to DynamoDB in the making: what a transition does to up to three items, from the table of transitions and from the
//! values that the writer brings. Nothing else makes an expression or a condition on a record, a VLAN lease or a policy.

use aws::failure::CallError;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementRequest, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use hosted_connection::{IdempotencyKey, ParentConnection, Vlan};
use transitions::{Change, Given, LeaseWrite, Name, Set, Value, Write, update};

use crate::item::{Item, n, s};
use crate::keys;
use crate::ledger::Ledger;
use crate::sheet::{Expressions, Sheet};

/// The values that a writer brings.
pub(crate) type Brought = Vec<(Given, AttributeValue)>;

/// A part of a request, by what it writes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The allocation record.
    Record,
    /// A VLAN lease.
    Lease(LeaseWrite),
    /// The policy.
    Policy,
    /// An item of which no transition knows.
    Other,
}

/// A request in the making.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    sheet: &'a Sheet,
    table: &'a str,
    name: Name,
    pub(crate) actions: Result<Vec<(Part, TransactWriteItem)>, CallError>,
}

impl Ledger {
    /// Begins the request for a transition. Parts that the transition has not are left out.
    pub(crate) fn draft(&self, name: Name) -> Draft<'_> {
        Draft {
            sheet: &self.sheet,
            table: &self.table,
            name,
            actions: Ok(Vec::with_capacity(4)),
        }
    }
}

impl Draft<'_> {
    /// The write on the record of `key`.
    pub(crate) fn record(self, key: &IdempotencyKey, brought: Brought) -> Self {
        match self.sheet.record(self.name) {
            Some(made) => self.with(Part::Record, keys::allocation(key), made, brought),
            None => self,
        }
    }

    /// A write on the lease of `vlan` on `parent`.
    pub(crate) fn lease(
        self,
        write: LeaseWrite,
        parent: &ParentConnection,
        vlan: Vlan,
        brought: Brought,
    ) -> Self {
        match self.sheet.lease(self.name, write) {
            Some(made) => self.with(Part::Lease(write), keys::lease(parent, vlan), made, brought),
            None => self,
        }
    }

    /// The write on the policy of `parent`.
    pub(crate) fn policy(self, parent: &ParentConnection, brought: Brought) -> Self {
        match self.sheet.policy(self.name) {
            Some(made) => self.with(Part::Policy, keys::policy(parent), made, brought),
            None => self,
        }
    }

    fn with(
        mut self,
        part: Part,
        key: Item,
        (write, expressions): (&Write, &Expressions),
        brought: Brought,
    ) -> Self {
        if let Ok(actions) = &mut self.actions {
            match action(self.table, key, write, expressions, brought) {
                Ok(action) => actions.push((part, action)),
                Err(error) => self.actions = Err(error),
            }
        }
        self
    }
}

impl Ledger {
    /// The write on the record of `key` as a statement, to be sent with others of which each is for itself. None where the
    /// write cannot be one.
    pub(crate) fn statement(
        &self,
        name: Name,
        key: &IdempotencyKey,
        brought: &Brought,
    ) -> Option<BatchStatementRequest> {
        let (write, _) = self.sheet.record(name)?;
        let statement = transitions::statement(write, &self.table)?;
        let mut item = keys::allocation(key);
        let mut parameters = Vec::with_capacity(6);
        for value in statement.sets {
            parameters.push(of(brought, value)?);
        }
        parameters.extend([item.remove(keys::PK)?, item.remove(keys::SK)?]);
        for value in statement.checks {
            parameters.push(of(brought, value)?);
        }
        let request = BatchStatementRequest::builder().statement(statement.text);
        request.set_parameters(Some(parameters)).build().ok()
    }
}

fn action(
    table: &str,
    key: Item,
    write: &Write,
    expressions: &Expressions,
    mut brought: Brought,
) -> Result<TransactWriteItem, CallError> {
    let change = match (&write.change, &expressions.update) {
        (Change::Update(_, _), Some(once)) => Some(once.clone()),
        (change, _) => update(change, |given| has(&brought, given)),
    };
    let condition = if is_first(&brought) {
        &expressions.first
    } else {
        &expressions.later
    };
    // Before the values of the condition are taken: a put may need them as well.
    let item = match write.change {
        Change::Put(sets) => put_item(key.clone(), sets, &brought)?,
        Change::Update(_, _) | Change::Delete => Item::new(),
    };
    let mut values = Item::with_capacity(expressions.mentioned.len());
    for value in &expressions.mentioned {
        match taken(*value, &mut brought) {
            Some(taken) => values.insert(value.placeholder().to_owned(), taken),
            None if is_optional(&write.change, *value) => None,
            None => return Err(not_brought(value.placeholder())),
        };
    }
    let values = (!values.is_empty()).then_some(values);
    let tells = write
        .tells
        .then_some(ReturnValuesOnConditionCheckFailure::AllOld);
    let action = TransactWriteItem::builder();
    Ok(match write.change {
        Change::Put(_) => action.put(
            Put::builder()
                .table_name(table)
                .set_item(Some(item))
                .set_condition_expression(condition.clone())
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(tells)
                .build()
                .map_err(build_error)?,
        ),
        Change::Update(_, _) => action.update(
            Update::builder()
                .table_name(table)
                .set_key(Some(key))
                .set_update_expression(change)
                .set_condition_expression(condition.clone())
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(tells)
                .build()
                .map_err(build_error)?,
        ),
        Change::Delete => action.delete(
            Delete::builder()
                .table_name(table)
                .set_key(Some(key))
                .set_condition_expression(condition.clone())
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(tells)
                .build()
                .map_err(build_error)?,
        ),
    }
    .build())
}

/// The item that a put leaves, its key included.
pub(crate) fn put_item(key: Item, sets: &[Set], brought: &Brought) -> Result<Item, CallError> {
    let mut item = key;
    item.reserve(sets.len());
    for set in sets {
        let (attribute, value) = match *set {
            Set::To(attribute, value) => match constant(value) {
                Some(constant) => (attribute, Some(constant)),
                None => (
                    attribute,
                    Some(of(brought, value).ok_or_else(|| not_brought(attribute.name()))?),
                ),
            },
            Set::Where(attribute, given) => (attribute, of(brought, Value::Given(given))),
            Set::OrKeep(_, _)
            | Set::Copy(_, _)
            | Set::Append(_, _)
            | Set::Add(_, _)
            | Set::Subtract(_, _) => {
                return Err(build_error(
                    "a put knows no attribute of the item before it",
                ));
            }
        };
        if let Some(value) = value {
            item.insert(attribute.name().to_owned(), value);
        }
    }
    Ok(item)
}

/// The value of a constant; none when the writer brings it.
fn constant(value: Value) -> Option<AttributeValue> {
    match value {
        Value::State(state, _) => Some(s(state.as_str())),
        Value::Yes(_) => Some(AttributeValue::Bool(true)),
        Value::Zero => Some(n(0)),
        Value::Given(_) => None,
    }
}

/// What stands for `value`.
pub(crate) fn of(brought: &Brought, value: Value) -> Option<AttributeValue> {
    let Value::Given(wanted) = value else {
        return constant(value);
    };
    let found = brought.iter().find(|(given, _)| *given == wanted);
    found.map(|(_, value)| value.clone())
}

/// As [`of`], for a value that is needed once.
fn taken(value: Value, brought: &mut Brought) -> Option<AttributeValue> {
    let Value::Given(wanted) = value else {
        return constant(value);
    };
    let at = brought.iter().position(|(given, _)| *given == wanted)?;
    Some(brought.swap_remove(at).1)
}

fn has(brought: &Brought, wanted: Given) -> bool {
    brought.iter().any(|(given, _)| *given == wanted)
}

/// Whether the writer saw a record of whose lifecycle nothing has been written.
fn is_first(brought: &Brought) -> bool {
    let revision = brought
        .iter()
        .find(|(given, _)| *given == Given::SeenRevision);
    revision.is_some_and(|(_, revision)| matches!(revision, AttributeValue::N(n) if n == "0"))
}

fn is_optional(change: &Change, value: Value) -> bool {
    let is_it = |set: &Set| matches!(set, Set::Where(_, given) if Value::Given(*given) == value);
    change.sets().iter().any(is_it)
}

fn not_brought(name: &str) -> CallError {
    build_error(format!("no value for {name}"))
}

/// The SDK's builders fail only for want of a member, and a value is missing only where a transition and its writer disagree.
pub(crate) fn build_error(error: impl std::fmt::Display) -> CallError {
    CallError::corrupt("building a DynamoDB request", error.to_string())
}
