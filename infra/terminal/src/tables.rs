//! Tables in one style: a rule under the header, no boxes, folded to the window. Words, and with them ids, are never broken:
//! what does not fit side by side is shown as a list.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
pub use comfy_table::Table;
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Row,
    TableStyle, Width,
};
use serde_json::Value;

use crate::{BOLD, DIM, Terminal};

const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction(' '))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none().junction(' '));

/// Columns to the right of each cell, where there is room.
const PADDING: u16 = 1;

/// Columns between two cells, beside the padding.
const GAP: u16 = 1;

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
    writeln!(out, "{BOLD}{title}{BOLD:#}")?;
    if table.is_empty() {
        return writeln!(out, "{DIM}{instead}{DIM:#}\n");
    }
    if !fit(table, width) {
        write_list(out, width, table)?;
        return writeln!(out);
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

/// Keeps each column as wide as its longest word, and says whether all of them fit into the width together.
fn fit(table: &mut Table, width: u16) -> bool {
    table.set_width(width);
    let words: Vec<u16> = (0..table.column_count())
        .map(|index| {
            let cells = table.column_cells_with_header_iter(index).flatten();
            let words = cells.map(|cell| longest_word(&cell.content()));
            columns(words.max().unwrap_or_default())
        })
        .collect();
    let gaps = columns(words.len()).saturating_sub(1) * GAP;
    let padding = words.iter().sum::<u16>() + gaps + columns(words.len()) * PADDING;
    // Where it is narrow, one column between two cells has to do.
    let padding = if padding <= width { PADDING } else { 0 };
    for (column, longest) in table.column_iter_mut().zip(&words) {
        column.set_padding((0, padding));
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(
            longest + padding,
        )));
    }
    words.iter().sum::<u16>() + gaps <= width
}

fn longest_word(text: &str) -> usize {
    let words = text.split([' ', '\n']).map(|word| word.chars().count());
    words.max().unwrap_or_default()
}

fn columns(characters: usize) -> u16 {
    u16::try_from(characters).unwrap_or(u16::MAX / 2)
}

/// Each row as lines of its own, one for each cell that is not empty.
fn write_list(out: &mut dyn Write, width: u16, table: &Table) -> io::Result<()> {
    let cells = |row: &Row| -> Vec<String> { row.cell_iter().map(|cell| cell.content()).collect() };
    let heads = table.header().map(cells).unwrap_or_default();
    let heads: Vec<_> = heads.iter().map(|head| head.replace('\n', "")).collect();
    let indent = heads.iter().map(|head| head.chars().count()).max();
    let indent = indent.unwrap_or_default();
    for row in table.row_iter() {
        writeln!(out, "{DIM}{}{DIM:#}", "─".repeat(indent))?;
        for (head, cell) in heads.iter().zip(cells(row)) {
            let room = usize::from(width).saturating_sub(indent + 2);
            for (line, text) in folded(&cell, room).iter().enumerate() {
                let head = if line == 0 { head.as_str() } else { "" };
                writeln!(out, "{DIM}{head:indent$}{DIM:#}  {}", colour(text))?;
            }
        }
    }
    Ok(())
}

/// Writes items one below the other, each behind a dot.
///
/// # Errors
/// The output is closed.
pub fn write_items(out: &mut dyn Write, width: u16, items: &[String]) -> io::Result<()> {
    for item in items {
        for (number, line) in folded(item, usize::from(width).saturating_sub(2))
            .iter()
            .enumerate()
        {
            let mark = if number == 0 { "•" } else { " " };
            writeln!(out, "{mark} {line}")?;
        }
    }
    Ok(())
}

/// The text in lines of this width, broken between words only.
#[must_use]
pub fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: u16, rows: &[[&str; 3]]) -> String {
        let mut table = table(&["key", "connection", "why"]);
        table.add_rows(rows.iter().copied());
        let mut out = Vec::new();
        write(&mut out, width, "Orders", &mut table, "none").unwrap();
        let text = String::from_utf8(out).unwrap();
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn words_and_ids_are_never_broken_and_no_line_is_wider_than_the_window() {
        let long = "k".repeat(60);
        let why = "the answer was lost; looked, and found the connection that was made";
        for width in [80, 120] {
            for key in ["order-1", long.as_str()] {
                let text = written(width, &[[key, "dxcon-fgabc123", why]]);
                for word in [key, "dxcon-fgabc123"].into_iter().chain(why.split(' ')) {
                    assert!(text.split_whitespace().any(|found| found == word), "{text}");
                }
                for line in text.lines() {
                    assert!(line.chars().count() <= usize::from(width), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_side_by_side_is_a_list() {
        let key = "k".repeat(70);
        let text = written(80, &[[&key, "dxcon-fgabc123", ""]]);
        let expected =
            format!("Orders\n──────────\nkey         {key}\nconnection  dxcon-fgabc123\n\n");
        assert_eq!(text, expected);
    }
}
