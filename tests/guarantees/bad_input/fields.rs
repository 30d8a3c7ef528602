//! Each line of the request table broken, alone, by twos and all together, door by door.

use std::collections::BTreeSet;

use proof::{QUEUE_ARN, World, http, record, returned, sqs};
use serde_json::{Value, json};

use super::table::{all_at_once, cases, tags, text};
use super::{KEY, body};
use crate::answers::{
    HTTP_REQUEST, Http, direct_problem, invoke_text, operations, rejection, sqs_origin, violations,
    wrong,
};

#[tokio::test(start_paused = true)]
async fn each_broken_rule_is_named_over_http_and_aws_hears_nothing() {
    let world = World::new();
    for case in cases() {
        let answer = Http::of(world.invoke(&http(KEY, &case.body(None))).await);
        let problem = answer.problem(400, "InvalidRequest");
        assert_eq!(violations(&problem), wrong(&case.wrong), "{}", case.story());
        assert_eq!(problem["instance"], HTTP_REQUEST);
    }
    assert_eq!(operations(&world), [""; 0]);
    // The key is still good for a request that is.
    Http::of(world.invoke(&http(KEY, &body(None, &[]))).await).receipt();
}

#[tokio::test(start_paused = true)]
async fn each_broken_rule_is_named_to_a_direct_caller_and_aws_hears_nothing() {
    let world = World::new();
    for case in cases() {
        let invocation = invoke_text(&world, case.body(Some(KEY))).await;
        let problem = direct_problem(invocation, 400, "InvalidRequest");
        assert_eq!(violations(&problem), wrong(&case.wrong), "{}", case.story());
    }
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn each_broken_rule_is_published_for_a_message_which_is_consumed() {
    let world = World::new();
    for (batch, cases) in cases().chunks(10).enumerate() {
        let id = |index: usize| format!("m-{batch}-{index}");
        let key = |index: usize| format!("k-{batch}-{index}");
        let records = cases
            .iter()
            .enumerate()
            .map(|(index, case)| record(&id(index), &case.body(Some(&key(index)))));
        let event = sqs(records);
        let before = world.cloud.events().len();
        for _ in 0..2 {
            let answer = world.invoke(&event).await.answer();
            assert_eq!(returned(&answer), [""; 0]);
        }
        let told = world.cloud.events().split_off(before);
        for (index, case) in cases.iter().enumerate() {
            let story = case.story();
            let of_it: Vec<_> = told
                .iter()
                .filter(|event| event.detail["origin"]["messageId"] == id(index).as_str())
                .collect();
            assert!(!of_it.is_empty(), "{story}: nothing was published");
            for event in &of_it {
                let origin = sqs_origin(&id(index), QUEUE_ARN);
                let rejection = rejection(&world, event, &key(index).into(), &origin);
                assert_eq!(rejection["code"], "InvalidRequest", "{story}");
                assert_eq!(violations(&rejection), wrong(&case.wrong), "{story}");
                assert_eq!(
                    event.detail["eventId"], of_it[0].detail["eventId"],
                    "{story}: redelivered"
                );
            }
        }
    }
    let asked: BTreeSet<_> = operations(&world).into_iter().collect();
    assert_eq!(asked, BTreeSet::from(["PutEvents".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_wrong_is_named_at_once_through_every_door() {
    let world = World::new();
    let (keyless, expected) = all_at_once(None);
    let mut event = http(KEY, &keyless);
    let problem = Http::of(world.invoke(&event).await).problem(400, "InvalidRequest");
    assert_eq!(violations(&problem), wrong(&expected));

    let mut and_no_key = expected.clone();
    and_no_key.push(("/idempotencyKey", "Missing"));
    event["headers"] = json!({});
    let problem = Http::of(world.invoke(&event).await).problem(400, "InvalidRequest");
    assert_eq!(violations(&problem), wrong(&and_no_key));
    let direct = invoke_text(&world, keyless.clone()).await;
    let problem = direct_problem(direct, 400, "InvalidRequest");
    assert_eq!(violations(&problem), wrong(&and_no_key));
    assert_eq!(operations(&world), [""; 0]);

    let (keyed, _) = all_at_once(Some(KEY));
    let event = sqs([record("m-1", &keyed), record("m-2", &keyless)]);
    let answer = world.invoke(&event).await.answer();
    assert_eq!(returned(&answer), [""; 0]);
    for (message, key, expected) in [
        ("m-1", json!(KEY), expected),
        ("m-2", Value::Null, and_no_key),
    ] {
        let events = world.cloud.events();
        let mut of_it = events
            .iter()
            .filter(|event| event.detail["origin"]["messageId"] == message);
        let origin = sqs_origin(message, QUEUE_ARN);
        let rejection = rejection(&world, of_it.next().unwrap(), &key, &origin);
        assert_eq!(rejection["code"], "InvalidRequest");
        assert_eq!(violations(&rejection), wrong(&expected));
    }
    assert_eq!(operations(&world), ["PutEvents"]);
}

#[tokio::test(start_paused = true)]
async fn any_two_broken_fields_are_both_named() {
    let world = World::new();
    let mut seen = BTreeSet::new();
    let mut cases = cases();
    cases.retain(|case| seen.insert((case.field, case.wrong.clone())));
    for (index, one) in cases.iter().enumerate() {
        for other in &cases[index + 1..] {
            let (field, other_field) = (one.field, other.field);
            if field.trim_start_matches('+') == other_field.trim_start_matches('+') {
                continue;
            }
            let changes = [
                (field, one.json.as_deref()),
                (other_field, other.json.as_deref()),
            ];
            let invocation = invoke_text(&world, body(Some(KEY), &changes)).await;
            let problem = direct_problem(invocation, 400, "InvalidRequest");
            let both = [&one.wrong[..], &other.wrong[..]].concat();
            assert_eq!(
                violations(&problem),
                wrong(&both),
                "{} and {}",
                one.story(),
                other.story()
            );
        }
    }
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn every_value_at_the_edge_of_the_table_is_taken() {
    let edge = [
        ("connectionName", text(100)),
        ("vlan", "1".to_owned()),
        ("vlan", "4094".to_owned()),
        ("tags", "[]".to_owned()),
        ("tags", tags(50)),
        (
            "tags",
            format!(
                r#"[{{"key": {}, "value": {}}}, {{"key": "_.:/=+-@ Ⅷ中", "value": ""}}]"#,
                text(128),
                text(256)
            ),
        ),
        ("connectionId", r#""dxlag-ffabc789""#.to_owned()),
    ];
    for (field, json) in edge {
        let world = World::new();
        let event = http(KEY, &body(None, &[(field, Some(&json))]));
        Http::of(world.invoke(&event).await).receipt();
    }
}
