//! How fresh and how sure is what callers are judged by.

use std::time::Duration;

use lambda_runtime::{Context, LambdaEvent};
use local_cloud::{Fault, FaultKind};
use proof::{Program, TIMEOUT, fifo_record, returned, sqs};
use serde_json::value::to_raw_value;

use super::*;
use crate::answers::{Http, operations};

/// The status of one more invocation of a process that goes on living, and what it asked.
async fn status(
    world: &World,
    process: &allocate::Function,
    event: &Value,
) -> (Value, Vec<String>) {
    let mut context = Context::default();
    let now = world.cloud.clock().now();
    let deadline = now.duration_since(std::time::UNIX_EPOCH).unwrap() + TIMEOUT;
    context.deadline = u64::try_from(deadline.as_millis()).unwrap();
    world.cloud.forget_requests();
    let event = LambdaEvent::new(to_raw_value(event).unwrap(), context);
    let answer = process.handle(event).await.unwrap();
    let answer: Value = serde_json::from_str(answer.get()).unwrap();
    (answer["statusCode"].clone(), operations(world))
}

#[tokio::test(start_paused = true)]
async fn callers_are_looked_at_once_in_thirty_seconds_and_a_removed_one_is_out_by_then() {
    let world = apart().await;
    let process = world.function("process");
    let order = |key: &str, vlan| order_by(ACME, key, vlan);
    let told = status(&world, &process, &order("acme-1", 101)).await;
    assert_eq!(told, (json!(201), after_a_look(&FRESH_ORDER)));
    let removed = world.aws("operator").ledger.remove_caller("acme").await;
    assert!(removed.unwrap());
    tokio::time::sleep(Duration::from_secs(29)).await;
    let (told, asked) = status(&world, &process, &order("acme-2", 102)).await;
    assert_eq!(
        (told, asked),
        (json!(201), FRESH_ORDER.map(str::to_owned).into())
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    let told = status(&world, &process, &order("acme-3", 103)).await;
    assert_eq!(told, (json!(404), vec!["Query".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn while_callers_cannot_be_looked_at_nothing_is_done_and_nothing_is_refused_for_good() {
    for (kind, code, status) in [
        (FaultKind::Throttle, "Throttled", 429),
        (denied(), "Internal", 500),
        (FaultKind::ApplyThenWithoutList, "Internal", 500),
        (FaultKind::HangBefore, "Unavailable", 503),
    ] {
        let world = apart().await;
        world
            .cloud
            .inject(Fault::on(kind.clone(), "Query").always());
        let mut dry = order_by(ACME, "acme-1", 101);
        dry["rawQueryString"] = "dryRun=true".into();
        for (program, event) in [
            (Program::Allocate, order_by(ACME, "acme-1", 101)),
            (Program::Allocate, dry),
            (
                Program::Inspect,
                by(ACME, proof::get("/allocations/acme-1")),
            ),
            (Program::Release, by(ACME, proof::delete("acme-1"))),
        ] {
            let http = Http::of(world.invoke_program(program, &event).await);
            http.problem(status, code);
        }
        let order = sent_by(ACME, "m-1", &keyed("acme-1", 101));
        let wish = json!({"action": "release", "idempotencyKey": "acme-1"});
        let wish = sent_by(ACME, "m-1", &wish);
        for (program, message) in [(Program::Allocate, order), (Program::Release, wish)] {
            let answer = world.invoke_program(program, &sqs([message])).await;
            assert_eq!(returned(&answer.answer()), ["m-1"], "{kind}");
        }
        assert!(
            world
                .cloud
                .requests()
                .iter()
                .all(|one| one.operation == "Query")
        );
        assert_eq!(world.cloud.events().len(), 0);
    }
}

fn denied() -> FaultKind {
    FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".to_owned(),
    }
}

/// Somebody writes a caller past the operator's command.
fn write(world: &World, name: &str, item: Value) {
    let mut item = item;
    item["pk"] = json!({"S": "callers"});
    item["sk"] = json!({"S": name});
    world.cloud.import_items(vec![item]).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_cannot_be_read_is_our_defect_for_whoever_it_may_be_and_no_matter_to_the_others()
 {
    for item in [
        json!({"caller": {"S": "nonsense"}}),
        json!({"caller": {"S": "{}"}}),
        json!({"caller": {"N": "1"}}),
        json!({}),
        // A rule that this version does not know may forbid something.
        json!({"caller": {"S": caller(STRANGER, "s-", &json!({"notBefore": "2027"})).to_string()}}),
    ] {
        let world = apart().await;
        write(&world, "broken", item);
        let http = Http::of(world.invoke(&order_by(STRANGER, "s-1", 101)).await);
        let problem = http.problem(500, "Internal");
        assert!(!problem.to_string().contains("broken"), "{problem}");
        let message = sent_by(STRANGER, "m-1", &keyed("s-1", 101));
        let neighbour = sent_by(ACME, "m-2", &keyed("acme-2", 102));
        let answer = world.invoke(&sqs([message, neighbour])).await.answer();
        assert_eq!(returned(&answer), ["m-1"]);
        assert_eq!(world.cloud.connections().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn callers_that_overlap_in_the_table_are_both_out_until_that_is_mended() {
    let world = apart().await;
    let overlapping = caller(STRANGER, "acme-emea-", &json!({})).to_string();
    write(&world, "emea", json!({"caller": {"S": overlapping}}));
    for (principal, key) in [(ACME, "acme-1"), (STRANGER, "acme-emea-1")] {
        let http = Http::of(world.invoke(&order_by(principal, key, 101)).await);
        http.problem(500, "Internal");
    }
    Http::of(world.invoke(&order_by(UMBRELLA, "umbrella-1", 102)).await).receipt();
    world
        .aws("operator")
        .ledger
        .remove_caller("emea")
        .await
        .unwrap();
    Http::of(world.invoke(&order_by(ACME, "acme-1", 101)).await).receipt();
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_held_back_holds_back_the_later_ones_of_its_group() {
    let world = apart().await;
    write(&world, "broken", json!({}));
    let fifo = |principal: &str, message: &str, group: &str, key: &str, vlan| {
        let mut record = fifo_record(message, group, &keyed(key, vlan).to_string());
        record["attributes"]["SenderId"] = principal.into();
        record
    };
    let batch = sqs([
        fifo(STRANGER, "m-1", "a", "s-1", 101),
        fifo(ACME, "m-2", "a", "acme-2", 102),
        fifo(ACME, "m-3", "b", "acme-3", 103),
    ]);
    let answer = world.invoke(&batch).await.answer();
    assert_eq!(returned(&answer), ["m-1", "m-2"]);
    assert_eq!(world.cloud.connections().len(), 1);
}
