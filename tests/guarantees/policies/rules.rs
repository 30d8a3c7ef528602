//! Bandwidths and VLANs that may be sold.

use std::collections::BTreeSet;

use proof::{PARENT, World, http};
use serde_json::{Value, json};

use super::{ENFORCED, enforced, set, sold};
use crate::answers::{Http, sqs_origin, violations, wrong};
use crate::partner::{body, order, order_http, parent, place, small, status_and_code};

fn asks(bandwidth: &str, vlan: Option<u16>) -> Value {
    let mut asks = small(vlan);
    asks["bandwidth"] = bandwidth.into();
    asks
}

#[tokio::test(start_paused = true)]
async fn what_the_policy_does_not_allow_is_invalid_and_all_of_it_is_told() {
    let policy = json!({"allowedBandwidths": ["50Mbps", "1Gbps"], "vlanRange": "100-200", "reservedVlans": [150]});
    let cases = [
        ("100Mbps", 101, vec![("/bandwidth", "OutOfRange")]),
        ("50Mbps", 99, vec![("/vlan", "OutOfRange")]),
        ("50Mbps", 201, vec![("/vlan", "OutOfRange")]),
        ("50Mbps", 150, vec![("/vlan", "Reserved")]),
        (
            "500Mbps",
            150,
            vec![("/bandwidth", "OutOfRange"), ("/vlan", "Reserved")],
        ),
    ];
    for (bandwidth, vlan, expected) in cases {
        let world = enforced();
        set(&world, &policy).await;
        let event = http("k", &asks(bandwidth, Some(vlan)).to_string());
        let first = Http::of(world.invoke(&event).await);
        let problem = first.problem(400, "InvalidRequest");
        assert_eq!(
            violations(&problem),
            wrong(&expected),
            "{bandwidth} on {vlan}"
        );
        let origin = json!({"door": "http", "requestId": "request-1"});
        let events = world.cloud.events();
        let told = crate::answers::rejection(&world, &events[0], &"k".into(), &origin);
        assert_eq!(told["code"], "InvalidRequest");
        assert_eq!(violations(&told), wrong(&expected));
        assert_eq!(sold(&world), 0);
        // Recorded: it stays so whatever the policy says later.
        set(&world, &json!({})).await;
        world.cloud.forget_requests();
        let again = Http::of(world.invoke(&event).await);
        assert_eq!(
            violations(&again.problem(400, "InvalidRequest")),
            wrong(&expected)
        );
        assert_eq!(world.cloud.count("AllocateHostedConnection"), 0);
        assert_eq!(world.cloud.events().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_the_policy_does_not_allow_is_consumed() {
    let world = enforced();
    set(&world, &json!({"reservedVlans": [101]})).await;
    let answer = world.invoke(&order("k", Some(101))).await.answer();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let events = world.cloud.events();
    let origin = sqs_origin("m-k", "arn:aws:sqs:eu-central-1:123456789012:orders");
    let told = crate::answers::rejection(&world, &events[0], &"k".into(), &origin);
    assert_eq!(violations(&told), wrong(&[("/vlan", "Reserved")]));
}

#[tokio::test(start_paused = true)]
async fn what_the_policy_allows_is_sold_to_its_edges() {
    let world = enforced();
    set(
        &world,
        &json!({"allowedBandwidths": ["50Mbps"], "vlanRange": "100-200", "reservedVlans": [150]}),
    )
    .await;
    for vlan in [100, 149, 151, 200] {
        place(&world, &format!("k-{vlan}"), vlan).await;
    }
    assert_eq!(sold(&world), 200);
    let shown = parent(&world, PARENT).await;
    assert_eq!(
        shown["policy"],
        json!({"allowedBandwidths": ["50Mbps"], "vlanRange": "100-200", "reservedVlans": [150]})
    );
    assert_eq!(
        shown["capacity"],
        json!({"soldMbps": 200}),
        "there is no limit"
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_of_one_parent_only() {
    let world = enforced();
    set(&world, &json!({"reservedVlans": [101]})).await;
    let mut other = small(Some(101));
    other["connectionId"] = "dxcon-ffabc456".into();
    let answer = world.invoke(&http("k", &other.to_string())).await.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(sold(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn only_allowed_vlans_are_chosen() {
    let env = [ENFORCED, ("VLAN_RANGE", "100-107")];
    let world = World::with(|builder| builder, &env);
    set(
        &world,
        &json!({"vlanRange": "105-300", "reservedVlans": [106]}),
    )
    .await;
    let mut chosen = BTreeSet::new();
    for key in ["a", "b"] {
        let answer = world.invoke(&order_http(key, None)).await.answer();
        assert_eq!(answer["statusCode"], 201, "{answer}");
        chosen.insert(body(&answer)["connection"]["vlan"].as_u64().unwrap());
    }
    assert_eq!(chosen, BTreeSet::from([105, 107]));
    let none = world.invoke(&order_http("c", None)).await.answer();
    assert_eq!(status_and_code(&none), (422, "NoVlanAvailable".into()));
}

#[tokio::test(start_paused = true)]
async fn a_bandwidth_that_is_not_allowed_is_no_matter_of_vlans() {
    let world = enforced();
    set(&world, &json!({"allowedBandwidths": ["1Gbps"]})).await;
    let answer = world.invoke(&order_http("k", None)).await;
    let problem = Http::of(answer).problem(400, "InvalidRequest");
    assert_eq!(violations(&problem), wrong(&[("/bandwidth", "OutOfRange")]));
}

#[tokio::test(start_paused = true)]
async fn policies_are_ignored_unless_they_are_asked_for() {
    for env in [&[][..], &[("PARENT_POLICIES", "ignored")]] {
        let world = World::with(|builder| builder, env);
        set(
            &world,
            &json!({"bandwidthLimitMbps": 1, "allowedBandwidths": ["1Gbps"], "vlanRange": "1-1", "reservedVlans": [101]}),
        )
        .await;
        place(&world, "given", 101).await;
        let answer = world.invoke(&order_http("automatic", None)).await.answer();
        assert_eq!(answer["statusCode"], 201, "{answer}");
        assert_eq!(sold(&world), 0);
        // But what is sold is known by the time that somebody asks for it to be enforced.
        crate::partner::run(&world).await;
        assert_eq!(sold(&world), 100);
        world.release("given").await;
        assert_eq!(sold(&world), 50);
    }
}

/// Somebody has edited the table by hand, or it was written by a version to come.
#[tokio::test(start_paused = true)]
async fn a_policy_that_cannot_be_understood_stops_no_order_and_is_a_defect() {
    let world = enforced();
    set(&world, &json!({"allowedBandwidths": ["1Gbps"]})).await;
    let items = world.items("parent#");
    let mut policy = items
        .into_iter()
        .find(|item| item["sk"]["S"] == "policy")
        .unwrap();
    policy["soldMbps"] = json!({"BOOL": true});
    world.cloud.import_items(vec![policy]).unwrap();
    let world = world.measured();
    let answer = world.invoke(&order_http("k", Some(101))).await.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    let told = world.take_metrics();
    assert_eq!(told[0]["Defects"], 1, "{told:?}");
}
