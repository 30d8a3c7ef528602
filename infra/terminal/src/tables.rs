//! Tables in one style: a rule under the header, no boxes, folded to the window.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
pub use comfy_table::Table;
use comfy_table::{CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, TableStyle};
use serde_json::Value;

use crate::{BOLD, DIM, Terminal};

const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction(' '))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none().junction(' '));

/// Marks that are coloured wherever they stand. Each stands beside a word that says the same.
const MARKS: [(char, Style); 4] = [
    ('✓', AnsiColor::Green.on_default()),
    ('✗', AnsiColor::Red.on_default()),
    ('↺', AnsiColor::Cyan.on_default()),
    ('…', AnsiColor::Yellow.on_default()),
];

/// An empty table with these columns.
#[must_use]
pub fn table(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(columns.iter().copied());
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    table
}

/// Puts a column of numbers flush right.
pub fn align_right(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// Prints a title and the table, or what there is instead when it has no rows.
///
/// # Errors
/// The output is closed.
pub fn print(
    terminal: &mut Terminal,
    title: &str,
    table: &mut Table,
    instead: &str,
) -> io::Result<()> {
    write(&mut terminal.out, terminal.width, title, table, instead)
}

/// As [`print()`], to any output of this width.
///
/// # Errors
/// The output is closed.
pub fn write(
    out: &mut dyn Write,
    width: u16,
    title: &str,
    table: &mut Table,
    instead: &str,
) -> io::Result<()> {
    table.set_width(width);
    writeln!(out, "{BOLD}{title}{BOLD:#}")?;
    if table.is_empty() {
        return writeln!(out, "{DIM}{instead}{DIM:#}\n");
    }
    let mut in_header = true;
    for line in table.trim_fmt().lines() {
        if in_header {
            writeln!(out, "{DIM}{line}{DIM:#}")?;
        } else {
            writeln!(out, "{}", colour(line))?;
        }
        // The rule ends the header.
        in_header &= !line.starts_with('─');
    }
    writeln!(out)
}

/// The line with its marks coloured. After folding, because escapes would count as columns before.
#[must_use]
pub fn colour(line: &str) -> String {
    MARKS.iter().fold(line.to_owned(), |line, (mark, style)| {
        line.replace(*mark, &format!("{style}{mark}{style:#}"))
    })
}

/// A string member, or nothing.
#[must_use]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
