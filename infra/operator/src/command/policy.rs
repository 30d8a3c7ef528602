//! `operator policy`: what a partner allows to be sold on an interconnect or LAG, read and set.
//!
//! It goes the way that the functions go, through their ledger, so that what is sold already is counted with it.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hosted_connection::{ParentConnection, ParentPolicy, Timestamp};
use ledger::{PLACE_KNOWN_FOR, PolicyState};
use serde_json::{Value, json};
use terminal::{Terminal, Verdict, tables};

use super::failure::Failure;
use super::list;
use super::place::{Access, Place, Services};
use super::words::{listed, plain};

const EXAMPLES: &str = r#"Examples:
  operator policy get dxcon-ffabc123
  operator policy set dxcon-ffabc123 policy.json
  operator policy set dxlag-ffabc789 policy.json --data target/local-cloud
  echo '{"bandwidthLimitMbps":10000,"vlanRange":"100-4094"}' |
    operator policy set dxcon-ffabc123

Exit status: 0 done · 2 not a policy, no such parent, or the table could not be
read or written"#;

/// Show or set what may be sold on an interconnect or LAG
///
/// A policy limits the total bandwidth (with oversubscription), the bandwidths and the VLANs. A rule that is absent limits
/// nothing. A policy cannot be removed; {} limits nothing, and what is sold is still counted. The first policy of a parent is
/// in force after 30 seconds, when the last running function knows of it; a change is in force at once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Policy {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the policy, what is sold and what is free
    #[command(after_help = EXAMPLES)]
    Get {
        #[command(flatten)]
        of: Of,
    },
    /// Set the policy, and show what is sold and what is free under it
    #[command(after_help = EXAMPLES)]
    Set {
        #[command(flatten)]
        of: Of,
        /// The policy as JSON; - (the default) is standard input
        #[arg(value_name = "FILE|-", default_value = "-")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Of {
    /// Interconnect or LAG, `dxcon-…` or `dxlag-…`
    #[arg(value_name = "PARENT", value_parser = list::parent)]
    parent: ParentConnection,
}

impl Policy {
    /// Shows or sets.
    ///
    /// # Errors
    /// The policy is none, the table cannot be reached, or the output is closed.
    pub(crate) async fn run(
        self,
        place: &Place,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let (of, file) = match self.action {
            Action::Get { of } => (of, None),
            Action::Set { of, file } => (of, Some(file)),
        };
        let policy = file.as_deref().map(read).transpose()?;
        let shown = match policy {
            None => {
                let ledger = place.open(Access::Read)?.aws.ledger;
                let state = ledger.policy(&of.parent).await;
                Shown {
                    state: state.map_err(Failure::to("the policy cannot be read"))?,
                    in_force_from: None,
                }
            }
            Some(policy) => set(&place.open(Access::Change)?, &of.parent, &policy).await?,
        };
        print(terminal, &of.parent, &shown)?;
        Ok(Verdict::Good)
    }
}

/// What is shown of a policy.
struct Shown {
    state: Option<PolicyState>,
    /// From when on every function goes by it, where that is not now: a process that knows of no policy does not look
    /// again at once.
    in_force_from: Option<Timestamp>,
}

/// Sets the policy of a parent that there is.
async fn set(
    services: &Services,
    parent: &ParentConnection,
    policy: &ParentPolicy,
) -> Result<Shown, Failure> {
    let parents = services.aws.direct_connect.parents().await;
    let parents = parents.map_err(Failure::to("whether there is such a parent cannot be read"))?;
    if !parents.ids().any(|id| id == parent) {
        return Err(Failure::NoParent {
            parent: parent.clone(),
            others: parents.ids().cloned().collect(),
        });
    }
    let (ledger, clock) = (&services.aws.ledger, &services.aws.clock);
    let before = ledger.policy(parent).await;
    let is_first = before
        .map_err(Failure::to("the policy cannot be read"))?
        .is_none();
    let state = ledger.set_policy(parent, policy).await;
    let state = state.map_err(Failure::to("the policy cannot be set"))?;
    let known_for_ms = u64::try_from(PLACE_KNOWN_FOR.as_millis()).unwrap_or(u64::MAX);
    Ok(Shown {
        state: Some(state),
        in_force_from: is_first.then(|| Timestamp::from_ms(clock.now_ms() + known_for_ms)),
    })
}

/// Until when orders may pass the policy by, in words.
fn not_yet_in_force(from: Timestamp) -> String {
    format!(
        "in force for all orders from {from}. Until then a running function may not know of this first policy of the parent, \
         and sell without it; track counts such sales within two minutes"
    )
}

/// That more is sold than the policy allows, in words.
fn oversold(state: &PolicyState) -> Option<String> {
    let free_mbps = state.free_mbps.filter(|free_mbps| *free_mbps < 0)?;
    Some(format!(
        "{} Mbps are sold, {} Mbps more than the policy allows. Nothing is deleted; new orders are rejected until enough is \
         released",
        state.sold_mbps, -free_mbps
    ))
}

fn read(path: &Path) -> Result<ParentPolicy, Failure> {
    let text = terminal::read(path).map_err(|source| Failure::Unreadable {
        path: path.into(),
        source,
    })?;
    ParentPolicy::parse(&text).map_err(|violations| Failure::NotAPolicy {
        path: path.into(),
        violations: listed(&violations),
    })
}

fn print(terminal: &mut Terminal, parent: &ParentConnection, shown: &Shown) -> io::Result<()> {
    if terminal.json {
        return terminal.print_json(&document(parent, shown));
    }
    let mut table = tables::table(&["rule", "value"]);
    if let Some(state) = &shown.state {
        let policy = rules(&state.policy);
        for (rule, value) in policy.as_object().into_iter().flatten() {
            table.add_row([rule.as_str(), &plain(value)]);
        }
        let free = state.free_mbps.map_or_else(
            || "no limit".to_owned(),
            |free| format!("{} Mbps", free.max(0)),
        );
        table.add_row(["sold", &format!("{} Mbps", state.sold_mbps)]);
        table.add_row(["free", &free]);
        if let Some(warning) = oversold(state) {
            table.add_row(["warning", &warning]);
        }
    }
    if let Some(from) = shown.in_force_from {
        table.add_row(["note", &not_yet_in_force(from)]);
    }
    let title = format!("Policy of {parent}");
    tables::print(terminal, &title, &mut table, "none: there is no limit")
}

fn document(parent: &ParentConnection, shown: &Shown) -> Value {
    let state = shown.state.as_ref();
    json!({
        "parentConnectionId": parent,
        "policy": state.map(|state| rules(&state.policy)),
        "soldMbps": state.map(|state| state.sold_mbps),
        "freeMbps": state.and_then(|state| state.free_mbps),
        "inForceFrom": shown.in_force_from,
        "warning": state.and_then(oversold),
    })
}

fn rules(policy: &ParentPolicy) -> Value {
    json!(policy)
}
