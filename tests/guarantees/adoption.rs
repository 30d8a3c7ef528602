//! Connections that were there before: adopted, they are an order's in every respect; forgotten, they are as before.

mod late;

use std::collections::BTreeMap;
use std::time::Duration;

use adoption::{Adopter, Fate, Line, Plan, Wanted};
use hosted_connection::{IdempotencyKey, ParentConnection, ParentPolicy};
use ledger::Services;
use local_cloud::{Fault, FaultKind};
use proof::{OWNER, PARENT, World, delete, http, request};
use serde_json::Value;

const LAG: &str = "dxlag-ffabc789";

fn parent(id: &str) -> ParentConnection {
    ParentConnection::parse(id).unwrap()
}

fn made(world: &World, on: &str, vlan: u16) -> String {
    let made = world
        .cloud
        .insert_connection(on, vlan, OWNER, "500Mbps", "customer-42-frankfurt");
    made.unwrap().id
}

fn line(id: &str, key: &str) -> Line {
    Line {
        number: 2,
        connection_id: id.to_owned(),
        key: IdempotencyKey::from_stored(key),
    }
}

async fn adopt(aws: &Services, world: &World, on: &str, wanted: Wanted) -> Vec<Fate> {
    let mut plan = Plan::of(aws, &parent(on), &wanted).await.unwrap();
    let adopter = Adopter::new(
        aws.clone(),
        world.config().rules.clone(),
        "operator-1".into(),
    );
    let report = adopter.carry_out(&mut plan, &|_| {}).await;
    assert!(report.failed.is_none() && report.untold == 0, "{report:?}");
    plan.items.into_iter().map(|item| item.fate).collect()
}

fn reason(fates: &[Fate]) -> &str {
    match fates {
        [Fate::Refused(reason)] => reason,
        other => panic!("not refused: {other:?}"),
    }
}

fn lease(world: &World, on: &str, vlan: u16) -> Option<Value> {
    let is_it = |item: &Value| {
        item["pk"]["S"] == format!("parent#{on}") && item["sk"]["S"] == format!("vlan#{vlan:04}")
    };
    world.items("parent#").into_iter().find(is_it)
}

async fn track(world: &World) {
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.track().await.answer();
}

#[tokio::test(start_paused = true)]
async fn an_adopted_connection_is_replayed_followed_and_released_like_an_orders() {
    let world = World::new();
    let id = made(&world, PARENT, 101);
    let aws = world.aws("operator");
    let wanted = || Wanted::These(vec![line(&id, "order-1")]);
    assert_eq!(adopt(&aws, &world, PARENT, wanted()).await, [Fate::Adopted]);
    assert_eq!(
        adopt(&aws, &world, PARENT, wanted()).await,
        [Fate::Unchanged]
    );
    world.cloud.forget_requests();
    let replay = world
        .invoke(&http("order-1", &request(Some(101)).to_string()))
        .await
        .answer();
    assert_eq!(
        (
            &replay["statusCode"],
            &replay["headers"]["Idempotent-Replayed"]
        ),
        (&201.into(), &"true".into())
    );
    assert_eq!(world.cloud.requests().len(), 1, "one call, as any replay");
    let mut other = request(Some(101));
    other["bandwidth"] = "200Mbps".into();
    let reused = world
        .invoke(&http("order-1", &other.to_string()))
        .await
        .answer();
    assert_eq!(reused["statusCode"], 422);
    world.cloud.confirm(&id).unwrap();
    track(&world).await;
    let released = world
        .invoke_program(proof::Program::Release, &delete("order-1"))
        .await;
    assert!(matches!(released, proof::Invocation::Answered(_)));
    track(&world).await;
    track(&world).await;
    let told: Vec<_> = world
        .cloud
        .events()
        .into_iter()
        .filter(|event| event.detail["idempotencyKey"] == "order-1")
        .collect();
    let told: Vec<_> = told
        .iter()
        .filter(|event| event.detail["connection"].is_object())
        .map(|event| event.detail_type.as_str())
        .collect();
    assert_eq!(
        (told.first(), told.last()),
        (
            Some(&"Hosted Connection Adopted"),
            Some(&"Hosted Connection Released")
        ),
        "{told:?}"
    );
    assert_eq!(lease(&world, PARENT, 101), None);
}

#[tokio::test(start_paused = true)]
async fn what_exists_is_counted_even_beyond_the_limit_and_once() {
    let world = World::with(|cloud| cloud, &[("PARENT_POLICIES", "enforced")]);
    let aws = world.aws("operator");
    let policy = ParentPolicy::parse(br#"{"bandwidthLimitMbps": 600}"#).unwrap();
    aws.ledger
        .set_policy(&parent(PARENT), &policy)
        .await
        .unwrap();
    let sold = async || {
        aws.ledger
            .policy(&parent(PARENT))
            .await
            .unwrap()
            .unwrap()
            .sold_mbps
    };
    made(&world, PARENT, 101);
    // Noted and counted by tracking; the others are new to it.
    track(&world).await;
    track(&world).await;
    assert_eq!(sold().await, 500);
    for vlan in [102, 103] {
        made(&world, PARENT, vlan);
    }
    adopt(&aws, &world, PARENT, Wanted::Orphans).await;
    assert_eq!(sold().await, 1500);
    track(&world).await;
    assert_eq!(sold().await, 1500);
    let id = world.cloud.connections()[0].id.clone();
    let record = aws
        .ledger
        .record(&IdempotencyKey::from_stored(&id))
        .await
        .unwrap()
        .unwrap();
    adoption::forget(&aws, &record).await.unwrap();
    track(&world).await;
    assert_eq!(sold().await, 1500, "the connection is still there");
}

#[tokio::test(start_paused = true)]
async fn a_connection_of_a_member_is_leased_on_the_lag() {
    let world = World::new();
    world.cloud.join_lag(PARENT, LAG).unwrap();
    let id = made(&world, PARENT, 101);
    let aws = world.aws("operator");
    let shown = aws
        .direct_connect
        .connections(&parent(PARENT))
        .await
        .map(|listed| listed.connections.len());
    let on = if shown.is_ok_and(|shown| shown > 0) {
        PARENT
    } else {
        LAG
    };
    assert_eq!(
        adopt(&aws, &world, on, Wanted::These(vec![line(&id, "order-1")])).await,
        [Fate::Adopted]
    );
    assert_eq!(lease(&world, LAG, 101).unwrap()["holder"]["S"], "order-1");
    assert_eq!(lease(&world, PARENT, 101), None);
    track(&world).await;
    assert_eq!(lease(&world, LAG, 101).unwrap()["holder"]["S"], "order-1");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_moved_by_hand_is_its_orders_still() {
    let world = World::new();
    world
        .invoke(&http("order-1", &request(Some(101)).to_string()))
        .await
        .answer();
    let id = world.cloud.connections()[0].id.clone();
    let elsewhere = world.aws("who").direct_connect.parents().await.unwrap();
    let elsewhere = elsewhere
        .ids()
        .find(|id| id.as_str() != PARENT)
        .unwrap()
        .to_string();
    world.cloud.move_connection(&id, &elsewhere).unwrap();
    let aws = world.aws("operator");
    assert!(
        adopt(&aws, &world, &elsewhere, Wanted::Orphans)
            .await
            .is_empty()
    );
    let fates = adopt(
        &aws,
        &world,
        &elsewhere,
        Wanted::These(vec![line(&id, "another")]),
    )
    .await;
    assert!(
        reason(&fates).contains("known under another key, order-1"),
        "{fates:?}"
    );
    let fates = adopt(
        &aws,
        &world,
        &elsewhere,
        Wanted::These(vec![line(&id, "order-1")]),
    )
    .await;
    assert_eq!(fates, [Fate::Unchanged]);
    assert_eq!(world.items("allocation#").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_for_and_a_run_that_gives_up_is_gone_on_with() {
    let world = World::with(|cloud| cloud.page_limit(2), &[]);
    let ids: Vec<_> = (101..=109).map(|vlan| made(&world, PARENT, vlan)).collect();
    let aws = world.aws("operator");
    for operation in [
        "DescribeHostedConnections",
        "TransactWriteItems",
        "BatchGetItem",
        "PutEvents",
    ] {
        for number in 1..12 {
            if number % 4 != 0 {
                world
                    .cloud
                    .inject(Fault::on_nth(FaultKind::Throttle, operation, number));
            }
        }
    }
    assert_eq!(adopt(&aws, &world, PARENT, Wanted::Orphans).await.len(), 9);
    // Throttled for ever, it gives up, and says so.
    let id = made(&world, PARENT, 120);
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "TransactWriteItems").always());
    let mut plan = Plan::of(&aws, &parent(PARENT), &Wanted::Orphans)
        .await
        .unwrap();
    let adopter = Adopter::new(
        aws.clone(),
        world.config().rules.clone(),
        "operator-2".into(),
    );
    let report = adopter.carry_out(&mut plan, &|_| {}).await;
    assert!(report.failed.is_some());
    assert_eq!(plan.count(|fate| *fate == Fate::ToBeAdopted), 1);
    world.cloud.clear_faults();
    // One vanishes meanwhile, and is refused with its reason.
    world.cloud.set_state(&id, "deleted").unwrap();
    let fates = adopt(&aws, &world, PARENT, Wanted::These(vec![line(&id, &id)])).await;
    assert_eq!(reason(&fates), "the connection is deleted");
    assert_eq!(world.items("allocation#").len(), ids.len());
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for event in world.cloud.events() {
        *told
            .entry(event.detail["idempotencyKey"].to_string())
            .or_default() += 1;
    }
    assert_eq!(told.len(), ids.len());
}

#[tokio::test(start_paused = true)]
async fn calls_are_bounded_however_many_connections_there_are() {
    let world = World::new();
    let vlans = 101..=350;
    let many = world
        .cloud
        .insert_connections(PARENT, vlans, OWNER, "50Mbps", "from before")
        .unwrap()
        .len();
    let aws = world.aws("operator");
    world.cloud.forget_requests();
    adopt(&aws, &world, PARENT, Wanted::Orphans).await;
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for request in world.cloud.requests() {
        *calls.entry(request.operation).or_default() += 1;
    }
    let of = |operation: &str| calls.get(operation).copied().unwrap_or_default();
    assert_eq!(of("DescribeHostedConnections"), many.div_ceil(100));
    assert_eq!(of("BatchGetItem"), many.div_ceil(100));
    assert_eq!(of("PutEvents"), many.div_ceil(10));
    assert!(
        of("TransactWriteItems") <= many + many.div_ceil(50),
        "{calls:?}"
    );
    assert_eq!(of("GetItem") + of("UpdateItem"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_connection_is_an_orphan_and_tracking_beside_it_finds_nothing_wrong() {
    let world = World::new();
    let id = made(&world, PARENT, 101);
    let aws = world.aws("operator");
    adopt(&aws, &world, PARENT, Wanted::Orphans).await;
    let key = IdempotencyKey::from_stored(&id);
    let record = aws.ledger.record(&key).await.unwrap().unwrap();
    // Somebody writes it after it was read: nothing is dropped.
    world.cloud.confirm(&id).unwrap();
    track(&world).await;
    let kept = adoption::forget(&aws, &record).await.unwrap();
    assert!(matches!(kept, adoption::Forgetting::Kept(_)), "{kept:?}");
    let record = aws.ledger.record(&key).await.unwrap().unwrap();
    let gone = adoption::forget(&aws, &record).await.unwrap();
    assert!(matches!(gone, adoption::Forgetting::Forgotten), "{gone:?}");
    assert!(aws.ledger.record(&key).await.unwrap().is_none());
    let noted = lease(&world, PARENT, 101).unwrap();
    assert!(
        noted.get("holder").is_none() && noted["connectionId"]["S"] == id.as_str(),
        "{noted}"
    );
    track(&world).await;
    // An order for the VLAN is refused: the connection is still there.
    let answer = world
        .invoke(&http("order-2", &request(Some(101)).to_string()))
        .await
        .answer();
    assert_eq!(answer["statusCode"], 422);
    assert_eq!(
        adopt(&aws, &world, PARENT, Wanted::Orphans).await,
        [Fate::Adopted]
    );
}

#[tokio::test(start_paused = true)]
async fn a_record_whose_move_has_not_ended_is_kept_and_the_answer_says_so() {
    let world = World::new();
    let id = made(&world, PARENT, 101);
    world.cloud.confirm(&id).unwrap();
    let aws = world.aws("operator");
    adopt(&aws, &world, PARENT, Wanted::Orphans).await;
    let die = Fault::on(FaultKind::KillBefore, "AssociateHostedConnection");
    world.cloud.inject(die);
    assert!(world.move_to(&id, LAG).await.is_none());
    let key = IdempotencyKey::from_stored(&id);
    let record = async || aws.ledger.record(&key).await.unwrap().unwrap();
    let kept = adoption::forget(&aws, &record().await).await.unwrap();
    assert!(
        matches!(&kept, adoption::Forgetting::Kept(why) if why.contains("a move of its connection")),
        "{kept:?}"
    );
    track(&world).await;
    let gone = adoption::forget(&aws, &record().await).await.unwrap();
    assert!(matches!(gone, adoption::Forgetting::Forgotten), "{gone:?}");
}
