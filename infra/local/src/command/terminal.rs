//! Where output goes: text for people, or one JSON document for scripts.
//!
//! Styles are always written; the streams drop them where they are not wanted: not a terminal, `NO_COLOR`, `TERM=dumb`.

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use console::Term;
use serde::Serialize;

use super::failure::Failure;

/// For headings.
pub(crate) const BOLD: Style = Style::new().bold();
/// For what may be overlooked.
pub(crate) const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Lines longer than this are hard to read, however wide the window.
const WIDEST: u16 = 120;
/// Tables do not fold any narrower.
const NARROWEST: u16 = 80;
/// Width where there is no window.
const WITHOUT_WINDOW: u16 = 110;

/// The command's standard streams.
pub(crate) struct Terminal {
    /// Results.
    pub(crate) out: Box<dyn Write>,
    /// What happened on the way.
    pub(crate) err: Box<dyn Write>,
    /// Columns to fill.
    pub(crate) width: u16,
    /// Whether results are JSON.
    pub(crate) json: bool,
}

impl Terminal {
    /// The process's own streams.
    pub(crate) fn of_this_process(json: bool) -> Self {
        let columns = Term::stdout()
            .size_checked()
            .map(|(_rows, columns)| columns);
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
    pub(crate) fn print_json(&mut self, document: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, document)?;
        writeln!(self.out)
    }

    /// Says what went wrong, cause by cause.
    pub(crate) fn explain(&mut self, failure: &Failure) -> ExitCode {
        if failure.is_closed_pipe() {
            return ExitCode::SUCCESS;
        }
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

#[cfg(test)]
pub(crate) mod testing {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use super::Terminal;

    /// What a test's terminal has been given to write.
    #[derive(Clone, Default)]
    pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        /// As text, without styles.
        pub(crate) fn text(&self) -> String {
            let bytes = self.0.lock().unwrap().clone();
            anstream::adapter::strip_str(&String::from_utf8(bytes).unwrap()).to_string()
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A terminal of 110 columns, its output and its errors.
    pub(crate) fn terminal(json: bool) -> (Terminal, Written, Written) {
        let (out, err) = (Written::default(), Written::default());
        let terminal = Terminal {
            out: Box::new(out.clone()),
            err: Box::new(err.clone()),
            width: 110,
            json,
        };
        (terminal, out, err)
    }
}
