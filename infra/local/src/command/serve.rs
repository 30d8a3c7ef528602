//! `local serve`: the cloud and the functions behind one address, until Ctrl-C.

mod answers;
mod console;
mod lambda;

mod parents;
mod queues;
mod routes;
mod schedule;
mod switches;
mod traffic;
mod welcome;

use std::{io::Write, path::PathBuf, sync::Arc, time::Duration};

use clap::{Args, builder::RangedU64ValueParser};
use local_cloud::Cloud;
use terminal::{Terminal, Verdict};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tracing::level_filters::LevelFilter;
use web_console::Hosts;

use super::{
    behaviour::Behaviour,
    failure::Failure,
    functions::{LocalFunctions, Settings},
    gateway, log,
    options::CloudOptions,
    profile::{self, Profile},
};
use lambda::Lambda;
use queues::Source;
use traffic::TrafficOptions;

/// Requests that can be looked at, the newest. A server may run for weeks.
const REMEMBERED_REQUESTS: usize = 10_000;

const EXAMPLES: &str = "\
Examples:
  local serve
  local serve --data target/local-cloud      the state survives Ctrl-C
  local serve --listen 0.0.0.0:8787          containers (sam local) can reach it
  local serve --latency-ms 80 --track-seconds 5
  local serve --lag-members-sell --visible-after-ms 20000
  local serve --profile report.json          as AWS was measured to behave
  local serve --record traffic.jsonl         what passes, with names replaced
  local serve --replay traffic.jsonl         answers from such a file
  local serve --callers enforced --caller AIDAEXAMPLEEXAMPLE12
  local serve --fault throttle@AllocateHostedConnection#2";

/// A day.
const LONGEST_MS: u64 = 86_400_000;

/// Serve the AWS services and the HTTP API on one address, until Ctrl-C
///
/// The functions empty the queues `orders` and `releases`; a message that was received five times moves to `orders-dlq` or
/// `releases-dlq`. The track function runs once a minute. In a browser, / is the console; for curl, GET / lists all routes. /_local shows state and
/// has switches.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Serve {
    /// Where to listen; port 0 is any free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:4599", value_parser = host_and_port)]
    listen: String,
    /// Another name or address that the console is reached by, such as that of this computer for others, with --listen
    /// 0.0.0.0:4599; can be repeated
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    #[command(flatten)]
    cloud: CloudOptions,
    /// Latency of each call on AWS
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = milliseconds(), help_heading = "The cloud")]
    latency_ms: u64,
    /// Behave as AWS was measured to: FILE is the report of `operator conformance`. Options beside it win
    #[arg(long, value_name = "FILE", help_heading = "The cloud")]
    profile: Option<PathBuf>,
    #[command(flatten)]
    traffic: TrafficOptions,
    #[command(flatten)]
    behaviour: Behaviour,
    /// Interval between runs of track; 0: only on POST /_local/track
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(0..=86_400), help_heading = "The functions")]
    track_seconds: u64,
    /// Who sends all HTTP requests, for --callers enforced: the id or the ARN of an IAM user or role. Messages of the queues
    /// are always AIDALOCALCLOUDSENDER0's
    #[arg(
        long,
        value_name = "PRINCIPAL",
        default_value = gateway::SENDER,
        help_heading = "The functions"
    )]
    caller: String,
    #[command(flatten)]
    settings: Settings,
}

/// What the parts of the server share.
struct Shared {
    cloud: Cloud,
    lambda: Lambda,
    /// Who sends requests.
    caller: String,
    sources: [Source; 2],
    /// Lines for the terminal. Nobody reads them any more once the server ends.
    log: UnboundedSender<String>,
}

/// No option may overflow a clock.
fn milliseconds() -> RangedU64ValueParser {
    clap::value_parser!(u64).range(0..=LONGEST_MS)
}

/// The name is resolved when the server starts.
fn host_and_port(text: &str) -> Result<String, &'static str> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
            Ok(text.to_owned())
        }
        Some(_) | None => Err("expected a host and a port from 0 to 65535, such as localhost:4599"),
    }
}

impl Serve {
    /// Serves until a signal ends it.
    ///
    /// # Errors
    /// The address is taken, or cloud or functions do not start.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        let builder = Cloud::builder()
            .latency(Duration::from_millis(self.latency_ms))
            .remember_requests(REMEMBERED_REQUESTS);
        let profile = self.profile.as_deref().map(Profile::read).transpose()?;
        let given = self.behaviour.given();
        let measured = profile.as_ref().map(|profile| profile.settings(given));
        let builder = profile::apply(&measured.unwrap_or_default(), builder)?;
        let builder = profile::apply(given, builder)?;
        let (cloud, _lock) = self.cloud.start(builder)?;
        let traffic = self.traffic.apply(&cloud)?;
        let functions = LocalFunctions::start(&cloud, &self.settings)?;
        let (lambda, invocations) = lambda::channel();
        let (log, mut lines) = unbounded_channel();
        let warnings = log.clone();
        log::listen(LevelFilter::WARN, move |line| {
            // Nobody reads it any more once the server ends.
            let _ = warnings.send(format!("  {line}"));
        });
        let shared = Arc::new(Shared {
            lambda,
            caller: self.caller.clone(),
            sources: queues::create(&cloud, Duration::from_secs(self.settings.timeout))?,
            cloud,
            log,
        });
        let unavailable = |source| Failure::Listen {
            address: self.listen.clone(),
            source,
        };
        let listener = TcpListener::bind(&self.listen).await.map_err(unavailable)?;
        let address = listener.local_addr().map_err(unavailable)?;
        let end = end();
        let served = welcome::Served {
            cloud: &shared.cloud,
            settings: &self.settings,
            address,
            data: self.cloud.data.as_deref(),
            profile: profile.as_ref(),
            given,
            traffic: &traffic,
        };
        served.print(terminal)?;
        let hosts = Hosts::of(address, &self.allow_host);
        let (console, keeper) = console::open(&shared, &self.settings, address, hosts.clone())?;
        let router = routes::router(&shared, &console, hosts);

        let served = tokio::select! {
            served = shared.cloud.serve(listener, Some(router)) => served.map(|never| match never {}),
            () = lambda::run(&functions, invocations) => Ok(()),
            polled = queues::poll(&shared) => return Err(polled.into()),
            never = keeper.run() => match never {},
            never = schedule::every(&shared, Duration::from_secs(self.track_seconds)) => match never {},
            written = write_log(terminal, &mut lines) => written,
            () = end => Ok(()),
        };
        served.map_err(Failure::Served)?;
        // What happened last is not lost.
        while let Ok(line) = lines.try_recv() {
            write_line(terminal, &line)?;
        }
        writeln!(terminal.err, "Ended.")?;
        Ok(Verdict::Good)
    }
}

/// Writes what happens, line by line, for as long as anything can.
async fn write_log(
    terminal: &mut Terminal,
    lines: &mut UnboundedReceiver<String>,
) -> std::io::Result<()> {
    while let Some(line) = lines.recv().await {
        write_line(terminal, &line)?;
    }
    Ok(())
}

fn write_line(terminal: &mut Terminal, line: &str) -> std::io::Result<()> {
    writeln!(terminal.err, "{}", super::tables::colour(line))
}

/// Done when somebody asks us to end. Listens from this call on, not from the first poll: who has read the welcome
/// may ask at once.
fn end() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        )
    };
    async move {
        #[cfg(unix)]
        if let (Ok(mut interrupted), Ok(mut terminated)) = signals {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
        // Without a handler the signal ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
