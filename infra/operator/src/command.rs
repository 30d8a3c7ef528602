//! The command line: what an operator can ask and do, and which module does it.
//!
//! It looks through the eyes of the functions: their ledger, their look at a parent, their flow. It knows no rules of
//! its own, and changes nothing unless told to.

mod explain;

mod get;
mod list;

mod reconcile;

mod redrive;

mod adopt;
mod forget;

mod move_to;
mod release;
mod resolve;

mod caller;
mod policy;

mod conformance;
mod console;

mod doctor;

mod environment;
mod failure;
mod find;
mod place;

mod shell;

use clap::{CommandFactory, Parser, Subcommand};
use terminal::{Terminal, Verdict};

use failure::Failure;
use place::{Access, Place};
use story::{reason, shown, stuck, words};

const EXAMPLES: &str = "\
Examples:
  operator explain order-1001                 what happened, and what to do
  operator list --unfinished                  all orders that are not done
  operator reconcile                          compare table and Direct Connect
  operator redrive --queue orders --dry-run   look at the dead-letter queue
  operator adopt dxcon-ffabc123 --dry-run     connections from before
  operator doctor                             check access and stuck orders
  operator conformance --help                 does AWS behave as assumed?
  operator console                            all of that in a browser

At AWS, set what the functions have in their environment:
  export AWS_REGION=… ALLOCATIONS_TABLE_NAME=… EVENT_BUS_NAME=…
  export ORDERS_QUEUE_URL=… RELEASES_QUEUE_URL=…             (only for redrive)
  eval \"$(aws configure export-credentials --profile NAME --format env)\"
The values are the stack's outputs TableName, EventBusName, QueueUrl and
ReleasesQueueUrl. Profiles and SSO work through the AWS CLI only.
For the local cloud, paste what `local serve` prints, or give --data DIR.

Exit status: 0 done · 1 no such order, or something to look at · 2 the command
failed";

/// Explain orders, find what is stuck, and fix it
///
/// For the operator of hosted connections, at AWS or on the local cloud. Only `redrive` without --dry-run, `reconcile
/// --finish`, `adopt` without --dry-run, `forget`, `resolve`, `move`, `release`, `policy set`, `caller set`, `caller remove`,
/// `conformance` and `console --allow-actions` change anything.
#[derive(Debug, Parser)]
#[command(name = "operator", version, after_help = EXAMPLES, max_term_width = 100)]
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
    Adopt(adopt::Adopt),
    Forget(forget::Forget),
    Move(move_to::MoveTo),
    Release(release::Release),
    Policy(policy::Policy),
    Caller(caller::Caller),
    Conformance(conformance::Conformance),
    Console(console::Console),
    Doctor(doctor::Doctor),
    Completions(shell::Completions),
    Man(shell::Man),
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// It could not be carried out.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        let place = self.place;
        match self.command {
            Command::Explain(explain) => explain.run(&place.open(Access::Read)?, terminal).await,
            Command::Get(get) => get.run(&place.open(Access::Read)?, terminal).await,
            Command::List(list) => list.run(&place.open(Access::Read)?, terminal).await,
            Command::Reconcile(reconcile) => {
                let services = place.open(reconcile.access())?;
                reconcile.run(&services, terminal).await
            }
            Command::Redrive(redrive) => {
                let services = place.open(redrive.access())?;
                redrive.run(&services, terminal).await
            }
            Command::Resolve(resolve) => resolve.run(&place.open(Access::Change)?, terminal).await,
            Command::Adopt(adopt) => adopt.run(&place, terminal).await,
            Command::Forget(forget) => forget.run(&place.open(Access::Change)?, terminal).await,
            Command::Move(moving) => moving.run(&place.open(Access::Change)?, terminal).await,
            Command::Release(release) => release.run(&place.open(Access::Change)?, terminal).await,
            Command::Policy(policy) => policy.run(&place, terminal).await,
            Command::Caller(caller) => caller.run(&place, terminal).await,
            Command::Conformance(asked) => Box::pin(asked.run(&place, terminal)).await,
            Command::Console(console) => {
                let services = place.open(console.access())?;
                console.run(&services, terminal).await
            }
            Command::Doctor(doctor) => doctor.run(&place, terminal).await,
            Command::Completions(completions) => Ok(completions.run(Self::command(), terminal)?),
            Command::Man(man) => Ok(man.run(Self::command(), terminal)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_help_is_wider_than_a_terminal_of_eighty_columns() {
        fn assert_fits(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string);
            for line in help.unwrap_or_default().lines() {
                let width = line.chars().count();
                assert!(
                    width <= 80,
                    "{}: {width} columns: {line}",
                    command.get_name()
                );
            }
            command.get_subcommands().for_each(assert_fits);
        }
        assert_fits(&Cli::command());
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
