//! What is kept of the events: the archive, and the audit log, which only the bus may write.

use hosted_connection::Event;
use serde_json::{Value, json};

use super::{arn_of, properties, template, text_of_sub};

/// The rules that write into the audit log.
const RULES: [&str; 2] = ["AuditRule", "AuditReplayRule"];

#[test]
fn every_event_is_archived_and_written_down() {
    let archive = properties("EventArchive");
    assert_eq!(archive["EventPattern"], json!({"source": [Event::SOURCE]}));
    assert_eq!(archive["SourceArn"], arn_of("EventBus"));
    for rule in RULES {
        let rule = properties(rule);
        assert_eq!(rule["EventBusName"], json!({"!Ref": "EventBus"}));
        let target = text_of_sub(&rule["Targets"][0]["Arn"]);
        assert!(target.ends_with(":log-group:${AuditLogGroup}"), "{target}");
    }
}

#[test]
fn a_replay_is_written_down_a_second_time_only_where_it_is_meant_to_be() {
    let pattern = |rule: &str| properties(rule)["EventPattern"].take();
    assert_eq!(
        pattern("AuditRule"),
        json!({"source": [Event::SOURCE], "replay-name": [{"exists": false}]})
    );
    assert_eq!(
        pattern("AuditReplayRule"),
        json!({"source": [Event::SOURCE], "replay-name": [{"prefix": "audit-"}]})
    );
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../infra/runbook/events-dead-letter.md");
    let page = std::fs::read_to_string(path).unwrap();
    assert!(page.contains("--replay-name audit-"));
}

#[test]
fn the_audit_log_outlives_the_stack_and_only_the_bus_writes_it() {
    let log = template()["Resources"]["AuditLogGroup"].take();
    assert_eq!(log["UpdateReplacePolicy"], "Retain");
    let policy: Value =
        serde_json::from_str(text_of_sub(&properties("AuditLogPolicy")["PolicyDocument"])).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let actions: Vec<_> = statements.iter().map(|one| &one["Action"]).collect();
    assert_eq!(actions, ["logs:CreateLogStream", "logs:PutLogEvents"]);
    for statement in statements {
        assert_eq!(statement["Effect"], "Allow");
        assert_eq!(statement["Resource"], "${AuditLogGroup.Arn}");
        assert_eq!(
            statement["Principal"]["Service"],
            json!(["events.amazonaws.com", "delivery.logs.amazonaws.com"])
        );
    }
    assert_eq!(
        statements[1]["Condition"],
        json!({"ArnEquals": {"aws:SourceArn": RULES.map(|rule| format!("${{{rule}.Arn}}"))}})
    );
}

#[test]
fn what_the_bus_cannot_deliver_ends_where_an_alarm_hears_of_it() {
    let queue = arn_of("EventsDeadLetterQueue");
    for rule in RULES {
        let target = properties(rule)["Targets"][0].take();
        assert_eq!(target["DeadLetterConfig"]["Arn"], queue);
    }
    let of_bus = properties("EventBus")["DeadLetterConfig"].take();
    assert_eq!(of_bus["!If"][1]["Arn"], queue);
    let policy = properties("EventsDeadLetterQueuePolicy");
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    let allowed: Vec<_> = statements
        .iter()
        .filter(|one| one["Effect"] == "Allow")
        .collect();
    let [allowed] = allowed[..] else {
        panic!("{allowed:?}")
    };
    assert_eq!(allowed["Action"], "sqs:SendMessage");
    assert_eq!(
        allowed["Principal"],
        json!({"Service": "events.amazonaws.com"})
    );
    assert_eq!(
        allowed["Condition"],
        json!({"ArnEquals": {"aws:SourceArn": [arn_of("AuditRule"), arn_of("AuditReplayRule"), arn_of("EventBus")]}})
    );
}
