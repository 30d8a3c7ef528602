//! A check that cannot fail checks nothing: each promise is broken on purpose, and has to be reported.

use local_cloud::HostedConnection;

use super::{Promise, check};
use crate::command::day::{
    decision::Decision,
    script::{self, Expected},
    stage::{Played, Stage},
};

async fn played() -> Played {
    let mut stage = Stage::set().unwrap();
    for scene in script::day() {
        stage.play(scene).await.unwrap();
    }
    stage.end()
}

/// The words that the broken promises begin with.
fn broken(promises: &[Promise]) -> Vec<&'static str> {
    let broken = promises.iter().filter(|promise| !promise.broken.is_empty());
    broken.map(|promise| promise.text).collect()
}

fn assert_broken(played: &Played, words: &[&str]) {
    let broken = broken(&check(played));
    for word in words {
        assert!(
            broken.iter().any(|text| text.contains(word)),
            "{word} in {broken:?}"
        );
    }
}

#[tokio::test]
async fn all_promises_are_kept_as_long_as_nobody_meddles() {
    assert_eq!(broken(&check(&played().await)), Vec::<&str>::new());
}

#[tokio::test]
async fn a_second_connection_on_a_vlan_is_noticed() {
    let played = played().await;
    let twin = ("dxcon-ffabc123", 101, "111122223333", "100Mbps", "twin");
    played
        .cloud
        .insert_connection(twin.0, twin.1, twin.2, twin.3, twin.4)
        .unwrap();
    assert_broken(
        &played,
        &[
            "each key has at most one",
            "no VLAN",
            "called Direct Connect once",
        ],
    );
}

#[tokio::test]
async fn another_decision_than_the_right_one_is_noticed() {
    let mut played = played().await;
    played.deliveries[1].expected = Some(Expected::Rejected("VlanInUse"));
    assert_broken(&played, &["decided as expected"]);
}

#[tokio::test]
async fn a_replay_with_another_connection_is_noticed() {
    let mut played = played().await;
    let replay = played
        .deliveries
        .iter_mut()
        .find_map(|delivery| match &mut delivery.decision {
            Decision::Replayed { connection, .. } => Some(connection),
            _ => None,
        });
    replay.unwrap().id = "dxcon-other".to_owned();
    assert_broken(&played, &["a replay gave the first answer"]);
}

#[tokio::test]
async fn a_missing_event_a_lost_answer_asked_for_again_and_a_forgotten_message_are_noticed() {
    let mut played = played().await;
    played.left_in_queue = 1;
    // One final answer more than there are events.
    let rejected = played
        .deliveries
        .iter()
        .find(|delivery| matches!(delivery.decision, Decision::Rejected { .. }));
    let decision = rejected.unwrap().decision.clone();
    for delivery in &mut played.deliveries {
        match &delivery.decision {
            Decision::Replayed { .. } => delivery.decision = decision.clone(),
            // As if nobody had looked.
            Decision::Allocated {
                answer_lost: Some(_),
                ..
            } => delivery.happened = Default::default(),
            _ => {}
        }
    }
    assert_broken(&played, &["published", "looked for", "left in the queue"]);
}

#[tokio::test]
async fn a_change_that_nobody_was_told_of_and_a_lease_without_a_connection_are_noticed() {
    let played = played().await;
    let living = played.cloud.living_connections("dxcon-ffabc456");
    played.cloud.delete(&living[0].id).unwrap();
    assert_broken(
        &played,
        &[
            "each change of a connection",
            "a VLAN is leased",
            "what a policy counts",
        ],
    );
}

#[tokio::test]
async fn a_dry_run_that_writes_is_noticed() {
    let mut played = played().await;
    let of_an_order = played.deliveries[1].happened.clone();
    let forecast = played
        .deliveries
        .iter_mut()
        .find(|delivery| matches!(delivery.decision, Decision::WouldBeAllocated { .. }));
    forecast.unwrap().happened = of_an_order;
    assert_broken(&played, &["a dry run wrote nothing"]);
}

#[tokio::test]
async fn an_answer_that_the_contract_does_not_have_is_noticed() {
    let mut played = played().await;
    let responses = played.answers.iter_mut();
    let mut responses = responses.filter(|(_, answer)| answer["statusCode"] == 201);
    responses.next().unwrap().1["body"] = "{}".into();
    assert_broken(&played, &["the contract's files"]);
}

#[tokio::test]
async fn an_adopted_connection_with_no_record_or_with_an_order_is_noticed() {
    for meddle in [unknown, ordered] {
        let mut played = played().await;
        let adopted =
            played
                .deliveries
                .iter_mut()
                .find_map(|delivery| match &mut delivery.decision {
                    Decision::Adopted { connection } => Some(connection),
                    _ => None,
                });
        meddle(adopted.unwrap());
        assert_broken(&played, &["each adopted connection"]);
    }
}

/// One that nobody has adopted.
fn unknown(connection: &mut HostedConnection) {
    connection.id = "dxcon-other".to_owned();
}

/// On a VLAN that was ordered.
fn ordered(connection: &mut HostedConnection) {
    connection.vlan = 101;
}

#[tokio::test]
async fn an_order_by_place_that_is_elsewhere_or_on_the_others_device_is_noticed() {
    // Both parents are known only by what the order says, and by where its connection really is.
    for (asked, other) in [
        (r#""EqDC2""#, r#""EqSe2""#),
        (r#""order-1012""#, r#""order-1013""#),
    ] {
        let mut played = played().await;
        let placed = played.deliveries.iter_mut();
        let mut placed = placed.filter(|one| one.key.as_deref() == Some("order-1013"));
        let placed = placed.next().unwrap();
        placed.body = placed.body.replace(asked, other);
        assert_broken(&played, &["each order by place"]);
    }
}

#[tokio::test]
async fn a_receipt_that_names_another_parent_is_noticed() {
    let mut played = played().await;
    let mut placed = played.deliveries.iter_mut();
    let placed = placed.find(|one| one.key.as_deref() == Some("order-1012"));
    match &mut placed.unwrap().decision {
        Decision::Allocated { connection, .. } => connection.parent = "dxcon-dc2bbbbb".to_owned(),
        other => panic!("{other:?}"),
    }
    assert_broken(&played, &["each order by place"]);
}
