//! For tests: a Direct Connect that answers every request, and tells on which connection it came.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

use super::connect::Connect;

const CONNECTION: &str = r#"{"connectionId": "dxcon-fgh01abc", "vlan": 101}"#;

/// A free port, and the URL of what will be there.
pub(super) async fn listen(scheme: &str) -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("{scheme}://{}", listener.local_addr().unwrap());
    (listener, endpoint)
}

/// Answers all that comes, and keeps each connection for as long as the other side does. Gives the head of each request,
/// and the number of its connection.
pub(super) fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
) -> UnboundedReceiver<(usize, String)> {
    let (seen, heads) = unbounded_channel();
    tokio::spawn(async move {
        for number in 0.. {
            let (tcp, _) = listener.accept().await.unwrap();
            let (seen, tls) = (seen.clone(), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => answer_all(tcp, number, seen).await,
                    Some(tls) => answer_all(tls.accept(tcp).await?, number, seen).await,
                }
            });
        }
    });
    heads
}

async fn answer_all(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    number: usize,
    seen: UnboundedSender<(usize, String)>,
) -> io::Result<()> {
    loop {
        let head = read_request(&mut stream).await?;
        let _ = seen.send((number, head));
        stream.write_all(answer().as_bytes()).await?;
    }
}

/// A whole answer.
pub(super) fn answer() -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{CONNECTION}",
        CONNECTION.len()
    )
}

/// Reads a request to its end and gives its head.
pub(super) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap();
    let length = length.lines().next().unwrap().parse().unwrap();
    stream.read_exact(&mut vec![0; length]).await?;
    Ok(head)
}

/// Reads until there is no more, and gives how much it was and how it ended.
pub(super) async fn drain(mut stream: impl AsyncRead + Unpin) -> (usize, io::Result<()>) {
    let (mut all, mut some) = (0, vec![0; 64 * 1024]);
    loop {
        match stream.read(&mut some).await {
            Ok(0) => return (all, Ok(())),
            Ok(read) => all += read,
            Err(error) => return (all, Err(error)),
        }
    }
}

/// TLS under a certificate made for it, and the roots of who trusts that.
pub(super) fn tls() -> (TlsAcceptor, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::from(key))
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), roots)
}

/// Connections without TLS.
pub(super) fn plain() -> Connect {
    Connect::new(None::<fn() -> RootCertStore>)
}

/// Connections to whom `roots` certify.
pub(super) fn trusting(roots: RootCertStore) -> Connect {
    Connect::new(Some(move || roots))
}
