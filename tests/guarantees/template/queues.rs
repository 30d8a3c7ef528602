//! How messages wait, come back, and end up where somebody finds them.

use serde_json::json;

use super::{arn_of, function, properties, template};

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
        let queue = properties(&format!("{queue}Queue"));
        let visibility = queue["VisibilityTimeout"].as_u64().unwrap();
        assert!(visibility >= 6 * longest);
        let receives = queue["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap();
        assert!((receives - 1) * visibility > settle);
    }
}

#[test]
fn an_order_that_the_queue_gives_up_is_stuck_by_then() {
    let queue = properties("OrdersQueue");
    let visibility = queue["VisibilityTimeout"].as_u64().unwrap();
    let receives = queue["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap();
    let stuck = &template()["Parameters"]["StuckAfterSeconds"]["Default"].take();
    assert!(stuck.as_u64().unwrap() <= receives * visibility);
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
fn queues_are_encrypted_and_outlive_the_stack() {
    for (name, _) in QUEUES {
        for queue in [format!("{name}Queue"), format!("{name}DeadLetterQueue")] {
            let queue = template()["Resources"][queue].take();
            assert_eq!(queue["Type"], "AWS::SQS::Queue");
            assert_eq!(queue["DeletionPolicy"], "Retain");
            assert_eq!(queue["UpdateReplacePolicy"], "Retain");
            assert_eq!(queue["Properties"]["SqsManagedSseEnabled"], true);
        }
    }
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
