//! Where the command looks.

use local_cloud::Cloud;

use crate::site::{Site, bare, finish, fresh_dir, minutes, order};

#[tokio::test]
async fn a_directory_is_opened_without_an_environment_unless_somebody_has_it() {
    let dir = fresh_dir("kept");
    let data = dir.to_str().unwrap();
    let told = finish(bare(&["explain", "order-1", "--data", data])).await;
    assert_eq!(told.status, 2);
    assert!(told.err.contains("nothing is kept in"), "{told:?}");
    assert!(!dir.exists(), "looking leaves nothing behind");

    let site = Site::serving(Cloud::builder().data_dir(&dir).build().unwrap()).await;
    site.place(&order("order-1", 101), minutes(3)).await;
    drop(site);
    let told = finish(bare(&["explain", "order-1", "--data", data])).await;
    assert_eq!(told.status, 0, "{told:?}");
    assert!(told.out.contains("order-1: allocated"), "{}", told.out);

    let _lock = local_cloud::DataLock::take(&dir).unwrap();
    let told = finish(bare(&["explain", "order-1", "--data", data])).await;
    assert_eq!(told.status, 2);
    assert!(
        told.err.contains("is in use by another process"),
        "{told:?}"
    );
}

#[tokio::test]
async fn without_a_place_it_says_what_to_give_and_how_to_get_it() {
    for arguments in [
        &["get", "order-1"] as &[&str],
        &["list"],
        &["policy", "get", "dxcon-ffabc123"],
    ] {
        let told = finish(bare(arguments)).await;
        assert_eq!(told.status, 2, "{arguments:?}");
        assert!(
            told.err.contains("--data") && told.err.contains("ALLOCATIONS_TABLE_NAME is not set"),
            "{told:?}"
        );
    }
    let help = finish(bare(&["--help"])).await;
    assert_eq!(help.status, 0);
    assert!(
        help.out.contains("aws configure export-credentials"),
        "{}",
        help.out
    );
}

#[tokio::test]
async fn nobody_home_ends_with_two() {
    let site = Site::new().await;
    let mut unreachable = site.command(&["get", "order-1"]);
    // Port 9 is "discard"; nobody serves HTTP there.
    unreachable.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let told = finish(unreachable).await;
    assert_eq!(told.status, 2);
    assert!(told.err.contains("the order cannot be read"), "{told:?}");
}
