//! `local invoke`: one Lambda event through the function that it is for, and what it did.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use lambda_runtime::Diagnostic;
use local_cloud::Cloud;
use serde_json::{json, value::RawValue};
use terminal::{Terminal, Verdict};
use tokio::time::Instant;

use super::{
    failure::Failure,
    functions::{LocalFunctions, Name, Settings},
    happened::{Happened, Moment},
    options::CloudOptions,
    tables, view,
};

const EXAMPLES: &str = "\
Examples:
  local invoke tests/events/sqs-one-order.json
  local invoke tests/events/http-v2-order.json --data target/local-cloud      twice: the second time it is a replay
  local invoke tests/events/track/scheduled.json --data target/local-cloud          a run of track
  local invoke tests/events/sqs-one-order.json --fault apply-then-reset@AllocateHostedConnection
  echo '{\"idempotencyKey\":\"a-1\",\"connectionId\":\"dxcon-ffabc123\"}' | local invoke -

The function's answer is on standard output, what it did to the cloud on standard error.
Exit status: 0 answered · 1 the invocation failed · 2 it could not be made";

/// Put one Lambda event through the function that it is for
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Invoke {
    /// The event: SQS, API Gateway v1 or v2, function URL, schedule, or an order as it is; - for standard input
    #[arg(value_name = "FILE|-")]
    event: PathBuf,
    /// The function that gets it, instead of the one that it would get to by route, queue or schedule
    #[arg(long, value_name = "NAME", help_heading = "The functions")]
    function: Option<Name>,
    #[command(flatten)]
    cloud: CloudOptions,
    #[command(flatten)]
    settings: Settings,
}

impl Invoke {
    /// Invokes a function once.
    ///
    /// # Errors
    /// The event is unreadable, or cloud or function do not start.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        let event = read(&self.event)?;
        let (cloud, _lock) = self.cloud.start(Cloud::builder())?;
        let functions = LocalFunctions::start(&cloud, &self.settings)?;
        let name = self.function.unwrap_or_else(|| Name::for_event(&event));
        let before = Moment::now(&cloud);
        let started = Instant::now();
        let answer = functions.invoke(name, event).await;
        let took = started.elapsed();
        let happened = before.since(&cloud);
        if terminal.json {
            print_document(terminal, &answer, &happened, took)?;
        } else {
            print(terminal, &answer, &happened, took)?;
        }
        Ok(match answer {
            Ok(_) => Verdict::Good,
            Err(_) => Verdict::Bad,
        })
    }
}

fn read(path: &Path) -> Result<Box<RawValue>, Failure> {
    let bytes = terminal::read(path).map_err(|source| Failure::Unreadable {
        path: path.into(),
        source,
    })?;
    serde_json::from_slice(&bytes).map_err(|source| Failure::NotJson {
        path: path.into(),
        source,
    })
}

fn print(
    terminal: &mut Terminal,
    answer: &Result<Box<RawValue>, Diagnostic>,
    happened: &Happened,
    took: Duration,
) -> io::Result<()> {
    match answer {
        Ok(answer) => terminal.print_json(&view::document(answer))?,
        Err(failure) => terminal.print_json(failure)?,
    }
    terminal.out.flush()?;
    let mut connections = tables::connections(&happened.connections);
    let mut events = tables::events(&happened.events);
    let mut calls = tables::calls(&happened.requests);
    let width = terminal.width;
    let err = &mut terminal.err;
    writeln!(err)?;
    tables::write(err, width, "Connections created", &mut connections, "none")?;
    tables::write(err, width, "Events published", &mut events, "none")?;
    tables::write(err, width, "Calls on AWS", &mut calls, "none")?;
    writeln!(err, "Took {:.1} ms.", took.as_secs_f64() * 1000.0)
}

fn print_document(
    terminal: &mut Terminal,
    answer: &Result<Box<RawValue>, Diagnostic>,
    happened: &Happened,
    took: Duration,
) -> io::Result<()> {
    let mut document = view::happened(happened);
    match answer {
        Ok(answer) => document["answer"] = view::document(answer),
        Err(failure) => document["error"] = json!(failure),
    }
    document["tookMs"] = json!(took.as_secs_f64() * 1000.0);
    terminal.print_json(&document)
}
