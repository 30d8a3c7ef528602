//! The local cloud for benchmarks: parents that never are sold out, records in bulk, counts instead of lists, and the
//! same address once more behind TLS.
//!
//! It measures nothing: that is the business of whoever asks.

mod fill;
mod outcome;
mod routes;
mod tls;

use std::convert::Infallible;
use std::io::{Write, stdout};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use local_cloud::{Cloud, CloudError, OF_PORTS, Parent};
use serde_json::json;
use tokio::net::TcpListener;

/// Requests that can be looked at, the newest.
const REMEMBERED_REQUESTS: usize = 10_000;

/// The local cloud for benchmarks
#[derive(Debug, Parser)]
struct Options {
    /// Interconnects named NAME000, NAME001, … on which any bandwidth is for sale; can be repeated
    #[arg(long = "parents", value_name = "NAME", required = true)]
    parents: Vec<String>,
    /// How many of each, with 4,094 VLANs each
    #[arg(long, value_name = "N", default_value_t = 32)]
    of_each: u32,
    /// Connections without the members that only ports of the customer's own have
    #[arg(long)]
    hosted: bool,
    /// Chain of certificates for a second address, with TLS, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificates: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificates")]
    tls_key: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Tls(#[from] tls::Failure),
}

// One thread: the machine's other cores are for what is measured.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve(&Options::parse()).await {
        Ok(never) => match never {},
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: &Options) -> Result<Infallible, Failure> {
    let parents = options.parents.iter().flat_map(|name| {
        (0..options.of_each)
            .map(move |n| Parent::interconnect(format!("{name}{n:03}"), "100Gbps").unlimited())
    });
    let left_out: &[&str] = if options.hosted { &OF_PORTS } else { &[] };
    let cloud = Cloud::builder()
        .parents(parents)
        .remember_requests(REMEMBERED_REQUESTS)
        .allocate_leaves_out(left_out)
        .list_leaves_out(left_out)
        .build()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let tls = match (&options.tls_certificates, &options.tls_key) {
        (Some(certificates), Some(key)) => Some(tls::Door::open(certificates, key).await?),
        (_, _) => None,
    };
    let welcome = json!({
        "url": format!("http://{address}"),
        "tlsUrl": tls.as_ref().map(|door| format!("https://{}", door.address())),
        "environment": {
            "AWS_REGION": cloud.region(),
            "AWS_DEFAULT_REGION": cloud.region(),
            "ALLOCATIONS_TABLE_NAME": cloud.table_name(),
            "EVENT_BUS_NAME": cloud.bus_name(),
        },
    });
    writeln!(stdout(), "{welcome}")?;
    let behind_tls = async {
        match tls {
            Some(door) => door.let_in(address).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        served = cloud.serve(listener, Some(routes::router(cloud.clone()))) => Ok(served?),
        served = behind_tls => Ok(served?),
    }
}
