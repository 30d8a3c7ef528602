//! The console beside the local cloud: it looks aside, so that it spends no fault, and orders through the callers' own door.

use std::{net::SocketAddr, sync::Arc};

use aws::{Clock, config::ConfigError};
use ledger::Services;
use queues::Queues;
use web_console::{Bench, Console, Home, Hosts, Keeper, QueueUrls};

use super::{Shared, routes};
use crate::command::functions::{self, Settings};

/// The console of this server.
///
/// # Errors
/// A setting that the functions refuse, named as its environment variable.
pub(super) fn open(
    shared: &Arc<Shared>,
    settings: &Settings,
    address: SocketAddr,
    hosts: Hosts,
) -> Result<(Console, Keeper), ConfigError> {
    let cloud = &shared.cloud;
    let config = functions::config(cloud, settings)?;
    let clock = Clock::system();
    let [orders, releases] = shared.sources.each_ref().map(|source| source.queue());
    let home = Home {
        name: format!("local cloud at {address}"),
        aws: Services::new(&config, cloud.http_client_aside(), clock.clone()),
        acting: Services::new(&config, cloud.http_client_as("console"), clock.clone()),
        queues: Queues::new(&config, cloud.http_client_aside(), clock),
        urls: QueueUrls {
            orders: Some(orders.url()),
            releases: Some(releases.url()),
        },
        bench: Some(Bench {
            cloud: cloud.clone(),
            orders: orders.clone(),
            door: routes::door(shared),
        }),
        config,
        actions: true,
    };
    Ok(web_console::open(home, hosts))
}
