//! Real things, made by the domain's own code: the examples in all files, and what schemas of types are read off.
#![expect(
    clippy::expect_used,
    reason = "the samples are constants, and every test makes them"
)]

use hosted_connection::{
    AllocationRequest, Code, Connection, CorrelationId, Event, IdempotencyKey, InvalidRequest,
    KeySource, MacSecKey, Move, Order, Origin, ParentConnection, Problem, RateLimiterStatus,
    Receipt, ReceiptStatus, Rejection, ReleaseRequest, StateChange, Tag, Timestamp,
};

use crate::value::{Value, read, with};

pub(crate) const KEY: &str = "order-1001";
pub(crate) const PARENT: &str = "dxcon-ffabc123";
pub(crate) const OWNER: &str = "111122223333";
pub(crate) const NAME: &str = "customer-42-frankfurt";
pub(crate) const VLAN: u16 = 101;
pub(crate) const CONNECTION: &str = "dxcon-fgh01abc";
const ARN: &str = "arn:aws:directconnect:eu-central-1:123456789012:dxcon/dxcon-fgh01abc";
const REQUEST_ID: &str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
/// 2026-01-02T03:04:05.678Z.
const AT: Timestamp = Timestamp::from_ms(1_767_323_045_678);

/// An order's body over HTTP.
pub(crate) fn order() -> Value {
    members! {
        "connectionId" => PARENT,
        "ownerAccount" => OWNER,
        "bandwidth" => "500Mbps",
        "connectionName" => NAME,
        "vlan" => VLAN,
        "tags" => crate::value::list([members! {"key" => "contract", "value" => "C-2026-0042"}]),
    }
}

/// An order's body over a queue.
pub(crate) fn order_with_key() -> Value {
    with(members! {"idempotencyKey" => KEY}, order())
}

/// A release's body over a queue.
pub(crate) fn release() -> Value {
    members! {"action" => ReleaseRequest::ACTION, "idempotencyKey" => KEY}
}

/// What leaves the parent to us.
pub(crate) fn placement() -> Value {
    members! {
        "location" => "EqDC2",
        "diverseFrom" => members! {"idempotencyKey" => "order-1000", "by" => "device"},
    }
}

fn key() -> IdempotencyKey {
    IdempotencyKey::parse(KEY).expect("a key")
}

pub(crate) fn request() -> AllocationRequest {
    let body = serde_json::to_string(&order()).expect("JSON");
    AllocationRequest::from_stored_json(&body).expect("an order")
}

/// With every member that there is. A member that is added has to be added here, or this does not compile.
pub(crate) fn full_connection() -> Connection {
    let text = |text: &str| Some(text.to_owned());
    Connection {
        owner_account: text(OWNER),
        connection_id: text(CONNECTION),
        connection_name: text(NAME),
        connection_state: text("ordering"),
        region: text("eu-central-1"),
        location: text("EqFA5"),
        bandwidth: text("500Mbps"),
        vlan: Some(VLAN.into()),
        partner_name: text("Example Partner"),
        loa_issue_time: text("2026-01-02T03:04:05Z"),
        lag_id: text("dxlag-ffabc789"),
        aws_device: text("EqFA5-1"),
        jumbo_frame_capable: Some(true),
        aws_device_v2: text("EqFA5-1a"),
        aws_logical_device_id: text("EqFA5-1b"),
        has_logical_redundancy: text("yes"),
        tags: Some(vec![Tag {
            key: "contract".to_owned(),
            value: text("C-2026-0042"),
        }]),
        provider_name: text("Example Provider"),
        mac_sec_capable: Some(false),
        port_encryption_status: text("Encryption Down"),
        encryption_mode: text("no_encrypt"),
        mac_sec_keys: Some(vec![MacSecKey {
            secret_arn: text("arn:aws:secretsmanager:eu-central-1:123456789012:secret:example"),
            ckn: text("0a"),
            state: text("associated"),
            start_on: text("2026-01-02T03:04:05Z"),
        }]),
        rate_limiter_status: Some(RateLimiterStatus {
            max_allowed: Some(50),
            in_use: Some(1),
            remaining: Some(49),
            total_bandwidth: text("10Gbps"),
        }),
        partner_interconnect_mac_sec_capable: Some(true),
        prefix_pool_size_ipv4: Some(100),
        prefix_pool_size_ipv6: Some(100),
        prefix_pool_unallocated_count_ipv4: Some(99),
        prefix_pool_unallocated_count_ipv6: Some(99),
        billing_mode: text("standard"),
    }
}

/// As Direct Connect usually answers.
pub(crate) fn connection(state: &str) -> Connection {
    let full = full_connection();
    Connection {
        owner_account: full.owner_account,
        connection_id: full.connection_id,
        connection_name: full.connection_name,
        connection_state: Some(state.to_owned()),
        region: full.region,
        location: full.location,
        bandwidth: full.bandwidth,
        vlan: full.vlan,
        partner_name: full.partner_name,
        ..Connection::default()
    }
}

pub(crate) fn receipt(status: ReceiptStatus) -> Value {
    let state = match status {
        ReceiptStatus::Allocated => "ordering",
        ReceiptStatus::Releasing => "deleting",
        ReceiptStatus::Released => "deleted",
    };
    let receipt = Receipt {
        idempotency_key: key(),
        status,
        parent_connection_id: ParentConnection::parse(PARENT).expect("a parent"),
        connection: connection(state),
    };
    read(&receipt.to_json())
}

/// What three mistakes come to.
pub(crate) fn invalid() -> InvalidRequest {
    let body = br#"{"connectionId": "dxcon-ffabc123", "ownerAccount": "1111", "bandwidth": "500mbps", "vlan": 4095, "connectionName": "x"}"#;
    Order::parse(body, KeySource::Header(&[KEY])).expect_err("three mistakes")
}

pub(crate) fn problem(code: Code) -> Value {
    let invalid = invalid();
    let problem = match code {
        Code::InvalidRequest => Problem::new(code, invalid.rejection().message, REQUEST_ID)
            .with_violations(invalid.violations),
        Code::NoParentAvailable => {
            let rejection = Rejection::capacity_exceeded(500, 200);
            let parent = ParentConnection::parse(PARENT).expect("a parent");
            let candidate = rejection.of_candidate(&parent);
            Problem::new(code, code.title(), REQUEST_ID).with_candidates(vec![candidate])
        }
        Code::MissingIdempotencyKey
        | Code::InvalidIdempotencyKey
        | Code::IdempotencyKeyReused
        | Code::InProgress
        | Code::VlanInUse
        | Code::NoVlanAvailable
        | Code::CapacityExceeded
        | Code::DiverseFromUnknown
        | Code::RefusedByDirectConnect
        | Code::Throttled
        | Code::OutcomeUnknown
        | Code::Unavailable
        | Code::NotFound
        | Code::MethodNotAllowed
        | Code::PayloadTooLarge
        | Code::UnsupportedMediaType
        | Code::Internal => Problem::new(code, code.title(), REQUEST_ID),
    };
    read(&problem.to_json())
}

/// Where what came over a queue came from.
pub(crate) fn origin() -> Origin {
    Origin::Sqs {
        message_id: "059f36b4-87a3-44ab-83d2-661975830a7d".to_owned(),
        queue_arn: "arn:aws:sqs:eu-central-1:123456789012:orders".to_owned(),
        via: None,
        correlation_id: CorrelationId::parse("ticket-4711"),
    }
}

/// The details of one event of each kind.
pub(crate) fn allocated() -> Value {
    let event = Event::allocated(
        &key(),
        &request(),
        &connection("ordering"),
        Some(ARN.to_owned()),
        &origin(),
        AT,
    );
    read(&event.detail)
}

pub(crate) fn adopted() -> Value {
    let origin = Origin::Adoption {
        request_id: "operator-1767323045678".to_owned(),
    };
    let event = Event::allocated(
        &key(),
        &request(),
        &connection("available"),
        Some(ARN.to_owned()),
        &origin,
        AT,
    );
    read(&event.detail)
}

pub(crate) fn rejected() -> Value {
    read(&Event::invalid(&invalid(), &origin(), AT).detail)
}

pub(crate) fn state_changed() -> Value {
    let change = StateChange {
        previous_state: "ordering",
        number: 1,
        sequence: 1,
        age_seconds: None,
    };
    let event = Event::state_changed(
        &key(),
        &request(),
        &change,
        &connection("pending"),
        Some(ARN.to_owned()),
        &origin(),
        AT,
    );
    read(&event.detail)
}

pub(crate) fn released() -> Value {
    let event = Event::released(
        &key(),
        &request(),
        &connection("deleted"),
        Some(ARN.to_owned()),
        3,
        &origin(),
        AT,
    );
    read(&event.detail)
}

pub(crate) fn moved() -> Value {
    let parent = |id: &str| ParentConnection::from_stored(id.to_owned());
    let (previous_parent, parent) = (parent("dxcon-ffabc123"), parent("dxlag-ffabc789"));
    let moved = Move {
        previous_parent: &previous_parent,
        parent: &parent,
        sequence: 2,
    };
    let event = Event::moved(
        &key(),
        &request(),
        &moved,
        &connection("available"),
        Some(ARN.to_owned()),
        &origin(),
        AT,
    );
    read(&event.detail)
}

/// The event as a rule's target gets it.
pub(crate) fn on_the_bus(detail_type: &str, resources: Vec<String>, detail: Value) -> Value {
    members! {
        "version" => "0",
        "id" => "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type" => detail_type,
        "source" => Event::SOURCE,
        "account" => "123456789012",
        "time" => "2026-01-02T03:04:06Z",
        "region" => "eu-central-1",
        "resources" => resources,
        "detail" => detail,
    }
}

/// The ARN of the samples' connection.
pub(crate) fn arn() -> String {
    ARN.to_owned()
}
