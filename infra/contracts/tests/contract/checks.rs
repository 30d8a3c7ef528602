//! A check that cannot fail checks nothing: samples of everything pass, and any change to them is noticed.

use contracts::check;
use serde_json::{Value, json};

use crate::document;

fn sample(name: &str) -> Value {
    document(&format!("infra/schemas/{name}.json"))["examples"][0].clone()
}

fn request(method: &str, path: &str) -> Value {
    json!({
        "version": "2.0",
        "rawPath": path,
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
    })
}

fn response(status: u16, headers: &Value, body: &Value) -> Value {
    json!({"statusCode": status, "headers": headers, "body": body.to_string(), "isBase64Encoded": false})
}

#[test]
fn a_receipt_is_held_against_its_route_status_and_headers() {
    let headers =
        json!({"content-type": "application/json", "Location": "/allocations/order-1001"});
    let good = response(201, &headers, &sample("receipt"));
    let order = request("POST", "/allocations");
    assert_eq!(check::answer(&order, &good), Ok(()));
    for (pointer, value) in [
        ("/statusCode", json!(200)),
        ("/statusCode", json!(299)),
        ("/headers/Location", json!("elsewhere")),
        ("/headers/content-type", json!("text/plain")),
        ("/headers/Idempotent-Replayed", json!("yes")),
        ("/headers/X-New", json!("x")),
        ("/body", json!("{}")),
    ] {
        let mut bad = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap()[name] = value;
        assert!(check::answer(&order, &bad).is_err(), "{bad}");
    }
    let mut more = sample("receipt");
    more["connection"]["unheardOf"] = json!(1);
    assert!(check::answer(&order, &response(201, &headers, &more)).is_err());
    assert!(check::answer(&request("GET", "/allocations"), &good).is_err());
    assert!(check::answer(&request("PUT", "/allocations"), &good).is_err());
}

#[test]
fn a_problem_has_the_type_title_and_status_of_its_code() {
    let headers = json!({"content-type": "application/problem+json"});
    let order = request("POST", "/allocations");
    let good = sample("problem");
    assert_eq!(
        check::answer(&order, &response(400, &headers, &good)),
        Ok(())
    );
    for (member, value) in [
        ("type", json!("urn:hosted-connections:problem:internal")),
        ("title", json!("Something went wrong on our side.")),
        ("status", json!(422)),
        ("code", json!("VlanInUse")),
        ("violations", json!([])),
        ("unheardOf", json!(1)),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        let answer = check::answer(&order, &response(400, &headers, &bad));
        assert!(answer.is_err(), "{bad}");
    }
    let mut later = good;
    later["code"] = json!("Throttled");
    later["type"] = json!("urn:hosted-connections:problem:throttled");
    later["title"] = json!("There are too many requests; try again later.");
    later["status"] = json!(429);
    let without = response(429, &headers, &later);
    assert!(check::answer(&order, &without).is_err(), "no Retry-After");
    let headers = json!({"content-type": "application/problem+json", "Retry-After": "3"});
    assert_eq!(
        check::answer(&order, &response(429, &headers, &later)),
        Ok(())
    );
}

#[test]
fn an_event_is_held_against_its_detail_type() {
    let arn = ["arn:aws:directconnect:eu-central-1:123456789012:dxcon/dxcon-fgh01abc".to_owned()];
    for (name, detail_type, resources) in [
        ("event-allocated", "Hosted Connection Allocated", &arn[..]),
        ("event-rejected", "Hosted Connection Rejected", &[]),
        (
            "event-state-changed",
            "Hosted Connection State Changed",
            &arn,
        ),
        ("event-released", "Hosted Connection Released", &arn),
    ] {
        let detail = sample(name);
        let published =
            |detail: &Value| check::published("hosted-connections", detail_type, resources, detail);
        assert_eq!(published(&detail), Ok(()));
        for member in detail.as_object().unwrap().keys() {
            let mut less = detail.clone();
            less.as_object_mut().unwrap().remove(member);
            assert!(published(&less).is_err(), "{detail_type} without {member}");
        }
        let mut more = detail.clone();
        more["origin"]["unheardOf"] = json!(1);
        assert!(published(&more).is_err());
        let mut found_again = detail;
        found_again["origin"]["correlationId"] = json!("caller-7");
        assert_eq!(published(&found_again), Ok(()));
        found_again["origin"]["correlationId"] = json!("with space");
        assert!(published(&found_again).is_err());
    }
    let detail = sample("event-allocated");
    assert!(check::published("elsewhere", "Hosted Connection Allocated", &arn, &detail).is_err());
    assert!(check::published("hosted-connections", "Nothing", &arn, &detail).is_err());
    assert!(
        check::published(
            "hosted-connections",
            "Hosted Connection Allocated",
            &["arn".to_owned()],
            &detail
        )
        .is_err()
    );
}

#[test]
fn a_reminder_is_of_a_connection_that_is_ordering() {
    let mut reminder = sample("event-state-changed");
    reminder["ageSeconds"] = json!(172_800);
    let published = |detail: &Value| {
        check::published(
            "hosted-connections",
            "Hosted Connection State Changed",
            &[],
            detail,
        )
    };
    assert_eq!(published(&reminder), Ok(()));
    reminder["previousState"] = json!("pending");
    assert!(published(&reminder).is_err());
}

#[test]
fn batches_and_direct_invocations_have_answers_of_their_own() {
    let batch = json!({"Records": []});
    let returned = json!({"batchItemFailures": [{"itemIdentifier": "m-1"}]});
    assert_eq!(check::answer(&batch, &returned), Ok(()));
    assert!(
        check::answer(
            &batch,
            &json!({"batchItemFailures": [{"itemIdentifier": ""}]})
        )
        .is_err()
    );
    assert!(check::answer(&batch, &json!({})).is_err());
    let direct = json!({"connectionId": "dxcon-ffabc123"});
    assert_eq!(check::answer(&direct, &sample("receipt")), Ok(()));
    assert!(check::answer(&direct, &returned).is_err());
    let problem = sample("problem").to_string();
    assert_eq!(check::failure("InvalidRequest", &problem), Ok(()));
    assert!(check::failure("VlanInUse", &problem).is_err());
    assert!(check::failure("VlanInUse", "taken").is_err());
    assert_eq!(check::failure("UnknownEvent", "what is this?"), Ok(()));
}
