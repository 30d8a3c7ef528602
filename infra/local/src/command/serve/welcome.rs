//! What somebody who has just started the server needs to paste.

use std::{
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use local_cloud::Cloud;
use serde_json::{Map, Value, json};
use terminal::{BOLD, DIM, Terminal};

use super::queues::ORDERS;
use crate::command::functions::RELEASES;

/// Prints where the cloud is and how to use it; as JSON, the same on one line, so that a script can read it while the
/// server goes on.
pub(super) fn print(
    terminal: &mut Terminal,
    cloud: &Cloud,
    address: SocketAddr,
    data: Option<&Path>,
) -> io::Result<()> {
    let url = url(address);
    let queue_url = |name| format!("{url}/{}/{name}", cloud.account());
    let (orders_url, releases_url) = (queue_url(ORDERS), queue_url(RELEASES));
    let mut environment = environment(cloud, &url);
    // For the operator's command.
    environment.push(("ORDERS_QUEUE_URL", orders_url.clone()));
    environment.push(("RELEASES_QUEUE_URL", releases_url.clone()));
    if terminal.json {
        let environment: Map<_, _> = environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        let document: Value = json!({
            "url": url,
            "allocations": format!("{url}/allocations"),
            "queueUrl": orders_url,
            "releasesQueueUrl": releases_url,
            "environment": environment,
        });
        writeln!(terminal.out, "{document}")?;
        return terminal.out.flush();
    }
    let kept = match data {
        Some(dir) => format!("State is kept in {}.", dir.display()),
        None => "State ends with it; --data DIR keeps it.".to_owned(),
    };
    let out = &mut terminal.out;
    writeln!(
        out,
        "{BOLD}The local cloud is at {url}{BOLD:#}, until Ctrl-C. {kept}\n"
    )?;
    heading(
        out,
        "For the AWS CLI, any SDK and the functions themselves",
        "paste into the other terminal",
    )?;
    for (name, value) in environment {
        writeln!(out, "  export {name}={value}")?;
    }
    print_orders(out, &url, &orders_url)?;
    print_life(out, &url, &releases_url)?;
    print_looks(out, &url)?;
    print_sam(out, address)?;
    writeln!(out)?;
    out.flush()
}

fn heading(out: &mut dyn Write, title: &str, note: &str) -> io::Result<()> {
    writeln!(out, "{BOLD}{title}{BOLD:#} {DIM}({note}){DIM:#}")
}

fn print_orders(out: &mut dyn Write, url: &str, queue_url: &str) -> io::Result<()> {
    let order = |name: &str, vlan: u16| {
        format!(
            r#""connectionId":"dxcon-ffabc123","ownerAccount":"111122223333","bandwidth":"100Mbps","connectionName":"{name}","vlan":{vlan}"#
        )
    };
    writeln!(out)?;
    heading(
        out,
        "Order a hosted connection",
        "again with the same key, and it is a replay",
    )?;
    writeln!(
        out,
        "  curl -i {url}/allocations -H 'Idempotency-Key: order-1' -H 'content-type: application/json' \\"
    )?;
    writeln!(out, "    -d '{{{}}}'", order("Example Corp", 101))?;
    // For SQS, and only there, botocore overlooks AWS_ENDPOINT_URL.
    writeln!(
        out,
        "  aws sqs send-message --endpoint-url {url} --queue-url {queue_url} \\"
    )?;
    writeln!(
        out,
        "    --message-body '{{\"idempotencyKey\":\"order-2\",{}}}'",
        order("Example Corp backup", 102)
    )
}

fn print_life(out: &mut dyn Write, url: &str, releases_url: &str) -> io::Result<()> {
    writeln!(out)?;
    heading(
        out,
        "Follow it, and give it back",
        "the track function runs by itself, see --track-seconds",
    )?;
    for line in [
        format!("curl {url}/allocations/order-1      # or /allocations, /parents/dxcon-ffabc123"),
        format!(
            "curl -X POST {url}/_local/connections/ID/confirm      # or decline, available, down, attach, delete"
        ),
        format!("curl -X POST {url}/_local/track"),
        format!("curl -i -X DELETE {url}/allocations/order-1"),
        format!("aws sqs send-message --endpoint-url {url} --queue-url {releases_url} \\"),
        r#"  --message-body '{"action":"release","idempotencyKey":"order-2"}'"#.to_owned(),
    ] {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn print_looks(out: &mut dyn Write, url: &str) -> io::Result<()> {
    writeln!(out)?;
    heading(
        out,
        "Look at what there is, and meddle",
        "GET / lists all of it",
    )?;
    for line in [
        "aws directconnect describe-hosted-connections --connection-id dxcon-ffabc123".to_owned(),
        "aws dynamodb scan --table-name allocations".to_owned(),
        format!("curl {url}/_local/events      # or connections, allocations, leases, requests"),
        format!("curl {url}/_local/faults -d apply-then-reset@AllocateHostedConnection"),
    ] {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn print_sam(out: &mut dyn Write, address: SocketAddr) -> io::Result<()> {
    writeln!(out)?;
    heading(
        out,
        "A function in a container",
        "tests/sam-local.json names port 8787: serve with --listen 0.0.0.0:8787",
    )?;
    let remark = match (address.port(), address.ip().is_loopback()) {
        (8787, false) => "",
        _ => "      # not with this address",
    };
    writeln!(
        out,
        "  sam local invoke AllocateFunction -e tests/events/sqs-one-order.json --env-vars tests/sam-local.json \\"
    )?;
    writeln!(
        out,
        "    --add-host host.docker.internal:host-gateway{remark}"
    )
}

fn environment(cloud: &Cloud, url: &str) -> Vec<(&'static str, String)> {
    let mut environment = vec![("AWS_ENDPOINT_URL", url.to_owned())];
    environment.extend(cloud.environment());
    // Not every AWS CLI looks at AWS_REGION.
    environment.push(("AWS_DEFAULT_REGION", cloud.region().to_owned()));
    environment
}

/// The address as a client on this computer writes it.
fn url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    format!("http://{address}")
}
