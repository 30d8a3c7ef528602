//! The dashboard: it can be read by CloudWatch, and shows what there is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{all, properties, text_of_sub};

/// What the functions measure and count by the door that an order came through.
const BY_DOOR: [&str; 5] = [
    "AllocatedOrders",
    "ReplayedOrders",
    "RejectedOrders",
    "ReturnedOrders",
    "UnknownOutcomes",
];
/// What they measure and count for all together.
const PLAIN: [&str; 28] = [
    "Defects",
    "OwnEvents",
    "Takeovers",
    "ReconciledAdopted",
    "ReconciledAbsent",
    "ReconciledForeign",
    "PublishFailures",
    "DirectConnectLatency",
    "DynamoDBLatency",
    "EventBridgeLatency",
    "DirectConnectThrottles",
    "DynamoDBThrottles",
    "EventBridgeThrottles",
    "ColdStarts",
    "CompletedReleases",
    "PendingReleases",
    "RejectedReleases",
    "ReturnedReleases",
    "FinishedAllocations",
    "UnfinishedAllocations",
    "StuckAllocations",
    "QuarantinedAllocations",
    "StateChanges",
    "OrphanConnections",
    "GhostConnections",
    "ParentsLeftOut",
    "OldestUnfinishedSeconds",
    "TrackRuns",
];

fn widgets() -> Vec<Value> {
    let dashboard = properties("Dashboard");
    // `${…}` stands inside of texts only, so what is left is JSON already.
    let mut body: Value = serde_json::from_str(text_of_sub(&dashboard["DashboardBody"])).unwrap();
    serde_json::from_value(body["widgets"].take()).unwrap()
}

/// The rows of all graphs, as CloudWatch has them: namespace, name, dimensions, options; or an expression's options alone.
fn rows() -> Vec<Vec<Value>> {
    let widgets = widgets();
    let metrics = widgets.iter().filter(|widget| widget["type"] == "metric");
    metrics
        .flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap())
        .map(|row| row.as_array().unwrap().clone())
        .collect()
}

#[test]
fn everything_that_is_measured_is_shown() {
    let mut shown = BTreeSet::new();
    for row in rows() {
        if row[0] == "HostedConnections" {
            // Of this stack alone.
            assert_eq!(row[2..4], ["Stack", "${AWS::StackName}"]);
            let door = row.get(4).filter(|name| *name == "Door");
            let door = door.map(|_| row[5].as_str().unwrap().to_owned());
            shown.insert((row[1].as_str().unwrap().to_owned(), door));
        }
    }
    let mut measured = BTreeSet::new();
    for door in ["sqs", "http", "direct", "eventbridge", "sns"] {
        measured.extend(BY_DOOR.map(|name| (name.to_owned(), Some(door.to_owned()))));
    }
    measured.extend(PLAIN.map(|name| (name.to_owned(), None)));
    assert_eq!(shown, measured);
}

#[test]
fn the_first_thing_to_see_is_every_alarm() {
    let widgets = widgets();
    let states = widgets.iter().find(|widget| widget["type"] == "alarm");
    let states = states.unwrap();
    let shown: BTreeSet<_> = states["properties"]["alarms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alarm| alarm.as_str().unwrap().to_owned())
        .collect();
    let alarms = all("AWS::CloudWatch::Alarm").into_iter();
    assert_eq!(
        shown,
        alarms.map(|(name, _)| format!("${{{name}.Arn}}")).collect()
    );
    let figures = widgets.iter().filter(|widget| widget["type"] == "metric");
    for figure in figures {
        assert!(states["y"].as_u64() < figure["y"].as_u64());
    }
}

#[test]
fn expressions_fill_metrics_that_are_there_and_hidden() {
    for widget in widgets() {
        let rows: Vec<Value> = serde_json::from_value(
            widget["properties"]
                .get("metrics")
                .cloned()
                .unwrap_or_default(),
        )
        .unwrap_or_default();
        let options = |row: &Value| row.as_array().unwrap().last().unwrap().clone();
        let mut ids = BTreeSet::new();
        let mut hidden = BTreeSet::new();
        let mut filled = BTreeSet::new();
        for row in &rows {
            let options = options(row);
            if let Some(id) = options["id"].as_str() {
                assert!(ids.insert(id.to_owned()), "{id} is there twice");
            }
            match options["expression"].as_str() {
                Some(sum) => filled.extend(sum.split(" + ").map(|part| {
                    let id = part
                        .strip_prefix("FILL(")
                        .and_then(|id| id.strip_suffix(", 0)"));
                    id.unwrap_or_else(|| panic!("{sum}")).to_owned()
                })),
                None if options["visible"] == false => {
                    hidden.insert(options["id"].as_str().unwrap().to_owned());
                }
                None => {}
            }
        }
        assert_eq!(filled, hidden);
    }
}

#[test]
fn nothing_covers_anything_else() {
    let mut taken = BTreeSet::new();
    for widget in widgets() {
        let of = |side: &str| widget[side].as_u64().unwrap();
        assert!(of("x") + of("width") <= 24, "{widget}");
        for x in of("x")..of("x") + of("width") {
            for y in of("y")..of("y") + of("height") {
                assert!(taken.insert((x, y)), "{widget}");
            }
        }
    }
}
