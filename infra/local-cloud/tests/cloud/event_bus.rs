//! PutEvents: what is taken, what is turned away, and by entry or as a whole.

use local_cloud::Cloud;
use serde_json::{Value, json};

use crate::wire::{cloud, ok, refused};

const PUT: &str = "AWSEvents.PutEvents";

fn entry(detail: &str) -> Value {
    json!({
        "Source": "hosted-connections",
        "DetailType": "Hosted Connection Allocated",
        "Detail": detail,
        "EventBusName": "hosted-connections",
        "Resources": ["arn:aws:directconnect:eu-central-1:1:dxcon/dxcon-1"],
    })
}

async fn put(cloud: &Cloud, entries: Vec<Value>) -> Value {
    ok(cloud, PUT, json!({"Entries": entries})).await
}

#[tokio::test]
async fn an_accepted_event_can_be_read_from_the_bus() {
    let cloud = cloud();
    let answer = put(&cloud, vec![entry(r#"{"a":1}"#)]).await;
    assert_eq!(answer["FailedEntryCount"], 0);
    let events = cloud.events();
    assert_eq!(events.len(), 1);
    assert_eq!(answer["Entries"][0]["EventId"], json!(events[0].id));
    assert_eq!(events[0].source, "hosted-connections");
    assert_eq!(events[0].detail_type, "Hosted Connection Allocated");
    assert_eq!(events[0].detail, json!({"a": 1}));
    assert_eq!(events[0].resources.len(), 1);
    assert_eq!(events[0].bus, cloud.bus_name());
}

#[tokio::test]
async fn a_bad_entry_fails_alone() {
    let cloud = cloud();
    let without = |member: &str| {
        let mut entry = entry("{}");
        entry.as_object_mut().unwrap().remove(member);
        entry
    };
    let mut ours_not = entry("{}");
    ours_not["Source"] = json!("aws.directconnect");
    let entries = vec![
        entry("[1]"),
        entry("{"),
        without("Source"),
        without("DetailType"),
        without("Detail"),
        ours_not,
        entry("{}"),
    ];
    let answer = put(&cloud, entries).await;
    assert_eq!(answer["FailedEntryCount"], 6);
    let codes: Vec<_> = answer["Entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["ErrorCode"].clone())
        .collect();
    assert_eq!(
        json!(codes),
        json!([
            "MalformedDetail",
            "MalformedDetail",
            "InvalidArgument",
            "InvalidArgument",
            "InvalidArgument",
            "NotAuthorizedForSourceException",
            null
        ])
    );
    assert_eq!(cloud.events().len(), 1);
}

#[tokio::test]
async fn a_request_outside_the_limits_is_refused_as_a_whole() {
    let cloud = cloud();
    let big = |bytes: usize| entry(&json!({"x": "y".repeat(bytes)}).to_string());
    for entries in [
        vec![],
        vec![entry("{}"); 11],
        vec![big(131_000), big(131_100)],
    ] {
        assert_eq!(
            refused(&cloud, PUT, json!({"Entries": entries})).await,
            "ValidationException"
        );
    }
    assert!(cloud.events().is_empty());
    assert_eq!(
        put(&cloud, vec![big(131_000), big(130_000)]).await["FailedEntryCount"],
        0
    );
    assert_eq!(
        put(&cloud, vec![entry("{}"); 10]).await["FailedEntryCount"],
        0
    );
}

#[tokio::test]
async fn a_bus_that_does_not_exist_takes_the_event_and_loses_it() {
    let cloud = cloud();
    let mut entry = entry("{}");
    entry["EventBusName"] = json!("no-such-bus");
    let answer = put(&cloud, vec![entry]).await;
    assert!(answer["Entries"][0]["EventId"].is_string());
    assert!(cloud.events().is_empty());
}

#[tokio::test]
async fn a_bus_can_be_named_by_its_arn() {
    let cloud = cloud();
    let mut entry = entry("{}");
    entry["EventBusName"] =
        json!("arn:aws:events:eu-central-1:123456789012:event-bus/hosted-connections");
    put(&cloud, vec![entry]).await;
    assert_eq!(cloud.events()[0].bus, "hosted-connections");
}

#[tokio::test]
async fn a_bus_is_described_by_name_or_arn_and_one_that_is_not_there_is_not() {
    let cloud = Cloud::builder().build().unwrap();
    let arn = "arn:aws:events:eu-central-1:123456789012:event-bus/hosted-connections";
    for name in ["hosted-connections", arn] {
        let bus = ok(&cloud, "AWSEvents.DescribeEventBus", json!({"Name": name})).await;
        assert_eq!(bus, json!({"Name": "hosted-connections", "Arn": arn}));
    }
    let default = ok(&cloud, "AWSEvents.DescribeEventBus", json!({})).await;
    assert_eq!(default["Name"], "default");
    let nowhere = json!({"Name": "nowhere"});
    let refusal = refused(&cloud, "AWSEvents.DescribeEventBus", nowhere).await;
    assert_eq!(refusal, "ResourceNotFoundException");
}

#[tokio::test]
async fn one_bad_trace_header_fails_the_whole_request() {
    let cloud = cloud();
    let traced = |header: &str| {
        let mut entry = entry("{}");
        entry["TraceHeader"] = json!(header);
        entry
    };
    let good = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let long = format!("{good};Lineage={}", "x".repeat(500));
    for bad in ["", "yes", "Sampled=1", &long] {
        let entries = vec![traced(good), traced(bad), entry("{}")];
        let code = refused(&cloud, PUT, json!({"Entries": entries})).await;
        assert_eq!(code, "ValidationException", "{bad}");
    }
    assert!(cloud.events().is_empty());
    let answer = put(&cloud, vec![traced(good), entry("{}")]).await;
    assert_eq!(answer["FailedEntryCount"], 0);
}
