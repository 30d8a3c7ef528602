//! `local serve`: the cloud and the functions behind one address, until Ctrl-C.

mod direct_connect;
mod lambda;

mod parents;
mod queues;
mod routes;
mod schedule;
mod switches;
mod welcome;

use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};

use clap::Args;
use local_cloud::Cloud;
use terminal::{Terminal, Verdict};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use super::{
    failure::Failure,
    functions::{LocalFunctions, Settings},
    gateway,
    options::CloudOptions,
};
use direct_connect::DirectConnectOptions;
use lambda::Lambda;
use queues::Source;

/// Requests that can be looked at, the newest. A server may run for weeks.
const REMEMBERED_REQUESTS: usize = 10_000;

const EXAMPLES: &str = "\
Examples:
  local serve
  local serve --data target/local-cloud                       state survives Ctrl-C
  local serve --listen 0.0.0.0:8787                           reachable from containers, as `sam local invoke` needs it
  local serve --latency-ms 80 --no-vlan-uniqueness --track-seconds 5
  local serve --lag-members-sell --visible-after-ms 20000      a Direct Connect that is less kind
  local serve --callers enforced --caller AIDAEXAMPLEEXAMPLE12  callers kept apart; `operator caller set` registers them
  local serve --fault throttle@AllocateHostedConnection#2";

/// Serve the cloud and the functions over HTTP, until Ctrl-C
///
/// All AWS services are on one address, and so are /allocations and /parents. Messages sent to the queues `orders` and
/// `releases` go to their functions; those that come back five times end in `orders-dlq` and `releases-dlq`. The track
/// function runs once a minute. Under /_local are views and switches.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4599")]
    listen: SocketAddr,
    #[command(flatten)]
    cloud: CloudOptions,
    /// How long each call on AWS is under way
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        help_heading = "The cloud"
    )]
    latency_ms: u64,
    #[command(flatten)]
    direct_connect: DirectConnectOptions,
    /// How often the track function runs; 0 for never but on POST /_local/track
    #[arg(
        long,
        value_name = "N",
        default_value_t = 60,
        help_heading = "The functions"
    )]
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

impl Serve {
    /// Serves until a signal ends it.
    ///
    /// # Errors
    /// The address is taken, or cloud or functions do not start.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        let builder = Cloud::builder()
            .latency(Duration::from_millis(self.latency_ms))
            .remember_requests(REMEMBERED_REQUESTS);
        let (cloud, _lock) = self.cloud.start(self.direct_connect.apply(builder))?;
        let functions = LocalFunctions::start(&cloud, &self.settings)?;
        let (lambda, invocations) = lambda::channel();
        let (log, lines) = unbounded_channel();
        let shared = Arc::new(Shared {
            lambda,
            caller: self.caller.clone(),
            sources: queues::create(&cloud, Duration::from_secs(self.settings.timeout))?,
            cloud,
            log,
        });
        let unavailable = |source| Failure::Listen {
            address: self.listen,
            source,
        };
        let listener = TcpListener::bind(self.listen).await.map_err(unavailable)?;
        let address = listener.local_addr().map_err(unavailable)?;
        let end = end();
        welcome::print(terminal, &shared.cloud, address, self.cloud.data.as_deref())?;

        let served = tokio::select! {
            served = shared.cloud.serve(listener, Some(routes::router(shared.clone()))) => served.map(|never| match never {}),
            () = lambda::run(&functions, invocations) => Ok(()),
            polled = queues::poll(&shared) => return Err(polled.into()),
            never = schedule::every(&shared, Duration::from_secs(self.track_seconds)) => match never {},
            written = write_log(terminal, lines) => written,
            () = end => Ok(()),
        };
        served.map_err(Failure::Served)?;
        writeln!(terminal.err, "Ended.")?;
        Ok(Verdict::Good)
    }
}

/// Writes what happens, line by line, for as long as anything can.
async fn write_log(
    terminal: &mut Terminal,
    mut lines: UnboundedReceiver<String>,
) -> std::io::Result<()> {
    while let Some(line) = lines.recv().await {
        writeln!(terminal.err, "{}", super::tables::colour(&line))?;
    }
    Ok(())
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
