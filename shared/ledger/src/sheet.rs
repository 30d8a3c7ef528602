//! The table of transitions as DynamoDB takes it: each expression is made once, when it is first needed.

use std::sync::{Arc, LazyLock, OnceLock};

use transitions::{
    Change, Form, LeaseWrite, Name, PolicyWrite, Set, Table, Transition, Value, Write, condition,
    mentioned, update,
};

/// A table of transitions, and what has been made of it so far.
#[derive(Debug)]
pub(crate) struct Sheet {
    table: Table,
    records: [OnceLock<Expressions>; Name::ALL.len()],
    leases: [OnceLock<Expressions>; LeaseWrite::ALL.len()],
    policies: [OnceLock<Expressions>; PolicyWrite::ALL.len()],
}

/// What a write is in DynamoDB's own words.
#[derive(Debug)]
pub(crate) struct Expressions {
    /// The condition on a record of whose lifecycle nothing has been written.
    pub(crate) first: Option<String>,
    /// The condition on any other.
    pub(crate) later: Option<String>,
    /// The change; none where it is made anew each time, or is no expression.
    pub(crate) update: Option<String>,
    /// The values that they mention.
    pub(crate) mentioned: Vec<Value>,
}

static STANDARD: LazyLock<Arc<Sheet>> = LazyLock::new(|| Arc::new(Sheet::of(Table::default())));

impl Sheet {
    /// The table that holds.
    pub(crate) fn standard() -> Arc<Self> {
        Arc::clone(&STANDARD)
    }

    pub(crate) fn of(table: Table) -> Self {
        Self {
            table,
            records: [const { OnceLock::new() }; Name::ALL.len()],
            leases: [const { OnceLock::new() }; LeaseWrite::ALL.len()],
            policies: [const { OnceLock::new() }; PolicyWrite::ALL.len()],
        }
    }

    pub(crate) fn transition(&self, name: Name) -> &Transition {
        &self.table[name]
    }

    /// The write on the record; none when the transition writes on none.
    pub(crate) fn record(&self, name: Name) -> Option<(&Write, &Expressions)> {
        let write = self.table[name].record.as_ref()?;
        Some((write, made(&self.records[name as usize], write)))
    }

    /// The write on the lease; none when it is no part of the transition.
    pub(crate) fn lease(&self, name: Name, write: LeaseWrite) -> Option<(&Write, &Expressions)> {
        let is_part = self.table[name].lease.include(write);
        let expressions = || made(&self.leases[write as usize], &self.table[write]);
        is_part.then(|| (&self.table[write], expressions()))
    }

    /// The write on the policy; none when the transition writes on none.
    pub(crate) fn policy(&self, name: Name) -> Option<(&Write, &Expressions)> {
        let write = self.table[name].policy?;
        let expressions = made(&self.policies[write as usize], &self.table[write]);
        Some((&self.table[write], expressions))
    }
}

fn made<'a>(once: &'a OnceLock<Expressions>, write: &Write) -> &'a Expressions {
    once.get_or_init(|| Expressions {
        first: condition(write.condition, Form::First),
        later: condition(write.condition, Form::Later),
        update: if is_the_same_each_time(&write.change) {
            update(&write.change, |_| true)
        } else {
            None
        },
        mentioned: mentioned(write),
    })
}

fn is_the_same_each_time(change: &Change) -> bool {
    !change
        .sets()
        .iter()
        .any(|set| matches!(set, Set::Where(_, _)))
}
