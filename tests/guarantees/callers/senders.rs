//! Who has sent something, door by door: what AWS says of it counts, and nothing that the sender says itself.

use proof::{Invocation, QUEUE_ARN, returned, sqs};

use super::*;
use crate::answers::{Http, direct_problem, rejection, sqs_origin};
use crate::doors::envelopes::{event, notification};

/// Every way in that shows nobody, or somebody who is not registered, with its key and VLAN.
fn strangers() -> Vec<Value> {
    let mut without_authorizer = http("acme-1", &request(Some(101)).to_string());
    // What a caller writes itself makes nobody of it.
    for header in [
        "x-caller",
        "x-amzn-iam-user-arn",
        "authorization",
        "x-amz-source-account",
    ] {
        without_authorizer["headers"][header] = ACME.into();
    }
    let mut iam_without_names = without_authorizer.clone();
    iam_without_names["requestContext"]["authorizer"] =
        json!({"iam": {"callerId": null, "userArn": null}});
    let mut jwt = without_authorizer.clone();
    jwt["requestContext"]["authorizer"] = json!({"jwt": {"claims": {"sub": ACME}}});
    let mut lambda = without_authorizer.clone();
    lambda["requestContext"]["authorizer"] =
        json!({"lambda": {"principalId": ACME, "callerId": ACME}});
    let mut v1 = json!({
        "path": "/allocations", "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "Idempotency-Key": "acme-1"},
        "requestContext": {"requestId": "request-1", "identity": {"caller": null, "userArn": null, "apiKey": ACME}},
        "body": request(Some(101)).to_string(), "isBase64Encoded": false,
    });
    let stage = v1.clone();
    v1["requestContext"] = json!({"elb": {"targetGroupArn": "arn"}});
    vec![
        by(STRANGER, without_authorizer.clone()),
        without_authorizer,
        iam_without_names,
        jwt,
        lambda,
        stage,
        v1,
    ]
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_registered_orders_nothing_over_http_whatever_it_says_of_itself() {
    let world = apart().await;
    for event in strangers() {
        let invocation = world.invoke(&event).await;
        Http::of(invocation).problem(404, "NotFound");
    }
    assert_eq!(world.items("allocation#").len(), 0);
    assert_eq!(world.cloud.connections().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_without_a_registered_sender_is_rejected_with_the_name_to_register() {
    let world = apart().await;
    let mut nobody = sent_by("", "m-1", &keyed("acme-1", 101));
    nobody["attributes"]
        .as_object_mut()
        .unwrap()
        .remove("SenderId");
    nobody["messageAttributes"]["SenderId"] = json!({"dataType": "String", "stringValue": ACME});
    let stranger = sent_by(&format!("{STRANGER}:session"), "m-2", &keyed("acme-2", 102));
    // Who publishes to a topic that feeds the queue is the topic for the queue.
    let envelope = sent_by(
        STRANGER,
        "m-3",
        &notification(&keyed("acme-3", 103).to_string()),
    );
    let answer = world
        .invoke(&sqs([nobody, stranger, envelope]))
        .await
        .answer();
    assert_eq!(returned(&answer), [""; 0]);
    assert_eq!(world.cloud.connections().len(), 0);
    let events = world.cloud.events();
    assert_eq!(events.len(), 3);
    for event in events {
        let message = event.detail["origin"]["messageId"].as_str().unwrap();
        let mut origin = sqs_origin(message, QUEUE_ARN);
        if let Some(via) = event.detail["origin"].get("via") {
            origin["via"] = via.clone();
        }
        let told = rejection(&world, &event, &Value::Null, &origin);
        assert_eq!(told["code"], "NotFound");
        let words = told["message"].as_str().unwrap();
        assert_eq!(words.contains(STRANGER), message != "m-1", "{words}");
        assert!(!words.contains("session"), "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn doors_that_show_nobody_are_open_only_to_those_who_are_registered_by_the_doors_name() {
    let direct = keyed("acme-1", 101);
    let bus = event("shop", &keyed("acme-2", 102));
    let sns = json!({"Records": [{"EventSource": "aws:sns", "Sns": notification(&keyed("acme-3", 103).to_string())}]});
    let world = apart().await;
    direct_problem(world.invoke(&direct).await, 404, "NotFound");
    for event in [&bus, &sns] {
        let outcome = world.invoke(event).await.answer();
        let expected = json!({"outcomes": [{"status": "rejected", "code": "NotFound"}]});
        assert_eq!(outcome, expected);
    }
    assert_eq!(world.cloud.connections().len(), 0);
    let mut acme = caller(ACME, "acme-", &json!({}));
    acme["principals"] = json!([ACME, "direct", "eventbridge", "sns"]);
    register(&world, "acme", &acme).await;
    for event in [&direct, &bus, &sns] {
        assert!(matches!(world.invoke(event).await, Invocation::Answered(_)));
    }
    assert_eq!(world.cloud.connections().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_authorizer_names_the_caller_that_is_registered_with_it() {
    let names = [
        "arn:aws:iam::123456789012:role/acme",
        "jwt:4f1c",
        "authorizer:acme",
    ];
    let session = json!({"iam": {"callerId": "AROAXXXXXXXXXXXXXXXXX:s", "userArn": "arn:aws:sts::123456789012:assumed-role/acme/s"}});
    let authorizers = [
        session,
        json!({"jwt": {"claims": {"sub": "4f1c"}}}),
        json!({"lambda": {"principalId": "acme"}}),
    ];
    for (name, authorizer) in names.into_iter().zip(authorizers) {
        let world = World::with(|builder| builder, &[ENFORCED]);
        register(&world, "acme", &caller(name, "acme-", &json!({}))).await;
        let mut event = http("acme-1", &request(Some(101)).to_string());
        event["requestContext"]["authorizer"] = authorizer;
        Http::of(world.invoke(&event).await).receipt();
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_of_our_own_is_left_alone_whoever_sends_it() {
    let world = apart().await;
    let own = event("hosted-connections", &json!({"idempotencyKey": "acme-1"}));
    let answer = world.invoke(&sqs([sent_by(STRANGER, "m-1", &own)])).await;
    assert_eq!(returned(&answer.answer()), [""; 0]);
    assert_eq!(world.cloud.events().len(), 0);
}
