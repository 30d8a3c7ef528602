//! `operator release`.

use local_cloud::Fault;

use crate::site::{Site, minutes, order};

#[tokio::test]
async fn a_connection_is_deleted_and_that_is_published_once() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    let (status, answer) = site.run_json(&["release", "order-1"]).await;
    assert_eq!(
        (status, answer["status"].as_str()),
        (0, Some("released")),
        "{answer}"
    );
    assert!(site.cloud.living_connections("dxcon-ffabc123").is_empty());
    let types: Vec<_> = site
        .cloud
        .events()
        .into_iter()
        .map(|event| event.detail_type)
        .collect();
    let expected = [
        "Hosted Connection Allocated",
        "Hosted Connection State Changed",
        "Hosted Connection Released",
    ];
    assert_eq!(types, expected);
    let again = site.run(&["release", "order-1"]).await;
    assert_eq!(again.status, 0);
    assert!(
        again.words().contains("It was released before"),
        "{again:?}"
    );
    let story = site.run(&["explain", "order-1"]).await.words();
    assert!(
        story.contains("Its release was requested through `operator release`."),
        "{story}"
    );
}

#[tokio::test]
async fn a_release_that_is_refused_says_why_and_so_does_explain() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    let id = site.cloud.connections()[0].id.clone();
    site.cloud.set_state(&id, "available").unwrap();
    let fault = "error(400,DirectConnectClientException)@DeleteConnection+always";
    site.cloud.inject(Fault::parse(fault).unwrap());
    let mut hasty = site.command(&["release", "order-1"]);
    hasty.env("SETTLE_SECONDS", "0");
    assert_eq!(crate::site::finish(hasty).await.status, 1);
    let mut again = site.command(&["--json", "release", "order-1"]);
    again.env("SETTLE_SECONDS", "0");
    let told = crate::site::finish(again).await;
    assert!(told.out.contains("injected by the local cloud"), "{told:?}");
    let story = site.run(&["explain", "order-1"]).await.words();
    assert!(
        story.contains("The release was refused: injected by the local cloud. Remove the cause"),
        "{story}"
    );
    assert!(story.contains("`operator release order-1`"), "{story}");
}

#[tokio::test]
async fn an_order_that_is_not_there_is_refused() {
    let site = Site::new().await;
    let (status, answer) = site.run_json(&["release", "nobody"]).await;
    assert_eq!(
        (status, answer["status"].as_str()),
        (1, Some("refused")),
        "{answer}"
    );
}
