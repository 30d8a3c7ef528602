//! Fault by step: how many stories, and how bad it got.

use std::collections::{BTreeMap, BTreeSet};

use crate::run::Run;

/// What the stories came to, by what went wrong where.
#[derive(Debug, Clone, Default)]
pub struct Report {
    cells: BTreeMap<(String, String), Cell>,
    interleavings: usize,
}

/// The stories in which one fault hit one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// How many.
    pub schedules: usize,
    /// The most deliveries that one of them took.
    pub deliveries: u32,
    /// How many broke an invariant.
    pub violated: usize,
}

impl Report {
    pub(crate) fn add(&mut self, run: &Run) {
        self.interleavings += usize::from(!run.widths.is_empty());
        let hits = run.hits.iter();
        let hits = hits.map(|(fault, operation)| (fault.clone(), column(operation).to_owned()));
        for hit in hits.collect::<BTreeSet<_>>() {
            let cell = self.cells.entry(hit).or_default();
            cell.schedules += 1;
            cell.deliveries = cell.deliveries.max(run.deliveries);
            cell.violated += usize::from(!run.violations.is_empty());
        }
    }

    /// Stories of several workers at once.
    #[must_use]
    pub fn interleavings(&self) -> usize {
        self.interleavings
    }

    /// Operations that were hit, in the order in which an order sends them.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        let order = [
            "GetItem",
            "Query",
            "DescribeHostedConnections",
            "TransactWriteItems",
            "AllocateHostedConnection",
            "DeleteConnection",
            "UpdateItem",
            "PutEvents",
        ];
        let hit = |name: &&str| self.cells.keys().any(|(_, operation)| operation == name);
        order.into_iter().filter(hit).map(str::to_owned).collect()
    }

    /// Faults that struck.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults: Vec<_> = self.cells.keys().map(|(fault, _)| fault.clone()).collect();
        faults.dedup();
        faults
    }

    /// The stories in which `fault` hit `operation`.
    #[must_use]
    pub fn cell(&self, fault: &str, operation: &str) -> Option<Cell> {
        self.cells
            .get(&(fault.to_owned(), operation.to_owned()))
            .copied()
    }
}

/// Where an operation's stories are counted: reads of one kind share a column, or the table would be too wide to read.
fn column(operation: &str) -> &str {
    match operation {
        "BatchGetItem" => "GetItem",
        "DescribeInterconnects" | "DescribeLags" => "DescribeHostedConnections",
        other => other,
    }
}
