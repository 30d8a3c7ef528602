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
    assert!(told.words().contains("order-1: allocated"), "{}", told.out);

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
            told.err.contains("--data") && told.err.contains("ALLOCATIONS_TABLE_NAME must be the name of the DynamoDB table for allocations, and is not set"),
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

/// What there is in a directory.
fn files(dir: &std::path::Path) -> Vec<std::ffi::OsString> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_directory_in_which_nothing_is_kept_stays_as_it_is() {
    let dir = fresh_dir("foreign");
    std::fs::create_dir_all(&dir).unwrap();
    let data = dir.to_str().unwrap();
    for empty in [true, false] {
        if !empty {
            std::fs::write(dir.join("notes.txt"), "mine").unwrap();
        }
        let before = files(&dir);
        for arguments in [
            &["list", "--data", data] as &[&str],
            &["release", "order-1", "--data", data],
            &["doctor", "--data", data],
        ] {
            let told = finish(bare(arguments)).await;
            assert_eq!(told.status, 2, "{told:?}");
            assert!(
                told.err.contains(&format!("nothing is kept in {data}")),
                "{told:?}"
            );
        }
        assert_eq!(files(&dir), before);
    }
}

#[tokio::test]
async fn many_may_look_at_a_directory_at_once_and_leave_nothing_behind() {
    let dir = fresh_dir("shared");
    let data = dir.to_str().unwrap();
    let site = Site::serving(Cloud::builder().data_dir(&dir).build().unwrap()).await;
    site.place(&order("order-1", 101), minutes(3)).await;
    drop(site);
    drop(local_cloud::DataLock::take(&dir).unwrap());
    let before = files(&dir);
    let looking = local_cloud::DataLock::share(&dir).unwrap();
    for _ in 0..4 {
        let told = finish(bare(&["list", "--data", data])).await;
        assert_eq!(told.status, 0, "{told:?}");
        assert!(told.words().contains("order-1"), "{told:?}");
    }
    // To change something needs the directory alone.
    let told = finish(bare(&["release", "order-1", "--data", data])).await;
    assert_eq!(told.status, 2);
    assert!(
        told.err.contains("is in use by another process"),
        "{told:?}"
    );
    drop(looking);
    assert_eq!(files(&dir), before);
    let told = finish(bare(&["release", "order-1", "--data", data])).await;
    assert_eq!(told.status, 0, "{told:?}");
}

#[tokio::test]
async fn a_damaged_table_is_told_with_its_path_and_what_to_do() {
    let dir = fresh_dir("damaged");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("dynamodb.sqlite"), "no database").unwrap();
    let data = dir.to_str().unwrap();
    let told = finish(bare(&["list", "--data", data])).await;
    assert_eq!(told.status, 2);
    for part in [
        &format!("cannot open data directory {data}"),
        &format!("{data}/dynamodb.sqlite is not readable"),
        &format!("delete {data} to start afresh"),
    ] {
        assert!(told.err.contains(part.as_str()), "{part} in {told:?}");
    }
    assert!(!told.err.contains("Internal error"), "{told:?}");
}
