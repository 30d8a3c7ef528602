//! A command line as completions for a shell, and as a manual page.

use std::io;

use clap::Command;
pub use clap_complete::Shell;
use clap_mangen::Man;

use crate::{Terminal, Verdict};

/// Prints completions for `shell`.
///
/// # Errors
/// The output is closed.
pub fn completions(
    mut command: Command,
    shell: Shell,
    terminal: &mut Terminal,
) -> io::Result<Verdict> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    terminal.out.write_all(&script)?;
    Ok(Verdict::Good)
}

/// Prints the manual page of the command, and those of its subcommands after it.
///
/// # Errors
/// The output is closed.
pub fn man(command: Command, terminal: &mut Terminal) -> io::Result<Verdict> {
    // An option of all subcommands is described once.
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands() {
        let name = format!("{}-{}", command.get_name(), subcommand.get_name());
        let subcommand = subcommand.clone().display_name(name.clone());
        page.extend_from_slice(b"\n");
        Man::new(subcommand).title(name).render(&mut page)?;
    }
    terminal.out.write_all(&page)?;
    Ok(Verdict::Good)
}
