//! What each switch does that the other tests do not try: set by its name, as `local serve` and a profile do it.

use std::time::{Duration, SystemTime};

use crate::wire::{ALLOCATE, DELETE, DESCRIBE, PARENT, call, ok, order, refused};
use local_cloud::{Clock, Cloud};
use serde_json::{Value, json};

/// A cloud with these switches, on the test's clock.
fn switched(settings: &[(&str, &str)]) -> Cloud {
    let builder = Cloud::builder().clock(Clock::following_tokio(SystemTime::UNIX_EPOCH));
    let set = |builder: local_cloud::Builder, (name, value): &(&str, &str)| {
        builder.switch(name, value).unwrap()
    };
    settings.iter().fold(builder, set).build().unwrap()
}

async fn allocated(cloud: &Cloud, vlan: u16) -> String {
    let connection = ok(cloud, ALLOCATE, order(vlan)).await;
    connection["connectionId"].as_str().unwrap().to_owned()
}

async fn listed(cloud: &Cloud) -> Vec<Value> {
    let page = ok(cloud, DESCRIBE, json!({"connectionId": PARENT})).await;
    page["connections"].as_array().unwrap().clone()
}

async fn delete(cloud: &Cloud, id: &str) -> (u16, Value) {
    call(cloud, DELETE, json!({"connectionId": id})).await
}

#[tokio::test(start_paused = true)]
async fn a_vlan_in_use_is_refused_with_the_error_that_is_set() {
    let cloud = switched(&[("duplicate-vlan-error", "409,ConflictException")]);
    allocated(&cloud, 101).await;
    let (status, error) = call(&cloud, ALLOCATE, order(101)).await;
    assert_eq!(
        (status, &error["__type"]),
        (409, &json!("ConflictException"))
    );
    // Only that refusal is another one.
    let mut bad = order(102);
    bad["bandwidth"] = json!("3Mbps");
    assert_eq!(
        refused(&cloud, ALLOCATE, bad).await,
        "DirectConnectClientException"
    );
}

#[tokio::test(start_paused = true)]
async fn a_vlan_is_free_again_only_when_the_switch_says_so() {
    for (setting, free_after_a_minute, free_after_an_hour) in [
        ("0", true, true),
        ("61000", false, true),
        ("never", false, false),
    ] {
        let cloud = switched(&[("vlan-free-after-ms", setting)]);
        let id = allocated(&cloud, 101).await;
        delete(&cloud, &id).await;
        // Shown as deleted from here on.
        assert_eq!(listed(&cloud).await[0]["connectionState"], "deleted");
        tokio::time::advance(Duration::from_secs(60)).await;
        let free = call(&cloud, ALLOCATE, order(101)).await.0 == 200;
        assert_eq!(free, free_after_a_minute, "{setting}");
        if !free {
            tokio::time::advance(Duration::from_secs(3_600)).await;
            let free = call(&cloud, ALLOCATE, order(101)).await.0 == 200;
            assert_eq!(free, free_after_an_hour, "{setting}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_owner_cannot_be_deleted_where_that_is_switched_off() {
    let cloud = switched(&[("ordering-not-deletable", "on")]);
    let id = allocated(&cloud, 101).await;
    let (status, error) = delete(&cloud, &id).await;
    assert_eq!(status, 400);
    assert_eq!(error["__type"], "DirectConnectClientException");
    cloud.confirm(&id).unwrap();
    assert_eq!(delete(&cloud, &id).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_takes_its_time() {
    let cloud = switched(&[("delete-ms", "5000")]);
    let id = allocated(&cloud, 101).await;
    delete(&cloud, &id).await;
    tokio::time::advance(Duration::from_millis(4_999)).await;
    assert_eq!(listed(&cloud).await[0]["connectionState"], "deleting");
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(listed(&cloud).await[0]["connectionState"], "deleted");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_no_parent_is_answered_as_it_is_set() {
    let ask = json!({"connectionId": "dxcon-nosuch00"});
    let cloud = switched(&[("unknown-parent-error", "404,ResourceNotFoundException")]);
    let (status, error) = call(&cloud, DESCRIBE, ask.clone()).await;
    assert_eq!(
        (status, &error["__type"]),
        (404, &json!("ResourceNotFoundException"))
    );
    let cloud = switched(&[("unknown-parent-error", "empty")]);
    assert_eq!(ok(&cloud, DESCRIBE, ask).await, json!({"connections": []}));
}

#[tokio::test(start_paused = true)]
async fn a_list_shows_tags_where_that_is_switched_on() {
    for (setting, expected) in [("off", None), ("on", Some(json!([{"key": "a"}])))] {
        let cloud = switched(&[("list-shows-tags", setting)]);
        let mut tagged = order(101);
        tagged["tags"] = json!([{"key": "a"}]);
        ok(&cloud, ALLOCATE, tagged).await;
        assert_eq!(listed(&cloud).await[0].get("tags").cloned(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn names_are_limited_in_length_and_characters() {
    let cloud = switched(&[("longest-name", "5"), ("name-refuses", "/ö")]);
    for (name, expected) in [
        ("abcde", 200),
        ("öabcd", 400),
        ("a/b", 400),
        ("abcdef", 400),
        ("äbcde", 200),
    ] {
        let mut named = order(if name == "abcde" { 101 } else { 102 });
        named["connectionName"] = json!(name);
        assert_eq!(call(&cloud, ALLOCATE, named).await.0, expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_bandwidths_of_the_parent_are_sold() {
    let cloud = switched(&[("bandwidths", "dxcon-ffabc123=50Mbps,1Gbps;100Mbps")]);
    for (parent, bandwidth, expected) in [
        (PARENT, "1Gbps", 200),
        (PARENT, "100Mbps", 400),
        ("dxcon-ffabc456", "100Mbps", 200),
        ("dxcon-ffabc456", "50Mbps", 400),
    ] {
        let mut asked = order(101);
        asked["connectionId"] = json!(parent);
        asked["bandwidth"] = json!(bandwidth);
        let (status, answer) = call(&cloud, ALLOCATE, asked).await;
        assert_eq!(status, expected, "{parent} {bandwidth}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_for_the_wrong_account_may_not_delete_and_the_denial_names_the_arn() {
    for (arn, account) in [("partner", "123456789012"), ("owner", "222222222222")] {
        for role in ["any", "partner", "owner"] {
            let cloud = switched(&[("arn-account", arn), ("deletes-allowed-for", role)]);
            let mut asked = order(101);
            asked["ownerAccount"] = json!("222222222222");
            let made = ok(&cloud, ALLOCATE, asked).await;
            let id = made["connectionId"].as_str().unwrap();
            let (status, answer) = delete(&cloud, id).await;
            if role == "any" || role == arn {
                assert_eq!(status, 200, "{arn} {role}");
                continue;
            }
            assert_eq!(
                (status, &answer["__type"]),
                (400, &json!("AccessDeniedException"))
            );
            let named = format!("arn:aws:directconnect:eu-central-1:{account}:dxcon/{id}");
            assert!(
                answer["message"].as_str().unwrap().contains(&named),
                "{answer}"
            );
            assert_eq!(listed(&cloud).await[0]["connectionState"], "ordering");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn more_requests_than_a_second_has_room_for_are_throttled_with_the_error_that_is_set() {
    let cloud = switched(&[
        ("requests-per-second", "2"),
        ("throttle-error", "503,SlowDown"),
    ]);
    allocated(&cloud, 101).await;
    allocated(&cloud, 102).await;
    let (status, error) = call(&cloud, ALLOCATE, order(103)).await;
    assert_eq!((status, &error["__type"]), (503, &json!("SlowDown")));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(listed(&cloud).await.len(), 2);
    cloud.inject("throttle@DescribeHostedConnections".parse().unwrap());
    assert_eq!(
        refused(&cloud, DESCRIBE, json!({"connectionId": PARENT})).await,
        "SlowDown"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_write_leaves_out_the_item_where_that_is_switched_on() {
    for (setting, expected) in [("off", true), ("on", false)] {
        let cloud = switched(&[("refused-items-left-out", setting)]);
        let key = json!({"pk": {"S": "a"}, "sk": {"S": "b"}});
        let mut put = json!({
            "TableName": cloud.table_name(), "Item": key,
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        let transaction = json!({"TransactItems": [{"Put": put}]});
        put["Item"]["other"] = json!({"N": "1"});
        ok(&cloud, "DynamoDB_20120810.PutItem", put.clone()).await;
        let (_, refused) = call(&cloud, "DynamoDB_20120810.PutItem", put).await;
        assert_eq!(refused.get("Item").is_some(), expected, "{refused}");
        let (_, refused) = call(&cloud, "DynamoDB_20120810.TransactWriteItems", transaction).await;
        let reason = &refused["CancellationReasons"][0];
        assert_eq!(reason["Code"], "ConditionalCheckFailed");
        assert_eq!(reason.get("Item").is_some(), expected, "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_bad_entry_fails_all_where_that_is_switched_on() {
    let entry = |detail: &str| json!({"Source": "x", "DetailType": "y", "Detail": detail});
    let entries = json!({"Entries": [entry("{}"), entry("[]")]});
    let cloud = switched(&[("put-events-whole", "on")]);
    assert_eq!(
        refused(&cloud, "AWSEvents.PutEvents", entries.clone()).await,
        "MalformedDetail"
    );
    assert_eq!(cloud.events().len(), 0);
    let cloud = switched(&[]);
    let answer = ok(&cloud, "AWSEvents.PutEvents", entries).await;
    assert_eq!(answer["FailedEntryCount"], 1);
    assert_eq!(cloud.events().len(), 1);
}
