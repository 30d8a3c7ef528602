//! What `DELETE /allocations/{key}` answers.

use local_cloud::{Fault, FaultKind};
use proof::{Invocation, PARENT, Program, TIMEOUT, World, delete, get};
use serde_json::{Value, json};

use crate::answers::Http;
use crate::meddler::Meddler;
use crate::partner::{
    FOREIGN, body, is_unfinished, order_http, parent, pass, place, record_of, run, story,
    taken_vlans,
};

const DELETE: &str = "DeleteConnection";

pub(super) async fn release(world: &World, key: &str) -> Http {
    let http = Http::of(world.release(key).await);
    assert_eq!(http.header("Cache-Control"), Some("no-store"), "{http:?}");
    http
}

/// The receipt of a 200 or a 202.
pub(super) fn receipt(http: &Http) -> Value {
    assert!([200, 202].contains(&http.status), "{http:?}");
    assert_eq!(http.header("content-type"), Some("application/json"));
    let retry_after = http.header("Retry-After");
    assert_eq!(retry_after.is_some(), http.status == 202, "{http:?}");
    serde_json::from_str(&http.body).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_release_deletes_the_connection_frees_its_vlan_and_is_told() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    let http = release(&world, "k").await;
    let receipt = receipt(&http);
    assert_eq!(
        (http.status, http.header("Idempotent-Replayed")),
        (200, None)
    );
    let mut connection = world.details()[0]["connection"].clone();
    connection["connectionState"] = "deleted".into();
    connection.as_object_mut().unwrap().remove("tags");
    assert_eq!(
        receipt,
        json!({"idempotencyKey": "k", "status": "released", "parentConnectionId": PARENT, "connection": connection})
    );
    assert_eq!(world.cloud.connections()[0].state, "deleted");
    assert_eq!(taken_vlans(&world), [0; 0]);
    assert!(!is_unfinished(&world, "k"));
    let expected = ["allocated", "ordering → deleted", "released, deleted"];
    assert_eq!(story(&world, "k"), expected);
    let events = world.cloud.events();
    let released = &events[2];
    assert_eq!(released.detail_type, "Hosted Connection Released");
    assert_eq!(released.resources, events[0].resources);
    assert_eq!(
        released.detail["origin"],
        json!({"door": "http", "requestId": "request-1"})
    );
    assert_eq!(released.detail["request"], events[0].detail["request"]);
    assert_eq!(released.detail["connection"]["connectionId"], id);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_release_is_answered_the_same_and_asks_direct_connect_nothing() {
    let world = World::new();
    place(&world, "k", 101).await;
    let first = release(&world, "k").await;
    world.cloud.forget_requests();
    for _ in 0..2 {
        let again = release(&world, "k").await;
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
    }
    assert_eq!(world.cloud.requests().len(), 2, "one read each");
    assert_eq!(world.cloud.events().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_never_was_a_connection_cannot_be_released() {
    let world = World::new();
    world
        .cloud
        .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    world.invoke(&order_http("rejected", Some(101))).await;
    let before = world.items("");
    for key in ["nobody", "rejected", "a b", "ö", &"x".repeat(256)] {
        release(&world, key).await.problem(404, "NotFound");
    }
    assert_eq!(world.items(""), before);
    assert_eq!(world.cloud.count(DELETE), 0);
    assert_eq!(world.cloud.living_connections(PARENT).len(), 1);
    assert_eq!(
        world.cloud.events().len(),
        1,
        "over HTTP the answer is enough"
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_not_final_is_not_released() {
    for operation in ["AllocateHostedConnection", "UpdateItem", "PutEvents"] {
        for kind in [FaultKind::KillBefore, FaultKind::ApplyThenKill] {
            let name = format!("{kind} of {operation}");
            let world = World::new();
            world
                .cloud
                .inject(Fault::on(kind, operation).for_worker("caller"));
            let event = order_http("k", Some(101));
            let killed = world.invoke_as("caller", &event, TIMEOUT).await;
            assert_eq!(killed, Invocation::Killed, "{name}");
            let before = world.items("");
            release(&world, "k").await.problem(409, "InProgress");
            assert_eq!(world.items(""), before, "{name}");
            assert_eq!(world.cloud.count(DELETE), 0, "{name}");
            // Once it is final, it is released like any other.
            crate::partner::pass(60).await;
            run(&world).await;
            assert_eq!(release(&world, "k").await.status, 200, "{name}");
            let expected = ["allocated", "ordering → deleted", "released, deleted"];
            assert_eq!(story(&world, "k"), expected, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_that_direct_connect_refuses_changes_nothing() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.set_state(&id, "available").unwrap();
    world.cloud.attach_interface(&id).unwrap();
    run(&world).await;
    let (leases, shown) = (world.items("parent#"), parent(&world, PARENT).await);
    let events = world.cloud.events().len();
    for _ in 0..2 {
        // AWS may have repeated what it had done, and refused the repetition: no last word yet.
        let refused = release(&world, "k").await;
        refused.problem(503, "OutcomeUnknown");
        assert_eq!(refused.header("Retry-After"), Some("30"));
        pass(30).await;
        let refused = release(&world, "k").await;
        let problem = refused.problem(422, "RefusedByDirectConnect");
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(world.cloud.count(DELETE), 2, "each was asked for once");
    assert_eq!(world.cloud.connections()[0].state, "available");
    assert_eq!(
        (world.items("parent#"), parent(&world, PARENT).await),
        (leases, shown)
    );
    assert_eq!(world.cloud.events().len(), events);
    assert!(!is_unfinished(&world, "k"), "nobody goes on with it");
    world.cloud.forget_requests();
    run(&world).await;
    assert_eq!(world.cloud.count(DELETE), 0);
    let question = get("/allocations/k");
    let asked = world.invoke_program(Program::Inspect, &question).await;
    assert_eq!(body(&asked.answer())["status"], "allocated");
    // Nothing stands in the way of asking again later.
    world.cloud.detach_interface(&id).unwrap();
    assert_eq!(release(&world, "k").await.status, 200);
    assert_eq!(world.cloud.connections()[0].state, "deleted");
}

#[tokio::test(start_paused = true)]
async fn what_keeps_a_release_from_being_answered_is_told_and_the_wish_is_kept() {
    let denied = |status| FaultKind::Error {
        status,
        code: "AccessDeniedException".into(),
    };
    let cases = [
        (FaultKind::Throttle, 429, "Throttled"),
        (FaultKind::ServerErrorBefore, 503, "Unavailable"),
        (FaultKind::ServerExceptionBefore, 503, "Unavailable"),
        (FaultKind::ResetBefore, 503, "Unavailable"),
        (FaultKind::HangBefore, 503, "Unavailable"),
        (denied(400), 500, "Internal"),
    ];
    for operation in [DELETE, "DescribeHostedConnections", "PutEvents"] {
        for (kind, status, code) in cases.clone() {
            let name = format!("{kind} of {operation}");
            let world = World::new();
            place(&world, "k", 101).await;
            world.cloud.inject(Fault::on(kind, operation).always());
            let http = release(&world, "k").await;
            if operation == "PutEvents" {
                // Whatever the reason, an event that is not out is a matter of time.
                http.problem(503, "Unavailable");
            } else {
                http.problem(status, code);
            }
            assert!(is_unfinished(&world, "k"), "{name}");
            world.cloud.clear_faults();
            crate::partner::pass(60).await;
            assert_eq!(run(&world).await["finished"], 1, "{name}");
            let expected = ["allocated", "ordering → deleted", "released, deleted"];
            assert_eq!(story(&world, "k"), expected, "{name}");
            assert_eq!(taken_vlans(&world), [0; 0], "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_quarantined_order_is_not_released() {
    let world = World::new();
    let rewritten = Meddler::rewrites("AllocateHostedConnection", r#""vlan":101"#, r#""vlan":999"#);
    let http = rewritten.between(world.cloud.http_client_as("caller"));
    world
        .invoke_through(http, &order_http("k", Some(101)))
        .await;
    release(&world, "k").await.problem(500, "Internal");
    assert_eq!(world.cloud.count(DELETE), 0);
    assert_eq!(
        record_of(&world, "k")["allocationState"]["S"],
        "quarantined"
    );
}

#[tokio::test(start_paused = true)]
async fn only_delete_on_an_order_is_a_release() {
    let world = World::new();
    place(&world, "k", 101).await;
    let ask = |method: &str, path: &str| {
        let mut event = delete("k");
        event["requestContext"]["http"]["method"] = method.into();
        event["requestContext"]["http"]["path"] = path.into();
        event["rawPath"] = path.into();
        event
    };
    for (method, path, status, code) in [
        ("GET", "/allocations/k", 405, "MethodNotAllowed"),
        ("POST", "/allocations/k", 405, "MethodNotAllowed"),
        ("delete", "/allocations/k", 405, "MethodNotAllowed"),
        ("DELETE", "/allocations", 404, "NotFound"),
        ("DELETE", "/allocations/", 404, "NotFound"),
        ("DELETE", "/parents/k", 404, "NotFound"),
        ("DELETE", "/", 404, "NotFound"),
    ] {
        let answer = world
            .invoke_program(Program::Release, &ask(method, path))
            .await;
        let http = Http::of(answer);
        http.problem(status, code);
        let allow = (status == 405).then_some("DELETE");
        assert_eq!(http.header("Allow"), allow, "{method} {path}");
    }
    assert_eq!(world.cloud.count(DELETE), 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_read_from_the_path_as_each_gateway_writes_it() {
    for (key, escaped) in [
        ("order/1001", "order%2F1001"),
        ("100%", "100%25"),
        ("%2F", "%252F"),
        ("a+b?c#d", "a%2Bb%3Fc%23d"),
        ("a+b", "a+b"),
    ] {
        let http_api = delete(key);
        let mut function_url = delete(escaped);
        function_url["requestContext"]["domainName"] =
            "abc123.lambda-url.eu-central-1.on.aws".into();
        let rest_api = json!({"httpMethod": "DELETE", "path": format!("/allocations/{escaped}"), "headers": {},
            "requestContext": {"requestId": "request-1"}});
        for event in [http_api, function_url, rest_api] {
            let world = World::new();
            place(&world, key, 101).await;
            let http = Http::of(world.invoke_program(Program::Release, &event).await);
            let receipt = receipt(&http);
            assert_eq!(
                (&receipt["idempotencyKey"], &receipt["status"]),
                (&key.into(), &"released".into())
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_no_release_fails_the_invocation() {
    let world = World::new();
    place(&world, "k", 101).await;
    for event in [
        json!({}),
        json!({"idempotencyKey": "k", "action": "release"}),
        proof::schedule(),
    ] {
        let Invocation::Failed {
            error_type,
            error_message,
        } = world.invoke_program(Program::Release, &event).await
        else {
            panic!("{event} was answered")
        };
        assert_eq!(error_type, "UnknownEvent");
        assert!(
            error_message.contains("DELETE /allocations/{key}"),
            "{error_message}"
        );
    }
    assert_eq!(world.cloud.count(DELETE), 0);
}
