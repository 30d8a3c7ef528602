//! Queues through SQS's API, and through Lambda's event source mapping.

use std::time::{Duration, SystemTime};

use local_cloud::{Clock, Cloud, Queue, QueueSettings};
use serde_json::{Value, json};

use crate::wire::{ok, refused};

/// A cloud whose clock is tokio's, so that visibility timeouts pass when a test sleeps.
fn paused() -> Cloud {
    Cloud::builder()
        .clock(Clock::following_tokio(
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_322_800),
        ))
        .build()
        .unwrap()
}

fn queue(cloud: &Cloud, name: &str) -> Queue {
    let settings = QueueSettings::new(name).visibility_timeout(Duration::from_secs(180));
    cloud.create_queue(settings).unwrap()
}

fn bodies(batch: &Value) -> Vec<&str> {
    let records = batch["Records"].as_array().unwrap();
    records
        .iter()
        .map(|record| record["body"].as_str().unwrap())
        .collect()
}

fn failures(batch: &Value, indexes: &[usize]) -> Value {
    let failed: Vec<_> = indexes
        .iter()
        .map(|index| json!({"itemIdentifier": batch["Records"][index]["messageId"]}))
        .collect();
    json!({"batchItemFailures": failed})
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_the_event_that_lambda_gets() {
    let cloud = paused();
    let queue = queue(&cloud, "orders");
    let id = queue
        .send("body", &[("Idempotency-Key", "order-1")], None)
        .unwrap();
    let batch = queue.next_batch(10).unwrap().unwrap();
    let record = &batch["Records"][0];

    assert_eq!(record["messageId"], json!(id));
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(
        record["eventSourceARN"],
        "arn:aws:sqs:eu-central-1:123456789012:orders"
    );
    assert_eq!(record["awsRegion"], "eu-central-1");
    assert_eq!(record["md5OfBody"], "841a2d689ad86bd1611447453c22c6fc");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(record["attributes"]["SentTimestamp"], "1767322800000");
    assert_eq!(
        record["messageAttributes"]["Idempotency-Key"]["stringValue"],
        "order-1"
    );
    assert_eq!(
        record["messageAttributes"]["Idempotency-Key"]["dataType"],
        "String"
    );
    assert!(record["receiptHandle"].is_string());
}

#[tokio::test(start_paused = true)]
async fn what_is_reported_comes_back_after_the_visibility_timeout_and_the_rest_is_gone() {
    let cloud = paused();
    let queue = queue(&cloud, "orders");
    for body in ["a", "b", "c"] {
        queue.send(body, &[], None).unwrap();
    }
    let batch = queue.next_batch(10).unwrap().unwrap();
    assert_eq!(queue.next_batch(10).unwrap(), None);
    queue.settle(&batch, Some(&failures(&batch, &[1]))).unwrap();
    assert_eq!(queue.bodies(), ["b"]);

    tokio::time::sleep(Duration::from_secs(179)).await;
    assert_eq!(queue.next_batch(10).unwrap(), None);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let again = queue.next_batch(10).unwrap().unwrap();
    assert_eq!(
        again["Records"][0]["attributes"]["ApproximateReceiveCount"],
        "2"
    );
    queue.settle(&again, Some(&Value::Null)).unwrap();
    assert!(queue.bodies().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_lambda_cannot_use_fails_the_whole_batch() {
    let cloud = paused();
    let queue = queue(&cloud, "orders");
    queue.send("a", &[], None).unwrap();
    queue.send("b", &[], None).unwrap();
    let batch = queue.next_batch(10).unwrap().unwrap();
    for response in [
        None,
        Some(json!({"batchItemFailures": [{"itemIdentifier": ""}]})),
        Some(json!({"batchItemFailures": [{"itemIdentifier": null}]})),
        Some(json!({"batchItemFailures": [{"messageId": "x"}]})),
        Some(json!({"batchItemFailures": [{"itemIdentifier": "not-of-this-batch"}]})),
        Some(json!({"batchItemFailures": "all"})),
        Some(json!("text")),
    ] {
        assert!(
            queue.settle(&batch, response.as_ref()).unwrap().is_empty(),
            "{response:?}"
        );
    }
    assert_eq!(queue.bodies().len(), 2);
    for response in [
        json!({}),
        json!({"batchItemFailures": null}),
        json!({"batchItemFailures": []}),
    ] {
        assert_eq!(queue.settle(&batch, Some(&response)).unwrap().len(), 2);
    }
    assert!(queue.bodies().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_message_received_too_often_goes_to_the_dead_letter_queue() {
    let cloud = paused();
    let dead = queue(&cloud, "dead");
    let orders = cloud
        .create_queue(
            QueueSettings::new("orders")
                .visibility_timeout(Duration::from_secs(1))
                .dead_letter("dead", 2),
        )
        .unwrap();
    orders.send("poison", &[], None).unwrap();
    for _ in 0..2 {
        let batch = orders.next_batch(10).unwrap().unwrap();
        orders.settle(&batch, None).unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(orders.next_batch(10).unwrap(), None);
    assert!(orders.bodies().is_empty());
    assert_eq!(dead.bodies(), ["poison"]);
}

#[tokio::test(start_paused = true)]
async fn a_fifo_group_stands_still_while_one_of_its_messages_is_out() {
    let cloud = paused();
    let queue = queue(&cloud, "orders.fifo");
    for (body, group) in [("a1", "a"), ("a2", "a"), ("b1", "b")] {
        queue.send(body, &[], Some(group)).unwrap();
    }
    let first = queue.next_batch(1).unwrap().unwrap();
    assert_eq!(bodies(&first), ["a1"]);
    assert_eq!(first["Records"][0]["attributes"]["MessageGroupId"], "a");
    let second = queue.next_batch(10).unwrap().unwrap();
    assert_eq!(bodies(&second), ["b1"]);
    queue.settle(&first, Some(&json!({}))).unwrap();
    let third = queue.next_batch(10).unwrap().unwrap();
    assert_eq!(bodies(&third), ["a2"]);
}

#[tokio::test(start_paused = true)]
async fn a_fifo_batch_keeps_the_order_within_a_group() {
    let cloud = paused();
    let queue = queue(&cloud, "orders.fifo");
    for body in ["1", "2", "3"] {
        queue.send(body, &[], Some("g")).unwrap();
    }
    let batch = queue.next_batch(10).unwrap().unwrap();
    assert_eq!(bodies(&batch), ["1", "2", "3"]);
    queue
        .settle(&batch, Some(&failures(&batch, &[1, 2])))
        .unwrap();
    tokio::time::sleep(Duration::from_secs(180)).await;
    assert_eq!(bodies(&queue.next_batch(10).unwrap().unwrap()), ["2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn a_fifo_queue_takes_a_repeated_deduplication_id_for_five_minutes_once() {
    let cloud = paused();
    let queue = queue(&cloud, "orders.fifo");
    assert!(queue.send("no group", &[], None).is_err());
    let send = json!({
        "QueueUrl": queue.url(), "MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "d",
    });
    let first = ok(&cloud, "AmazonSQS.SendMessage", send.clone()).await;
    let second = ok(&cloud, "AmazonSQS.SendMessage", send.clone()).await;
    assert_eq!(first["MessageId"], second["MessageId"]);
    assert_eq!(queue.bodies().len(), 1);
    tokio::time::sleep(Duration::from_secs(301)).await;
    ok(&cloud, "AmazonSQS.SendMessage", send).await;
    assert_eq!(queue.bodies().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_api_sends_receives_hides_and_deletes() {
    let cloud = paused();
    let created = ok(
        &cloud,
        "AmazonSQS.CreateQueue",
        json!({"QueueName": "q", "Attributes": {
            "VisibilityTimeout": "60",
            "RedrivePolicy": r#"{"deadLetterTargetArn":"arn:aws:sqs:r:1:dead","maxReceiveCount":"5"}"#,
        }}),
    )
    .await;
    let url = created["QueueUrl"].clone();
    assert_eq!(
        ok(&cloud, "AmazonSQS.GetQueueUrl", json!({"QueueName": "q"})).await["QueueUrl"],
        url
    );
    let entries: Vec<_> = (0..3)
        .map(|n| json!({"Id": n.to_string(), "MessageBody": format!("m{n}")}))
        .collect();
    let sent = ok(
        &cloud,
        "AmazonSQS.SendMessageBatch",
        json!({"QueueUrl": url, "Entries": entries}),
    )
    .await;
    assert_eq!(sent["Successful"].as_array().unwrap().len(), 3);

    let receive = json!({"QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": ["ApproximateReceiveCount"]});
    let received = ok(&cloud, "AmazonSQS.ReceiveMessage", receive.clone()).await;
    let messages = received["Messages"].as_array().unwrap();
    assert_eq!(messages.len(), 3);
    assert_eq!(
        messages[0]["Attributes"],
        json!({"ApproximateReceiveCount": "1"})
    );

    let delete = json!({"QueueUrl": url, "ReceiptHandle": messages[0]["ReceiptHandle"]});
    ok(&cloud, "AmazonSQS.DeleteMessage", delete).await;
    let entries = json!([{"Id": "1", "ReceiptHandle": messages[1]["ReceiptHandle"]}]);
    ok(
        &cloud,
        "AmazonSQS.DeleteMessageBatch",
        json!({"QueueUrl": url, "Entries": entries}),
    )
    .await;
    let show = json!({"QueueUrl": url, "ReceiptHandle": messages[2]["ReceiptHandle"], "VisibilityTimeout": 0});
    ok(&cloud, "AmazonSQS.ChangeMessageVisibility", show).await;
    let received = ok(&cloud, "AmazonSQS.ReceiveMessage", receive).await;
    assert_eq!(received["Messages"][0]["Body"], "m2");
    let attributes = ok(
        &cloud,
        "AmazonSQS.GetQueueAttributes",
        json!({"QueueUrl": url}),
    )
    .await;
    assert_eq!(
        attributes["Attributes"]["ApproximateNumberOfMessagesNotVisible"],
        "1"
    );
}

#[tokio::test]
async fn sqs_errors_carry_its_namespace() {
    let cloud = Cloud::builder().build().unwrap();
    assert_eq!(
        refused(
            &cloud,
            "AmazonSQS.GetQueueUrl",
            json!({"QueueName": "nosuch"})
        )
        .await,
        "com.amazonaws.sqs#QueueDoesNotExist"
    );
}
