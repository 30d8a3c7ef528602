//! What DynamoDB bills for each step of an order's life.

use local_cloud::{Builder, Fault, FaultKind, OF_PORTS, Units};
use proof::{World, delivered, record, request, sqs, with_key};
use serde_json::Value;

use crate::partner::{is_unfinished, pass, record_of, run};

/// A step, and what it may be billed at the most in write units: where a connection has the members that are of use to a hosted
/// one, and where it has all 29 of the API.
const BARS: [(&str, [u32; 2]); 9] = [
    ("a fresh order alone", [9, 11]),
    ("ten fresh orders in a batch", [90, 110]),
    ("a redelivery of its message", [0, 0]),
    ("a replay that nothing announces", [4, 6]),
    ("tracking's first look", [1, 1]),
    ("a change of state, told", [8, 8]),
    ("a redelivery after it", [0, 0]),
    ("a release, told", [14, 14]),
    ("a rejection by Direct Connect", [14, 14]),
];

/// Where the table of `docs/cost.md` begins, and where it ends.
const TABLE: [&str; 2] = ["<!-- counted -->\n", "<!-- until here -->\n"];

/// As long as they are on AWS.
const MESSAGE: &str = "059f36b4-87a3-44ab-83d2-661975830a7d";

fn order(key: &str, vlan: u16) -> Value {
    sqs([message(key, vlan)])
}

fn message(key: &str, vlan: u16) -> Value {
    let body = with_key(key, request(Some(vlan)));
    record(MESSAGE, &body.to_string())
}

/// Units of the requests since this was last asked.
fn billed(world: &World) -> Units {
    let mut sum = Units::default();
    for request in world.cloud.requests() {
        sum.writes += request.units.writes;
        sum.half_reads += request.units.half_reads;
    }
    world.cloud.forget_requests();
    sum
}

/// Each step, and what it was billed, where answers leave `members` out.
async fn measured(members: &[&str]) -> Vec<(&'static str, Units)> {
    let leaving_out = |builder: Builder| {
        let builder = builder.allocate_leaves_out(members);
        builder.list_leaves_out(members)
    };
    let world = World::with(leaving_out, &[]);
    // What a process or a parent needs once is not the order's.
    world.invoke(&order("first", 99)).await.answer();
    pass(60).await;
    run(&world).await;
    billed(&world);
    let mut steps = Vec::new();
    world.invoke(&order("order-1001", 101)).await.answer();
    steps.push(("a fresh order alone", billed(&world)));
    let again = delivered(&order("order-1001", 101), 2);
    world.invoke(&again).await.answer();
    steps.push(("a redelivery of its message", billed(&world)));
    world.invoke(&order("order-1001", 101)).await.answer();
    steps.push(("a replay that nothing announces", billed(&world)));
    pass(60).await;
    run(&world).await;
    steps.push(("tracking's first look", billed(&world)));
    let connections = world.cloud.connections();
    let ours = connections.iter().find(|one| one.vlan == 101).unwrap();
    world.cloud.confirm(&ours.id).unwrap();
    pass(60).await;
    run(&world).await;
    steps.push(("a change of state, told", billed(&world)));
    world.invoke(&again).await.answer();
    steps.push(("a redelivery after it", billed(&world)));
    world.release("order-1001").await.answer();
    steps.push(("a release, told", billed(&world)));
    let ten = sqs((0..10).map(|n| message(&format!("order-200{n}"), 200 + n)));
    world.invoke(&ten).await.answer();
    steps.push(("ten fresh orders in a batch", billed(&world)));
    let refused = Fault::on(
        FaultKind::Error {
            status: 400,
            code: "DirectConnectClientException".into(),
        },
        "AllocateHostedConnection",
    );
    world.cloud.inject(refused);
    world.deliver_until_final(&order("order-3001", 301)).await;
    let rejected = record_of(&world, "order-3001");
    assert_eq!(rejected["allocationState"]["S"], "rejected");
    steps.push(("a rejection by Direct Connect", billed(&world)));
    steps
}

/// The table of `docs/cost.md`.
fn table(measured: &[Vec<(&str, Units)>; 2]) -> String {
    let mut table = String::from(
        "| step | write units | with all 29 members | read units |\n|---|---|---|---|\n",
    );
    for (what, _) in BARS {
        let [units, all] = measured.each_ref().map(|steps| of(steps, what));
        let reads = f64::from(units.half_reads) / 2.0;
        table += &format!("| {what} | {} | {} | {reads} |\n", units.writes, all.writes);
    }
    table
}

fn of(steps: &[(&str, Units)], what: &str) -> Units {
    let found = steps.iter().find(|(step, _)| *step == what);
    found.unwrap().1
}

#[tokio::test(start_paused = true)]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says whether it is to write"
)]
async fn no_step_is_billed_more_than_it_may_be_and_the_page_says_what_it_is() {
    let measured = [measured(&OF_PORTS).await, measured(&[]).await];
    assert!(measured.iter().all(|steps| steps.len() == BARS.len()));
    let counted = table(&measured);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cost.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (before, rest) = page.split_once(TABLE[0]).unwrap();
    let (told, after) = rest.split_once(TABLE[1]).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let page = [before, TABLE[0], &counted, TABLE[1], after].concat();
        std::fs::write(path, page).unwrap();
    } else {
        assert_eq!(
            told, counted,
            "`UPDATE=1 cargo test -p tests units` writes it"
        );
    }
    for (what, bars) in BARS {
        for (steps, bar) in measured.iter().zip(bars) {
            let units = of(steps, what);
            assert!(units.writes <= bar, "{what}: {units:?}, at most {bar}");
        }
    }
}

/// A record costs a unit for each KB. The names of its attributes are part of it.
#[tokio::test(start_paused = true)]
async fn a_record_is_under_a_kilobyte_until_it_is_allocated_and_under_two_after() {
    let killed = World::new();
    let kill = Fault::on(FaultKind::KillBefore, "AllocateHostedConnection");
    killed.cloud.inject(kill);
    killed.invoke(&order("order-1001", 101)).await;
    is_below(&killed, "claimed", 1);
    let world = World::new();
    world.invoke(&order("order-1001", 101)).await.answer();
    is_below(&world, "allocated", 2);
    let id = world.cloud.connections()[0].id.clone();
    let no_bus = Fault::on(FaultKind::ServerErrorBefore, "PutEvents").always();
    for state in ["pending", "available", "down", "available"] {
        world.cloud.set_state(&id, state).unwrap();
        pass(60).await;
        world.cloud.inject(no_bus.clone());
        run(&world).await;
        assert!(is_unfinished(&world, "order-1001"));
        is_below(&world, state, 2);
        world.cloud.clear_faults();
        pass(60).await;
        run(&world).await;
        is_below(&world, state, 2);
    }
    world.cloud.inject(no_bus);
    world.release("order-1001").await.answer();
    assert!(is_unfinished(&world, "order-1001"));
    is_below(&world, "released", 2);
}

fn is_below(world: &World, when: &str, kilobytes: usize) {
    let record = record_of(world, "order-1001");
    let bytes = bytes(&record);
    assert!(bytes < kilobytes * 1024, "{when}: {bytes} bytes: {record}");
}

/// An item's size by DynamoDB's rule.
fn bytes(item: &Value) -> usize {
    let members = item.as_object().unwrap();
    members
        .iter()
        .map(|(name, value)| name.len() + size(value))
        .sum()
}

fn size(value: &Value) -> usize {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "S" => value.as_str().unwrap().len(),
        // Two digits to a byte, zeros at the end not counted; this is as much at least.
        "N" => value.as_str().unwrap().len().div_ceil(2) + 1,
        "BOOL" => 1,
        "L" => {
            3 + value
                .as_array()
                .unwrap()
                .iter()
                .map(|one| 1 + size(one))
                .sum::<usize>()
        }
        "M" => 3 + bytes(value) + value.as_object().unwrap().len(),
        other => panic!("no attribute is {other}"),
    }
}
