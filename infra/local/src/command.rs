//! The command line: what there is to do, and which module does it.
//!
//! Everything here is on the user's side of the wire. The local cloud knows nothing of this command, nor of the function
//! that this command runs.

mod day;

mod prove;

mod invoke;

mod serve;

mod show;

mod failure;
mod functions;
mod gateway;
mod happened;
mod options;
mod progress;
mod tables;
#[cfg(test)]
mod testing;
mod view;

use clap::{Parser, Subcommand};

use failure::Failure;
use terminal::{Terminal, Verdict};

const EXAMPLES: &str = "\
Examples:
  local                                                  a day of orders, checked and told as tables
  local invoke tests/events/sqs-one-order.json           one Lambda event through its function
  local serve                                            an address for the AWS CLI, SDKs, curl and `sam local invoke`
  local show --data target/local-cloud                   what an earlier run has kept
  local prove                                            thousands of stories in which things go wrong

Exit status: 0 done · 1 an invocation failed or a promise was broken · 2 the command could not be carried out";

/// AWS on a laptop for hosted connections.
///
/// Direct Connect's partner side, DynamoDB, EventBridge and SQS, embedded, with the real functions on top. Without a
/// command it plays a small day of orders, shows what became of each, and checks that every promise was kept.
#[derive(Debug, Parser)]
#[command(name = "local", version, after_help = EXAMPLES, max_term_width = 110)]
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
}
