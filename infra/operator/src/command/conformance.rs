//! `operator conformance`: whether AWS behaves as docs/assumptions.md says, asked with connections that are deleted again.
//!
//! What is asked, and how, is the crate `conformance`'s business. Here it is said what that will do, asked whether to, and
//! told what came of it.

mod consent;
mod report_file;
mod told;
mod trouble;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use conformance::{Clients, Ground, MadeError, Setup, Stopper};
use hosted_connection::ParentConnection;
use serde_json::json;
use terminal::{PLAIN, Terminal, Verdict};

use super::failure::Failure;
use super::place::{Access, Place, Services};
use report_file::ReportFile;

pub(crate) use trouble::Trouble;

const EXAMPLES: &str = "\
Examples:
  operator conformance --parent dxcon-ffabc123 --owner-account 111122223333 \\
    --vlans 4000-4009 --report conformance.json
  operator conformance --parent dxcon-ffabc123 --cleanup    after a kill
  operator doctor --report conformance.json
  local prove --profile conformance.json

It says first what it will make, and asks. Use an account of your own as owner,
and VLANs outside VLAN_RANGE. Connections stay in state `ordering` and cost
nothing; each is deleted again. What is made is noted in a file beforehand, in
the working directory (--made chooses another). After Ctrl-C it deletes what it
has made and ends; after a second Ctrl-C, or a kill, --cleanup does the rest. It
touches only what is in the file.

It needs directconnect:AllocateHostedConnection, TagResource, DeleteConnection,
AssociateHostedConnection, DescribeHostedConnections, DescribeInterconnects and
DescribeLags, dynamodb:Query, Scan and PutItem on the table (PutItem is always
refused: nothing is written), and events:PutEvents for source `conformance`.

Exit status: 0 all that was probed holds · 1 something does not hold · 2 it
could not be carried out, or something could not be deleted";

/// Ask AWS whether it behaves as is assumed, with connections that are deleted again
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Conformance {
    /// Interconnect or LAG to make connections on, `dxcon-…` or `dxlag-…`
    #[arg(long, value_name = "PARENT")]
    parent: Option<String>,
    /// Account that the connections are for, 12 digits; it sees them, and should not confirm them
    #[arg(long, value_name = "ACCOUNT")]
    owner_account: Option<String>,
    /// VLANs that nobody uses, at least four, and one more for each of --bandwidths
    #[arg(long, value_name = "FIRST-LAST")]
    vlans: Option<String>,
    /// Bandwidths to try beside 50Mbps, such as 1Gbps,10Gbps; each is allocated for a moment
    #[arg(long, value_name = "LIST")]
    bandwidths: Option<String>,
    /// How long to wait for anything to be shown, 30 to 300 seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    wait_seconds: u64,
    /// Write the report to this file, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// File that notes what is made [default: conformance-PARENT.made in the working directory]
    #[arg(long, value_name = "FILE")]
    made: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Delete what an earlier run has left, by its file; makes nothing
    #[arg(long)]
    cleanup: bool,
}

impl Conformance {
    /// Asks AWS, or cleans up.
    ///
    /// # Errors
    /// It could not be carried out, or something could not be deleted.
    pub(crate) async fn run(
        self,
        place: &Place,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        if self.cleanup {
            return self.clean_up(place, terminal).await;
        }
        let arguments = [
            self.parent.as_deref(),
            self.owner_account.as_deref(),
            self.vlans.as_deref(),
            self.bandwidths.as_deref(),
        ];
        let setup = conformance::read(arguments, self.wait_seconds, self.made.clone());
        let setup = setup.map_err(Trouble::Arguments)?;
        if setup.made.exists() {
            let (path, parent) = (setup.made.clone(), setup.parent.to_string());
            return Err(Trouble::Made(MadeError::LeftOver { path, parent }).into());
        }
        let report = self.report.as_deref().map(ReportFile::begin).transpose()?;
        let services = place.open(Access::Change)?;
        let clients = clients(&services);
        if !self.yes && !consent::can_be_asked() {
            consent::state(&setup, &services.config.bus_name, terminal)?;
            return Err(Trouble::NobodyToAsk.into());
        }
        let ground = Ground::check(&clients, &setup)
            .await
            .map_err(Trouble::Unfit)?;
        consent::state(&setup, &services.config.bus_name, terminal)?;
        if !self.yes && !consent::is_given(terminal)? {
            return Err(Trouble::Declined.into());
        }
        carry_out(&clients, &setup, &ground, report, terminal).await
    }

    async fn clean_up(self, place: &Place, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        let Some(parent) = &self.parent else {
            let missing = conformance::Wrong {
                argument: "--parent",
                problem: "is missing: the parent of the run that is to be cleaned up".to_owned(),
            };
            return Err(Trouble::Arguments(vec![missing]).into());
        };
        let parent = ParentConnection::parse(parent).map_err(|violation| {
            let wrong = conformance::Wrong {
                argument: "--parent",
                problem: format!("{parent:?}: {}", violation.message),
            };
            Trouble::Arguments(vec![wrong])
        })?;
        let made = self.made.unwrap_or_else(|| conformance::made_path(&parent));
        if self.report.is_some() {
            say(terminal, "--cleanup writes no report");
        }
        let services = place.open(Access::Change)?;
        let wait = Duration::from_secs(self.wait_seconds);
        let mut tell = |text: &str| say(terminal, text);
        let cleaned =
            conformance::cleanup(&clients(&services), &made, &parent, wait, &mut tell).await;
        let cleaned = match cleaned {
            Ok(cleaned) => cleaned,
            // As after a run that was killed before it had made anything, or one that has cleaned up.
            Err(conformance::CleanupError::File(missing @ MadeError::Missing(_))) => {
                say(terminal, &missing.to_string());
                conformance::Cleaned::default()
            }
            Err(error) => return Err(Trouble::Cleanup(error).into()),
        };
        if terminal.json {
            let left = cleaned.left.iter().map(told::left_document);
            let left: Vec<_> = left.collect();
            terminal.print_json(&json!({"deleted": cleaned.deleted, "left": left}))?;
        } else {
            let connections = super::words::count(cleaned.deleted, "connection");
            terminal.print_text(PLAIN, &format!("{connections} deleted"))?;
        }
        match cleaned.left.is_empty() {
            true => Ok(Verdict::Good),
            false => Err(Trouble::Left(told::left(&cleaned.left, &made)).into()),
        }
    }
}

fn clients(services: &Services) -> Clients {
    let clock = services.aws.clock.clone();
    Clients::new(&services.config, services.http.clone(), clock)
}

/// The run, and what it has come to. The first signal has it clean up, the second one ends it.
async fn carry_out(
    clients: &Clients,
    setup: &Setup,
    ground: &Ground,
    report: Option<ReportFile>,
    terminal: &mut Terminal,
) -> Result<Verdict, Failure> {
    let (stopper, stop) = Stopper::new();
    let mut signals = consent::Signals::new().map_err(Failure::Output)?;
    let outcome = {
        let mut tell = |text: &str| say(terminal, text);
        let run = conformance::run(clients, setup, ground, stop, &mut tell);
        let mut run = std::pin::pin!(run);
        let first = tokio::select! {
            outcome = &mut run => Some(outcome),
            () = signals.next() => None,
        };
        match first {
            Some(outcome) => outcome,
            None => {
                stopper.stop();
                tokio::select! {
                    outcome = &mut run => outcome,
                    () = signals.next() => {
                        let (made, parent) = (setup.made.clone(), setup.parent.clone());
                        return Err(Trouble::Ended { made, parent }.into());
                    }
                }
            }
        }
    };
    let outcome = outcome.map_err(Trouble::Made)?;
    // Whatever else fails: what was found out is told.
    let written = report.map(|file| file.finish(&outcome.report)).transpose();
    if terminal.json {
        terminal.print_json(&told::document(&outcome))?;
    } else {
        told::print(&outcome, terminal)?;
    }
    written?;
    if !outcome.left.is_empty() {
        say(terminal, &told::left(&outcome.left, &setup.made));
    }
    match outcome.verdict() {
        Ok(all_hold) => Ok(Verdict::good_if(all_hold)),
        Err(why) => Err(Trouble::Halted(why).into()),
    }
}

/// On standard error, for people. With standard error closed there is nobody to tell, and what was made has to be deleted all
/// the same.
fn say(terminal: &mut Terminal, text: &str) {
    let _ = writeln!(terminal.err, "{text}");
}
