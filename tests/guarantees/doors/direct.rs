//! Direct invocation.

use proof::{PARENT, World, request, with_key};
use serde_json::json;

use super::KEY;
use crate::answers::{
    INVOCATION, allocation, assert_receipt, direct_problem, invoke_text, operations,
};

#[tokio::test(start_paused = true)]
async fn a_direct_invocation_answers_with_the_receipt_and_replays_it() {
    let world = World::new();
    let event = with_key(KEY, request(Some(101)));
    let first = world.invoke(&event).await.answer();
    assert_receipt(&first);
    assert_eq!(
        (&first["idempotencyKey"], &first["parentConnectionId"]),
        (&json!(KEY), &json!(PARENT))
    );
    let origin = json!({"door": "direct", "requestId": "request-of-worker-0"});
    let told = allocation(&world, &world.cloud.events()[0], KEY, &origin);
    assert_eq!(told, first["connection"]);
    assert_eq!(world.invoke(&event).await.answer(), first);
    assert_eq!(world.cloud.connections().len(), 1);
    assert_eq!(world.cloud.events().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_direct_invocation_without_a_receipt_fails_with_the_problem() {
    let world = World::new();
    let invalid = direct_problem(
        invoke_text(&world, r#"{"connectionId": "dxcon-ffabc123"}"#).await,
        400,
        "InvalidRequest",
    );
    assert_eq!(invalid["instance"], INVOCATION);
    assert_eq!(operations(&world), [""; 0]);
    let keyless = world.invoke(&request(Some(101))).await;
    direct_problem(keyless, 400, "MissingIdempotencyKey");
    world.invoke(&with_key(KEY, request(Some(101)))).await;
    let taken = with_key("order-2", request(Some(101)));
    let first = direct_problem(world.invoke(&taken).await, 422, "VlanInUse");
    let again = direct_problem(world.invoke(&taken).await, 422, "VlanInUse");
    assert_eq!(first["detail"], again["detail"]);
}
