//! What a person is told of: stuck and quarantined orders, a failing track function, dead letters.

use serde_json::json;

use super::{properties, template};

#[test]
fn what_needs_a_person_is_alarmed() {
    for (metric, alarm) in [
        ("StuckAllocations", "StuckAllocationsAlarm"),
        ("QuarantinedAllocations", "QuarantinedAllocationsAlarm"),
    ] {
        let alarm = properties(alarm);
        assert_eq!(alarm["MetricName"], metric);
        assert_eq!(alarm["Namespace"], "HostedConnections");
        assert_eq!(alarm.get("Dimensions"), None);
        assert_eq!(alarm["Threshold"], 1);
        assert_eq!(alarm["DatapointsToAlarm"], 2);
    }
    for queue in ["Orders", "Releases"] {
        let alarm = properties(&format!("{queue}DeadLetterAlarm"));
        assert_eq!(
            alarm["Dimensions"][0]["Value"],
            json!({"!GetAtt": format!("{queue}DeadLetterQueue.QueueName")})
        );
    }
    let failing = properties("TrackFailingAlarm");
    assert_eq!(
        failing["Dimensions"][0]["Value"],
        json!({"!Ref": "TrackFunction"})
    );
}

#[test]
fn every_schedule_is_fast_enough_for_the_alarms() {
    let schedules = template()["Parameters"]["TrackSchedule"]["AllowedValues"].take();
    for alarm in [
        "StuckAllocationsAlarm",
        "QuarantinedAllocationsAlarm",
        "TrackFailingAlarm",
    ] {
        let alarm = properties(alarm);
        let number = |member: &str| alarm[member].as_u64().unwrap();
        for schedule in schedules.as_array().unwrap() {
            let digits = schedule
                .as_str()
                .unwrap()
                .replace(|c: char| !c.is_ascii_digit(), "");
            let every_s = 60 * digits.parse::<u64>().unwrap();
            let looked_at_s = number("Period") * number("EvaluationPeriods");
            assert!(number("DatapointsToAlarm") * every_s <= looked_at_s);
        }
    }
}

#[test]
fn nothing_to_count_is_no_alarm_and_every_alarm_reaches_the_topic() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let mut alarms = 0;
    for resource in resources.values() {
        if resource["Type"] == "AWS::CloudWatch::Alarm" {
            alarms += 1;
            let alarm = &resource["Properties"];
            assert_eq!(alarm["TreatMissingData"], "notBreaching");
            assert_eq!(alarm["AlarmActions"]["!If"][0], "HasAlarmTopic");
        }
    }
    assert_eq!(alarms, 5);
}
