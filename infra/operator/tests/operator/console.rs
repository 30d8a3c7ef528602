//! `operator console`, served by the real command against the local cloud.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::site::{Site, minutes, order};

/// The page, for as long as the test runs.
pub(crate) struct Page {
    process: Child,
    address: String,
}

impl Drop for Page {
    fn drop(&mut self) {
        // One that has ended already needs no ending.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Page {
    pub(crate) async fn of(site: &Site, arguments: &[&str]) -> Self {
        let all = [&["--json", "console", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut command = site.command(&all);
        command.stdout(Stdio::piped());
        tokio::task::spawn_blocking(move || {
            let mut process = command.spawn().unwrap();
            let mut line = String::new();
            BufReader::new(process.stdout.take().unwrap())
                .read_line(&mut line)
                .unwrap();
            let told: Value = serde_json::from_str(&line).unwrap();
            let address = told["url"].as_str().unwrap().trim_start_matches("http://");
            Self {
                address: address.to_owned(),
                process,
            }
        })
        .await
        .unwrap()
    }

    async fn ask(&self, method: &str, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let asked = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
        stream.write_all(asked.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        self.ask("GET", path, &self.address).await
    }
}

#[tokio::test]
async fn the_page_shows_the_orders_and_changes_nothing() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    let page = Page::of(&site, &[]).await;
    let mut shown = page.get("/").await;
    for _ in 0..100 {
        if shown.contains("order-1") {
            break;
        }
        shown = page.get("/").await;
    }
    assert!(shown.starts_with("HTTP/1.1 200"), "{shown}");
    assert!(
        shown.contains("order-1") && shown.contains("read-only"),
        "{shown}"
    );
    let story = page.get("/console/order?key=order-1").await;
    assert!(story.contains("What happens next"), "{story}");
    assert!(!story.contains("Release…"), "{story}");
    for (method, path) in [("POST", "/console/act"), ("POST", "/console/order")] {
        let refused = page.ask(method, path, &page.address).await;
        let is_refused = ["HTTP/1.1 404", "HTTP/1.1 405"]
            .iter()
            .any(|status| refused.starts_with(status));
        assert!(is_refused, "{refused}");
    }
    let foreign = page.ask("GET", "/", "evil.example").await;
    assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");
}

#[tokio::test]
async fn with_actions_a_release_is_asked_about_first() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    let page = Page::of(&site, &["--allow-actions"]).await;
    let story = page.get("/console/order?key=order-1").await;
    assert!(story.contains("Release…"), "{story}");
    let asked = page.get("/console/confirm?do=release&key=order-1").await;
    assert!(asked.contains("cannot be undone"), "{asked}");
    let letters = page.get("/console/letters?queue=orders").await;
    assert!(
        letters.contains("The dead-letter queue of orders is empty."),
        "{letters}"
    );
}

#[tokio::test]
async fn an_address_that_others_can_reach_needs_a_name() {
    let site = Site::new().await;
    let refused = site.run(&["console", "--listen", "0.0.0.0:0"]).await;
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("--allow-host"), "{refused:?}");
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = site.run(&["console", "--listen", &address]).await;
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("--listen"), "{refused:?}");
}
