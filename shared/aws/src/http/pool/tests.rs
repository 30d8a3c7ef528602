//! Against real sockets, as the SDK calls it.

use tokio::io::AsyncWriteExt;

use super::*;
use crate::direct_connect::never_connected;
use crate::http::server::{answer, listen, plain, read_request, serve, tls, trusting};

#[tokio::test]
async fn a_connection_is_kept_for_the_next_call() {
    let (listener, endpoint) = listen("http").await;
    let host = format!("host: {}", listener.local_addr().unwrap());
    let mut requests = serve(listener, None);
    let pool = Pool::new(plain());
    for _ in 0..3 {
        assert_eq!(call(&pool, &endpoint).await.unwrap(), 200);
        let (connection, head) = requests.recv().await.unwrap();
        assert_eq!(connection, 0);
        assert!(head.starts_with("post / http/1.1\r\n"), "{head}");
        assert_eq!(head.lines().filter(|line| *line == host).count(), 1);
    }
}

#[tokio::test]
async fn calls_at_once_have_a_connection_each() {
    let (listener, endpoint) = listen("http").await;
    let mut requests = serve(listener, None);
    let pool = Pool::new(plain());
    let (one, other) = tokio::join!(call(&pool, &endpoint), call(&pool, &endpoint));
    assert_eq!((one.unwrap(), other.unwrap()), (200, 200));
    let connections = [
        requests.recv().await.unwrap().0,
        requests.recv().await.unwrap().0,
    ];
    assert_ne!(connections[0], connections[1]);
}

#[tokio::test]
async fn a_connection_that_was_idle_for_long_is_not_used_again() {
    let (listener, endpoint) = listen("http").await;
    let mut requests = serve(listener, None);
    let pool = Pool::new(plain());
    call(&pool, &endpoint).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(IDLE_TIMEOUT + Duration::from_secs(1)).await;
    tokio::time::resume();
    call(&pool, &endpoint).await.unwrap();
    assert_eq!(requests.recv().await.unwrap().0, 0);
    assert_eq!(requests.recv().await.unwrap().0, 1);
}

#[tokio::test]
async fn a_connection_that_the_sdk_gives_up_is_not_used_again() {
    let (listener, endpoint) = listen("http").await;
    let mut requests = serve(listener, None);
    let pool = Pool::new(plain());
    let capture = CaptureSmithyConnection::new();
    let mut first = request(&endpoint);
    first.add_extension(capture.clone());
    answered(pool.call(first)).await.unwrap();
    capture.get().unwrap().poison();
    call(&pool, &endpoint).await.unwrap();
    assert_eq!(requests.recv().await.unwrap().0, 0);
    assert_eq!(requests.recv().await.unwrap().0, 1);
}

#[tokio::test]
async fn with_tls_it_speaks_to_whom_it_trusts_and_sends_nothing_to_others() {
    let (listener, endpoint) = listen("https").await;
    let (acceptor, roots) = tls();
    let mut requests = serve(listener, Some(acceptor));
    assert_eq!(
        call(&Pool::new(trusting(roots)), &endpoint).await.unwrap(),
        200
    );
    assert_eq!(requests.recv().await.unwrap().0, 0);
    let (_, others) = tls();
    let error = call(&Pool::new(trusting(others)), &endpoint)
        .await
        .unwrap_err();
    assert!(error.is_io() && never_connected(&error), "{error:?}");
    assert!(requests.is_empty());
}

#[tokio::test]
async fn a_refused_connection_may_be_tried_again() {
    let (listener, endpoint) = listen("http").await;
    drop(listener);
    let error = call(&Pool::new(plain()), &endpoint).await.unwrap_err();
    assert!(error.is_io() && never_connected(&error), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_too_long_is_a_timeout() {
    // The kernel accepts for it; nobody answers TLS's first message.
    let (_listener, endpoint) = listen("https").await;
    let (_, roots) = tls();
    let start = tokio::time::Instant::now();
    let error = call(&Pool::new(trusting(roots)), &endpoint)
        .await
        .unwrap_err();
    assert!(error.is_timeout() && never_connected(&error), "{error:?}");
    assert_eq!(start.elapsed(), CONNECT_TIMEOUT);
}

#[tokio::test]
async fn a_connection_that_ends_without_a_whole_answer_may_be_tried_again() {
    let whole = answer();
    for part in [0, 10, whole.len() - 1] {
        let (listener, endpoint) = listen("http").await;
        let whole = whole.clone();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await.unwrap();
            stream.write_all(&whole.as_bytes()[..part]).await.unwrap();
        });
        let error = call(&Pool::new(plain()), &endpoint).await.unwrap_err();
        let transient = error.as_other() == Some(ErrorKind::TransientError);
        assert!(error.is_io() || transient, "{part} bytes: {error:?}");
        assert!(!never_connected(&error), "{part} bytes: {error:?}");
        server.await.unwrap();
    }
}

/// A call from its request to the last byte of its answer; gives the status.
async fn call(pool: &Pool, endpoint: &str) -> Result<u16, ConnectorError> {
    answered(pool.call(request(endpoint))).await
}

async fn answered(call: HttpConnectorFuture) -> Result<u16, ConnectorError> {
    let response = call.await?;
    let status = response.status().as_u16();
    let body = http_body_util::BodyExt::collect(response.into_body()).await;
    body.map(|_| status).map_err(ConnectorError::io)
}

fn request(endpoint: &str) -> HttpRequest {
    let request = http::Request::post(endpoint).body(SdkBody::from("{}"));
    HttpRequest::try_from(request.unwrap()).unwrap()
}
