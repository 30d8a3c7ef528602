//! Connections, with TLS or without, as the address says: for one call, on a socket that sends nothing late, or to be kept.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::lazy::Lazy;

/// How long the kernel may try to deliver what is not acknowledged. `SETTLE_SECONDS` counts from the call, and a call may
/// wait for its answer nearly as long: what was lost on the way must not be sent again just before the settle time ends.
/// Enough for four repetitions at the kernel's pace.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
pub(super) const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// What HTTP is spoken over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What a pool asks of what it keeps.
impl Connection for Box<dyn Stream> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// Opens connections. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connect {
    tcp: HttpConnector,
    /// How TLS is spoken, once somebody needs it; `None` where no endpoint does.
    tls: Option<Lazy<Arc<ClientConfig>>>,
    /// Whether a connection is to be used once, and then to send nothing late.
    once: bool,
}

impl Connect {
    /// `roots` reads the authorities to trust. It is called when TLS is needed, and not before: init is measured.
    pub(super) fn new(roots: Option<impl FnOnce() -> RootCertStore + Send + 'static>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        Self {
            tcp,
            tls: roots.map(|roots| Lazy::new(move || Arc::new(tls(roots())))),
            once: true,
        }
    }

    /// The same for connections that are kept for the next call, whose calls may be repeated.
    pub(super) fn kept(&self) -> Self {
        Self {
            once: false,
            ..self.clone()
        }
    }

    /// Reads the certificates, unless they are read.
    pub(super) fn build(&self) {
        if let Some(tls) = &self.tls {
            tls.build();
        }
    }

    /// A new connection to `uri`'s host. Nothing but TLS's own messages has been sent on it.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn to(&self, uri: &Uri) -> Result<Box<dyn Stream>, BoxError> {
        let tcp = self.tcp(uri).await?;
        if uri.scheme() != Some(&Scheme::HTTPS) {
            return Ok(Box::new(tcp));
        }
        let tls = self.tls.as_ref().ok_or("no endpoint speaks TLS")?;
        // Addresses of IPv6 have brackets in a URI, and none in a certificate.
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned())?;
        let connector = TlsConnector::from(Arc::clone(tls));
        Ok(Box::new(connector.connect(name, tcp).await?))
    }

    pub(super) async fn tcp(&self, uri: &Uri) -> Result<TcpStream, BoxError> {
        let mut connector = self.tcp.clone();
        poll_fn(|cx| connector.poll_ready(cx)).await?;
        let tcp = connector.call(uri.clone()).await?.into_inner();
        if self.once {
            send_nothing_late(&tcp)?;
        }
        Ok(tcp)
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

/// Whoever closes the socket, or dies, takes back what the kernel has not sent yet.
fn send_nothing_late(tcp: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(tcp);
    // Without it, close(2) leaves the kernel to deliver what was written, for minutes if need be. With it the kernel
    // throws that away and resets the connection. After an answer nothing is left to throw away.
    socket.set_linger(Some(Duration::ZERO))?;
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    Ok(())
}

/// Sessions are resumed, which makes the next connection cheap. Early data stay off, as they are by default: whoever
/// is on the way could send those once more.
fn tls(roots: RootCertStore) -> ClientConfig {
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
