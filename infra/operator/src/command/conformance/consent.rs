//! What a run will do, said before it does anything; whether it may; and whoever changes their mind.

use std::io::{self, BufRead, IsTerminal, Write};

use conformance::Setup;
use terminal::{BOLD, Terminal, tables};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Says what a run will do; on standard error, so that standard output has the result alone.
pub(super) fn state(setup: &Setup, bus: &str, terminal: &mut Terminal) -> io::Result<()> {
    writeln!(terminal.err, "{BOLD}What this will do{BOLD:#}")?;
    for effect in setup.plan(bus).effects {
        for line in tables::folded(&effect, usize::from(terminal.width)) {
            writeln!(terminal.err, "{line}")?;
        }
    }
    let file = format!(
        "What is made is noted in {} beforehand.",
        setup.made.display()
    );
    writeln!(terminal.err, "{file}\n")
}

/// Whether there is somebody to be asked.
pub(super) fn can_be_asked() -> bool {
    io::stdin().is_terminal()
}

/// Asks. Only a yes is one.
pub(super) fn is_given(terminal: &mut Terminal) -> io::Result<bool> {
    write!(terminal.err, "Go on? [yes/no] ")?;
    terminal.err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "yes" | "y" | "Yes" | "YES"))
}

/// Ctrl-C, and whatever else asks a process to end.
pub(super) struct Signals {
    #[cfg(unix)]
    all: [Signal; 3],
}

impl Signals {
    /// From now on signals are heard, and end nothing by themselves.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            all: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ],
        })
    }

    /// Waits for the next one.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.all;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }

    /// Waits for the next one.
    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
