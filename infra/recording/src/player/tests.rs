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

#[test]
fn a_connection_is_found_under_the_name_that_it_is_given_now() {
    let allocate = "AllocateHostedConnection";
    let order = |vlan, name| json!({"vlan": vlan, "connectionName": name});
    let listed = json!({"connections": [{"connectionName": "r1"}, {"connectionName": "r2"}]});
    let player = player(vec![
        exchange(allocate, order(7, "r1"), order(7, "r1")),
        exchange(LIST, json!({}), listed.clone()),
    ]);
    let body = |operation, request: &Value| match player.answer(operation, request) {
        Said::Answer { body, .. } => body,
        said => panic!("{said:?}"),
    };
    // Before anything is allocated the names are those of the file.
    assert_eq!(body(LIST, &json!({})), listed);
    assert_eq!(body(allocate, &order(7, "mine")), order(7, "mine"));
    let renamed = json!({"connections": [{"connectionName": "mine"}, {"connectionName": "r2"}]});
    assert_eq!(body(LIST, &json!({})), renamed);
    // Somebody else's call for the same VLAN gives the connection no other name.
    assert_eq!(body(allocate, &order(7, "yours")), order(7, "mine"));
}

#[test]
fn an_id_of_nothing_is_answered_as_the_one_in_the_recording_and_a_parent_is_not() {
    let about = |id| json!({"connectionId": id, "maxResults": 100});
    let parents = json!({"interconnects": [{"interconnectId": "dxcon-aaaaaaaa"}]});
    let refused = json!({"__type": "NoSuchThing"});
    let mut none = exchange(LIST, about("dxcon-nothing1"), refused.clone());
    none.status = Some(404);
    let mut exchanges = vec![
        exchange(LIST, about("dxcon-aaaaaaaa"), json!({"connections": []})),
        none.clone(),
    ];
    let said = Said::Answer {
        status: 404,
        body: refused,
    };
    let playing = player(exchanges.clone());
    assert_eq!(playing.answer(LIST, &about("dxcon-nothing2")), said);
    // With another size of pages it is another question.
    let other = json!({"connectionId": "dxcon-nothing2", "maxResults": 1});
    assert!(matches!(playing.answer(LIST, &other), Said::Unknown(_)));
    // A list that was answered may be a parent's, unless it is known which parents there are.
    none.status = Some(200);
    exchanges[1] = none;
    let playing = player(exchanges.clone());
    let question = about("dxcon-nothing2");
    assert!(matches!(playing.answer(LIST, &question), Said::Unknown(_)));
    exchanges.push(exchange("DescribeInterconnects", json!({}), parents));
    exchanges.push(exchange("DescribeLags", json!({}), json!({"lags": []})));
    let playing = player(exchanges);
    assert!(matches!(
        playing.answer(LIST, &question),
        Said::Answer { status: 200, .. }
    ));
}
