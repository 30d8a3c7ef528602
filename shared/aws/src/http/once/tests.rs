//! Against real sockets: what matters here is the kernel's part.

use std::io;
use std::time::Duration;

use hosted_connection::{AllocationRequest, KeySource, Order, Vlan};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::direct_connect::{Allocation, DirectConnect};
use crate::failure::Cause;
use crate::http::HttpClients;
use crate::http::server::{answer, drain, listen, plain, read_request, serve, tls, trusting};
use crate::{Clock, Config, Meter};

/// Longer than any of these calls takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_socket_keeps_nothing_for_later() {
    let (_listener, endpoint) = listen("http").await;
    let uri = Uri::try_from(endpoint).unwrap();
    let tcp = plain().tcp(&uri).await.unwrap();
    let socket = SockRef::from(&tcp);
    assert_eq!(socket.linger().unwrap(), Some(Duration::ZERO));
    assert!(socket.tcp_nodelay().unwrap());
    #[cfg(target_os = "linux")]
    assert_eq!(
        socket.tcp_user_timeout().unwrap(),
        Some(super::super::connect::UNACKNOWLEDGED)
    );
}

#[tokio::test]
async fn what_a_dropped_call_has_written_is_not_sent_any_more() {
    /// More than the kernel takes in for both sides.
    const BYTES: usize = 64 << 20;
    let (listener, endpoint) = listen("http").await;
    let request = Request::post(endpoint).body(SdkBody::from(vec![b'x'; BYTES]));
    let request = HttpRequest::try_from(request.unwrap()).unwrap();
    let begun = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        stream
    };
    let stream = instead_of(Once(plain()).call(request), begun).await;
    let (read, end) = drain(stream).await;
    assert!(read < BYTES, "all of it was sent");
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn an_allocation_that_is_given_up_resets_its_connection() {
    let (listener, endpoint) = listen("http").await;
    let sent = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream
    };
    let direct_connect = direct_connect(&endpoint, plain());
    let stream = instead_of(allocate(&direct_connect), sent).await;
    let (read, end) = drain(stream).await;
    assert_eq!(read, 0);
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn each_allocation_has_a_connection_of_its_own() {
    let (listener, endpoint) = listen("http").await;
    let host = format!("host: {}", listener.local_addr().unwrap());
    let mut requests = serve(listener, None);
    let direct_connect = direct_connect(&endpoint, plain());
    for expected in 0..3 {
        let allocation = allocate(&direct_connect).await;
        assert!(matches!(allocation, Allocation::Applied(_)));
        let (connection, head) = requests.recv().await.unwrap();
        assert_eq!(connection, expected);
        assert!(head.starts_with("post / http/1.1\r\n"), "{head}");
        assert_eq!(head.lines().filter(|line| *line == host).count(), 1);
    }
}

#[tokio::test]
async fn a_refused_connection_is_known_not_to_have_been_sent() {
    let (listener, endpoint) = listen("http").await;
    drop(listener);
    assert_not_applied(allocate(&direct_connect(&endpoint, plain())).await);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_too_long_is_known_not_to_have_been_sent() {
    // The kernel accepts for it; nobody answers TLS's first message.
    let (_listener, endpoint) = listen("https").await;
    let (_, roots) = tls();
    let start = tokio::time::Instant::now();
    assert_not_applied(allocate(&direct_connect(&endpoint, trusting(roots))).await);
    assert_eq!(start.elapsed(), CONNECT_TIMEOUT);
}

#[tokio::test]
async fn a_connection_that_ends_without_a_whole_answer_may_have_done_its_work() {
    let whole = answer();
    for part in [0, 10, whole.len() - 1] {
        let (listener, endpoint) = listen("http").await;
        let whole = whole.clone();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            if part > 0 {
                read_request(&mut stream).await.unwrap();
                stream.write_all(&whole.as_bytes()[..part]).await.unwrap();
            }
        });
        let allocation = allocate(&direct_connect(&endpoint, plain())).await;
        assert!(
            matches!(allocation, Allocation::Unknown { .. }),
            "{allocation:?}"
        );
        server.await.unwrap();
    }
}

#[tokio::test]
async fn with_tls_it_speaks_to_whom_it_trusts_and_sends_nothing_to_others() {
    let (listener, endpoint) = listen("https").await;
    let (acceptor, roots) = tls();
    let mut requests = serve(listener, Some(acceptor));
    let friend = direct_connect(&endpoint, trusting(roots));
    for expected in 0..2 {
        let allocation = allocate(&friend).await;
        assert!(matches!(allocation, Allocation::Applied(_)));
        assert_eq!(requests.recv().await.unwrap().0, expected);
    }
    let (_, other_roots) = tls();
    assert_not_applied(allocate(&direct_connect(&endpoint, trusting(other_roots))).await);
    assert!(requests.is_empty());
}

#[test]
fn the_host_is_named_as_it_was_signed() {
    for (uri, expected) in [
        (
            "https://directconnect.eu-central-1.amazonaws.com/",
            "directconnect.eu-central-1.amazonaws.com",
        ),
        ("https://localhost:443/", "localhost"),
        ("http://localhost:80/", "localhost"),
        ("https://localhost:80/", "localhost:80"),
        ("http://[::1]:4599/", "[::1]:4599"),
    ] {
        assert_eq!(host(&Uri::from_static(uri)).unwrap(), expected);
    }
}

/// Waits for `event` while `call` goes on, then drops the call.
async fn instead_of<T>(call: impl Future, event: impl Future<Output = T>) -> T {
    match select(pin!(call), pin!(event)).await {
        Either::Left(_) => panic!("the call has ended"),
        Either::Right((event, _)) => event,
    }
}

fn direct_connect(endpoint: &str, connect: Connect) -> DirectConnect {
    let config = Config::from_lookup(|name| {
        let value = match name {
            "AWS_ENDPOINT_URL_DIRECT_CONNECT" => endpoint,
            // So that nobody reads the system's certificates.
            "AWS_ENDPOINT_URL" => "http://127.0.0.1:1",
            "AWS_REGION" => "eu-central-1",
            "ALLOCATIONS_TABLE_NAME"
            | "EVENT_BUS_NAME"
            | "AWS_ACCESS_KEY_ID"
            | "AWS_SECRET_ACCESS_KEY" => "x",
            _ => return None,
        };
        Some(value.to_owned())
    });
    let config = config.unwrap();
    let clients = HttpClients::over(&connect);
    DirectConnect::new(&config, clients, Clock::system(), &Meter::default())
}

async fn allocate(direct_connect: &DirectConnect) -> Allocation {
    let vlan = Vlan::new(101).unwrap();
    let request = request();
    let on = (request.parent().unwrap(), vlan);
    direct_connect.allocate(&request, on, PATIENCE).await
}

fn request() -> AllocationRequest {
    let body = br#"{"connectionId": "dxcon-ffabc123", "ownerAccount": "111122223333", "bandwidth": "50Mbps",
        "connectionName": "x", "vlan": 101, "idempotencyKey": "order-1"}"#;
    Order::parse(body, KeySource::Body).unwrap().request
}

fn assert_not_applied(allocation: Allocation) {
    let Allocation::NotApplied(error) = allocation else {
        panic!("{allocation:?}");
    };
    assert_eq!(error.cause, Cause::Unavailable, "{error}");
}
