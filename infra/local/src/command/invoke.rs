//! `local invoke`: one Lambda event through the function that it is for, and what it did.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use clap::Args;
use lambda_runtime::Diagnostic;
use local_cloud::Cloud;
use serde_json::{json, value::RawValue};
use terminal::{BOLD, Terminal, Verdict};
use tokio::time::Instant;
use tracing::level_filters::LevelFilter;

use super::{
    failure::Failure,
    functions::{LocalFunctions, Name, Settings},
    happened::{Happened, Moment},
    log,
    options::CloudOptions,
    tables, view,
};

const EXAMPLES: &str = "\
Examples:
  local invoke tests/events/sqs-one-order.json
  local invoke tests/events/direct-order.json --fault throttle@PutEvents
  local invoke - < tests/events/direct-order.json
  The second time an order is a replay, if the state is kept:
  local invoke tests/events/sqs-one-order.json --data target/local-cloud
  A run of track:
  local invoke tests/events/track/scheduled.json --data target/local-cloud

The function's answer is on standard output. Its log, and what it did to the
cloud, are on standard error.

Exit status:
  0  the function answered
  1  the invocation failed
  2  the invocation could not be made";

/// Before the second and later lines of what was logged at once.
const LOG_INDENT: &str = "  ";

/// Invoke a function with one Lambda event
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Invoke {
    /// File with the event (SQS, SNS, EventBridge, API Gateway v1 or v2, function URL, ALB, schedule, direct order); - for standard input
    #[arg(value_name = "FILE|-")]
    event: PathBuf,
    /// Function to invoke, instead of the one that route, queue or schedule choose
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
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = log.clone();
        log::listen(LevelFilter::INFO, move |line| {
            lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        });
        let before = Moment::now(&cloud);
        let started = Instant::now();
        let answer = functions.invoke(name, event).await;
        let took = started.elapsed();
        let happened = before.since(&cloud);
        let log = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
        if terminal.json {
            print_document(terminal, &answer, &happened, &log, took)?;
        } else {
            print(terminal, &answer, &happened, &log, took)?;
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
        file: if path == Path::new("-") {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        },
        source,
    })
}

fn print(
    terminal: &mut Terminal,
    answer: &Result<Box<RawValue>, Diagnostic>,
    happened: &Happened,
    log: &[String],
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
    writeln!(err, "{BOLD}Log of the function{BOLD:#}")?;
    for line in log {
        let folded = tables::folded(line, usize::from(width) - LOG_INDENT.len());
        for (number, text) in folded.iter().enumerate() {
            let indent = if number == 0 { "" } else { LOG_INDENT };
            writeln!(err, "{indent}{text}")?;
        }
    }
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
    log: &[String],
    took: Duration,
) -> io::Result<()> {
    let mut document = view::happened(happened);
    match answer {
        Ok(answer) => document["answer"] = view::document(answer),
        Err(failure) => document["error"] = json!(failure),
    }
    document["log"] = json!(log);
    document["tookMs"] = json!(took.as_secs_f64() * 1000.0);
    terminal.print_json(&document)
}
