//! The HTTP clients that the SDK clients share: one with a pool of connections, and one for the call that can be sent
//! only once.
//!
//! They decide whom to trust, and what happens to a connection. Time limits of calls are the SDK clients' own, retries too.

mod connect;
mod once;
mod trust;

use std::time::Duration;

use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

use crate::Config;
use trust::Trust;

pub(crate) use once::NotConnected;

/// Longest wait for a connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Between invocations the sandbox is frozen and the far side closes idle connections unseen. Sending a request into a
/// dead connection costs a retry, a new connection a few milliseconds.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(15);

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
        Self {
            shared: shared(trust),
            once: once::client(trust),
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

/// The client with the pool.
///
/// Made once and handed out as it is: the SDK's own builder makes one more for each SDK client, only to throw it
/// away, and reads the system's root certificates for it. That was three quarters of this process's start (ADR 22).
fn shared(trust: Option<Trust>) -> SharedHttpClient {
    let builder = Connector::builder()
        .connector_settings(
            HttpConnectorSettings::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .build(),
        )
        .sleep_impl(crate::sleep())
        .pool_idle_timeout(POOL_IDLE_TIMEOUT);
    let connector = SharedHttpConnector::new(match trust {
        None => builder.build_http(),
        Some(trust) => with_tls(builder, trust),
    });
    http_client_fn(move |_, _| connector.clone())
}

fn with_tls(builder: ConnectorBuilder, trust: Trust) -> Connector {
    let mut builder = builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    // Building a context cannot fail; were it to, the system's roots are the default.
    if let Ok(context) = TlsContext::builder()
        .with_trust_store(trust.store())
        .build()
    {
        builder.set_tls_context(context);
    }
    builder.build()
}
