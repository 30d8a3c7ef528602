//! State that is kept in a directory is there again in the next run.

use local_cloud::{Cloud, QueueSettings};
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
