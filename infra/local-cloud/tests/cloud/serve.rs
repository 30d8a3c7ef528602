//! The way in over HTTP, with the bytes read off the socket: a client library would hide what a fault looks like.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use local_cloud::{Cloud, Fault, FaultKind, Route};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::wire::{cloud, order};

/// Serves the cloud on a port of its own for as long as the test runs.
async fn listen(cloud: &Cloud, other: Option<Route>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let cloud = cloud.clone();
    tokio::spawn(async move { cloud.serve(listener, other).await });
    address
}

/// Sends a request and reads to the end of the connection.
async fn exchange(
    address: std::net::SocketAddr,
    head: &str,
    body: &str,
) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n{head}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

const SIGNED: &str = "authorization: AWS4-HMAC-SHA256 x\r\nx-amz-target: OvertureService.AllocateHostedConnection\r\n";

#[tokio::test]
async fn every_service_answers_on_the_one_address() {
    let cloud = cloud();
    let address = listen(&cloud, None).await;
    for (target, status) in [
        ("OvertureService.DescribeInterconnects", "200 OK"),
        ("DynamoDB_20120810.ListTables", "200 OK"),
        ("AWSEvents.PutEvents", "400 Bad Request"),
        ("AmazonSQS.GetQueueUrl", "400 Bad Request"),
        ("Unheard.Of", "400 Bad Request"),
    ] {
        let head = format!("authorization: x\r\nx-amz-target: {target}\r\n");
        let answer = exchange(address, &head, "{}").await.unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{target}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_request_without_a_signature_is_refused_by_the_service() {
    let cloud = cloud();
    let address = listen(&cloud, None).await;
    for target in [
        "DynamoDB_20120810.ListTables",
        "OvertureService.DescribeLags",
        "AmazonSQS.GetQueueUrl",
    ] {
        let answer = exchange(address, &format!("x-amz-target: {target}\r\n"), "{}")
            .await
            .unwrap();
        assert!(
            answer.contains("MissingAuthenticationTokenException"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn other_routes_are_the_callers() {
    let cloud = cloud();
    let route: Route = Arc::new(|request| {
        let body = format!("{} {}", request.method(), request.body().len());
        let body = Full::new(Bytes::from(body)).map_err(|never| match never {});
        let response = Response::new(body.boxed_unsync());
        Box::pin(async move { response })
    });
    let address = listen(&cloud, Some(route)).await;
    let answer = exchange(address, "", "12345").await.unwrap();
    assert!(answer.ends_with("POST 5"), "{answer}");
    assert!(cloud.requests().is_empty());
}

#[tokio::test]
async fn a_reset_is_a_reset_and_the_request_was_applied() {
    let cloud = cloud();
    cloud.inject(Fault::on(
        FaultKind::ApplyThenReset,
        "AllocateHostedConnection",
    ));
    let address = listen(&cloud, None).await;
    let error = exchange(address, SIGNED, &order(101).to_string())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(cloud.connections().len(), 1);
    let answer = exchange(address, SIGNED, &order(102).to_string())
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_its_head_promises() {
    let cloud = cloud();
    cloud.inject(Fault::on(
        FaultKind::ApplyThenCutBody,
        "AllocateHostedConnection",
    ));
    let address = listen(&cloud, None).await;
    let answer = exchange(address, SIGNED, &order(101).to_string())
        .await
        .unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let promised = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body.len(), promised.parse::<usize>().unwrap() / 2);
    assert!(serde_json::from_str::<Value>(body).is_err());
}

#[tokio::test]
async fn a_hanging_request_is_never_answered() {
    let cloud = cloud();
    cloud.inject(Fault::on(
        FaultKind::ApplyThenHang,
        "AllocateHostedConnection",
    ));
    let address = listen(&cloud, None).await;
    let body = order(101).to_string();
    let answer =
        tokio::time::timeout(Duration::from_millis(300), exchange(address, SIGNED, &body)).await;
    assert!(answer.is_err());
    assert_eq!(cloud.connections().len(), 1);
}
