//! What somebody who has just started the server needs to paste, for a terminal of 80 columns.

use std::{
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use local_cloud::Cloud;
use serde_json::{Map, Value, json};
use terminal::{BOLD, DIM, Terminal};

use super::{queues::ORDERS, traffic::Traffic};
use crate::command::{
    behaviour::Setting,
    functions::{RELEASES, Settings},
    profile::Profile,
};

/// A server that has just started.
pub(super) struct Served<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) settings: &'a Settings,
    pub(super) address: SocketAddr,
    /// Where the state is kept.
    pub(super) data: Option<&'a Path>,
    /// How AWS was measured to behave.
    pub(super) profile: Option<&'a Profile>,
    /// What was said on the command line of how it behaves.
    pub(super) given: &'a [Setting],
    /// What is recorded or replayed.
    pub(super) traffic: &'a Traffic,
}

impl Served<'_> {
    /// Prints where the cloud is and how to use it; as JSON, the same on one line, so that a script can read it while the
    /// server goes on.
    pub(super) fn print(&self, terminal: &mut Terminal) -> io::Result<()> {
        if terminal.json {
            writeln!(terminal.out, "{}", self.document())?;
            return terminal.out.flush();
        }
        let out = &mut terminal.out;
        let url = self.url();
        let kept = match self.data {
            Some(dir) => format!("The state is kept in {}.", dir.display()),
            None => "The state ends with it; --data DIR keeps it.".to_owned(),
        };
        writeln!(
            out,
            "{BOLD}The local cloud is at {url}{BOLD:#} until Ctrl-C.\nOpen it in a browser: see it, and break it.\n{kept}\n"
        )?;
        if let Some(profile) = self.profile {
            profile.print(out, self.given)?;
        }
        self.traffic.print(out)?;
        heading(
            out,
            "Environment",
            "paste into another terminal: AWS CLI, SDKs, operator",
        )?;
        for (name, value) in self.environment() {
            writeln!(out, "  export {name}={value}")?;
        }
        print_orders(out, &url)?;
        print_life(out, &url)?;
        print_looks(out, &url)?;
        print_sam(out, self.address)?;
        writeln!(out)?;
        out.flush()
    }

    fn document(&self) -> Value {
        let environment = self.environment().into_iter();
        let environment: Map<_, _> = environment
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        let url = self.url();
        let mut document = json!({
            "allocations": format!("{url}/allocations"),
            "url": url,
            "queueUrl": self.queue_url(ORDERS),
            "releasesQueueUrl": self.queue_url(RELEASES),
            "environment": environment,
        });
        if let Some(profile) = self.profile {
            document["profile"] = profile.document(self.given);
        }
        if let Some(replay) = self.traffic.document() {
            document["replay"] = replay;
        }
        document
    }

    /// What the functions run with, and where everything is: who pastes it sees what they see.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = vec![("AWS_ENDPOINT_URL", self.url())];
        environment.extend(self.cloud.environment());
        // Not every AWS CLI looks at AWS_REGION.
        environment.push(("AWS_DEFAULT_REGION", self.cloud.region().to_owned()));
        environment.extend(self.settings.environment());
        // For the operator's command.
        environment.push(("ORDERS_QUEUE_URL", self.queue_url(ORDERS)));
        environment.push(("RELEASES_QUEUE_URL", self.queue_url(RELEASES)));
        environment
    }

    fn queue_url(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.url(), self.cloud.account())
    }

    /// The address as a client on this computer writes it.
    fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            });
        }
        format!("http://{address}")
    }
}

fn heading(out: &mut dyn Write, title: &str, note: &str) -> io::Result<()> {
    writeln!(out, "{BOLD}{title}{BOLD:#} {DIM}({note}){DIM:#}")
}

/// A heading and lines to paste.
fn section(out: &mut dyn Write, title: &str, note: &str, lines: &[String]) -> io::Result<()> {
    writeln!(out)?;
    heading(out, title, note)?;
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn print_orders(out: &mut dyn Write, url: &str) -> io::Result<()> {
    let order = |name: &str, vlan: u16| {
        format!(
            r#""connectionId":"dxcon-ffabc123","ownerAccount":"111122223333",
    "bandwidth":"100Mbps","connectionName":"{name}","vlan":{vlan}"#
        )
    };
    let curl = [
        format!("curl -i {url}/allocations \\"),
        "  -H 'Idempotency-Key: order-1' -H 'content-type: application/json' \\".to_owned(),
        format!("  -d '{{{}}}'", order("Example Corp", 101)),
    ];
    section(
        out,
        "Order a hosted connection",
        "the same key again: a replay",
        &curl,
    )?;
    let message = [
        "aws sqs send-message --queue-url $ORDERS_QUEUE_URL \\".to_owned(),
        "  --endpoint-url $AWS_ENDPOINT_URL --message-body \\".to_owned(),
        r#"  '{"idempotencyKey":"order-2","#.to_owned(),
        format!("    {}}}'", order("Example Corp backup", 102)),
    ];
    section(
        out,
        "Order by queue",
        "for SQS alone, the AWS CLI ignores AWS_ENDPOINT_URL",
        &message,
    )
}

fn print_life(out: &mut dyn Write, url: &str) -> io::Result<()> {
    let lines = [
        format!("curl {url}/allocations/order-1"),
        format!("curl {url}/parents/dxcon-ffabc123"),
        format!("curl -X POST {url}/_local/connections/ID/confirm"),
        format!("curl -X POST {url}/_local/track"),
        format!("curl -i -X DELETE {url}/allocations/order-1"),
        "aws sqs send-message --queue-url $RELEASES_QUEUE_URL \\".to_owned(),
        "  --endpoint-url $AWS_ENDPOINT_URL --message-body \\".to_owned(),
        r#"  '{"action":"release","idempotencyKey":"order-2"}'"#.to_owned(),
    ];
    let note = "track runs by itself: --track-seconds";
    section(out, "Follow the connection, and release it", note, &lines)
}

fn print_looks(out: &mut dyn Write, url: &str) -> io::Result<()> {
    let lines = [
        "aws directconnect describe-hosted-connections \\".to_owned(),
        "  --connection-id dxcon-ffabc123".to_owned(),
        "aws dynamodb scan --table-name allocations".to_owned(),
        format!("curl {url}/_local/events"),
        format!("curl {url}/_local/faults \\"),
        "  -d apply-then-reset@AllocateHostedConnection".to_owned(),
    ];
    section(
        out,
        "Inspect state and inject faults",
        "GET / lists all routes",
        &lines,
    )
}

fn print_sam(out: &mut dyn Write, address: SocketAddr) -> io::Result<()> {
    let note = match (address.port(), address.ip().is_loopback()) {
        (8787, false) => "at the address that tests/sam-local.json names",
        _ => "needs serve --listen 0.0.0.0:8787",
    };
    let lines = [
        "sam local invoke AllocateFunction -e tests/events/sqs-one-order.json \\",
        "  --env-vars tests/sam-local.json \\",
        "  --add-host host.docker.internal:host-gateway",
    ];
    section(
        out,
        "Run a function in a container",
        note,
        &lines.map(str::to_owned),
    )
}
