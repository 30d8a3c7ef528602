//! Adoption: the exploration's stories (with `all`, each with every fault; with another word, those whose line has it), or with
//! `size` how long 4,000 connections on one parent take, with and without a policy, and how many calls.
//! `cargo run -p proof --example adoption -- size`

#![expect(clippy::unwrap_used, reason = "an example may panic")]
#![expect(clippy::print_stdout, reason = "this is what it is for")]
#![expect(
    clippy::disallowed_methods,
    reason = "the paused clock does not tell how long the work takes"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use hosted_connection::{ParentConnection, ParentPolicy};
use proof::{OWNER, PARENT, Plan, World};

/// Connections on one parent.
const MANY: u16 = 4_000;

fn main() {
    let asked: Vec<_> = std::env::args().collect();
    if asked.iter().any(|word| word == "size") {
        for policy in [false, true] {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build();
            runtime.unwrap().block_on(size(policy));
        }
        return;
    }
    let begun = Instant::now();
    let mut stories = Plan::adoptions(asked.iter().any(|word| word == "all"));
    for word in asked.iter().skip(1).filter(|word| *word != "all") {
        stories.retain(|story| story.to_string().contains(word));
    }
    let count = stories.len();
    let mut failed = 0;
    for story in stories {
        let run = story.replay(None);
        if !run.violations.is_empty() {
            failed += 1;
            println!("{story}\n    {}", run.violations.join("\n    "));
        }
    }
    println!("{count} stories, {failed} failed; {:?}", begun.elapsed());
}

async fn size(policy: bool) {
    let world = World::new();
    let made = world
        .cloud
        .insert_connections(PARENT, 1..=MANY, OWNER, "50Mbps", "from before");
    assert_eq!(made.unwrap().len(), usize::from(MANY));
    if policy {
        let parent = ParentConnection::parse(PARENT).unwrap();
        let limit = ParentPolicy::parse(br#"{"bandwidthLimitMbps": 10000}"#).unwrap();
        world
            .aws("operator")
            .ledger
            .set_policy(&parent, &limit)
            .await
            .unwrap();
    }
    for run in ["adopted", "run again"] {
        world.cloud.forget_requests();
        let begun = Instant::now();
        assert!(world.adopt("operator", adoption::Wanted::Orphans).await);
        let mut calls: BTreeMap<String, usize> = BTreeMap::new();
        for request in world.cloud.requests() {
            *calls.entry(request.operation).or_default() += 1;
        }
        println!("policy {policy}, {run}: {:?}, {calls:?}", begun.elapsed());
    }
}
