//! A placement that says too little, too much or nothing that there is.

use super::*;

async fn wrong(world: &World, order: &Value) -> Vec<(String, String)> {
    let answer = ask(world, "k-1", order).await;
    assert_eq!(answer["statusCode"], 400, "{answer}");
    let violations = body(&answer)["violations"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let told = violations.as_array().unwrap().iter();
    told.map(|one| (text(&one["field"]), text(&one["code"])))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_placement_is_told_before_anything_is_asked_of_aws() {
    let world = world();
    let mut both = order(&here(), None);
    both["connectionId"] = A.into();
    let mut neither = order(&here(), None);
    neither.as_object_mut().unwrap().remove("placement");
    let own =
        json!({"location": "EqDC2", "diverseFrom": {"idempotencyKey": "k-1", "by": "device"}});
    let misspelt = json!({"location": "EqDC2", "diverseform": {}});
    let two = json!({"location": "EqDC2", "parents": [A]});
    let by = json!({"location": "EqDC2", "diverseFrom": {"idempotencyKey": "one", "by": "rack"}});
    for (order, expected) in [
        (both, [("/placement", "Duplicate")]),
        (neither, [("/connectionId", "Missing")]),
        (
            order(&among(&[]), None),
            [("/placement/parents", "OutOfRange")],
        ),
        (
            order(&among(&[A, B, A]), None),
            [("/placement/parents/2", "Duplicate")],
        ),
        (
            order(&among(&["EqDC2"]), None),
            [("/placement/parents/0", "Malformed")],
        ),
        (
            order(&own, None),
            [("/placement/diverseFrom/idempotencyKey", "Duplicate")],
        ),
        (
            order(&misspelt, None),
            [("/placement/diverseform", "UnknownField")],
        ),
        (order(&two, None), [("/placement/parents", "Duplicate")]),
        (
            order(&by, None),
            [("/placement/diverseFrom/by", "Malformed")],
        ),
        (
            order(&json!({}), None),
            [("/placement/location", "Missing")],
        ),
        (order(&json!("EqDC2"), None), [("/placement", "WrongType")]),
    ] {
        assert_eq!(wrong(&world, &order).await, codes(&expected), "{order}");
    }
    assert_eq!(world.cloud.requests().len(), 0);
}
