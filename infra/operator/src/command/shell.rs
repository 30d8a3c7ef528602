//! `operator completions` and `operator man`: this command line for shells and for `man`.

use std::io;

use clap::Args;
use terminal::manual::{self, Shell};
use terminal::{Terminal, Verdict};

const COMPLETIONS: &str = "\
Examples:
  operator completions bash > /etc/bash_completion.d/operator
  operator completions zsh > ~/.zfunc/_operator
  operator completions fish > ~/.config/fish/completions/operator.fish

Exit status: 0 done";

const MAN: &str = "\
Examples:
  operator man > operator.1
  operator man | man -l -

Exit status: 0 done";

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Print the manual page of this command and of all its subcommands
#[derive(Debug, Args)]
#[command(after_help = MAN)]
pub(crate) struct Man {}

impl Completions {
    /// Prints them.
    ///
    /// # Errors
    /// The output is closed.
    pub(crate) fn run(
        self,
        command: clap::Command,
        terminal: &mut Terminal,
    ) -> io::Result<Verdict> {
        manual::completions(command, self.shell, terminal)
    }
}

impl Man {
    /// Prints it.
    ///
    /// # Errors
    /// The output is closed.
    pub(crate) fn run(
        self,
        command: clap::Command,
        terminal: &mut Terminal,
    ) -> io::Result<Verdict> {
        manual::man(command, terminal)
    }
}
