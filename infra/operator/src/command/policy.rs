//! `operator policy`: what a partner allows to be sold on an interconnect or LAG, read and set.
//!
//! It goes the way that the functions go, through their ledger, so that what is sold already is counted with it.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hosted_connection::{ParentConnection, ParentPolicy, Violation};
use ledger::PolicyState;
use serde_json::{Value, json};
use terminal::{Terminal, Verdict, tables};

use super::failure::Failure;
use super::list;
use super::place::Place;

const EXAMPLES: &str = r#"Examples:
  operator policy get dxcon-ffabc123
  operator policy set dxcon-ffabc123 policy.json
  echo '{"bandwidthLimitMbps":10000,"oversubscriptionRatio":1.5,"vlanRange":"100-4094"}' | operator policy set dxcon-ffabc123
  operator policy set dxlag-ffabc789 policy.json --data target/local-cloud

Exit status: 0 done · 2 it is no policy, or the table could not be read or written"#;

/// Show or set what may be sold on an interconnect or LAG
///
/// A policy limits bandwidth (with oversubscription), bandwidths and VLANs. What is absent from it limits nothing. Once
/// set it can be changed, also to {} which limits nothing, but what is sold goes on being counted.
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
    /// Set the policy, and show what it makes of what is sold
    #[command(after_help = EXAMPLES)]
    Set {
        #[command(flatten)]
        of: Of,
        /// The policy as JSON; - or nothing for standard input
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
        let ledger = place.open()?.aws.ledger;
        let state = match policy {
            None => ledger.policy(&of.parent).await,
            Some(policy) => ledger.set_policy(&of.parent, &policy).await.map(Some),
        };
        let state = state.map_err(Failure::to("the table does not answer"))?;
        print(terminal, &of.parent, state.as_ref())?;
        Ok(Verdict::Good)
    }
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

fn listed(violations: &[Violation]) -> String {
    let lines = violations
        .iter()
        .map(|violation| format!("\n  {} {}", violation.field, violation.message));
    lines.collect()
}

fn print(
    terminal: &mut Terminal,
    parent: &ParentConnection,
    state: Option<&PolicyState>,
) -> io::Result<()> {
    if terminal.json {
        return terminal.print_json(&document(parent, state));
    }
    let mut table = tables::table(&["rule", "value"]);
    if let Some(state) = state {
        let policy = rules(&state.policy);
        for (rule, value) in policy.as_object().into_iter().flatten() {
            table.add_row([rule.as_str(), &plain(value)]);
        }
        let free = state
            .free_mbps
            .map_or_else(|| "no limit".to_owned(), |free| format!("{free} Mbps"));
        table.add_row(["sold", &format!("{} Mbps", state.sold_mbps)]);
        table.add_row(["free", &free]);
    }
    let title = format!("Policy of {parent}");
    tables::print(terminal, &title, &mut table, "none: nothing limits it")
}

fn document(parent: &ParentConnection, state: Option<&PolicyState>) -> Value {
    json!({
        "parentConnectionId": parent,
        "policy": state.map(|state| rules(&state.policy)),
        "soldMbps": state.map(|state| state.sold_mbps),
        "freeMbps": state.and_then(|state| state.free_mbps),
    })
}

fn rules(policy: &ParentPolicy) -> Value {
    json!(policy)
}

/// A list without its brackets, a text without its quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
