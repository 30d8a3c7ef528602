//! What a person is told of, when, and where they are sent to read on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::queues::least_receives;
use super::{all, properties, template, text_of_sub};

/// Every alarm with its page of the runbook.
const PAGES: [(&str, &str); 22] = [
    ("OrdersDeadLetterAlarm", "orders-dead-letter"),
    ("ReleasesDeadLetterAlarm", "releases-dead-letter"),
    ("EventsDeadLetterAlarm", "events-dead-letter"),
    ("OrdersFeedDeadLetterAlarm", "orders-feed-dead-letter"),
    ("OldestOrderAlarm", "oldest-order"),
    ("OldestReleaseAlarm", "oldest-release"),
    ("ReturnedOrdersAlarm", "returned-orders"),
    ("ReturnedReleasesAlarm", "returned-orders"),
    ("StuckAllocationsAlarm", "stuck-allocations"),
    ("QuarantinedAllocationsAlarm", "quarantined-allocations"),
    ("DefectsAlarm", "defects"),
    ("PublishFailuresAlarm", "publish-failures"),
    ("DriftAlarm", "drift"),
    ("ThrottlingAlarm", "throttling"),
    ("TrackFailingAlarm", "track-failing"),
    ("ParentsLeftOutAlarm", "parents-left-out"),
    ("TrackNotRunningAlarm", "track-not-running"),
    ("ApiServerErrorsAlarm", "api-server-errors"),
    ("AllocateErrorsAlarm", "function-errors"),
    ("TrackErrorsAlarm", "function-errors"),
    ("InspectErrorsAlarm", "function-errors"),
    ("ReleaseErrorsAlarm", "function-errors"),
];

/// The metrics of ours that an alarm looks at: of this stack alone, and of what comes by the queue where doors count.
fn ours(alarm: &Value) -> BTreeSet<&str> {
    let of_expression = alarm["Metrics"].as_array().into_iter().flatten();
    of_expression
        .filter_map(|metric| metric["MetricStat"].get("Metric"))
        .chain([alarm])
        .filter(|metric| metric["Namespace"] == "HostedConnections")
        .map(|metric| {
            let name = metric["MetricName"].as_str().unwrap();
            let mut dimensions =
                vec![json!({"Name": "Stack", "Value": {"!Ref": "AWS::StackName"}})];
            if ["ReturnedOrders", "UnknownOutcomes"].contains(&name) {
                dimensions.push(json!({"Name": "Door", "Value": "sqs"}));
            }
            assert_eq!(metric["Dimensions"], json!(dimensions), "{metric}");
            name
        })
        .collect()
}

/// Length of the alarm's periods, in seconds.
fn period(alarm: &Value) -> u64 {
    let of_expression = alarm["Metrics"].as_array().into_iter().flatten();
    let periods: BTreeSet<_> = of_expression
        .filter_map(|metric| metric["MetricStat"]["Period"].as_u64())
        .chain(alarm["Period"].as_u64())
        .collect();
    assert_eq!(periods.len(), 1, "{alarm}");
    periods.into_iter().next().unwrap()
}

#[test]
fn every_alarm_has_its_page_of_the_runbook() {
    let pages: BTreeMap<_, _> = PAGES.into_iter().collect();
    let alarms = all("AWS::CloudWatch::Alarm");
    assert_eq!(alarms.len(), pages.len());
    for (name, alarm) in alarms {
        let description = text_of_sub(&alarm["AlarmDescription"]);
        let end = format!(". Runbook: ${{RunbookBaseUrl}}/{}.md", pages[name.as_str()]);
        assert!(description.ends_with(&end), "{name}: {description}");
    }
}

#[test]
fn what_needs_a_person_is_alarmed() {
    for (alarm, metrics) in [
        (
            "ReturnedOrdersAlarm",
            vec!["ReturnedOrders", "UnknownOutcomes"],
        ),
        ("ReturnedReleasesAlarm", vec!["ReturnedReleases"]),
        ("StuckAllocationsAlarm", vec!["StuckAllocations"]),
        (
            "QuarantinedAllocationsAlarm",
            vec!["QuarantinedAllocations"],
        ),
        ("DefectsAlarm", vec!["Defects"]),
        ("PublishFailuresAlarm", vec!["PublishFailures"]),
        ("DriftAlarm", vec!["OrphanConnections", "GhostConnections"]),
        (
            "ThrottlingAlarm",
            vec![
                "DirectConnectThrottles",
                "DynamoDBThrottles",
                "EventBridgeThrottles",
            ],
        ),
        ("ParentsLeftOutAlarm", vec!["ParentsLeftOut"]),
        ("TrackNotRunningAlarm", vec!["TrackRuns"]),
    ] {
        let properties = properties(alarm);
        assert_eq!(ours(&properties), metrics.into_iter().collect(), "{alarm}");
        // Some drift may be known, and no reason to be called.
        let threshold = match alarm {
            "DriftAlarm" => json!({"!Ref": "DriftThreshold"}),
            _ => json!(1),
        };
        assert_eq!(properties["Threshold"], threshold, "{alarm}");
    }
    for (alarm, metric, queue) in [
        (
            "OrdersDeadLetter",
            "NumberOfMessagesVisible",
            "OrdersDeadLetter",
        ),
        (
            "ReleasesDeadLetter",
            "NumberOfMessagesVisible",
            "ReleasesDeadLetter",
        ),
        (
            "EventsDeadLetter",
            "NumberOfMessagesVisible",
            "EventsDeadLetter",
        ),
        (
            "OrdersFeedDeadLetter",
            "NumberOfMessagesVisible",
            "OrdersFeedDeadLetter",
        ),
        ("OldestOrder", "AgeOfOldestMessage", "Orders"),
        ("OldestRelease", "AgeOfOldestMessage", "Releases"),
    ] {
        let alarm = properties(&format!("{alarm}Alarm"));
        assert_eq!(alarm["MetricName"], format!("Approximate{metric}"));
        let queue = format!("{queue}Queue.QueueName");
        assert_eq!(alarm["Dimensions"][0]["Value"], json!({"!GetAtt": queue}));
    }
    let api = properties("ApiServerErrorsAlarm");
    assert_eq!(api["MetricName"], "5xx");
    assert_eq!(
        api["Dimensions"],
        json!([{"Name": "ApiId", "Value": {"!Ref": "Api"}}])
    );
    let failing = properties("TrackFailingAlarm");
    assert_eq!(failing["MetricName"], "Errors");
    assert_eq!(
        failing["Dimensions"],
        json!([{"Name": "FunctionName", "Value": {"!Ref": "TrackFunction"}}])
    );
}

#[test]
fn an_expression_counts_a_minute_without_figures_as_nothing() {
    // A sum with a member that is missing is missing, and only figures that are not zero are written.
    for name in ["DriftAlarm", "ReturnedOrdersAlarm", "ThrottlingAlarm"] {
        let alarm = properties(name);
        let metrics = alarm["Metrics"].as_array().unwrap();
        let (sum, parts) = metrics.split_first().unwrap();
        let filled: Vec<_> = parts
            .iter()
            .map(|part| format!("FILL({}, 0)", part["Id"].as_str().unwrap()))
            .collect();
        assert_eq!(sum["Expression"], filled.join(" + "), "{name}");
        let shown = metrics.iter().filter(|one| one["ReturnData"] == true);
        assert_eq!(shown.collect::<Vec<_>>(), [sum]);
    }
}

/// How long a standard queue counts a message's age: SQS leaves out what was received three times or more.
/// Source: SQS developer guide, "Available CloudWatch metrics", `ApproximateAgeOfOldestMessage`.
const COUNTED_RECEIVES: u64 = 3;

#[test]
fn an_order_that_waits_too_long_is_heard_of_before_its_age_counts_no_more() {
    for (queue, alarm) in [("Orders", "OldestOrder"), ("Releases", "OldestRelease")] {
        let queue = properties(&format!("{queue}Queue"));
        let visibility = queue["VisibilityTimeout"].as_u64().unwrap();
        let alarm = properties(&format!("{alarm}Alarm"));
        let waited = alarm["Threshold"].as_u64().unwrap();
        let seen = waited + period(&alarm) * alarm["EvaluationPeriods"].as_u64().unwrap();
        // One that came back once and is done then is no reason to be called.
        assert!(waited > visibility);
        assert!(seen <= (COUNTED_RECEIVES - 1) * visibility);
    }
}

#[test]
fn an_order_that_keeps_coming_back_is_heard_of_before_the_queue_gives_it_up() {
    for (queue, alarm) in [
        ("Orders", "ReturnedOrders"),
        ("Releases", "ReturnedReleases"),
    ] {
        let visibility = properties(&format!("{queue}Queue"))["VisibilityTimeout"].take();
        let visibility = visibility.as_u64().unwrap();
        let alarm = properties(&format!("{alarm}Alarm"));
        let returns = alarm["DatapointsToAlarm"].as_u64().unwrap();
        let window = period(&alarm) * alarm["EvaluationPeriods"].as_u64().unwrap();
        // One that comes back once is none.
        assert!(returns > 2);
        assert!(returns < least_receives(queue));
        // A minute more: what comes back need not do so on the minute.
        assert!((returns - 1) * visibility + period(&alarm) <= window);
    }
}

#[test]
fn every_schedule_is_fast_enough_for_the_alarms() {
    let schedules = template()["Parameters"]["TrackSchedule"]["AllowedValues"].take();
    for name in [
        "StuckAllocationsAlarm",
        "QuarantinedAllocationsAlarm",
        "DriftAlarm",
        "TrackFailingAlarm",
        "TrackNotRunningAlarm",
    ] {
        let alarm = properties(name);
        let number = |member: &str| alarm[member].as_u64().unwrap();
        // Silence has to last for longer than two runs take to come.
        let runs = alarm
            .get("DatapointsToAlarm")
            .map_or(2, |_| number("DatapointsToAlarm"));
        for schedule in schedules.as_array().unwrap() {
            let digits = schedule
                .as_str()
                .unwrap()
                .replace(|c: char| !c.is_ascii_digit(), "");
            let every_s = 60 * digits.parse::<u64>().unwrap();
            let looked_at_s = period(&alarm) * number("EvaluationPeriods");
            assert!(runs * every_s <= looked_at_s, "{name}, {schedule}");
        }
    }
}

#[test]
fn nothing_to_count_is_no_alarm_except_when_nothing_runs_and_every_alarm_reaches_the_topic() {
    for (name, alarm) in all("AWS::CloudWatch::Alarm") {
        let missing = match name.as_str() {
            "TrackNotRunningAlarm" => "breaching",
            _ => "notBreaching",
        };
        assert_eq!(alarm["TreatMissingData"], missing, "{name}");
        for actions in ["AlarmActions", "OKActions"] {
            assert_eq!(alarm[actions]["!If"][0], "HasAlarmTopic", "{name}");
            assert_eq!(alarm[actions]["!If"][1], json!([{"!Ref": "AlarmTopicArn"}]));
        }
    }
}
