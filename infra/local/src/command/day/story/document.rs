//! Deliveries as JSON, for scripts.

use serde_json::{Value, json};

use crate::command::day::{decision::Decision, stage::Delivery};

/// One delivery: how it came, and what was decided.
pub(super) fn delivery(delivery: &Delivery) -> Value {
    let mut document = decision(&delivery.decision);
    document["arrived"] = json!(delivery.caption);
    document["idempotencyKey"] = json!(delivery.key);
    document["body"] = json!(delivery.body);
    document
}

fn decision(decision: &Decision) -> Value {
    match decision {
        Decision::Allocated {
            connection,
            answer_lost,
        } => json!({
            "decision": "allocated",
            "connectionId": connection.id,
            "parentConnectionId": connection.parent,
            "vlan": connection.vlan,
            "answerLost": answer_lost,
        }),
        Decision::Replayed {
            connection,
            released,
        } => json!({
            "decision": "replayed",
            "connectionId": connection.id,
            "vlan": connection.vlan,
            "released": released,
        }),
        Decision::Rejected {
            code,
            message,
            violations,
            candidates,
        } => json!({
            "decision": "rejected",
            "code": code,
            "message": message,
            "violations": violations,
            "candidates": candidates,
        }),
        Decision::NotKnownYet { message } => {
            json!({"decision": "not known yet", "message": message})
        }
        Decision::Returned { fault } => json!({"decision": "returned", "fault": fault}),
        Decision::WouldBeAllocated { vlan } => {
            json!({"decision": "forecast", "wouldBe": "allocated", "vlan": vlan})
        }
        Decision::WouldBeRejected { code, message } => {
            json!({"decision": "forecast", "wouldBe": "rejected", "code": code, "message": message})
        }
        Decision::Changed { from, to } => {
            json!({"decision": "changed", "previousState": from, "connectionState": to})
        }
        Decision::Released { connection, before } => {
            json!({"decision": "released", "connectionId": connection.id, "before": before})
        }
        Decision::PolicySet { sellable_mbps } => {
            json!({"decision": "policySet", "sellableMbps": sellable_mbps})
        }
        Decision::Adopted { connection } => {
            json!({"decision": "adopted", "connectionId": connection.id, "vlan": connection.vlan})
        }
        Decision::Unclear(problem) => json!({"decision": "unclear", "problem": problem}),
    }
}
