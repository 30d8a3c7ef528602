//! A recording of what passes through an SDK's HTTP client: what is in the file, and that no credential is.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::BufReader;
use std::path::PathBuf;

use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use local_cloud::Cloud;
use recording::{Player, Recorder, Recording, Said};
use serde_json::{Value, json};

const SECRETS: [(&str, &str); 4] = [
    (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260102/eu-central-1/directconnect/aws4_request, SignedHeaders=host, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024",
    ),
    ("x-amz-security-token", "IQoJb3JpZ2luX2VjEXAMPLETOKEN"),
    (
        "x-amzn-trace-id",
        "Root=1-69573d25-0011223344556677889900aa",
    ),
    (
        "user-agent",
        "aws-sdk-rust/1.3 (host frankfurt-7.example.com)",
    ),
];

fn fresh(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Left behind by an earlier run, or not there at all.
    let _ = fs::remove_file(&path);
    path
}

fn recorder(path: &std::path::Path) -> Recorder {
    Recorder::begin(path, || 5).unwrap()
}

async fn ask(client: &SharedHttpClient, target: &str, body: Value) -> Option<(u16, Value)> {
    let components = RuntimeComponentsBuilder::for_tests().build().unwrap();
    let connector = client.http_connector(&HttpConnectorSettings::default(), &components);
    let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
    request.set_method("POST").unwrap();
    request
        .set_uri("https://directconnect.eu-central-1.amazonaws.com/")
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("x-amz-target", target.to_owned());
    for (name, value) in SECRETS {
        headers.insert(name, value);
    }
    use aws_smithy_runtime_api::client::http::HttpConnector;
    let response = connector.call(request).await.ok()?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Some((status, serde_json::from_slice(&body).unwrap()))
}

fn order() -> Value {
    json!({
        "connectionId": "dxcon-ffabc123", "ownerAccount": "222233334444", "bandwidth": "50Mbps",
        "connectionName": "Acme 123456789012 GmbH", "vlan": 101, "tags": [{"key": "Kunde Nr", "value": "ümläut=7/9+@"}],
    })
}

#[tokio::test]
async fn what_passes_is_in_the_file_and_nothing_that_says_whose_it_is() {
    let path = fresh("passes.jsonl");
    let cloud = Cloud::builder().build().unwrap();
    let client = recorder(&path).client(cloud.http_client());
    let allocate = "OvertureService.AllocateHostedConnection";
    let (status, made) = ask(&client, allocate, order()).await.unwrap();
    assert_eq!(status, 200);
    let id = made["connectionId"].as_str().unwrap();
    assert_eq!(ask(&client, allocate, order()).await.unwrap().0, 400);
    let event = json!({"Entries": [{"Source": "hosted-connections", "DetailType": "Hosted Connection Allocated",
        "Resources": [format!("arn:aws:directconnect:eu-central-1:222233334444:dxcon/{id}")],
        "Detail": json!({"connection": {"connectionId": id, "connectionName": "Acme 123456789012 GmbH"}}).to_string()}]});
    assert_eq!(
        ask(&client, "AWSEvents.PutEvents", event).await.unwrap().0,
        200
    );

    let text = fs::read_to_string(&path).unwrap();
    let mut secrets: Vec<_> = SECRETS
        .iter()
        .map(|(_, value)| (*value).to_owned())
        .collect();
    for part in [
        "AKIA",
        "fe5f80f7",
        "69573d25",
        "frankfurt",
        "222233334444",
        "123456789012",
        "ffabc123",
        "Acme",
        "GmbH",
        "Kunde",
        "ümläut",
        id,
    ] {
        secrets.push(part.to_owned());
    }
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret} in {text}");
    }
    let recording = Recording::read(BufReader::new(text.as_bytes())).unwrap();
    let [made, refused, told] = &recording.exchanges[..] else {
        panic!("{recording:#?}")
    };
    assert_eq!(
        (made.status, refused.status, told.status),
        (Some(200), Some(400), Some(200))
    );
    assert_eq!(
        made.answer["connectionId"].as_str().unwrap().len(),
        id.len()
    );
    assert_eq!(
        made.request["connectionName"],
        made.answer["connectionName"]
    );
    assert_eq!(made.answer["connectionState"], "ordering");
    assert_eq!(refused.answer["__type"], "DirectConnectClientException");
    let said = refused.answer["message"].as_str().unwrap();
    let parent = made.request["connectionId"].as_str().unwrap();
    assert_eq!(said, format!("VLAN 101 is already in use on {parent}"));
    let resource = told.request["Entries"][0]["Resources"][0].as_str().unwrap();
    assert!(
        resource.ends_with(made.answer["connectionId"].as_str().unwrap()),
        "{resource}"
    );

    // Asked for with what stands in the file, it answers as AWS did.
    let player = Player::of(recording.clone());
    let again = player.answer("AllocateHostedConnection", &made.request);
    assert_eq!(
        again,
        Said::Answer {
            status: 200,
            body: made.answer.clone()
        }
    );
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_recorded_as_lost() {
    let path = fresh("lost.jsonl");
    let cloud = Cloud::builder().build().unwrap();
    for fault in [
        "apply-then-reset@k1",
        "apply-then-cut-body@k2",
        "hang-before@k3",
    ] {
        cloud.inject(fault.parse().unwrap());
    }
    let client = recorder(&path).client(cloud.http_client());
    let list = "OvertureService.DescribeHostedConnections";
    let question = json!({"connectionId": "dxcon-ffabc123"});
    assert_eq!(ask(&client, list, question.clone()).await, None);
    assert_eq!(ask(&client, list, question.clone()).await, None);
    let hanging = ask(&client, list, question.clone());
    let given_up = async { tokio::task::yield_now().await };
    tokio::select! { biased; answer = hanging => panic!("{answer:?}"), () = given_up => {} }
    let file = BufReader::new(fs::File::open(&path).unwrap());
    let recording = Recording::read(file).unwrap();
    let lost: Vec<_> = recording
        .exchanges
        .iter()
        .map(|one| one.lost.as_deref().unwrap())
        .collect();
    assert_eq!(lost, ["no answer", "cut off", "given up"]);
}

#[test]
fn no_file_is_written_over_and_nobody_else_may_read_one() {
    let path = fresh("once.jsonl");
    drop(recorder(&path));
    let again = Recorder::begin(&path, || 0).unwrap_err().to_string();
    assert!(again.contains("does not exist yet"), "{again}");
    let nowhere = Recorder::begin(&path.join("x"), || 0).unwrap_err();
    assert!(nowhere.to_string().contains("once.jsonl"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
