//! The command line: what an operator can ask and do, and which module does it.
//!
//! It looks through the eyes of the functions: their ledger, their look at a parent, their flow. It knows no rules of
//! its own, and changes nothing unless told to.

mod explain;

mod get;
mod list;

mod reconcile;

mod redrive;

mod resolve;

mod caller;
mod policy;

mod doctor;

mod failure;
mod place;
mod shown;
mod words;

use clap::{Parser, Subcommand};
use terminal::{Terminal, Verdict};

use failure::Failure;
use place::Place;

const EXAMPLES: &str = "\
Examples:
  operator explain order-1001                       what happened to it, what happens next, what to do
  operator list --unfinished                        everything that is not done yet
  operator reconcile dxcon-ffabc123                 table and Direct Connect side by side
  operator redrive --queue orders --dry-run         what is in the dead-letter queue, and whether it helps to redrive it
  operator doctor                                   is everything there, and may I?

At AWS it needs what the functions have in their environment:
  export AWS_REGION=… ALLOCATIONS_TABLE_NAME=… EVENT_BUS_NAME=…        the stack's outputs TableName, EventBusName
  export ORDERS_QUEUE_URL=… RELEASES_QUEUE_URL=…                       QueueUrl, ReleasesQueueUrl; for redrive
  eval \"$(aws configure export-credentials --profile NAME --format env)\"    profiles and SSO are the AWS CLI's
On the local cloud, `local serve` prints what to paste, and --data DIR opens a directory that nobody serves.

Exit status: 0 done · 1 no such order, or something to look at · 2 the command could not be carried out";

/// What became of an order, what is stuck, and what to do about it
///
/// For whoever looks after hosted connections, at AWS or on the local cloud. Nothing is changed but by `redrive` without
/// --dry-run, `reconcile --finish`, `resolve`, `policy set`, `caller set` and `caller remove`.
#[derive(Debug, Parser)]
#[command(name = "operator", version, after_help = EXAMPLES, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Place,
    /// Print JSON on standard output, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Explain(explain::Explain),
    Get(get::Get),
    List(list::List),
    Reconcile(reconcile::Reconcile),
    Redrive(redrive::Redrive),
    Resolve(resolve::Resolve),
    Policy(policy::Policy),
    Caller(caller::Caller),
    Doctor(doctor::Doctor),
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// It could not be carried out.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        let place = self.place;
        match self.command {
            Command::Explain(explain) => explain.run(&place.open()?, terminal).await,
            Command::Get(get) => get.run(&place.open()?, terminal).await,
            Command::List(list) => list.run(&place.open()?, terminal).await,
            Command::Reconcile(reconcile) => reconcile.run(&place.open()?, terminal).await,
            Command::Redrive(redrive) => redrive.run(&place.open()?, terminal).await,
            Command::Resolve(resolve) => resolve.run(&place.open()?, terminal).await,
            Command::Policy(policy) => policy.run(&place, terminal).await,
            Command::Caller(caller) => caller.run(&place, terminal).await,
            Command::Doctor(doctor) => doctor.run(&place, terminal).await,
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
