//! Each function lives through a day on which everything happens that can happen to it; what it asked of AWS then is
//! what its role allows: nothing is missing, and nothing is too much.

use std::collections::BTreeSet;
use std::time::Duration;

use ::template::{needed, rights};
use hosted_connection::{Caller, ParentConnection, ParentPolicy};
use local_cloud::{Fault, FaultKind};
use proof::{
    Invocation, PARENT, Program, World, get, http, record, request, schedule, sqs, with_key,
};
use serde_json::{Value, json};

use super::{actions, lambdas_own};

pub(super) const ALLOCATE: &str = "AllocateHostedConnection";

/// A process's name in the day: its requests are told from the others' by this.
fn name(program: Program) -> &'static str {
    match program {
        Program::Allocate => "Allocate",
        Program::Inspect => "Inspect",
        Program::Release => "Release",
        Program::Track => "Track",
    }
}

/// The IAM actions behind everything that the function has asked of the cloud, each allowed to what it was asked of.
pub(super) fn used(world: &World, program: Program) -> BTreeSet<String> {
    let requests = world.cloud.requests().into_iter();
    let its_own = requests.filter(|asked| asked.worker == name(program));
    let needed = needed(&world.cloud, its_own);
    let allowed = rights(name(program));
    let missing: Vec<_> = needed.difference(&allowed).collect();
    assert!(missing.is_empty(), "{} lacks {missing:?}", name(program));
    needed.into_iter().map(|right| right.action).collect()
}

fn assert_exactly(world: &World, program: Program, takes_messages: bool) {
    let mut needed = used(world, program);
    needed.extend(looking_everywhere());
    needed.extend(lambdas_own(takes_messages));
    if let Program::Track = program {
        // It reads the record of a connection that was moved by hand, which no day here has.
        needed.insert("dynamodb:GetItem".to_owned());
    }
    if let Program::Allocate = program {
        // What Lambda gives up of its asynchronous invocations, it sends to a queue.
        needed.insert("sqs:SendMessage".to_owned());
    }
    assert_eq!(actions(name(program)), needed, "{}", name(program));
}

/// What a function needs where a connection is not shown on the parent that it was on, which no day here has yet.
fn looking_everywhere() -> [String; 2] {
    [
        "directconnect:DescribeInterconnects",
        "directconnect:DescribeLags",
    ]
    .map(str::to_owned)
}

pub(super) async fn invoke(world: &World, program: Program, event: &Value) -> Invocation {
    world.invoke_program_as(name(program), program, event).await
}

async fn order(world: &World, key: &str, vlan: Option<u16>) -> Invocation {
    let event = http(key, &request(vlan).to_string());
    invoke(world, Program::Allocate, &event).await
}

/// The principal of a caller that may do everything.
const SENDER: &str = "AIDADDDDDDDDDDDDDDDDD";

/// The request as this principal has signed it.
fn from_sender(mut event: Value) -> Value {
    event["requestContext"]["authorizer"] = json!({"iam": {"callerId": SENDER}});
    event
}

/// A world in which a parent has a policy.
pub(super) async fn limited() -> World {
    limited_with(&[]).await
}

async fn limited_with(more: &[(&str, &str)]) -> World {
    let env = [&[("PARENT_POLICIES", "enforced")], more].concat();
    let world = World::with(|cloud| cloud, &env);
    let policy = ParentPolicy::parse(br#"{"bandwidthLimitMbps": 100000}"#).unwrap();
    let parent = ParentConnection::parse(PARENT).unwrap();
    let operator = world.aws("operator").ledger;
    operator.set_policy(&parent, &policy).await.unwrap();
    world
}

/// Somebody else's, which no order knows.
fn by_hand(world: &World, vlan: u16) -> String {
    let made = world
        .cloud
        .insert_connection(PARENT, vlan, "999988887777", "50Mbps", "theirs");
    made.unwrap().id
}

pub(super) fn id_on(world: &World, vlan: u16) -> String {
    let connections = world.cloud.connections();
    let found = connections.iter().find(|one| one.vlan == vlan);
    found.unwrap().id.clone()
}

#[tokio::test(start_paused = true)]
async fn allocate_may_do_exactly_what_it_was_seen_doing() {
    let world = limited().await;
    for _ in 0..2 {
        order(&world, "fresh", Some(101)).await;
    }
    order(&world, "reused", Some(101)).await;
    order(&world, "automatic", None).await;
    let two = ["together-1", "together-2"].map(|key| {
        let text = with_key(key, request(None)).to_string();
        record(&format!("m-{key}"), &text)
    });
    invoke(&world, Program::Allocate, &sqs(two)).await;
    let nonsense = sqs([record("m-1", "nonsense")]);
    invoke(&world, Program::Allocate, &nonsense).await;
    by_hand(&world, 102);
    order(&world, "foreign", Some(102)).await;
    for kind in [
        FaultKind::Throttle,
        FaultKind::ApplyThenReset,
        FaultKind::HangBefore,
        FaultKind::ApplyThenKill,
    ] {
        let text = with_key(&kind.to_string(), request(None)).to_string();
        world.cloud.inject(Fault::on(kind, ALLOCATE));
        for _ in 0..3 {
            let message = sqs([record("m-2", &text)]);
            invoke(&world, Program::Allocate, &message).await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
    }
    assert_exactly(&world, Program::Allocate, true);
}

#[tokio::test(start_paused = true)]
async fn track_may_do_exactly_what_it_was_seen_doing() {
    let world = limited().await;
    // Left behind: a call that was never made, a VLAN that somebody else took meanwhile, an event that did not go out.
    for (key, vlan) in [
        ("abandoned", Some(101)),
        ("taken", Some(102)),
        ("moves", None),
    ] {
        world
            .cloud
            .inject(Fault::on(FaultKind::KillBefore, ALLOCATE));
        order(&world, key, vlan).await;
    }
    by_hand(&world, 102);
    world
        .cloud
        .inject(Fault::on(FaultKind::KillBefore, "PutEvents"));
    order(&world, "untold", Some(103)).await;
    for (key, vlan) in [("declined", 104), ("left", 105), ("confirmed", 106)] {
        order(&world, key, Some(vlan)).await;
    }
    world.cloud.decline(&id_on(&world, 104)).unwrap();
    world.cloud.confirm(&id_on(&world, 106)).unwrap();
    world
        .cloud
        .inject(Fault::on(FaultKind::KillBefore, "DeleteConnection"));
    invoke(&world, Program::Release, &proof::delete("left")).await;
    let orphan = by_hand(&world, 107);
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        invoke(&world, Program::Track, &schedule()).await.answer();
        world.cloud.delete(&orphan).unwrap();
    }
    assert_exactly(&world, Program::Track, false);
}

#[tokio::test(start_paused = true)]
async fn inspect_may_do_exactly_what_it_was_seen_doing() {
    let world = limited().await;
    order(&world, "one", Some(101)).await;
    order(&world, "gone", Some(102)).await;
    by_hand(&world, 103);
    world.cloud.delete(&id_on(&world, 102)).unwrap();
    tokio::time::sleep(Duration::from_secs(600)).await;
    for path in [
        "/allocations/one".to_owned(),
        "/allocations".to_owned(),
        format!("/allocations?parent={PARENT}"),
        format!("/parents/{PARENT}"),
    ] {
        let answer = invoke(&world, Program::Inspect, &get(&path)).await.answer();
        assert_eq!(answer["statusCode"], 200, "{path}");
    }
    assert_exactly(&world, Program::Inspect, false);
}

#[tokio::test(start_paused = true)]
async fn release_may_do_exactly_what_it_was_seen_doing() {
    let world = limited_with(&[("CALLERS", "enforced")]).await;
    let everything = json!({"principals": [SENDER], "keyPrefix": "k-", "ownerAccounts": "any", "parents": "any",
        "bandwidths": "any", "readsAndReleases": "all"});
    let everything = Caller::parse(everything.to_string().as_bytes()).unwrap();
    let operator = world.aws("operator").ledger;
    operator.set_caller("desk", &everything).await.unwrap();
    for (key, vlan) in [("k-one", 101), ("k-two", 102), ("k-busy", 103)] {
        let event = from_sender(http(key, &request(Some(vlan)).to_string()));
        invoke(&world, Program::Allocate, &event).await;
    }
    let busy = id_on(&world, 103);
    world.cloud.confirm(&busy).unwrap();
    world.cloud.attach_interface(&busy).unwrap();
    for key in ["k-one", "k-one", "k-busy", "unheard-of"] {
        let event = from_sender(proof::delete(key));
        invoke(&world, Program::Release, &event).await.answer();
    }
    let body = json!({"action": "release", "idempotencyKey": "k-two"}).to_string();
    let mut messages = sqs([record("m-1", &body), record("m-2", "nonsense")]);
    for number in [0, 1] {
        messages["Records"][number]["attributes"]["SenderId"] = SENDER.into();
    }
    invoke(&world, Program::Release, &messages).await.answer();
    assert_exactly(&world, Program::Release, true);
}
