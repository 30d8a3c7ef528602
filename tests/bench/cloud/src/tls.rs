//! The same cloud behind TLS, as production is: takes the encryption off and passes on what is inside.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("certificates or key cannot be read: {0}")]
    Pem(#[from] pem::Error),
    #[error("certificates and key do not work: {0}")]
    Rustls(#[from] rustls::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// An address with TLS.
pub(crate) struct Door {
    listener: TcpListener,
    address: SocketAddr,
    acceptor: TlsAcceptor,
}

impl Door {
    pub(crate) async fn open(certificates: &Path, key: &Path) -> Result<Self, Failure> {
        let chain =
            CertificateDer::pem_file_iter(certificates)?.collect::<Result<Vec<_>, pem::Error>>()?;
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Passes everything that comes in on to `plain`, for ever.
    pub(crate) async fn let_in(self, plain: SocketAddr) -> io::Result<Infallible> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            tokio::spawn(pass_on(self.acceptor.clone(), stream, plain));
        }
    }
}

async fn pass_on(acceptor: TlsAcceptor, stream: TcpStream, plain: SocketAddr) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut outside = acceptor.accept(stream).await?;
    let mut inside = TcpStream::connect(plain).await?;
    inside.set_nodelay(true)?;
    copy_bidirectional(&mut outside, &mut inside).await?;
    Ok(())
}
