//! What our commands have in common at a terminal: text for people, or one JSON document for scripts; tables; how a
//! command ends. It knows nothing of orders and of AWS.
//!
//! Styles are always written; the streams drop them where they are not wanted: not a terminal, `NO_COLOR`, `TERM=dumb`.

pub mod manual;
pub mod progress;
pub mod tables;
mod verdict;

use std::error::Error;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use console::Term;
use serde::Serialize;

pub use verdict::Verdict;

/// For headings.
pub const BOLD: Style = Style::new().bold();
/// For what is said plainly.
pub const PLAIN: Style = Style::new();
/// For what may be overlooked.
pub const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Lines longer than this are hard to read, however wide the window.
const WIDEST: u16 = 120;
/// Tables do not fold any narrower.
const NARROWEST: u16 = 80;
/// Width where there is neither a window nor `COLUMNS`.
const WITHOUT_WINDOW: u16 = 110;

/// A command's standard streams.
pub struct Terminal {
    /// Results.
    pub out: Box<dyn Write>,
    /// What happened on the way.
    pub err: Box<dyn Write>,
    /// Columns to fill.
    pub width: u16,
    /// Whether results are JSON.
    pub json: bool,
}

impl Terminal {
    /// The process's own streams.
    #[must_use]
    pub fn of_this_process(json: bool) -> Self {
        let window = Term::stdout().size_checked();
        let columns = window.map_or_else(columns_wanted, |(_rows, columns)| Some(columns));
        Self {
            out: Box::new(AutoStream::auto(io::stdout())),
            err: Box::new(AutoStream::auto(io::stderr())),
            width: columns.map_or(WITHOUT_WINDOW, |columns| columns.clamp(NARROWEST, WIDEST)),
            json,
        }
    }

    /// Writes a JSON document, indented.
    ///
    /// # Errors
    /// The output is closed.
    pub fn print_json(&mut self, document: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, document)?;
        writeln!(self.out)
    }

    /// Writes a paragraph, folded to the window between words.
    ///
    /// # Errors
    /// The output is closed.
    pub fn print_text(&mut self, style: Style, text: &str) -> io::Result<()> {
        for line in tables::folded(text, usize::from(self.width)) {
            writeln!(self.out, "{style}{}{style:#}", tables::colour(&line))?;
        }
        Ok(())
    }

    /// Says why a command could not be carried out, cause by cause.
    pub fn explain(&mut self, failure: &dyn Error) -> ExitCode {
        let mut causes = String::new();
        let mut source = failure.source();
        while let Some(cause) = source {
            causes.push_str(&format!("\n  because: {cause}"));
            source = cause.source();
        }
        // With standard error closed as well, there is nobody left to tell.
        let _ = writeln!(self.err, "{RED}error{RED:#}: {failure}{causes}");
        ExitCode::from(2)
    }
}

/// What a script, or a pager, asks for.
#[expect(
    clippy::disallowed_methods,
    reason = "a terminal's own variable, which is no setting of the functions"
)]
fn columns_wanted() -> Option<u16> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}

/// What people call the file of that path: `-` is standard input.
#[must_use]
pub fn name_of(path: &Path) -> String {
    if path == Path::new("-") {
        return "standard input".to_owned();
    }
    path.display().to_string()
}

/// What is in the file; `-` is standard input.
///
/// # Errors
/// It cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        return io::stdin().read_to_end(&mut bytes).map(|_| bytes);
    }
    fs::read(path)
}
