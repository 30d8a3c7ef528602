//! `operator caller`: who may order what, and whose orders they see, where callers are kept apart.
//!
//! It checks what the functions would refuse to go by, before that is written: two callers that share a principal or of
//! which one's key prefix begins with the other's.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hosted_connection::{Caller as Registered, Callers};
use ledger::Ledger;
use serde_json::{Value, json};
use terminal::{Terminal, Verdict, tables};

use super::failure::Failure;
use super::place::{Access, Place};
use super::words::{listed, plain};

const EXAMPLES: &str = r#"Examples:
  operator caller list
  operator caller get acme
  operator caller set acme acme.json --dry-run
  operator caller set acme < acme.json
  operator caller remove acme

acme.json:
  {"principals": ["AROAEXAMPLEEXAMPLE123"], "keyPrefix": "acme-",
   "ownerAccounts": ["111122223333"], "parents": ["dxcon-ffabc123"],
   "bandwidths": "any", "readsAndReleases": "own"}

Every member is required. principals: the unique id of an IAM user or role
(AIDA… or AROA…; for queues and HTTP), its ARN (arn:aws:iam::ACCOUNT:role/NAME
without a path; HTTP only), jwt:SUBJECT, authorizer:PRINCIPAL, direct,
eventbridge or sns.
ownerAccounts, parents, bandwidths: a list, or any. readsAndReleases: own or
all.
Callers count where the functions have CALLERS=enforced, after at most 30 s.
Do not give the key prefix of a removed caller to another one while orders with
that prefix live: the other one would see and release them.

Exit status: 0 done · 1 no such caller, or one that the functions do not go by ·
2 not a caller, or the table could not be read or written"#;

/// The most characters of a caller's name.
const MAX_NAME: usize = 32;

/// Show, register or remove those who may order, and what each may
///
/// With CALLERS=enforced whoever is not registered may do nothing. The keys of a caller's orders begin with a prefix of its own;
/// with `own` it sees and releases no other orders.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Caller {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Register a caller, or change one
    #[command(after_help = EXAMPLES)]
    Set {
        #[command(flatten)]
        of: Of,
        /// The caller as JSON; - or nothing for standard input
        #[arg(value_name = "FILE|-", default_value = "-")]
        file: PathBuf,
        /// Say whether it could be set, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show a caller
    #[command(after_help = EXAMPLES)]
    Get {
        #[command(flatten)]
        of: Of,
    },
    /// Show all callers
    #[command(after_help = EXAMPLES)]
    List,
    /// Remove a caller: within 30 s it may do nothing any more. Its orders and connections stay
    #[command(after_help = EXAMPLES)]
    Remove {
        #[command(flatten)]
        of: Of,
    },
}

#[derive(Debug, Args)]
struct Of {
    /// The caller's name, for operators
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
}

/// The name is part of a table key, and read by people.
fn name(text: &str) -> Result<String, String> {
    let is_fit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_fit) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "a caller's name is 1 to {MAX_NAME} lower-case letters, digits and hyphens"
    ))
}

impl Caller {
    /// Shows, sets or removes.
    ///
    /// # Errors
    /// The caller is none or gets in the way of another one, the table cannot be reached, or the output is closed.
    pub(crate) async fn run(
        self,
        place: &Place,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        match self.action {
            Action::Set { of, file, dry_run } => {
                let caller = read(&file)?;
                let ledger = place
                    .open(match dry_run {
                        true => Access::Read,
                        false => Access::Change,
                    })?
                    .aws
                    .ledger;
                set(&ledger, &of.name, caller, dry_run, terminal).await
            }
            Action::Get { of } => {
                let callers = all(&place.open(Access::Read)?.aws.ledger).await?;
                show(terminal, &of.name, &callers)
            }
            Action::List => {
                let callers = all(&place.open(Access::Read)?.aws.ledger).await?;
                list(terminal, &callers)?;
                let is_sound =
                    |(_, _, fault): (&str, Option<&Registered>, Option<&str>)| fault.is_none();
                Ok(Verdict::good_if(callers.iter().all(is_sound)))
            }
            Action::Remove { of } => {
                let ledger = place.open(Access::Change)?.aws.ledger;
                let removed = ledger.remove_caller(&of.name).await;
                let removed = removed.map_err(Failure::to("the table does not answer"))?;
                let said = match removed {
                    true => {
                        "is removed; within 30 s it may do nothing any more. Do not give its key prefix to another caller while its orders live"
                    }
                    false => "is no caller",
                };
                say(
                    terminal,
                    &of.name,
                    said,
                    &json!({"name": of.name, "removed": removed}),
                )?;
                Ok(Verdict::good_if(removed))
            }
        }
    }
}

async fn all(ledger: &Ledger) -> Result<Callers, Failure> {
    let callers = ledger.callers().await;
    callers.map_err(Failure::to("the table does not answer"))
}

async fn set(
    ledger: &Ledger,
    name: &str,
    caller: Registered,
    dry_run: bool,
    terminal: &mut Terminal,
) -> Result<Verdict, Failure> {
    let wished = all(ledger).await?.with(name, caller.clone());
    if let Some(fault) = wished.fault(name) {
        return Err(Failure::CallerInTheWay(fault.name, fault.fault));
    }
    if dry_run {
        let document = json!({"name": name, "caller": caller, "dryRun": true});
        say(
            terminal,
            name,
            "could be set; nothing is written",
            &document,
        )?;
        return Ok(Verdict::Good);
    }
    let set = ledger.set_caller(name, &caller).await;
    set.map_err(Failure::to("the table does not answer"))?;
    // Somebody else may have set another one meanwhile. The functions go by neither then, and this says so.
    show(terminal, name, &all(ledger).await?)
}

fn read(path: &Path) -> Result<Registered, Failure> {
    let text = terminal::read(path).map_err(|source| Failure::UnreadableCaller {
        path: path.into(),
        source,
    })?;
    Registered::parse(&text).map_err(|violations| Failure::NotACaller {
        path: path.into(),
        violations: listed(&violations),
    })
}

fn say(terminal: &mut Terminal, name: &str, said: &str, document: &Value) -> io::Result<()> {
    if terminal.json {
        return terminal.print_json(document);
    }
    writeln!(terminal.out, "{name} {said}")
}

fn show(terminal: &mut Terminal, name: &str, callers: &Callers) -> Result<Verdict, Failure> {
    let found = callers.iter().find(|(known, _, _)| *known == name);
    let (caller, fault) = found.map_or((None, None), |(_, caller, fault)| (caller, fault));
    let is_sound = found.is_some() && fault.is_none();
    if terminal.json {
        terminal.print_json(&document(name, caller, fault))?;
        return Ok(Verdict::good_if(is_sound));
    }
    let mut table = tables::table(&["rule", "value"]);
    for (rule, value) in json!(caller).as_object().into_iter().flatten() {
        table.add_row([rule.as_str(), &plain(value)]);
    }
    if let Some(fault) = fault {
        table.add_row(["to be mended", fault]);
    }
    let title = format!("Caller {name}");
    tables::print(terminal, &title, &mut table, "none of this name")?;
    Ok(Verdict::good_if(is_sound))
}

fn list(terminal: &mut Terminal, callers: &Callers) -> io::Result<()> {
    if terminal.json {
        let all = callers.iter();
        let all: Vec<_> = all
            .map(|(name, caller, fault)| document(name, caller, fault))
            .collect();
        return terminal.print_json(&json!({"callers": all}));
    }
    let mut table = tables::table(&[
        "caller",
        "key prefix",
        "principals",
        "reads and releases",
        "to be mended",
    ]);
    for (name, caller, fault) in callers.iter() {
        let caller = json!(caller);
        table.add_row([
            name,
            &plain(&caller["keyPrefix"]),
            &plain(&caller["principals"]),
            &plain(&caller["readsAndReleases"]),
            fault.unwrap_or_default(),
        ]);
    }
    tables::print(terminal, "Callers", &mut table, "none")
}

fn document(name: &str, caller: Option<&Registered>, fault: Option<&str>) -> Value {
    json!({"name": name, "caller": caller, "fault": fault})
}
