//! The HTTP client that all SDK clients share: one connection pool, and one set of root certificates.
//!
//! It decides whom to trust and nothing else. Time limits are the SDK clients' own, retries too.

use std::time::Duration;

use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

use crate::Config;

/// Longest wait for a connection. One for all: it belongs to the connector, which all clients share.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Between invocations the sandbox is frozen and the far side closes idle connections unseen. Sending an allocation
/// into a dead connection costs a settle time, a new connection a few milliseconds.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// The authorities that AWS's endpoints are certified by, as Mozilla's list has them.
/// Source: Amazon Trust Services, <https://www.amazontrust.com/repository/>.
const AMAZON_ROOTS: &[u8] = include_bytes!("http/amazon-roots.pem");

/// The client for `config`'s endpoints. Opens nothing yet.
///
/// Made once and handed out as it is: the SDK's own builder makes one more for each SDK client, only to throw it
/// away, and reads the system's root certificates for it. That was three quarters of this process's start (ADR 22).
#[must_use]
pub fn http_client(config: &Config) -> SharedHttpClient {
    let builder = Connector::builder()
        .connector_settings(
            HttpConnectorSettings::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .build(),
        )
        .sleep_impl(crate::sleep())
        .pool_idle_timeout(POOL_IDLE_TIMEOUT);
    let connector = SharedHttpConnector::new(match trusted(config) {
        None => builder.build_http(),
        Some(roots) => with_tls(builder, roots),
    });
    http_client_fn(move |_, _| connector.clone())
}

fn with_tls(builder: ConnectorBuilder, roots: TrustStore) -> Connector {
    let mut builder = builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    // Building a context cannot fail; were it to, the system's roots are the default.
    if let Ok(context) = TlsContext::builder().with_trust_store(roots).build() {
        builder.set_tls_context(context);
    }
    builder.build()
}

/// Whom to trust; `None` where no endpoint speaks TLS.
fn trusted(config: &Config) -> Option<TrustStore> {
    let endpoints = [
        &config.endpoints.dynamodb,
        &config.endpoints.direct_connect,
        &config.endpoints.eventbridge,
    ];
    let speaks_tls = |endpoint: &&Option<String>| {
        endpoint
            .as_deref()
            .is_none_or(|url| url.starts_with("https:"))
    };
    if !endpoints.iter().any(speaks_tls) {
        return None;
    }
    let all_amazon = endpoints.iter().all(|endpoint| endpoint.is_none())
        && !config.system_roots
        && is_certified_by_amazon(&config.region);
    Some(if all_amazon {
        TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
    } else {
        TrustStore::empty().with_native_roots(true)
    })
}

/// Whether AWS's endpoints in `region` are known to be certified by Amazon's own authorities. In the partitions outside
/// `aws` others may certify them.
fn is_certified_by_amazon(region: &str) -> bool {
    let elsewhere = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];
    !elsewhere.iter().any(|prefix| region.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust_of(variables: &[(&str, &str)]) -> &'static str {
        let config = Config::from_lookup(|name| {
            let base = [
                ("ALLOCATIONS_TABLE_NAME", "allocations"),
                ("EVENT_BUS_NAME", "bus"),
                ("AWS_REGION", "eu-central-1"),
                ("AWS_ACCESS_KEY_ID", "id"),
                ("AWS_SECRET_ACCESS_KEY", "secret"),
            ];
            let found = variables.iter().chain(&base).find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        })
        .unwrap();
        // It panics on certificates that it cannot read.
        let _ = http_client(&config);
        match trusted(&config) {
            None => "no TLS",
            Some(roots) if format!("{roots:?}").contains("enable_native_roots: true") => "system",
            Some(_) => "Amazon",
        }
    }

    #[test]
    fn at_awss_own_addresses_only_amazons_authorities_are_trusted() {
        assert_eq!(trust_of(&[]), "Amazon");
        assert_eq!(AMAZON_ROOTS.windows(5).filter(|w| w == b"BEGIN").count(), 5);
    }

    #[test]
    fn where_others_may_certify_the_endpoints_the_systems_authorities_are_trusted() {
        for variables in [
            ("AWS_REGION", "us-gov-west-1"),
            ("AWS_REGION", "cn-north-1"),
            ("AWS_ENDPOINT_URL", "https://localhost:8443"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000"),
            ("SSL_CERT_FILE", "/etc/company.pem"),
        ] {
            assert_eq!(trust_of(&[variables]), "system", "{variables:?}");
        }
    }

    #[test]
    fn without_an_endpoint_that_speaks_tls_no_certificate_is_read() {
        assert_eq!(
            trust_of(&[("AWS_ENDPOINT_URL", "http://localhost:4599")]),
            "no TLS"
        );
    }
}
