//! What a write means to DynamoDB: its condition and its change as expressions, and the values that they mention.

use crate::write::{Change, Check, Set, Value, Write};
use crate::{Attribute, Given};

/// In which of its forms a condition is written. They differ where a revision is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Nothing has been written about the lifecycle as far as the writer saw: a record that never was counts as revision zero.
    First,
    /// Something has.
    Later,
}

/// The condition, all of `checks`; none when there is nothing to check.
#[must_use]
pub fn condition(checks: &[Check], form: Form) -> Option<String> {
    match checks {
        [] => None,
        [only] => Some(text(only, form)),
        checks => Some(all(checks, form)),
    }
}

/// The change of an item that is there. `brought` says of what need not be given whether the writer brings it. None when nothing
/// is changed by name: the item is put or deleted.
#[must_use]
pub fn update(change: &Change, brought: impl Fn(Given) -> bool) -> Option<String> {
    let Change::Update(sets, removes) = change else {
        return None;
    };
    let set: Vec<_> = sets
        .iter()
        .filter_map(|set| assignment(set, &brought))
        .collect();
    let left_out = sets.iter().filter_map(|set| match set {
        Set::Where(attribute, given) if !brought(*given) => Some(*attribute),
        _ => None,
    });
    let remove: Vec<_> = left_out
        .chain(removes.iter().copied())
        .map(Attribute::name)
        .collect();
    let mut expression = format!("SET {}", set.join(", "));
    if !remove.is_empty() {
        expression.push_str(" REMOVE ");
        expression.push_str(&remove.join(", "));
    }
    Some(expression)
}

/// An update as a statement of PartiQL on one item of `table`, whose keys are `pk` and `sk`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text.
    pub text: String,
    /// The values that stand before the item's two keys.
    pub sets: Vec<Value>,
    /// The values that stand behind them.
    pub checks: Vec<Value>,
}

/// The update as a statement. None for what is no update, or sets or checks more than marks do.
#[must_use]
pub fn statement(write: &Write, table: &str) -> Option<Statement> {
    let Change::Update(sets, removes) = write.change else {
        return None;
    };
    let mut statement = Statement {
        text: format!("UPDATE \"{table}\""),
        sets: Vec::new(),
        checks: Vec::new(),
    };
    for set in sets {
        let Set::To(attribute, value) = set else {
            return None;
        };
        statement.text += &format!(" SET {} = ?", attribute.name());
        statement.sets.push(*value);
    }
    for attribute in removes {
        statement.text += &format!(" REMOVE {}", attribute.name());
    }
    statement.text += " WHERE pk = ? AND sk = ?";
    for check in write.condition {
        let attribute = match check {
            Check::Is(attribute, value) => {
                statement.checks.push(*value);
                format!("{} = ?", attribute.name())
            }
            Check::Has(attribute) => format!("{} IS NOT MISSING", attribute.name()),
            Check::HasNot(attribute) => format!("{} IS MISSING", attribute.name()),
            Check::StateIn(_)
            | Check::StateAsSeen(_)
            | Check::RevisionAsSeen
            | Check::AtMost(_, _)
            | Check::AtLeast(_, _)
            | Check::Contains(_, _)
            | Check::ContainsNot(_, _)
            | Check::Any(_)
            | Check::All(_) => return None,
        };
        statement.text += &format!(" AND {attribute}");
    }
    Some(statement)
}

/// The values that the expressions of `write` mention, each placeholder once: DynamoDB refuses one that is not mentioned. What is
/// put is no part of an expression.
#[must_use]
pub fn mentioned(write: &Write) -> Vec<Value> {
    let values = all_mentioned(write);
    let mut once: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        if once
            .iter()
            .all(|known| known.placeholder() != value.placeholder())
        {
            once.push(value);
        }
    }
    once
}

/// The same, each as often as it is mentioned.
fn all_mentioned(write: &Write) -> Vec<Value> {
    let mut values = Vec::new();
    if let Change::Update(sets, _) = write.change {
        values.extend(sets.iter().filter_map(|set| match set {
            Set::To(_, value) => Some(*value),
            Set::Where(_, given)
            | Set::OrKeep(_, given)
            | Set::Append(_, given)
            | Set::Add(_, given)
            | Set::Subtract(_, given) => Some(Value::Given(*given)),
            Set::Copy(_, _) => None,
        }));
    }
    for check in write.condition {
        values_of(check, &mut values);
    }
    values
}

fn values_of(check: &Check, values: &mut Vec<Value>) {
    match check {
        Check::Has(_) | Check::HasNot(_) => {}
        Check::Is(_, value)
        | Check::AtMost(_, value)
        | Check::AtLeast(_, value)
        | Check::Contains(_, value)
        | Check::ContainsNot(_, value) => values.push(*value),
        Check::StateIn(states) => {
            let state = |state: &crate::State| Value::State(*state, state.placeholder());
            values.extend(states.iter().map(state));
        }
        Check::StateAsSeen(_) => values.push(Value::Given(Given::SeenState)),
        Check::RevisionAsSeen => values.push(Value::Given(Given::SeenRevision)),
        Check::Any(checks) | Check::All(checks) => {
            for check in *checks {
                values_of(check, values);
            }
        }
    }
}

fn assignment(set: &Set, brought: &impl Fn(Given) -> bool) -> Option<String> {
    let (attribute, right) = match set {
        Set::To(attribute, value) => (attribute, value.placeholder().to_owned()),
        Set::Where(attribute, given) if brought(*given) => {
            (attribute, given.placeholder().to_owned())
        }
        Set::Where(_, _) => return None,
        Set::OrKeep(attribute, given) => (
            attribute,
            format!(
                "if_not_exists({}, {})",
                attribute.name(),
                given.placeholder()
            ),
        ),
        Set::Copy(attribute, other) => (attribute, other.name().to_owned()),
        Set::Append(attribute, given) => (
            attribute,
            format!("list_append({}, {})", attribute.name(), given.placeholder()),
        ),
        Set::Add(attribute, given) => (
            attribute,
            format!("{} + {}", attribute.name(), given.placeholder()),
        ),
        Set::Subtract(attribute, given) => (
            attribute,
            format!("{} - {}", attribute.name(), given.placeholder()),
        ),
    };
    Some(format!("{} = {right}", attribute.name()))
}

fn text(check: &Check, form: Form) -> String {
    match check {
        Check::Has(attribute) => format!("attribute_exists({})", attribute.name()),
        Check::HasNot(attribute) => format!("attribute_not_exists({})", attribute.name()),
        Check::Is(attribute, value) => compared(*attribute, "=", value.placeholder()),
        Check::AtMost(attribute, value) => compared(*attribute, "<=", value.placeholder()),
        Check::AtLeast(attribute, value) => compared(*attribute, ">=", value.placeholder()),
        Check::StateIn([state]) => compared(Attribute::State, "=", state.placeholder()),
        Check::StateIn(states) => {
            let states: Vec<_> = states.iter().map(|state| state.placeholder()).collect();
            format!("{} IN ({})", Attribute::State.name(), states.join(", "))
        }
        Check::StateAsSeen(_) => compared(Attribute::State, "=", Given::SeenState.placeholder()),
        Check::RevisionAsSeen => {
            let revision = Attribute::LifecycleRevision;
            let same = compared(revision, "=", Given::SeenRevision.placeholder());
            match form {
                Form::First => format!("(attribute_not_exists({}) OR {same})", revision.name()),
                Form::Later => same,
            }
        }
        Check::Contains(attribute, value) => {
            format!("contains({}, {})", attribute.name(), value.placeholder())
        }
        Check::ContainsNot(attribute, value) => {
            format!(
                "NOT contains({}, {})",
                attribute.name(),
                value.placeholder()
            )
        }
        Check::Any(checks) => joined(checks, " OR ", form),
        Check::All(checks) => joined(checks, " AND ", form),
    }
}

fn compared(attribute: Attribute, how: &str, placeholder: &str) -> String {
    format!("{} {how} {placeholder}", attribute.name())
}

fn all(checks: &[Check], form: Form) -> String {
    joined(checks, " AND ", form)
}

fn joined(checks: &[Check], between: &str, form: Form) -> String {
    let part = |check: &Check| match check {
        Check::Any(_) | Check::All(_) => format!("({})", text(check, form)),
        check => text(check, form),
    };
    checks.iter().map(part).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests;
