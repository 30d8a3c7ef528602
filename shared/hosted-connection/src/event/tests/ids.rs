//! Known answers. An id that changes makes every repeat of an old fact look like news to all consumers, so none of these
//! may: a new kind of fact adds a line.

use super::lifecycle::{change, changed, refused, released};
use super::*;

const KEY: &str = "order-1001";
const ID: &str = "dxcon-fgh01abc";

fn reminder() -> Event {
    changed(KEY, ID, change(1, Some(172_801)), "m-1")
}

#[test]
fn the_ids_of_all_kinds_of_facts_do_not_change_from_version_to_version() {
    let facts = [
        (
            "an order is allocated",
            allocated(KEY, ID, "m-1"),
            "0336525e-22fe-5aed-a2f2-5c8d122de9d0",
        ),
        (
            "an order is rejected",
            rejected(101, "Taken."),
            "5f74a82b-6c7e-5180-b2f9-c1445b791d1b",
        ),
        (
            "a key is used with another request",
            rejected(102, "Used."),
            "3e5ac8a0-1580-5fac-9e39-9b63c05474e9",
        ),
        (
            "an order with a key is not valid",
            invalid(r#"{"idempotencyKey": "order-1001"}"#, "m-1"),
            "b7b837b3-95c7-5fd2-bba9-216d10f2c6db",
        ),
        (
            "an order without a key is not valid",
            invalid("nonsense", "m-1"),
            "29fe7fbb-1ccc-57cd-bd0d-470e0474db52",
        ),
        (
            "the first change of state",
            changed(KEY, ID, change(1, None), "m-1"),
            "29e3e131-3629-55b4-8298-dd4309d04e0e",
        ),
        (
            "the second change of state",
            changed(KEY, ID, change(2, None), "m-1"),
            "5c103346-7250-5f36-81ea-6d89fed30ad4",
        ),
        (
            "the owner is silent",
            reminder(),
            "695c073e-29c1-5524-b1ec-9ec4b5a806f9",
        ),
        (
            "a connection is released",
            released(KEY, ID, "m-1"),
            "e3b5f1ac-b40d-5449-9679-65261954e9fe",
        ),
        (
            "a release is refused",
            refused(Some(KEY), "m-1"),
            "1f341245-06c7-52d0-8028-9df0ca2a0bf8",
        ),
        (
            "a release without a key is refused",
            refused(None, "m-1"),
            "ad14a33c-a9db-5200-bea2-3fb564da93b9",
        ),
    ];
    let (found, known): (Vec<_>, Vec<_>) = facts
        .into_iter()
        .map(|(fact, event, id)| ((fact, event.event_id.to_string()), (fact, id.to_owned())))
        .unzip();
    assert_eq!(found, known);
}

#[test]
fn the_fingerprint_of_a_request_does_not_change_from_version_to_version() {
    assert_eq!(
        order(101).request.fingerprint().to_string(),
        "7bf3184ad252a448f4f499b03da3b2273fae6e4a3757d0652133f0fe6e189fda"
    );
}
