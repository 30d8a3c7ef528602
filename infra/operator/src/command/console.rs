//! `operator console`: the page that `local serve` shows too, against AWS, with the operator's own credentials.

use std::io::Write;
use std::net::SocketAddr;

use aws::config;
use clap::Args;
use serde_json::json;
use terminal::{BOLD, Terminal, Verdict};
use tokio::net::TcpListener;
use web_console::{Home, Hosts, QueueUrls};

use super::failure::Failure;
use super::place::{Access, Services};
use super::redrive::Which;

const EXAMPLES: &str = "\
Examples:
  operator console
  operator console --listen 127.0.0.1:8080
  operator console --allow-actions       release, move, adopt, policy, …

It reads with your credentials, and only while a page is open: the index of
unfinished orders and the newest orders every 5 s, each parent every 30 s, and
the parent that you look at with DescribeHostedConnections. A page may do what
your role may do, and nothing without --allow-actions.
ORDERS_QUEUE_URL and RELEASES_QUEUE_URL let it show the dead letters.

Exit status: 0 ended by Ctrl-C · 2 the command failed";

/// Show parents, VLANs, orders and events in a browser
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Console {
    /// Where to listen; port 0 is any free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:4600")]
    listen: String,
    /// Another name or address that the page is reached by, such as that of a tunnel; needed to listen elsewhere than on
    /// loopback. Whoever reaches it acts with your credentials
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Let the page set policies, release, move, resolve, adopt, redrive and finish, each after a question
    #[arg(long)]
    allow_actions: bool,
}

impl Console {
    /// What it does to the place that it looks at.
    pub(crate) fn access(&self) -> Access {
        Access::changing(self.allow_actions)
    }

    /// Serves the page until a signal ends it.
    ///
    /// # Errors
    /// The address is taken, or not one of this computer alone.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let unavailable = |source| Failure::Listen {
            address: self.listen.clone(),
            source,
        };
        let listener = TcpListener::bind(&self.listen).await.map_err(unavailable)?;
        let address = listener.local_addr().map_err(unavailable)?;
        if !address.ip().is_loopback() && self.allow_host.is_empty() {
            return Err(Failure::NotLoopback(address));
        }
        let hosts = Hosts::of(address, &self.allow_host);
        self.tell(terminal, address)?;
        let serving = web_console::serve(listener, self.home(services), hosts);
        tokio::select! {
            served = serving => match served.map_err(Failure::Output)? {},
            _ = tokio::signal::ctrl_c() => {}
        }
        writeln!(terminal.err, "Ended.")?;
        Ok(Verdict::Good)
    }

    fn tell(&self, terminal: &mut Terminal, address: SocketAddr) -> std::io::Result<()> {
        let url = format!("http://{address}");
        if terminal.json {
            let document = json!({"url": url, "actions": self.allow_actions});
            writeln!(terminal.out, "{document}")?;
            return terminal.out.flush();
        }
        let may = match self.allow_actions {
            true => "It may change what your role may change.",
            false => "It only reads; --allow-actions lets it change something.",
        };
        writeln!(
            terminal.out,
            "{BOLD}The console is at {url}{BOLD:#} until Ctrl-C. {may}"
        )?;
        terminal.out.flush()
    }

    fn home(&self, services: &Services) -> Home {
        let url =
            |which: Which| config::variable(which.variable()).filter(|url| !url.trim().is_empty());
        let elsewhere = config::variable("AWS_ENDPOINT_URL").filter(|url| !url.is_empty());
        let config = services.config.clone();
        Home {
            name: match elsewhere {
                Some(url) => format!("{url}, table {}", config.table_name),
                None => format!("AWS, {}, table {}", config.region, config.table_name),
            },
            aws: services.aws.clone(),
            acting: services.aws.clone(),
            queues: services.queues.clone(),
            urls: QueueUrls {
                orders: url(Which::Orders),
                releases: url(Which::Releases),
            },
            bench: None,
            actions: self.allow_actions,
            config,
        }
    }
}
