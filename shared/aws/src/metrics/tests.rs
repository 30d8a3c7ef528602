//! What a document says, and that it is one.

use serde_json::{Value, json};

use super::*;

const NOON: Timestamp = Timestamp::from_ms(1_767_323_045_678);

fn invocation() -> Invocation {
    Invocation {
        request_id: "r-1".into(),
        trace: Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1".into()),
    }
}

/// What an invocation that ends now would write.
fn written(meter: &Meter) -> Option<Value> {
    let before = meter.kept().len();
    meter.write(&invocation(), NOON);
    let line = meter.kept().get(before)?.clone();
    assert!(!line.contains('\n'));
    Some(serde_json::from_str(&line).unwrap())
}

/// A meter whose process is not new.
fn warm() -> Meter {
    let meter = Meter::keeping();
    written(&meter).unwrap();
    meter
}

#[test]
fn a_document_declares_its_metrics_and_holds_their_values() {
    let meter = Meter::keeping();
    meter.count_order(Door::Sqs, OrderMetric::AllocatedOrders);
    meter.count_order(Door::Sqs, OrderMetric::AllocatedOrders);
    meter.count_order(Door::Sqs, OrderMetric::UnknownOutcomes);
    meter.count(Metric::Takeovers);
    meter.set(Metric::OldestUnfinishedSeconds, 0);
    meter.time(Service::DynamoDb, Duration::from_micros(3_271));
    meter.time(Service::DynamoDb, Duration::from_micros(12_005));
    let count = |name: &str| json!({"Name": name, "Unit": "Count"});
    assert_eq!(
        written(&meter).unwrap(),
        json!({
            "_aws": {
                "Timestamp": 1_767_323_045_678_u64,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "HostedConnections",
                        "Dimensions": [["Door"]],
                        "Metrics": [count("AllocatedOrders"), count("UnknownOutcomes")],
                    },
                    {
                        "Namespace": "HostedConnections",
                        "Dimensions": [[]],
                        "Metrics": [
                            count("Takeovers"),
                            count("ColdStarts"),
                            {"Name": "OldestUnfinishedSeconds", "Unit": "Seconds"},
                            {"Name": "DynamoDBLatency", "Unit": "Milliseconds"},
                        ],
                    },
                ],
            },
            "Door": "sqs",
            "AllocatedOrders": 2,
            "UnknownOutcomes": 1,
            "Takeovers": 1,
            "ColdStarts": 1,
            "OldestUnfinishedSeconds": 0,
            "DynamoDBLatency": [12.005, 3.271],
            "span": {
                "requestId": "r-1",
                "xrayTraceId": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
            },
        })
    );
}

#[test]
fn with_a_stack_every_figure_is_that_stacks() {
    let meter = Meter::new(Some("orders \"east\"".into()), Some(Mutex::default()));
    meter.count_order(Door::Http, OrderMetric::RejectedOrders);
    meter.count(Metric::Defects);
    let document = written(&meter).unwrap();
    let directives = document["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    let dimensions: Vec<_> = directives.iter().map(|one| &one["Dimensions"]).collect();
    assert_eq!(
        dimensions,
        [&json!([["Stack", "Door"]]), &json!([["Stack"]])]
    );
    assert_eq!(document["Stack"], "orders \"east\"");
}

#[test]
fn nothing_is_told_of_nothing() {
    let meter = warm();
    meter.add(Metric::PublishFailures, 0);
    assert_eq!(written(&meter), None);
}

#[test]
fn a_figure_is_told_once() {
    let meter = warm();
    let clone = meter.clone();
    clone.count(Metric::Defects);
    meter.count(Metric::Defects);
    meter.time(Service::EventBridge, Duration::from_millis(5));
    assert_eq!(written(&meter).unwrap()["Defects"], 2);
    assert_eq!(written(&clone), None);
}

#[test]
fn a_process_starts_cold_once() {
    let meter = Meter::keeping();
    assert_eq!(written(&meter).unwrap()["ColdStarts"], 1);
    meter.count(Metric::Defects);
    assert_eq!(written(&meter).unwrap().get("ColdStarts"), None);
}

#[test]
fn figures_of_invocations_side_by_side_are_all_told_and_none_of_them_twice() {
    let meter = warm();
    let total = 8 * 1_000;
    std::thread::scope(|threads| {
        for door in [Door::Sqs, Door::Http, Door::Direct, Door::Sqs].repeat(2) {
            let meter = &meter;
            threads.spawn(move || {
                for _ in 0..1_000 {
                    meter.count(Metric::Takeovers);
                    meter.count_order(door, OrderMetric::AllocatedOrders);
                    meter.write(&invocation(), NOON);
                }
            });
        }
    });
    let documents = meter.kept();
    let documents = documents.iter().skip(1);
    let documents: Vec<Value> = documents
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let sum = |metric: &str, door: Option<&str>| -> u64 {
        let of_door = |document: &&Value| door.is_none_or(|door| document["Door"] == door);
        let values = documents.iter().filter(of_door);
        values
            .filter_map(|document| document[metric].as_u64())
            .sum()
    };
    assert_eq!(sum("Takeovers", None), total);
    assert_eq!(sum("AllocatedOrders", None), total);
    assert_eq!(sum("AllocatedOrders", Some("sqs")), total / 2);
    assert_eq!(sum("AllocatedOrders", Some("http")), total / 4);
    assert_eq!(written(&meter), None);
}

#[test]
fn a_level_comes_with_a_time_so_that_lambda_lets_the_line_through() {
    let mut tally = Tally::default();
    tally.add(Metric::Defects, 1);
    let line = document::line(&tally, &Invocation::default(), NOON, Some("ERROR"), None).unwrap();
    let document: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(document["level"], "ERROR");
    assert_eq!(document["timestamp"], "2026-01-02T03:04:05.678Z");
    assert_eq!(document["span"], json!({"requestId": ""}));
}

/// Every metric at once and more calls than a document takes.
/// Source: CloudWatch user guide, "Specification: Embedded metric format".
#[test]
fn the_fullest_document_obeys_the_specification() {
    let meter = Meter::keeping();
    for metric in Metric::ALL {
        meter.count(*metric);
    }
    for metric in OrderMetric::ALL {
        meter.count_order(Door::Direct, *metric);
    }
    for service in Service::ALL {
        (0..1_000).for_each(|ms| meter.time(service, Duration::from_millis(ms)));
    }
    let document = written(&meter).unwrap();
    // Milliseconds, for the next two hundred years.
    assert_eq!(document["_aws"]["Timestamp"].to_string().len(), 13);
    let mut declared = 0;
    for directive in document["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        assert_eq!(directive["Namespace"], "HostedConnections");
        for dimensions in directive["Dimensions"].as_array().unwrap() {
            let dimensions = dimensions.as_array().unwrap();
            assert!(dimensions.len() <= 30);
            for dimension in dimensions {
                let value = document[dimension.as_str().unwrap()].as_str().unwrap();
                assert!(!value.is_empty() && value.len() <= 1024);
            }
        }
        let metrics = directive["Metrics"].as_array().unwrap();
        assert!((1..=100).contains(&metrics.len()));
        for metric in metrics {
            declared += 1;
            assert!(
                ["Count", "Milliseconds", "Seconds"].contains(&metric["Unit"].as_str().unwrap())
            );
            match &document[metric["Name"].as_str().unwrap()] {
                Value::Array(values) => {
                    assert_eq!(values.len(), 100, "{metric}");
                    assert!(values.iter().all(Value::is_number));
                }
                value => assert!(value.is_number(), "{metric}: {value}"),
            }
        }
    }
    let names = Metric::ALL.len() + OrderMetric::ALL.len() + Service::ALL.len();
    assert_eq!(declared, names);
    // CloudWatch takes events of up to a megabyte, and whatever is declared twice counts once.
    assert!(document.to_string().len() < 10_000);
    assert_eq!(document.as_object().unwrap().len(), 1 + names + 1 + 1);
}
