//! What is kept of the events: the archive, and the audit log, which only the bus may write.

use hosted_connection::Event;
use serde_json::{Value, json};

use super::{arn_of, properties, template, text_of_sub};

#[test]
fn every_event_is_archived_and_written_down() {
    for name in ["EventArchive", "AuditRule"] {
        let pattern = properties(name)["EventPattern"].take();
        assert_eq!(pattern, json!({"source": [Event::SOURCE]}), "{name}");
    }
    assert_eq!(properties("EventArchive")["SourceArn"], arn_of("EventBus"));
    let rule = properties("AuditRule");
    assert_eq!(rule["EventBusName"], json!({"!Ref": "EventBus"}));
    let target = text_of_sub(&rule["Targets"][0]["Arn"]);
    assert!(target.ends_with(":log-group:${AuditLogGroup}"), "{target}");
}

#[test]
fn the_audit_log_outlives_the_stack_and_only_the_bus_writes_it() {
    let log = template()["Resources"]["AuditLogGroup"].take();
    assert_eq!(log["DeletionPolicy"], "Retain");
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
        json!({"ArnEquals": {"aws:SourceArn": "${AuditRule.Arn}"}})
    );
}

#[test]
fn what_the_bus_cannot_deliver_ends_where_an_alarm_hears_of_it() {
    let queue = arn_of("EventsDeadLetterQueue");
    let target = properties("AuditRule")["Targets"][0].take();
    assert_eq!(target["DeadLetterConfig"]["Arn"], queue);
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
        json!({"ArnEquals": {"aws:SourceArn": [arn_of("AuditRule"), arn_of("EventBus")]}})
    );
}
