//! What a condition in the table of transitions is for: handed in without it, the ledger does what it must not.

use hosted_connection::{Origin, Vlan};
use ledger::{Adopted, Adoption, Claim, ClaimAnswer, KnownKey, Ledger, Recorded};
use proof::{World, request};
use transitions::{Attribute, Check, LeaseWrite, Name, Table};

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_taken_over_could_write_if_its_writes_did_not_ask_for_its_token() {
    let mut table = Table::default();
    let write = table[Name::RecordAllocated].record.as_mut().unwrap();
    write.condition = without(write.condition, Attribute::Token);
    assert!(!overtaken_attempt_may_write(Table::default()).await);
    assert!(overtaken_attempt_may_write(table).await);
}

#[tokio::test(start_paused = true)]
async fn a_key_could_be_taken_over_while_an_attempt_is_at_it_if_its_claim_did_not_have_to_be_over()
{
    let mut table = Table::default();
    table[Name::TakeOver].seen = &[];
    let world = World::new();
    let ledger = world.aws("ledger").ledger;
    claimed(&ledger, &world, "k").await.unwrap();
    assert!(claimed(&ledger, &world, "k").await.is_none());
    assert!(
        claimed(&ledger.going_by(table), &world, "k")
            .await
            .is_some()
    );
}

#[tokio::test(start_paused = true)]
async fn two_keys_could_lease_one_vlan_if_it_did_not_have_to_be_free() {
    let mut table = Table::default();
    table[LeaseWrite::Take].condition = &[];
    let world = World::new();
    let ledger = world.aws("ledger").ledger;
    claimed(&ledger, &world, "first").await.unwrap();
    assert!(claimed(&ledger, &world, "second").await.is_none());
    assert!(
        claimed(&ledger.going_by(table), &world, "second")
            .await
            .is_some()
    );
}

#[tokio::test(start_paused = true)]
async fn two_adopters_could_give_one_connection_two_records_if_its_vlan_did_not_have_to_be_free() {
    let mut table = Table::default();
    table[LeaseWrite::MoveIn].condition = &[];
    let world = World::new();
    let ledger = world.aws("ledger").ledger;
    assert!(is_adopted(&ledger, "first").await);
    assert!(!is_adopted(&ledger, "second").await);
    assert!(is_adopted(&ledger.going_by(table), "second").await);
}

/// Whether the connection on VLAN 101, whose lease nobody had when it was looked for, gets a record with that key.
async fn is_adopted(ledger: &Ledger, key: &str) -> bool {
    let order = proof::order(key, request(Some(101)));
    let adoption = Adoption {
        lease_parent: order.request.parent().unwrap().clone(),
        order,
        connection: hosted_connection::Connection::default(),
        vlan: Vlan::new(101).unwrap(),
        has_policy: false,
        origin: Origin::Adoption {
            request_id: "operator-1".into(),
        },
    };
    let adopted = ledger.adopt(&adoption, None, 0).await.unwrap();
    matches!(adopted, Adopted::Done(_))
}

/// The condition without what it says of `attribute`.
fn without(checks: &[Check], attribute: Attribute) -> &'static [Check] {
    let is_of = |check: &&Check| matches!(check, Check::Is(of, _) if *of == attribute);
    let left: Vec<_> = checks
        .iter()
        .filter(|check| !is_of(check))
        .copied()
        .collect();
    assert_eq!(left.len() + 1, checks.len(), "the table has that condition");
    left.leak()
}

async fn overtaken_attempt_may_write(table: Table) -> bool {
    let world = World::new();
    let ledger = world.aws("ledger").ledger.going_by(table);
    let overtaken = claimed(&ledger, &world, "k").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let winner = claimed(&ledger, &world, "k").await.unwrap();
    assert_ne!(winner.token.as_str(), overtaken.token.as_str());
    let connection = hosted_connection::Connection::default();
    let at = world.aws("clock").clock.timestamp();
    let recorded = ledger
        .allocated(&overtaken, &connection, None, at)
        .await
        .unwrap();
    matches!(recorded, Recorded::Done)
}

/// The key's claim for one second; none when it is not to be had.
async fn claimed(ledger: &Ledger, world: &World, key: &str) -> Option<Claim> {
    let order = proof::order(key, request(Some(101)));
    match world.claim(ledger, &order).await {
        ClaimAnswer::Won(claim) | ClaimAnswer::Known(KnownKey::TakenOver { claim, .. }) => {
            Some(claim)
        }
        ClaimAnswer::Known(_)
        | ClaimAnswer::VlanTaken
        | ClaimAnswer::OrphanOnVlan(_)
        | ClaimAnswer::NotForSale(_) => None,
    }
}
