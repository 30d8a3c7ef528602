//! `POST /allocations?dryRun=true`: what an order would come to, and nothing else.

use std::collections::BTreeSet;

use hosted_connection::{ParentConnection, ParentPolicy};
use local_cloud::{Fault, FaultKind};
use proof::{PARENT, World, http, request};
use serde_json::{Value, json};

use crate::answers::{Http, operations, violations, wrong};
use crate::partner::{FOREIGN, body, order_http, pass, place, run, small, status_and_code};

const READS: [&str; 3] = ["DescribeHostedConnections", "GetItem", "Query"];

fn with_query(query: &str, key: &str, request: &Value) -> Value {
    let mut event = http(key, &request.to_string());
    event["rawQueryString"] = query.into();
    event
}

/// What the order would come to; that asking has changed nothing is looked at.
async fn forecast(world: &World, key: &str, request: &Value) -> Value {
    let (items, events) = (world.items(""), world.cloud.events().len());
    let connections = world.cloud.connections().len();
    world.cloud.forget_requests();
    let answer = world.invoke(&with_query("dryRun=true", key, request)).await;
    let answer = Http::of(answer);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    for absent in ["Location", "Idempotent-Replayed", "Retry-After"] {
        assert_eq!(answer.header(absent), None, "{answer:?}");
    }
    let asked: BTreeSet<_> = operations(world).into_iter().collect();
    assert!(
        asked.iter().all(|asked| READS.contains(&asked.as_str())),
        "{asked:?}"
    );
    assert_eq!(
        (world.items(""), world.cloud.events().len()),
        (items, events)
    );
    assert_eq!(world.cloud.connections().len(), connections);
    let mut forecast: Value = serde_json::from_str(&answer.body).unwrap();
    let told = forecast.as_object_mut().unwrap();
    assert_eq!(told.remove("dryRun"), Some(true.into()));
    assert_eq!(told.remove("idempotencyKey"), Some(key.into()));
    assert_eq!(
        told.remove("parentConnectionId"),
        Some(request["connectionId"].clone())
    );
    forecast
}

/// The real order gets what was forecast.
async fn comes_true(world: &World, key: &str, request: &Value, forecast: &Value) {
    let answer = world
        .deliver_until_final(&http(key, &request.to_string()))
        .await;
    match forecast["wouldBe"].as_str().unwrap() {
        "allocated" => {
            assert_eq!(answer["statusCode"], 201, "{forecast}: {answer}");
            assert_eq!(body(&answer)["connection"]["vlan"], forecast["vlan"]);
        }
        "rejected" => {
            let (_, code) = status_and_code(&answer);
            assert_eq!(forecast["rejection"]["code"], code, "{answer}");
            assert_eq!(
                body(&answer)["detail"],
                forecast["rejection"]["message"],
                "{answer}"
            );
            assert_eq!(
                violations(&body(&answer)),
                violations(&forecast["rejection"])
            );
        }
        other => panic!("{other}"),
    }
}

async fn set_policy(world: &World, policy: &Value) {
    let parent = ParentConnection::parse(PARENT).unwrap();
    let policy = ParentPolicy::parse(policy.to_string().as_bytes()).unwrap();
    let ledger = world.aws("operator").ledger;
    ledger.set_policy(&parent, &policy).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_order_that_would_be_allocated_is_told_its_vlan() {
    let world = World::with(|builder| builder, &[("VLAN_RANGE", "100-103")]);
    place(&world, "other", 100).await;
    world
        .cloud
        .insert_connection(PARENT, 103, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    let given = small(Some(2000));
    let told = forecast(&world, "given", &given).await;
    assert_eq!(told, json!({"wouldBe": "allocated", "vlan": 2000}));
    comes_true(&world, "given", &given, &told).await;
    for key in ["a", "b"] {
        let told = forecast(&world, key, &small(None)).await;
        assert!(
            [101, 102].map(Value::from).contains(&told["vlan"]),
            "{told}"
        );
        assert_eq!(told["wouldBe"], "allocated");
        comes_true(&world, key, &small(None), &told).await;
    }
    let told = forecast(&world, "c", &small(None)).await;
    assert_eq!(told["rejection"]["code"], "NoVlanAvailable");
    comes_true(&world, "c", &small(None), &told).await;
}

#[tokio::test(start_paused = true)]
async fn a_vlan_that_somebody_has_is_told_whoever_it_is() {
    for who in ["another order", "an open order", "foreign", "orphan"] {
        let world = World::new();
        match who {
            "another order" => drop(place(&world, "other", 101).await),
            "an open order" => {
                world
                    .cloud
                    .inject(Fault::on(FaultKind::Throttle, "AllocateHostedConnection"));
                world.invoke(&order_http("other", Some(101))).await;
            }
            _ => {
                let made = world
                    .cloud
                    .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand");
                made.unwrap();
            }
        }
        if who == "orphan" {
            run(&world).await;
        }
        let asks = small(Some(101));
        let told = forecast(&world, "k", &asks).await;
        assert_eq!(told["wouldBe"], "rejected", "{who}");
        assert_eq!(told["rejection"]["code"], "VlanInUse", "{who}");
        comes_true(&world, "k", &asks, &told).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_vlan_whose_connection_is_gone_is_told_as_free() {
    for seen_by_a_run in [true, false] {
        for vlan in [Some(101), None] {
            let world = World::with(|builder| builder, &[("VLAN_RANGE", "101-101")]);
            let made = world
                .cloud
                .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand");
            if seen_by_a_run {
                run(&world).await;
            }
            world.cloud.delete(&made.unwrap().id).unwrap();
            let told = forecast(&world, "k", &small(vlan)).await;
            assert_eq!(told, json!({"wouldBe": "allocated", "vlan": 101}));
            comes_true(&world, "k", &small(vlan), &told).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_policy_would_say_is_told() {
    let policy = json!({"bandwidthLimitMbps": 130, "allowedBandwidths": ["50Mbps", "100Mbps"], "reservedVlans": [150]});
    let ask = |bandwidth: &str, vlan| {
        let mut asks = small(vlan);
        asks["bandwidth"] = bandwidth.into();
        asks
    };
    let cases = [
        (ask("50Mbps", Some(102)), None),
        (ask("100Mbps", Some(102)), Some("CapacityExceeded")),
        (ask("100Mbps", None), Some("CapacityExceeded")),
        (ask("50Mbps", Some(150)), Some("InvalidRequest")),
        (ask("1Gbps", Some(150)), Some("InvalidRequest")),
        (ask("1Gbps", None), Some("InvalidRequest")),
        // Two reasons at once: the one that the order itself would be told.
        (ask("100Mbps", Some(101)), Some("VlanInUse")),
        (ask("100Mbps", Some(200)), Some("CapacityExceeded")),
        (ask("100Mbps", Some(201)), Some("VlanInUse")),
    ];
    for (asks, code) in cases {
        let world = World::with(|builder| builder, &[("PARENT_POLICIES", "enforced")]);
        world
            .cloud
            .insert_connection(PARENT, 201, FOREIGN, "50Mbps", "an orphan")
            .unwrap();
        run(&world).await;
        world
            .cloud
            .insert_connection(PARENT, 200, FOREIGN, "50Mbps", "by hand")
            .unwrap();
        set_policy(&world, &json!({})).await;
        place(&world, "other", 101).await;
        set_policy(&world, &policy).await;
        // The orphan counts 50, the order 50, so that 30 are left; one of the cases needs 50.
        if code.is_none() {
            world.release("other").await;
        }
        let told = forecast(&world, "k", &asks).await;
        let rejected = told["rejection"]["code"].as_str();
        assert_eq!(rejected, code, "{asks}: {told}");
        comes_true(&world, "k", &asks, &told).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_ignored_says_nothing_to_a_forecast() {
    let world = World::new();
    set_policy(
        &world,
        &json!({"bandwidthLimitMbps": 1, "reservedVlans": [101]}),
    )
    .await;
    let told = forecast(&world, "k", &small(Some(101))).await;
    assert_eq!(told, json!({"wouldBe": "allocated", "vlan": 101}));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_has_an_outcome_is_told_it() {
    let world = World::new();
    place(&world, "k", 101).await;
    let allocated = world.details()[0]["connection"].clone();
    let told = forecast(&world, "k", &small(Some(101))).await;
    assert_eq!(
        told,
        json!({"wouldBe": "replayed", "connection": allocated})
    );
    world.invoke(&order_http("no", Some(101))).await;
    let told = forecast(&world, "no", &small(Some(101))).await;
    assert_eq!(
        (&told["wouldBe"], &told["rejection"]["code"]),
        (&"replayed".into(), &"VlanInUse".into())
    );
    let told = forecast(&world, "k", &small(Some(102))).await;
    assert_eq!(told["wouldBe"], "rejected");
    assert_eq!(told["rejection"]["code"], "IdempotencyKeyReused");
    comes_true(&world, "k", &small(Some(102)), &told).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_being_worked_on_is_told_so_and_left_alone() {
    for (kind, operation) in [
        (FaultKind::ApplyThenKill, "AllocateHostedConnection"),
        (FaultKind::Throttle, "AllocateHostedConnection"),
        (FaultKind::KillBefore, "UpdateItem"),
    ] {
        let world = World::new();
        world.cloud.inject(Fault::on(kind, operation));
        world.invoke(&order_http("k", Some(101))).await;
        for _ in 0..2 {
            let told = forecast(&world, "k", &small(Some(101))).await;
            assert_eq!(told, json!({"wouldBe": "inProgress"}));
            pass(60).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_forecast_holds_for_a_key_whose_retention_is_over() {
    let world = World::new();
    place(&world, "k", 101).await;
    world.release("k").await;
    pass(91 * 24 * 60 * 60).await;
    let told = forecast(&world, "k", &small(Some(101))).await;
    assert_eq!(told, json!({"wouldBe": "allocated", "vlan": 101}));
    comes_true(&world, "k", &small(Some(101)), &told).await;
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_does_not_exist_is_told_as_refused() {
    let world = World::new();
    let mut nowhere = request(Some(101));
    nowhere["connectionId"] = "dxcon-nowhere00".into();
    let told = forecast(&world, "k", &nowhere).await;
    assert_eq!(told["wouldBe"], "rejected");
    assert_eq!(told["rejection"]["code"], "RefusedByDirectConnect");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_no_order_is_refused_as_any_other_and_not_published() {
    let world = World::new();
    let mut invalid = small(Some(101));
    invalid["vlan"] = 5000.into();
    invalid["bandwidth"] = "51Mbps".into();
    let answer = Http::of(
        world
            .invoke(&with_query("dryRun=true", "k", &invalid))
            .await,
    );
    let problem = answer.problem(400, "InvalidRequest");
    let expected = wrong(&[("/bandwidth", "Malformed"), ("/vlan", "OutOfRange")]);
    assert_eq!(violations(&problem), expected);
    let mut without_key = with_query("dryRun=true", "k", &small(Some(101)));
    without_key["headers"]
        .as_object_mut()
        .unwrap()
        .remove("idempotency-key");
    let answer = Http::of(world.invoke(&without_key).await);
    answer.problem(400, "MissingIdempotencyKey");
    assert_eq!(world.cloud.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_misspelt_does_not_become_an_order() {
    let world = World::new();
    for (query, field, code) in [
        ("dryRun=maybe", "/dryRun", "Malformed"),
        ("dryRun=", "/dryRun", "Malformed"),
        ("dryRun", "/dryRun", "Malformed"),
        ("dryRun=True", "/dryRun", "Malformed"),
        ("dryRun=1", "/dryRun", "Malformed"),
        ("dryRun=false&dryRun=yes", "/dryRun", "Malformed"),
        ("dryrun=true", "/dryrun", "UnknownField"),
        ("dry_run=true", "/dry_run", "UnknownField"),
        ("dry-run=true", "/dry-run", "UnknownField"),
        ("DryRun=false", "/DryRun", "UnknownField"),
    ] {
        let event = with_query(query, "k", &small(Some(101)));
        let problem = Http::of(world.invoke(&event).await).problem(400, "InvalidRequest");
        assert_eq!(violations(&problem), wrong(&[(field, code)]), "{query}");
    }
    assert_eq!(world.cloud.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_and_orders_in_one_breath_is_only_answered() {
    // The more harmless of the two is meant.
    let world = World::new();
    for query in ["dryRun=true&dryRun=false", "dryRun=false&dryRun=true"] {
        let event = with_query(query, "k", &small(Some(101)));
        let answer = world.invoke(&event).await.answer();
        assert_eq!(body(&answer)["wouldBe"], "allocated", "{query}");
    }
    assert_eq!(world.cloud.connections().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_says_that_it_is_no_question_is_placed() {
    for query in ["dryRun=false", "colour=blue", ""] {
        let world = World::new();
        let event = with_query(query, "k", &small(Some(101)));
        assert_eq!(
            world.invoke(&event).await.answer()["statusCode"],
            201,
            "{query}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn through_a_rest_api_the_question_is_understood_too() {
    let world = World::new();
    let event = |query: Value| {
        json!({"httpMethod": "POST", "path": "/allocations", "requestContext": {"requestId": "request-1"},
            "headers": {"Content-Type": "application/json", "Idempotency-Key": "k"},
            "queryStringParameters": query, "body": small(Some(101)).to_string(), "isBase64Encoded": false})
    };
    let answer = world
        .invoke(&event(json!({"dryRun": "true"})))
        .await
        .answer();
    assert_eq!(
        (answer["statusCode"].as_u64(), &body(&answer)["wouldBe"]),
        (Some(200), &"allocated".into())
    );
    let answer = world
        .invoke(&event(json!({"dryRun": "TRUE"})))
        .await
        .answer();
    assert_eq!(status_and_code(&answer), (400, "InvalidRequest".into()));
    assert_eq!(world.cloud.connections().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_looked_at_is_not_forecast() {
    let denied = FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".into(),
    };
    for operation in READS {
        for (kind, status, code) in [
            (FaultKind::Throttle, 429, "Throttled"),
            (FaultKind::ServerErrorBefore, 503, "Unavailable"),
            (FaultKind::HangBefore, 503, "Unavailable"),
            (denied.clone(), 500, "Internal"),
        ] {
            let world = World::new();
            world.cloud.inject(Fault::on(kind, operation).always());
            let event = with_query("dryRun=true", "k", &small(Some(101)));
            Http::of(world.invoke(&event).await).problem(status, code);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_would_not_end_in_time_is_given_up_before_the_deadline() {
    let world = World::with(|builder| builder.page_limit(1), &[]);
    for vlan in 101..106 {
        place(&world, &format!("k-{vlan}"), vlan).await;
    }
    let slow = std::time::Duration::from_secs(7);
    world
        .cloud
        .set_latency_of("DescribeHostedConnections", slow);
    let event = with_query("dryRun=true", "k", &small(Some(101)));
    Http::of(world.invoke(&event).await).problem(503, "Unavailable");
}
