//! Whom the clients trust: Amazon's own authorities at AWS's own addresses, the system's list elsewhere (ADR 22).

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::Config;

/// The authorities that AWS's endpoints are certified by, as Mozilla's list has them.
/// Source: Amazon Trust Services, <https://www.amazontrust.com/repository/>.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Whose certificates are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Those of Amazon Trust Services only.
    Amazon,
    /// Those on the system's list.
    System,
}

impl Trust {
    /// Whom to trust; `None` where no endpoint speaks TLS.
    pub(super) fn of(config: &Config) -> Option<Self> {
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
            Self::Amazon
        } else {
            Self::System
        })
    }

    /// Reads and decodes the certificates. What is no certificate is left out: it is then trusted by
    /// nobody.
    pub(super) fn roots(self) -> RootCertStore {
        let certificates: Vec<_> = match self {
            Self::Amazon => CertificateDer::pem_slice_iter(AMAZON_ROOTS)
                .flatten()
                .collect(),
            Self::System => rustls_native_certs::load_native_certs().certs,
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates);
        roots
    }
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

    fn trust_of(variables: &[(&str, &str)]) -> Option<Trust> {
        let config = Config::of_complete(variables).unwrap();
        Trust::of(&config)
    }

    #[test]
    fn at_awss_own_addresses_only_amazons_authorities_are_trusted() {
        assert_eq!(trust_of(&[]), Some(Trust::Amazon));
        assert_eq!(AMAZON_ROOTS.windows(5).filter(|w| w == b"BEGIN").count(), 5);
        assert_eq!(Trust::Amazon.roots().len(), 5);
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
            assert_eq!(trust_of(&[variables]), Some(Trust::System), "{variables:?}");
        }
    }

    #[test]
    fn without_an_endpoint_that_speaks_tls_no_certificate_is_read() {
        let variables = [("AWS_ENDPOINT_URL", "http://localhost:4599")];
        assert_eq!(trust_of(&variables), None);
    }
}
