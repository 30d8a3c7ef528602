//! Sending dead letters round again, as SQS does it.

use std::time::{Duration, SystemTime};

use local_cloud::{Clock, Cloud, QueueSettings};
use serde_json::{Value, json};

use crate::wire::{call, ok, refused};

const START: &str = "AmazonSQS.StartMessageMoveTask";
const LIST: &str = "AmazonSQS.ListMessageMoveTasks";

fn arn(name: &str) -> String {
    format!("arn:aws:sqs:eu-central-1:123456789012:{name}")
}

/// A queue `orders` that gives up after one receive, with `letters` of its own in the dead-letter queue.
async fn cloud_with(letters: &[&str]) -> Cloud {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_322_800);
    let builder = Cloud::builder().clock(Clock::following_tokio(start));
    let cloud = builder.build().unwrap();
    cloud
        .create_queue(QueueSettings::new("orders-dlq"))
        .unwrap();
    let settings = QueueSettings::new("orders").dead_letter("orders-dlq", 1);
    let orders = cloud.create_queue(settings).unwrap();
    for letter in letters {
        orders
            .send(letter, &[("Idempotency-Key", letter)], None)
            .unwrap();
    }
    if !letters.is_empty() {
        orders.next_batch(10).unwrap().unwrap();
        tokio::time::sleep(Duration::from_secs(31)).await;
        assert_eq!(orders.next_batch(10).unwrap(), None, "they are given up");
    }
    cloud
}

async fn receive(cloud: &Cloud, queue: &str) -> Vec<Value> {
    let body = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "AttributeNames": ["All"], "MessageAttributeNames": ["All"]});
    let received = ok(cloud, "AmazonSQS.ReceiveMessage", body).await;
    received["Messages"].as_array().unwrap().clone()
}

fn bodies(cloud: &Cloud, queue: &str) -> Vec<String> {
    cloud.queue(queue).unwrap().bodies()
}

async fn moved(cloud: &Cloud) -> Value {
    let listed = ok(cloud, LIST, json!({"SourceArn": arn("orders-dlq")})).await;
    listed["Results"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_says_where_it_comes_from_and_goes_back_there_as_a_new_message() {
    let cloud = cloud_with(&["a", "b"]).await;
    let dead = receive(&cloud, "orders-dlq").await;
    assert_eq!(
        dead[0]["Attributes"]["DeadLetterQueueSourceArn"],
        arn("orders")
    );
    assert_eq!(dead[0]["Attributes"]["ApproximateReceiveCount"], "2");
    tokio::time::sleep(Duration::from_secs(31)).await;

    ok(&cloud, START, json!({"SourceArn": arn("orders-dlq")})).await;
    assert!(bodies(&cloud, "orders-dlq").is_empty());
    let back = receive(&cloud, "orders").await;
    assert_eq!(
        (&back[0]["Body"], &back[1]["Body"]),
        (&json!("a"), &json!("b"))
    );
    assert_eq!(back[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(back[0]["Attributes"].get("DeadLetterQueueSourceArn"), None);
    assert_ne!(back[0]["MessageId"], dead[0]["MessageId"]);
    assert_eq!(
        back[0]["MessageAttributes"]["Idempotency-Key"]["StringValue"],
        "a"
    );
    let task = moved(&cloud).await;
    assert_eq!(task["Status"], "COMPLETED");
    assert_eq!(task["ApproximateNumberOfMessagesMoved"], 2);
    assert_eq!(task["SourceArn"], arn("orders-dlq"));
    assert_eq!(
        (task.get("DestinationArn"), task.get("TaskHandle")),
        (None, None)
    );
}

#[tokio::test(start_paused = true)]
async fn what_somebody_is_at_stays() {
    let cloud = cloud_with(&["a", "b"]).await;
    let one = json!({"QueueUrl": "orders-dlq", "MaxNumberOfMessages": 1});
    let taken = ok(&cloud, "AmazonSQS.ReceiveMessage", one).await;
    ok(
        &cloud,
        START,
        json!({"SourceArn": arn("orders-dlq"), "DestinationArn": arn("orders")}),
    )
    .await;
    assert_eq!(
        (bodies(&cloud, "orders-dlq"), bodies(&cloud, "orders")),
        (vec!["a".into()], vec!["b".into()])
    );
    // Given back, it can be moved.
    let entry = json!([{"Id": "1", "ReceiptHandle": taken["Messages"][0]["ReceiptHandle"], "VisibilityTimeout": 0}]);
    let given_back = ok(
        &cloud,
        "AmazonSQS.ChangeMessageVisibilityBatch",
        json!({"QueueUrl": "orders-dlq", "Entries": entry}),
    )
    .await;
    assert_eq!(given_back["Successful"], json!([{"Id": "1"}]));
    ok(&cloud, START, json!({"SourceArn": arn("orders-dlq")})).await;
    assert_eq!(bodies(&cloud, "orders"), ["b", "a"]);
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_was_sent_to_the_dead_letter_queue_itself_needs_a_destination() {
    let cloud = cloud_with(&[]).await;
    cloud
        .queue("orders-dlq")
        .unwrap()
        .send("by hand", &[], None)
        .unwrap();
    ok(&cloud, START, json!({"SourceArn": arn("orders-dlq")})).await;
    let task = moved(&cloud).await;
    assert_eq!(
        (&task["Status"], &task["FailureReason"]),
        (&json!("FAILED"), &json!("CouldNotDetermineMessageSource"))
    );
    assert_eq!(bodies(&cloud, "orders-dlq"), ["by hand"], "nothing is lost");
    ok(
        &cloud,
        START,
        json!({"SourceArn": arn("orders-dlq"), "DestinationArn": arn("orders")}),
    )
    .await;
    assert_eq!(bodies(&cloud, "orders"), ["by hand"]);
    let tasks = ok(
        &cloud,
        LIST,
        json!({"SourceArn": arn("orders-dlq"), "MaxResults": 10}),
    )
    .await;
    let states: Vec<_> = tasks["Results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| &task["Status"])
        .collect();
    assert_eq!(states, ["COMPLETED", "FAILED"], "the latest first");
}

#[tokio::test(start_paused = true)]
async fn what_sqs_refuses_to_move() {
    let cloud = cloud_with(&[]).await;
    let (dead, orders, nowhere) = (arn("orders-dlq"), arn("orders"), arn("nowhere"));
    for (body, code) in [
        (json!({"SourceArn": orders}), "InvalidParameterValue"),
        (json!({"SourceArn": nowhere}), "ResourceNotFoundException"),
        (
            json!({"SourceArn": dead, "DestinationArn": nowhere}),
            "ResourceNotFoundException",
        ),
        (json!({}), "MissingParameter"),
    ] {
        let refusal = refused(&cloud, START, body.clone()).await;
        assert_eq!(refusal, format!("com.amazonaws.sqs#{code}"), "{body}");
    }
    for body in [
        json!({"SourceArn": dead, "MaxResults": 11}),
        json!({"SourceArn": nowhere}),
    ] {
        assert_eq!(call(&cloud, LIST, body).await.0, 400);
    }
    let none = ok(&cloud, LIST, json!({"SourceArn": dead})).await;
    assert_eq!(none["Results"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_queue_tells_where_its_dead_letters_go() {
    let cloud = cloud_with(&[]).await;
    let told = ok(
        &cloud,
        "AmazonSQS.GetQueueAttributes",
        json!({"QueueUrl": "orders"}),
    )
    .await;
    let policy = told["Attributes"]["RedrivePolicy"].as_str().unwrap();
    let policy: Value = serde_json::from_str(policy).unwrap();
    assert_eq!(
        policy,
        json!({"deadLetterTargetArn": arn("orders-dlq"), "maxReceiveCount": 1})
    );
    let told = ok(
        &cloud,
        "AmazonSQS.GetQueueAttributes",
        json!({"QueueUrl": "orders-dlq"}),
    )
    .await;
    assert_eq!(told["Attributes"].get("RedrivePolicy"), None);
}
