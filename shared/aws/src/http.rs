//! The HTTP clients that the SDK clients share: one with a pool of connections, and one for the call that can be sent
//! only once.
//!
//! They decide whom to trust, and what happens to a connection. Time limits of calls are the SDK clients' own, retries too.

mod connect;
mod once;
mod pool;
#[cfg(test)]
mod server;
mod trust;

use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;

use crate::Config;
use connect::Connect;
use once::Once;
use pool::Pool;
use trust::Trust;

pub(crate) use once::NotConnected;

/// Longest wait for a connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The HTTP clients of a process. Where there is only one, as in tests, it is made from that.
#[derive(Debug, Clone)]
pub struct HttpClients {
    /// Keeps connections for the next call. For every call that may be repeated.
    pub shared: SharedHttpClient,
    /// Opens a connection for each call, and ends it with the call: then nothing of the call is sent any more. For
    /// AllocateHostedConnection, which may not be repeated.
    pub once: SharedHttpClient,
}

impl HttpClients {
    /// The clients for `config`'s endpoints. Opens nothing yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let trust = Trust::of(config);
        Self::over(&Connect::new(trust.map(|trust| move || trust.roots())))
    }

    /// Both trust the same authorities, whose certificates are read once.
    fn over(connect: &Connect) -> Self {
        Self {
            shared: Client::over(connect, Pool::new(connect.clone())),
            once: Client::over(connect, Once(connect.clone())),
        }
    }
}

impl From<SharedHttpClient> for HttpClients {
    fn from(one: SharedHttpClient) -> Self {
        Self {
            shared: one.clone(),
            once: one,
        }
    }
}

/// A connector, made once and handed to every SDK client as it is (ADR 22).
#[derive(Debug)]
struct Client {
    connect: Connect,
    connector: SharedHttpConnector,
}

impl Client {
    /// The client that sends through `connector`, which opens its connections with `connect`.
    fn over(connect: &Connect, connector: impl HttpConnector + 'static) -> SharedHttpClient {
        SharedHttpClient::new(Self {
            connect: connect.clone(),
            connector: SharedHttpConnector::new(connector),
        })
    }
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.connector.clone()
    }

    /// Called when an SDK client is built, which is after init (ADR 24).
    fn validate_base_client_config(
        &self,
        _: &RuntimeComponentsBuilder,
        _: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.connect.build();
        Ok(())
    }
}
