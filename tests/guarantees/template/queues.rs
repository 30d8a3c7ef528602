//! How messages wait, come back, and end up where somebody finds them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{all, arn_of, function, properties, template, text_of_sub};

/// After how many receives the queue gives a message up, when it is a standard queue.
pub(super) fn least_receives(queue: &str) -> u64 {
    let queue = properties(&format!("{queue}Queue"));
    let receives = &queue["RedrivePolicy"]["maxReceiveCount"];
    match receives.get("!If") {
        Some(choice) => {
            assert_eq!(choice[0], "OrdersAreFifo");
            choice[2].as_u64().unwrap()
        }
        None => receives.as_u64().unwrap(),
    }
}

/// Each queue with the function that empties it and the name of that function's event.
const QUEUES: [(&str, &str); 2] = [("Orders", "Allocate"), ("Releases", "Release")];

#[test]
fn a_queue_waits_six_time_outs_and_tries_for_longer_than_the_settle_time() {
    let parameters = template()["Parameters"].take();
    let longest = parameters["FunctionTimeoutSeconds"]["MaxValue"]
        .as_u64()
        .unwrap();
    assert!(longest <= 30, "an HTTP API gives up after 30 s");
    let settle = parameters["SettleSeconds"]["MaxValue"].as_u64().unwrap();
    for (queue, name) in QUEUES {
        assert_eq!(
            function(name)["Timeout"],
            json!({"!Ref": "FunctionTimeoutSeconds"})
        );
        let receives = least_receives(queue);
        let queue = properties(&format!("{queue}Queue"));
        let visibility = queue["VisibilityTimeout"].as_u64().unwrap();
        assert!(visibility >= 6 * longest);
        assert!((receives - 1) * visibility > settle);
    }
}

#[test]
fn an_order_that_the_queue_gives_up_is_stuck_by_then() {
    let queue = properties("OrdersQueue");
    let visibility = queue["VisibilityTimeout"].as_u64().unwrap();
    let receives = least_receives("Orders");
    let stuck = &template()["Parameters"]["StuckAfterSeconds"]["Default"].take();
    assert!(stuck.as_u64().unwrap() <= receives * visibility);
}

#[test]
fn one_stuck_order_of_a_fifo_queue_takes_no_untried_ones_into_the_dead_letters() {
    // Those behind it come back with it, and each time counts. So SQS's maximum; what tells is the age of the oldest.
    let receives = properties("OrdersQueue")["RedrivePolicy"]["maxReceiveCount"].take();
    assert_eq!(receives, json!({"!If": ["OrdersAreFifo", 1000, 5]}));
    let alarm = properties("OldestOrderAlarm");
    assert_eq!(
        alarm["Dimensions"][0]["Value"],
        json!({"!GetAtt": "OrdersQueue.QueueName"})
    );
}

#[test]
fn what_cannot_be_finished_ends_in_a_dead_letter_queue_that_keeps_it_as_long_as_can_be() {
    for (name, _) in QUEUES {
        let queue = properties(&format!("{name}Queue"));
        let dead_letters = format!("{name}DeadLetterQueue");
        assert_eq!(
            queue["RedrivePolicy"]["deadLetterTargetArn"],
            arn_of(&dead_letters)
        );
        let fortnight = 14 * 24 * 3600;
        assert_eq!(queue["MessageRetentionPeriod"], fortnight);
        assert_eq!(
            properties(&dead_letters)["MessageRetentionPeriod"],
            fortnight
        );
    }
}

#[test]
fn every_queue_refuses_plain_http() {
    let refusal = json!({
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    });
    let mut refusing = BTreeSet::new();
    for (name, policy) in all("AWS::SQS::QueuePolicy") {
        let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
        assert!(statements.contains(&refusal), "{name}");
        for queue in policy["Queues"].as_array().unwrap() {
            let queue = queue["!Ref"].as_str().unwrap().to_owned();
            assert!(refusing.insert(queue), "a queue has one policy, the last");
        }
    }
    let queues = all("AWS::SQS::Queue").into_iter();
    assert_eq!(refusing, queues.map(|(name, _)| name).collect());
}

#[test]
fn a_dead_letter_queue_takes_the_dead_letters_of_its_queue_and_no_other() {
    for (name, _) in QUEUES {
        let named = properties(&format!("{name}Queue"))["QueueName"].take();
        let taken = properties(&format!("{name}DeadLetterQueue"))["RedriveAllowPolicy"].take();
        assert_eq!(taken["redrivePermission"], "byQueue");
        let [arn] = &taken["sourceQueueArns"].as_array().unwrap()[..] else {
            panic!("{taken}")
        };
        // The same name, made of the same parts: a reference would go round in a circle.
        let start = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:";
        assert_eq!(
            text_of_sub(arn).strip_prefix(start),
            Some(text_of_sub(&named))
        );
        assert_eq!(arn["!Sub"][1], named["!Sub"][1]);
    }
    for of_no_queue in ["EventsDeadLetterQueue", "OrdersFeedDeadLetterQueue"] {
        assert_eq!(
            properties(of_no_queue)["RedriveAllowPolicy"],
            json!({"redrivePermission": "denyAll"})
        );
    }
}

#[test]
fn orders_may_be_fifo_with_their_dead_letters_and_nothing_else_is() {
    let if_fifo = |value: Value| json!({"!If": ["OrdersAreFifo", value, {"!Ref": "AWS::NoValue"}]});
    let orders = properties("OrdersQueue");
    assert_eq!(orders["FifoQueue"], if_fifo(json!(true)));
    // By content, two orders that differ in the key alone would be one: the key may be an attribute.
    assert_eq!(orders["ContentBasedDeduplication"], if_fifo(json!(false)));
    let suffix = &orders["QueueName"]["!Sub"][1]["Suffix"];
    assert_eq!(*suffix, json!({"!If": ["OrdersAreFifo", ".fifo", ""]}));
    // A queue that was left behind has its name still.
    let name = text_of_sub(&orders["QueueName"]);
    assert!(name.ends_with("${Unique}${OrdersQueueGeneration}${Suffix}"));
    let dead = properties("OrdersDeadLetterQueue");
    assert_eq!(dead["FifoQueue"], if_fifo(json!(true)));
    for queue in [
        "ReleasesQueue",
        "ReleasesDeadLetterQueue",
        "EventsDeadLetterQueue",
        // Destinations of functions, rules and topics take no FIFO queue.
        "OrdersFeedDeadLetterQueue",
    ] {
        assert_eq!(properties(queue).get("FifoQueue"), None, "{queue}");
    }
    let kind = template()["Parameters"]["OrdersQueueType"].take();
    assert_eq!(kind["Default"], "standard");
}

#[test]
fn a_batch_is_answered_message_by_message() {
    for (queue, name) in QUEUES {
        let event = function(name)["Events"][queue]["Properties"].take();
        assert_eq!(
            event["FunctionResponseTypes"],
            json!(["ReportBatchItemFailures"])
        );
        assert_eq!(event["Queue"], arn_of(&format!("{queue}Queue")));
        assert!(
            event["BatchSize"].as_u64().unwrap() <= 10,
            "what one PutEvents publishes"
        );
    }
}
