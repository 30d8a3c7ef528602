//! Live updates: bounded, and told of what changes.

use http::Method;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::site::{PARENT, Site, order, request};

#[tokio::test(start_paused = true)]
async fn a_hundred_streams_are_open_and_the_next_is_asked_to_wait() {
    let site = Site::local();
    let mut open = Vec::new();
    for _ in 0..100 {
        let response = site
            .router
            .clone()
            .oneshot(request(Method::GET, "/console/live", ""));
        let response = response.await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        open.push(response);
    }
    let refused = site.get("/console/live").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "5"));
    // Pages are answered all the same.
    assert_eq!(site.get("/").await.status, 200);
    drop(open.pop());
    let response = site
        .router
        .clone()
        .oneshot(request(Method::GET, "/console/live", ""));
    assert_eq!(response.await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_stream_says_hello_and_tells_of_an_order() {
    let site = Site::local();
    let response = site
        .router
        .clone()
        .oneshot(request(Method::GET, "/console/live", ""));
    let mut body = response.await.unwrap().into_body();
    let mut heard = String::new();
    site.until("/", PARENT).await;
    site.place(&order("order-1", 101, "n")).await;
    while heard.matches("event: changed").count() < 2 {
        let frame = body.frame().await.unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(frame.data_ref().unwrap()));
    }
    assert!(heard.starts_with("event: hello\n"), "{heard}");
    assert!(heard.contains("retry: 1000"), "{heard}");
    let told = site.until("/console/parts?have=orders.0", "order-1").await;
    assert_eq!(told.status, 200);
}
