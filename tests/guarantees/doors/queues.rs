//! Queues, standard and FIFO.

use proof::{
    FIFO_ARN, OWNER, PARENT, QUEUE_ARN, World, fifo_record, record, request, sqs, with_key,
};
use serde_json::Value;

use super::{KEY, nothing_returned, order, with_attribute};
use crate::answers::{allocation, operations, rejection, sqs_origin};

async fn an_order_from_a_queue(event: &Value, origin: &Value) {
    let world = World::new();
    assert_eq!(world.invoke(event).await.answer(), nothing_returned());
    let connections = world.cloud.connections();
    assert_eq!(connections.len(), 1);
    assert_eq!(
        (connections[0].parent.as_str(), connections[0].vlan),
        (PARENT, 101)
    );
    let events = world.cloud.events();
    assert_eq!(events.len(), 1);
    let connection = allocation(&world, &events[0], KEY, origin);
    assert_eq!(connection["connectionId"], connections[0].id.as_str());
    assert_eq!(connection["ownerAccount"], OWNER);
    assert_eq!(events[0].detail["request"], request(Some(101)));
    assert_eq!(events[0].detail.as_object().unwrap().len(), 8);

    world.cloud.forget_requests();
    assert_eq!(world.invoke(event).await.answer(), nothing_returned());
    assert_eq!(world.cloud.requests().len(), 1, "a replay is one call");
    assert_eq!(world.cloud.connections(), connections);
    assert_eq!(world.cloud.events(), events);
}

#[tokio::test(start_paused = true)]
async fn an_order_from_a_standard_queue_is_allocated_published_and_consumed_once() {
    let keyed = with_key(KEY, request(Some(101))).to_string();
    let origin = sqs_origin("m-1", QUEUE_ARN);
    an_order_from_a_queue(&sqs([record("m-1", &keyed)]), &origin).await;
}

#[tokio::test(start_paused = true)]
async fn an_order_from_a_fifo_queue_is_allocated_published_and_consumed_once() {
    let keyed = with_key(KEY, request(Some(101))).to_string();
    let origin = sqs_origin("m-1", FIFO_ARN);
    an_order_from_a_queue(&sqs([fifo_record("m-1", "group", &keyed)]), &origin).await;
}

#[tokio::test(start_paused = true)]
async fn the_key_of_a_message_may_be_an_attribute_or_both_when_they_agree() {
    let origin = sqs_origin("m-1", QUEUE_ARN);
    let in_attribute = with_attribute(record("m-1", &order()), KEY);
    an_order_from_a_queue(&sqs([in_attribute]), &origin).await;
    let keyed = with_key(KEY, request(Some(101))).to_string();
    let in_both = with_attribute(record("m-1", &keyed), KEY);
    an_order_from_a_queue(&sqs([in_both]), &origin).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_attribute_and_body_name_different_keys_is_refused_without_a_key() {
    let world = World::new();
    let keyed = with_key("order-2", request(Some(101))).to_string();
    let event = sqs([with_attribute(record("m-1", &keyed), KEY)]);
    assert_eq!(world.invoke(&event).await.answer(), nothing_returned());
    assert_eq!(operations(&world), ["PutEvents"]);
    let origin = sqs_origin("m-1", QUEUE_ARN);
    rejection(&world, &world.cloud.events()[0], &Value::Null, &origin);
}
