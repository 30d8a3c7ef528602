//! What an exploration came to, as a table of fault by step for people, or as a document for scripts.

use std::{
    io::{self, Write},
    time::Duration,
};

use indicatif::HumanCount;
use proof::{Cell, Exploration, Plan, Report, Sabotage};
use serde_json::{Value, json};
use terminal::{BOLD, DIM, Terminal, tables::Table};

use super::{Under, consequence, replay};
use crate::command::tables;

/// An exploration with its circumstances.
pub(super) struct Explored {
    pub(super) plan: Plan,
    pub(super) under: Under,
    pub(super) exploration: Exploration,
    pub(super) took: Duration,
}

impl Explored {
    /// As a document.
    pub(super) fn document(&self) -> Value {
        let report = &self.exploration.report;
        let findings = self.exploration.findings.iter().map(|finding| {
            json!({
                "replay": finding.schedule.to_string(),
                "violations": finding.violations,
            })
        });
        let profile = self.under.profile.as_ref();
        json!({
            "profile": profile.map(|profile| profile.document(&self.under.given)),
            "settleSeconds": self.under.settle_seconds,
            "consequences": profile.map(|profile| consequence::document(profile.report())),
            "seed": self.plan.seed,
            "without": self.plan.conditions.broken.map(Sabotage::name),
            "stories": self.exploration.schedules,
            "storiesOfSeveralWorkers": report.interleavings(),
            "seconds": self.took.as_secs_f64(),
            "storiesPerSecond": self.per_second(),
            "cells": cells(report).map(|(fault, operation, cell)| json!({
                "fault": fault,
                "operation": operation,
                "stories": cell.schedules,
                "mostDeliveries": cell.deliveries,
                "violated": cell.violated,
            })).collect::<Vec<_>>(),
            "findings": findings.collect::<Vec<_>>(),
        })
    }

    /// As tables.
    ///
    /// # Errors
    /// The output is closed.
    pub(super) fn print(&self, terminal: &mut Terminal) -> io::Result<()> {
        tables::print(
            terminal,
            "Faults by request: stories · most deliveries until the order was final",
            &mut table(&self.exploration.report),
            "no faults, only workers that take turns",
        )?;
        let out = &mut terminal.out;
        self.print_findings(out)?;
        self.print_totals(out)?;
        match &self.under.profile {
            Some(profile) => {
                let kept = self.exploration.findings.is_empty();
                consequence::print(out, profile, kept, &self.under)
            }
            None => Ok(()),
        }
    }

    fn print_findings(&self, out: &mut dyn Write) -> io::Result<()> {
        for finding in &self.exploration.findings {
            let line = finding.schedule.to_string();
            writeln!(out, "{} VIOLATED: {line}", tables::colour("✗"))?;
            for violation in &finding.violations {
                writeln!(out, "    {}", replay::shortened(violation))?;
            }
            let again = replay::command(&line, self.plan.conditions.broken, &self.under.options);
            writeln!(out, "    {DIM}again:{DIM:#} {again}\n")?;
        }
        Ok(())
    }

    fn print_totals(&self, out: &mut dyn Write) -> io::Result<()> {
        let (mark, verdict) = match (self.plan.conditions.broken, self.exploration.findings.len()) {
            (None, 0) => ("✓", "every promise was kept".to_owned()),
            (None, count) => ("✗", format!("{count} broke a promise")),
            (Some(broken), 0) => ("✗", format!("none was prevented by {}", broken.name())),
            (Some(broken), _) => ("✓", format!("found what {} prevents", broken.name())),
        };
        writeln!(
            out,
            "{} {BOLD}{} stories: {verdict}{BOLD:#}",
            tables::colour(mark),
            counted(self.exploration.schedules),
        )?;
        writeln!(
            out,
            "  {DIM}{} with several workers; {:.1} s, {:.0} stories per second, seed {}{DIM:#}",
            counted(self.exploration.report.interleavings()),
            self.took.as_secs_f64(),
            self.per_second(),
            self.plan.seed,
        )?;
        if self.plan.schedules < self.exploration.schedules {
            writeln!(
                out,
                "  {DIM}More than --schedules {}: every fault on every request is always played.{DIM:#}",
                counted(self.plan.schedules),
            )?;
        }
        Ok(())
    }

    fn per_second(&self) -> f64 {
        let stories = u32::try_from(self.exploration.schedules).unwrap_or(u32::MAX);
        f64::from(stories) / self.took.as_secs_f64().max(f64::EPSILON)
    }
}

fn table(report: &Report) -> Table {
    let operations = report.operations();
    let heads: Vec<_> = operations.iter().map(|name| in_lines(name)).collect();
    let columns: Vec<_> = std::iter::once("fault")
        .chain(heads.iter().map(String::as_str))
        .collect();
    let mut table = tables::table(&columns);
    for fault in report.faults() {
        let mut row = vec![fault.clone()];
        row.extend(operations.iter().map(|operation| {
            report
                .cell(&fault, operation)
                .map_or_else(String::new, in_short)
        }));
        table.add_row(row);
    }
    for column in 1..=operations.len() {
        tables::align_right(&mut table, column);
    }
    table
}

fn cells(report: &Report) -> impl Iterator<Item = (String, String, Cell)> {
    let operations = report.operations();
    report.faults().into_iter().flat_map(move |fault| {
        let cells = operations.clone().into_iter().filter_map({
            let fault = fault.clone();
            move |operation| {
                let cell = report.cell(&fault, &operation)?;
                Some((fault.clone(), operation, cell))
            }
        });
        cells.collect::<Vec<_>>()
    })
}

fn counted(stories: usize) -> HumanCount {
    HumanCount(u64::try_from(stories).unwrap_or(u64::MAX))
}

fn in_short(cell: Cell) -> String {
    let stories = counted(cell.schedules);
    match cell.violated {
        0 => format!("{stories}\u{a0}·\u{a0}{}", cell.deliveries),
        violated => format!(
            "{stories}\u{a0}·\u{a0}{}\n✗ {violated} VIOLATED",
            cell.deliveries
        ),
    }
}

/// One word a line: the names are wider than what stands below them.
fn in_lines(operation: &str) -> String {
    let mut lines = String::new();
    for letter in operation.chars() {
        if letter.is_uppercase() && !lines.is_empty() {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_one_word_a_line() {
        assert_eq!(
            in_lines("AllocateHostedConnection"),
            "Allocate\nHosted\nConnection"
        );
        assert_eq!(in_lines("Query"), "Query");
    }

    #[test]
    fn a_violation_is_said_in_a_word_not_in_a_colour_alone() {
        let mut cell = Cell {
            schedules: 1_204,
            deliveries: 3,
            violated: 0,
        };
        assert_eq!(in_short(cell), "1,204\u{a0}·\u{a0}3");
        cell.violated = 2;
        assert_eq!(in_short(cell), "1,204\u{a0}·\u{a0}3\n✗ 2 VIOLATED");
    }
}
