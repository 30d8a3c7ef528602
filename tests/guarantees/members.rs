//! Every member of the API's `Connection` survives, in the API's spelling, from Direct Connect to receipt and event.

use allocate::Function;
use aws::Clock;
use aws::config::Config;
use aws::direct_connect::{from_answer, from_listed};
use aws_sdk_directconnect::operation::allocate_hosted_connection::AllocateHostedConnectionOutput;
use aws_sdk_directconnect::primitives::DateTime;
use aws_sdk_directconnect::types::{self, BillingMode, ConnectionState, HasLogicalRedundancy};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use lambda_runtime::{Context, LambdaEvent};
use ledger::Services;
use local_cloud::Cloud;
use proof::{OWNER, PARENT, World, request, with_key};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::answers::members;

// ---------------------------------------------------------------- the SDK's types and ours

/// The fields that a struct's debug output shows, as the API spells members.
fn fields(debug: &str) -> Vec<String> {
    let mut fields: Vec<_> = debug
        .lines()
        // One level deep: four spaces and no more.
        .filter_map(|line| line.strip_prefix("    ")?.split_once(": "))
        .map(|(name, _)| name)
        .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        // The output's own, not a member of the API.
        .filter(|name| *name != "_request_id")
        .map(camel_case)
        .collect();
    fields.sort_unstable();
    fields
}

fn camel_case(name: &str) -> String {
    // The one member that does not follow the rule.
    if name == "secret_arn" {
        return "secretARN".into();
    }
    let mut words = name.split('_');
    let mut camel = words.next().unwrap().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

fn tag() -> types::Tag {
    types::Tag::builder().key("k").value("v").build().unwrap()
}

fn mac_sec_key() -> types::MacSecKey {
    types::MacSecKey::builder()
        .secret_arn("arn")
        .ckn("0a")
        .state("associated")
        .start_on("2026")
        .build()
}

fn rate_limiter_status() -> types::RateLimiterStatus {
    types::RateLimiterStatus::builder()
        .max_allowed(50)
        .in_use(1)
        .remaining(49)
        .total_bandwidth("10Gbps")
        .build()
}

/// Sets all 29 members. A macro, because list entry and answer have the same members and builders, and share no trait.
macro_rules! full {
    ($builder:expr) => {
        $builder
            .owner_account("o")
            .connection_id("i")
            .connection_name("n")
            .connection_state(ConnectionState::from("hibernating"))
            .region("r")
            .location("l")
            .bandwidth("b")
            .vlan(101)
            .partner_name("p")
            .loa_issue_time(DateTime::from_millis(1_767_323_045_678))
            .lag_id("lag")
            .aws_device("d")
            .jumbo_frame_capable(true)
            .aws_device_v2("d2")
            .aws_logical_device_id("ld")
            .has_logical_redundancy(HasLogicalRedundancy::from("perhaps"))
            .tags(tag())
            .provider_name("pr")
            .mac_sec_capable(true)
            .port_encryption_status("pe")
            .encryption_mode("e")
            .mac_sec_keys(mac_sec_key())
            .rate_limiter_status(rate_limiter_status())
            .partner_interconnect_mac_sec_capable(true)
            .prefix_pool_size_ipv4(4)
            .prefix_pool_size_ipv6(6)
            .prefix_pool_unallocated_count_ipv4(3)
            .prefix_pool_unallocated_count_ipv6(5)
            .billing_mode(BillingMode::from("barter"))
            .build()
    };
}

/// What [`full!`] is in the API's JSON, the time as we write it.
fn full_json() -> Value {
    json!({
        "ownerAccount": "o", "connectionId": "i", "connectionName": "n", "connectionState": "hibernating",
        "region": "r", "location": "l", "bandwidth": "b", "vlan": 101, "partnerName": "p",
        "loaIssueTime": "2026-01-02T03:04:05.678Z", "lagId": "lag", "awsDevice": "d", "jumboFrameCapable": true,
        "awsDeviceV2": "d2", "awsLogicalDeviceId": "ld", "hasLogicalRedundancy": "perhaps",
        "tags": [{"key": "k", "value": "v"}], "providerName": "pr", "macSecCapable": true,
        "portEncryptionStatus": "pe", "encryptionMode": "e",
        "macSecKeys": [{"secretARN": "arn", "ckn": "0a", "state": "associated", "startOn": "2026"}],
        "rateLimiterStatus": {"maxAllowed": 50, "inUse": 1, "remaining": 49, "totalBandwidth": "10Gbps"},
        "partnerInterconnectMacSecCapable": true, "prefixPoolSizeIpv4": 4, "prefixPoolSizeIpv6": 6,
        "prefixPoolUnallocatedCountIpv4": 3, "prefixPoolUnallocatedCountIpv6": 5, "billingMode": "barter",
    })
}

#[test]
fn the_sdk_has_no_member_of_a_connection_that_we_drop() {
    let listed = full!(types::Connection::builder());
    let answer = full!(AllocateHostedConnectionOutput::builder());
    for debug in [format!("{listed:#?}"), format!("{answer:#?}")] {
        let unset: Vec<_> = debug
            .lines()
            .filter(|line| line.ends_with(": None,") && !line.contains("_request_id"))
            .collect();
        assert!(
            unset.is_empty(),
            "the SDK has gained a member; mirror it in hosted_connection::Connection: {unset:?}"
        );
        assert_eq!(fields(&debug), members(&full_json()), "{debug}");
    }
    let ours = serde_json::to_value(from_listed(listed)).unwrap();
    assert_eq!(ours, full_json());
    assert_eq!(fields(&format!("{:#?}", tag())), members(&ours["tags"][0]));
    assert_eq!(
        fields(&format!("{:#?}", mac_sec_key())),
        members(&ours["macSecKeys"][0])
    );
    assert_eq!(
        fields(&format!("{:#?}", rate_limiter_status())),
        members(&ours["rateLimiterStatus"])
    );
}

#[test]
fn an_answer_and_a_list_entry_become_the_same_connection() {
    let answer = from_answer(full!(AllocateHostedConnectionOutput::builder()));
    assert_eq!(answer, from_listed(full!(types::Connection::builder())));
    assert_eq!(serde_json::to_value(answer).unwrap(), full_json());
}

#[test]
fn absent_members_stay_absent_and_whole_seconds_are_rfc_3339_too() {
    let sdk = types::Connection::builder().loa_issue_time(DateTime::from_secs(1_767_323_045));
    assert_eq!(
        serde_json::to_value(from_listed(sdk.build())).unwrap(),
        json!({"loaIssueTime": "2026-01-02T03:04:05Z"})
    );
}

// ---------------------------------------------------------------- through the wire

/// Answers Direct Connect's operations with what a test has written down, and leaves the rest to the cloud.
#[derive(Debug, Clone)]
struct Canned {
    answers: Vec<(&'static str, u16, String)>,
    cloud: SharedHttpClient,
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(CannedConnector {
            answers: self.answers.clone(),
            cloud: self.cloud.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct CannedConnector {
    answers: Vec<(&'static str, u16, String)>,
    cloud: SharedHttpConnector,
}

impl HttpConnector for CannedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let canned = self
            .answers
            .iter()
            .find(|(operation, _, _)| target.ends_with(operation));
        let Some((_, status, body)) = canned else {
            return self.cloud.call(request);
        };
        let status = StatusCode::try_from(*status).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body.as_str()))))
    }
}

fn function(cloud: &Cloud, answers: Vec<(&'static str, u16, String)>) -> Function {
    let config = Config::from_lookup(|name| {
        let value = match name {
            "ALLOCATIONS_TABLE_NAME" => cloud.table_name(),
            "EVENT_BUS_NAME" => cloud.bus_name(),
            "AWS_REGION" => cloud.region(),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test",
            _ => return None,
        };
        Some(value.to_owned())
    });
    let (config, clock) = (config.unwrap(), Clock::virtual_from(cloud.clock().now()));
    let http = SharedHttpClient::new(Canned {
        answers,
        cloud: cloud.http_client(),
    });
    Function::new(Services::new(&config, http, clock), &config)
}

/// A whole `Connection` on the wire, as [`request`] asked for it, and the same as a receipt has to have it.
///
/// Times go over this wire as floats. `seconds` and `time` are the same moment.
fn on_the_wire(seconds: f64, time: &str) -> (Value, Value) {
    let mut wire = full_json();
    wire["ownerAccount"] = OWNER.into();
    wire["bandwidth"] = "500Mbps".into();
    wire["connectionId"] = "dxcon-fgh01abc".into();
    wire["region"] = "eu-central-1".into();
    wire["tags"] = json!([{"key": "order", "value": "42"}, {"key": "site"}]);
    let mut expected = wire.clone();
    wire["loaIssueTime"] = json!(seconds);
    expected["loaIssueTime"] = time.into();
    (wire, expected)
}

async fn survives(answers: Vec<(&'static str, u16, String)>, expected: &Value) {
    let world = World::new();
    let function = function(&world.cloud, answers);
    let order = with_key("order-1001", request(Some(101)));
    let mut receipts = Vec::new();
    for _ in 0..2 {
        let mut context = Context::default();
        let deadline = world.cloud.clock().now() + proof::TIMEOUT;
        let since_epoch = deadline.duration_since(std::time::UNIX_EPOCH).unwrap();
        context.deadline = u64::try_from(since_epoch.as_millis()).unwrap();
        let event = LambdaEvent::new(to_raw_value(&order).unwrap(), context);
        receipts.push(function.handle(event).await.unwrap().get().to_owned());
    }
    let receipt: Value = serde_json::from_str(&receipts[0]).unwrap();
    assert_eq!(&receipt["connection"], expected, "the receipt");
    assert_eq!(receipt["parentConnectionId"], PARENT);
    assert_eq!(receipts[0], receipts[1], "the replay, from the record");
    assert_eq!(&world.details()[0]["connection"], expected, "the event");
}

#[tokio::test(start_paused = true)]
async fn all_29_members_of_direct_connects_answer_reach_receipt_record_and_event() {
    let (wire, expected) = on_the_wire(1_767_323_045.5, "2026-01-02T03:04:05.5Z");
    assert_eq!(members(&wire).len(), 29);
    let answer = ("AllocateHostedConnection", 200, wire.to_string());
    survives(vec![answer], &expected).await;
}

#[tokio::test(start_paused = true)]
async fn all_29_members_of_an_adopted_connection_reach_receipt_record_and_event() {
    let (wire, expected) = on_the_wire(1_767_323_045.0, "2026-01-02T03:04:05Z");
    let lost = r#"{"__type": "InternalFailure"}"#.to_owned();
    let list = json!({"connections": [wire]}).to_string();
    let answers = vec![
        ("AllocateHostedConnection", 500, lost),
        ("DescribeHostedConnections", 200, list),
    ];
    survives(answers, &expected).await;
}

#[tokio::test(start_paused = true)]
async fn milliseconds_of_a_time_survive_the_float_they_come_as() {
    let (wire, expected) = on_the_wire(1_767_323_045.678, "2026-01-02T03:04:05.678Z");
    let answer = ("AllocateHostedConnection", 200, wire.to_string());
    survives(vec![answer], &expected).await;
}
