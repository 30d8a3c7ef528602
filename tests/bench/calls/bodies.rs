//! What the calls say: as much, in the same members, as the function says for such an order.

use std::collections::HashMap;

use aws_sdk_directconnect::types::Tag;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementRequest, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use crate::Result;

type Item = HashMap<String, AttributeValue>;

pub(crate) const NAME: &str = "Example Corp Frankfurt";
pub(crate) const RECORD: &str = "SET allocationState = :to, allocationOutcome = :outcome, occurredAtMs = :at, \
    leaseExpiresAtMs = :zero, history = list_append(history, :entry)";

const TOKEN: &str = "6ad9be4f-0e2c-4a0b-9a39-6a36b6c3a4d5";
const NOW_MS: u64 = 1_767_323_045_678;
/// VLANs of one parent.
const VLANS: u32 = 4094;
const REQUEST: &str = r#"{"connectionId":"dxcon-calls000","ownerAccount":"111122223333","bandwidth":"50Mbps","connectionName":"Example Corp Frankfurt","vlan":101,"tags":[{"key":"contract","value":"C-2026-0017"},{"key":"billable"}]}"#;
const ORIGIN: &str = r#"{"door":"sqs","messageId":"2c699d8d-f8f1-4bdc-b355-9dd340dba5ae","queueArn":"arn:aws:sqs:us-east-1:123456789012:hosted-connections-OrdersQueue-7Q2XK9V4M1TD"}"#;
/// The same as the record stores them, with short names.
const REQUEST_KEPT: &str = "\u{1}{\u{3}\"dxcon-calls000\",\u{2}\"111122223333\",\u{8}\"50Mbps\",\u{4}\"Example Corp Frankfurt\",\t101,\u{12}[{\"key\":\"contract\",\"value\":\"C-2026-0017\"},{\"key\":\"billable\"}]}";
const ORIGIN_KEPT: &str = "\u{1}{\u{1c}\"sqs\",\u{1e}\"2c699d8d-f8f1-4bdc-b355-9dd340dba5ae\",\u{1f}\"arn:aws:sqs:us-east-1:123456789012:hosted-connections-OrdersQueue-7Q2XK9V4M1TD\"}";
const CONNECTION_KEPT: &str = "~=\u{1}{\u{3}\"dxcon-fgh01abc\",\u{5}\"ordering\",\u{6}\"eu-central-1\",\u{7}\"EqFA5\",\n\"Example Networks\",\u{b}\"2026-01-02T03:04:05.678Z\",\r\"EqFA5-1a2b3c4d5e6f7\",\u{e}true,\u{10}\"EqFA5-7f6e5d4c3b2a1\",\u{11}\"yes\",\u{14}false,\u{15}\"Encryption Down\",\u{16}\"no_encrypt\",\u{17}[{\"secretARN\":\"arn:aws:secretsmanager:eu-central-1:123456789012:secret:directconnect!prod/0011\",\"ckn\":\"00112233445566778899aabbccddeeff\",\"state\":\"disassociated\",\"startOn\":\"2026-01-01T00:00:00Z\"}],\u{18}{\"maxAllowed\":10,\"inUse\":1,\"remaining\":9,\u{1f}\"50Mbps\"},\u{19}true,\u{1a}100,\u{1b}100,\u{1c}100,\u{1d}100,\u{1e}\"PayAsYouGo\"}";
const CONNECTION: &str = r#"{"awsDevice":"EqFA5-1a2b3c4d5e6f7","awsDeviceV2":"EqFA5-1a2b3c4d5e6f7","awsLogicalDeviceId":"EqFA5-7f6e5d4c3b2a1","bandwidth":"50Mbps","billingMode":"PayAsYouGo","connectionId":"dxcon-fgh01abc","connectionName":"Example Corp Frankfurt","connectionState":"ordering","encryptionMode":"no_encrypt","hasLogicalRedundancy":"yes","jumboFrameCapable":true,"loaIssueTime":"2026-01-02T03:04:05.678Z","location":"EqFA5","macSecCapable":false,"macSecKeys":[{"ckn":"00112233445566778899aabbccddeeff","secretARN":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:directconnect!prod/0011","startOn":"2026-01-01T00:00:00Z","state":"disassociated"}],"ownerAccount":"111122223333","partnerInterconnectMacSecCapable":true,"partnerName":"Example Networks","portEncryptionStatus":"Encryption Down","prefixPoolSizeIpv4":100,"prefixPoolSizeIpv6":100,"prefixPoolUnallocatedCountIpv4":100,"prefixPoolUnallocatedCountIpv6":100,"providerName":"Example Networks","rateLimiterStatus":{"inUse":1,"maxAllowed":10,"remaining":9,"totalBandwidth":"50Mbps"},"region":"eu-central-1","tags":[{"key":"contract","value":"C-2026-0017"},{"key":"billable"}],"vlan":101}"#;

pub(crate) fn parent(order: u32) -> String {
    format!("dxcon-calls{:03}", order / VLANS)
}

pub(crate) fn vlan(order: u32) -> i32 {
    i32::try_from(order % VLANS + 1).unwrap_or(i32::MAX)
}

pub(crate) fn tags() -> Result<Vec<Tag>> {
    Ok(vec![
        Tag::builder()
            .key("contract")
            .value("C-2026-0017")
            .build()?,
        Tag::builder().key("billable").build()?,
    ])
}

pub(crate) fn key(order: u32) -> Item {
    item([
        ("pk", s(format!("allocation#calls-{order:08}"))),
        ("sk", s("allocation")),
    ])
}

/// The record and the VLAN lease, each if it is not there.
pub(crate) fn claim(table: &str, order: u32) -> Result<Vec<TransactWriteItem>> {
    let mut record = key(order);
    record.extend(item([
        (
            "orderFingerprint",
            s("0d1c2b3a495867768594a3b2c1d0e0f10d1c2b3a495867768594a3b2c1d0e0f1"),
        ),
        ("orderRequest", s(REQUEST_KEPT)),
        ("orderOrigin", s(ORIGIN_KEPT)),
        ("allocationState", s("calling")),
        ("vlan", n(u64::from(order % VLANS + 1))),
        ("claimToken", s(TOKEN)),
        ("leaseExpiresAtMs", n(NOW_MS + 32_000)),
        ("callStartedAtMs", n(NOW_MS)),
        ("attemptCount", n(1)),
        ("unfinishedShard", s("unfinished#3")),
        ("unfinishedAtMs", n(NOW_MS + 32_000)),
        ("parentConnectionId", s(parent(order))),
        ("claimedAtMs", n(NOW_MS)),
        ("history", AttributeValue::L(vec![entry("calling")])),
    ]));
    let record = Put::builder()
        .table_name(table)
        .set_item(Some(record))
        .condition_expression("attribute_not_exists(pk) OR expiresAt <= :now_s")
        .expression_attribute_values(":now_s", n(NOW_MS / 1000));
    let holder = format!("calls-{order:08}");
    let lease = Put::builder()
        .table_name(table)
        .item("pk", s(format!("parent#{}", parent(order))))
        .item("sk", s(format!("vlan#{:04}", order % VLANS + 1)))
        .item("leasedAtMs", n(NOW_MS))
        .item("mbps", n(50))
        .item("holder", s(&holder))
        .condition_expression("attribute_not_exists(pk) OR holder = :key")
        .expression_attribute_values(":key", s(holder));
    [record, lease]
        .into_iter()
        .map(|put| {
            let why = ReturnValuesOnConditionCheckFailure::AllOld;
            let put = put.return_values_on_condition_check_failure(why).build()?;
            Ok(TransactWriteItem::builder().put(put).build())
        })
        .collect()
}

/// The values that [`RECORD`] sets.
pub(crate) fn outcome() -> Item {
    item([
        (":to", s("allocated")),
        (":outcome", s(CONNECTION_KEPT)),
        (":at", n(NOW_MS)),
        (":zero", n(0)),
        (":entry", AttributeValue::L(vec![entry("allocated")])),
        (":token", s(TOKEN)),
        (":calling", s("calling")),
        (":unresolved", s("unresolved")),
    ])
}

pub(crate) fn event(bus: &str, order: u32) -> PutEventsRequestEntry {
    let detail = format!(
        r#"{{"schemaVersion":"1","eventId":"7d444840-9dc0-11d1-b245-5ffdce74fad2","idempotencyKey":"calls-{order:08}","sequence":0,"occurredAt":"2026-01-02T03:04:05.678Z","origin":{ORIGIN},"request":{REQUEST},"connection":{CONNECTION}}}"#
    );
    PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source("hosted-connections")
        .detail_type("Hosted Connection Allocated")
        .resources("arn:aws:directconnect:eu-central-1:111122223333:dxcon/dxcon-fgh01abc")
        .detail(detail)
        .build()
}

/// That the order's event is out.
pub(crate) fn mark(table: &str, order: u32) -> Result<BatchStatementRequest> {
    let key = |name| key(order).remove(name);
    let parameters = [
        Some(AttributeValue::Bool(true)),
        key("pk"),
        key("sk"),
        Some(s(TOKEN)),
    ];
    let statement = format!(
        "UPDATE \"{table}\" SET eventPublished = ? REMOVE unfinishedShard REMOVE unfinishedAtMs \
         WHERE pk = ? AND sk = ? AND claimToken = ? AND lifecycleRevision IS MISSING"
    );
    let statement = BatchStatementRequest::builder()
        .statement(statement)
        .set_parameters(parameters.into_iter().collect())
        .build()?;
    Ok(statement)
}

fn entry(event: &str) -> AttributeValue {
    AttributeValue::M(item([("atMs", n(NOW_MS)), ("what", s(event))]))
}

fn item<const N: usize>(members: [(&str, AttributeValue); N]) -> Item {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
