//! A takeover reads the record and writes it afterwards. Its owner may not be dead, and may have called again in between.

use ledger::{ClaimAnswer, KnownKey, Ledger, Recorded, Table};
use proof::{World, request};
use transitions::Name;

use super::pass;

/// Takes over with `ledger` what was read before the owner noted a further call. Returns the start of the call that the owner
/// noted, and the one by which the successor counts the settle time.
async fn starts(going_by: impl FnOnce(Ledger) -> Ledger) -> (u64, u64) {
    let world = World::new();
    let aws = world.aws("ledger");
    let order = proof::order("k", request(Some(101)));
    let ClaimAnswer::Won(mut owner) = world.claim(&aws.ledger, &order).await else {
        panic!("a fresh key")
    };
    pass(20).await;
    let read = aws.ledger.record(&order.key).await.unwrap().unwrap();
    assert!(matches!(
        aws.ledger.begin_call(&mut owner, None).await.unwrap(),
        Recorded::Done
    ));
    let fingerprint = order.request.fingerprint();
    let until_ms = aws.clock.now_ms() + 1000;
    let successor = going_by(aws.ledger.clone());
    let taken = successor.replay_or_take_over(read, &order.request, fingerprint, until_ms);
    let KnownKey::TakenOver { claim, .. } = taken.await.unwrap() else {
        panic!("a claim that has run out is taken over")
    };
    (owner.call_started_at_ms, claim.call_started_at_ms)
}

#[tokio::test(start_paused = true)]
async fn a_takeover_counts_from_a_call_that_its_slow_owner_began_after_the_record_was_read() {
    let (noted, counted) = starts(|ledger| ledger).await;
    assert_eq!(counted, noted);
}

#[tokio::test(start_paused = true)]
async fn a_takeover_that_does_not_compare_the_start_of_the_call_counts_from_an_earlier_one() {
    let mut table = Table::default();
    let write = table[Name::TakeOver].record.as_mut().unwrap();
    write.condition = &write.condition[..2];
    let (noted, counted) = starts(|ledger| ledger.going_by(table)).await;
    assert!(counted < noted, "{counted} {noted}");
}
