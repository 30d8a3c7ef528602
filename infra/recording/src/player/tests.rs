//! Which answer is played to which question.

use serde_json::json;

use super::*;

fn exchange(operation: &str, request: Value, answer: Value) -> Exchange {
    Exchange {
        at_ms: 0,
        took_ms: 0,
        service: DIRECT_CONNECT.to_owned(),
        operation: operation.to_owned(),
        request,
        status: Some(200),
        answer,
        lost: None,
    }
}

fn player(exchanges: Vec<Exchange>) -> Player {
    Player::of(Recording {
        exchanges,
        is_cut: false,
    })
}

const LIST: &str = "DescribeHostedConnections";

#[test]
fn answers_come_in_the_order_recorded_and_the_last_one_stays() {
    let ask = json!({"connectionId": "dxcon-aaaaaaaa"});
    let other = json!({"connectionId": "dxcon-bbbbbbbb"});
    let player = player(vec![
        exchange(LIST, ask.clone(), json!(1)),
        exchange(LIST, other.clone(), json!(10)),
        exchange(LIST, ask.clone(), json!(2)),
    ]);
    let body = |request: &Value| match player.answer(LIST, request) {
        Said::Answer { body, .. } => body,
        said => panic!("{said:?}"),
    };
    assert_eq!([body(&ask), body(&ask), body(&ask)], [1, 2, 2]);
    assert_eq!([body(&other), body(&other)], [10, 10]);
}

#[test]
fn a_name_or_a_tag_makes_no_other_question_and_a_vlan_does() {
    let order = |vlan, name| json!({"vlan": vlan, "connectionName": name, "connectionId": "dxcon-aaaaaaaa", "tags": [name]});
    let operation = "AllocateHostedConnection";
    let player = player(vec![exchange(operation, order(7, "a"), json!("made"))]);
    let played = player.answer(operation, &order(7, "b"));
    assert!(
        matches!(played, Said::Answer { status: 200, .. }),
        "{played:?}"
    );
    let Said::Unknown(why) = player.answer(operation, &order(8, "a")) else {
        panic!("it was not asked")
    };
    assert!(
        why.contains("\"vlan\":8") && why.contains("\"vlan\":7"),
        "{why}"
    );
    let Said::Unknown(why) = player.answer("DescribeLags", &json!({})) else {
        panic!("it was not asked")
    };
    assert_eq!(why, "the recording has no DescribeLags");
}

#[test]
fn only_direct_connect_is_played_and_a_lost_answer_is_lost_again() {
    let ask = json!({"connectionId": "dxcon-aaaaaaaa"});
    let mut lost = exchange(LIST, ask.clone(), Value::Null);
    (lost.status, lost.lost) = (None, Some("timeout".to_owned()));
    let mut other = exchange("PutItem", json!({}), json!({}));
    other.service = "DynamoDB_20120810".to_owned();
    let player = player(vec![lost, other]);
    assert_eq!(player.len(), 1);
    assert_eq!(player.answer(LIST, &ask), Said::Lost("timeout".to_owned()));
    assert_eq!(player.asked(LIST, "connectionId"), ["dxcon-aaaaaaaa"]);
}
