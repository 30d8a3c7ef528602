//! The command line: what there is to do, and which module does it.
//!
//! Everything here is on the user's side of the wire. The local cloud knows nothing of this command, nor of the function
//! that this command runs.

mod day;

mod prove;

mod invoke;

mod serve;

mod show;

mod behaviour;
mod failure;
mod functions;
mod gateway;
mod happened;
mod log;
mod options;
mod profile;
mod tables;
#[cfg(test)]
mod testing;
mod view;

use clap::{Parser, Subcommand};

use failure::Failure;
use terminal::{Terminal, Verdict};

const EXAMPLES: &str = "\
Examples:
  local                                          a day, shown as tables
  local invoke tests/events/sqs-one-order.json   one Lambda event
  local serve                                    for AWS CLI, SDKs, curl, SAM
  local show --data target/local-cloud           the state that is kept
  local prove                                    thousands of stories

Exit status:
  0  done
  1  an invocation failed, or a promise was broken
  2  the command could not be carried out";

/// Columns. Help reads best in a narrow window, and examples are written for it.
const HELP_WIDTH: usize = 80;

/// AWS on a laptop for hosted connections.
///
/// Direct Connect's partner side, DynamoDB, EventBridge and SQS in one process, and the real functions. Without a command
/// it plays a day of orders, shows the result of each, and checks that every promise was kept.
#[derive(Debug, Parser)]
#[command(name = "local", version, after_help = EXAMPLES, max_term_width = HELP_WIDTH)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print JSON on standard output, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Invoke(invoke::Invoke),
    Serve(serve::Serve),
    Show(show::Show),
    Prove(prove::Prove),
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// It could not be carried out.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        match self.command {
            None => day::run(terminal).await,
            Some(Command::Invoke(invoke)) => invoke.run(terminal).await,
            Some(Command::Serve(serve)) => serve.run(terminal).await,
            Some(Command::Show(show)) => show.run(terminal),
            Some(Command::Prove(prove)) => prove.run(terminal).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_in_its_help() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string);
            assert!(
                help.is_some_and(|help| help.contains("Examples:")),
                "{}",
                command.get_name()
            );
        }
    }

    #[test]
    fn all_help_fits_a_terminal_of_80_columns_and_no_example_is_folded() {
        let mut cli = Cli::command().term_width(HELP_WIDTH);
        cli.build();
        let mut all = vec![cli.clone()];
        all.extend(cli.get_subcommands().cloned());
        for mut command in all {
            let help = command.render_long_help().to_string();
            for line in help.lines() {
                assert!(line.chars().count() <= HELP_WIDTH, "{line}");
            }
            let examples = command.get_after_help().map(ToString::to_string);
            let examples = examples.unwrap_or_default();
            assert!(help.contains(&examples), "folded: {help}");
        }
    }
}
