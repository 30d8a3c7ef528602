//! State that is kept in a directory is there again in the next run.

use local_cloud::{Cloud, CloudError, DataLock, QueueSettings};
use serde_json::json;

use crate::wire::{ALLOCATE, PARENT, ok, order, refused};

#[tokio::test]
async fn the_next_run_goes_on_where_this_one_stops() {
    let dir = std::env::temp_dir().join(format!("local-cloud-{}", uuid::Uuid::new_v4()));
    let open = || Cloud::builder().data_dir(&dir).build().unwrap();
    let first = {
        let cloud = open();
        let put =
            json!({"TableName": cloud.table_name(), "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}}});
        ok(&cloud, "DynamoDB_20120810.PutItem", put).await;
        cloud
            .create_queue(QueueSettings::new("orders"))
            .unwrap()
            .send("hello", &[], None)
            .unwrap();
        let entry = json!({"Source": "s", "DetailType": "t", "Detail": "{}"});
        ok(&cloud, "AWSEvents.PutEvents", json!({"Entries": [entry]})).await;
        ok(&cloud, ALLOCATE, order(101)).await["connectionId"].clone()
    };
    let cloud = open();
    assert_eq!(cloud.table_items().unwrap().len(), 1);
    assert_eq!(cloud.queue("orders").unwrap().bodies(), ["hello"]);
    assert_eq!(cloud.events().len(), 1);
    assert_eq!(cloud.most_living(PARENT, 101), 1);
    assert_eq!(
        refused(&cloud, ALLOCATE, order(101)).await,
        "DirectConnectClientException"
    );
    let second = ok(&cloud, ALLOCATE, order(102)).await["connectionId"].clone();
    assert_ne!(first, second);
    std::fs::remove_dir_all(&dir).unwrap();
}

/// Every file of the directory with what is in it.
fn files(dir: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap().map(Result::unwrap);
    let file = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, std::fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

#[tokio::test]
async fn a_copy_shows_what_is_kept_and_leaves_the_directory_as_it_is() {
    let dir = std::env::temp_dir().join(format!("local-cloud-{}", uuid::Uuid::new_v4()));
    let copy = || Cloud::builder().data_dir(&dir).build_copy();
    assert!(matches!(copy(), Err(CloudError::NothingKept(_))));
    assert!(!dir.exists(), "looking creates nothing");
    let cloud = Cloud::builder().data_dir(&dir).build().unwrap();
    ok(&cloud, ALLOCATE, order(101)).await;
    let put =
        json!({"TableName": cloud.table_name(), "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}}});
    ok(&cloud, "DynamoDB_20120810.PutItem", put).await;
    // While another has it open, what it wrote last is in SQLite's log only.
    let seen = copy().unwrap();
    assert_eq!(seen.table_items().unwrap().len(), 1);
    drop((cloud, seen));
    let before = files(&dir);
    let seen = copy().unwrap();
    assert_eq!(seen.table_items().unwrap().len(), 1);
    assert_eq!(seen.most_living(PARENT, 101), 1);
    ok(&seen, ALLOCATE, order(102)).await;
    assert_eq!(files(&dir), before);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn many_may_look_at_a_directory_while_nobody_changes_it() {
    let dir = std::env::temp_dir().join(format!("local-cloud-{}", uuid::Uuid::new_v4()));
    drop(DataLock::take(&dir).unwrap());
    let _looking = [
        DataLock::share(&dir).unwrap(),
        DataLock::share(&dir).unwrap(),
    ];
    assert!(matches!(DataLock::take(&dir), Err(CloudError::InUse(_))));
    drop(_looking);
    let _changing = DataLock::take(&dir).unwrap();
    assert!(matches!(DataLock::share(&dir), Err(CloudError::InUse(_))));
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_table_that_is_damaged_is_named_with_what_to_do() {
    let dir = std::env::temp_dir().join(format!("local-cloud-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("dynamodb.sqlite");
    std::fs::write(&file, "this is no database").unwrap();
    let builder = Cloud::builder().data_dir(&dir);
    for opened in [builder.clone().build(), builder.build_copy()] {
        let error = opened.unwrap_err().to_string();
        let start = format!(
            "{} is not readable as the local cloud's table: ",
            file.display()
        );
        let end = format!("delete {} to start afresh", dir.display());
        assert!(
            error.starts_with(&start) && error.ends_with(&end),
            "{error}"
        );
        assert!(error.contains("it is not an SQLite database"), "{error}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_an_error_that_says_what_to_do() {
    let dir = std::env::temp_dir().join(format!("local-cloud-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("cloud.json"), "{}").unwrap();
    let error = Cloud::builder()
        .data_dir(&dir)
        .build()
        .unwrap_err()
        .to_string();
    assert!(error.contains("delete the directory"), "{error}");
    std::fs::remove_dir_all(&dir).unwrap();
}
