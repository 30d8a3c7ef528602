//! Everything that can happen to one request, at every request, from every scenario: redelivery ends with exactly one
//! connection, one event, and the first answer on replay. Pairs of faults and interleavings are the exploration's own
//! tests.

use proof::{Conditions, Plan, World, explore, record, request, sqs, with_key};

#[test]
fn whatever_happens_to_one_request_an_order_becomes_one_connection() {
    let single_faults = Plan {
        schedules: 0,
        seed: 1,
        conditions: Conditions::default(),
    };
    let exploration = explore(&single_faults, &|_| {});
    let [] = &exploration.findings[..] else {
        panic!("{:#?}", exploration.findings);
    };
    // Twelve scenarios, each request of each, and all faults.
    assert!(
        exploration.schedules > 1_000,
        "{} stories",
        exploration.schedules
    );
}

#[tokio::test(start_paused = true)]
async fn a_fresh_order_takes_five_calls_one_after_the_other() {
    let world = World::new();
    let body = with_key("order-1001", request(Some(101))).to_string();
    world
        .deliver_until_final(&sqs([record("m-1", &body)]))
        .await;
    let requests = world.cloud.requests();
    let operations: Vec<_> = requests
        .iter()
        .map(|request| &request.operation[..])
        .collect();
    assert_eq!(
        operations,
        [
            "TransactWriteItems",
            "AllocateHostedConnection",
            "UpdateItem",
            "PutEvents",
            "UpdateItem"
        ]
    );
}
