//! Requests as an SDK puts them on the wire, and their answers.

use bytes::Bytes;
use http::{Request, Response};
use local_cloud::{Cloud, Reply};
use serde_json::{Value, json};

/// A signed request to a service, named as in `X-Amz-Target`.
pub(crate) fn request(target: &str, body: &Value) -> Request<Bytes> {
    Request::post("https://aws.invalid/")
        .header("x-amz-target", target)
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-central-1/x/aws4_request",
        )
        .body(Bytes::from(body.to_string()))
        .unwrap()
}

/// The whole answer to a request, which has to come.
pub(crate) async fn response(cloud: &Cloud, target: &str, body: &Value) -> Response<Bytes> {
    match cloud.handle(request(target, body)).await {
        Reply::Answer(response) => response,
        other => panic!("no answer but {other:?}"),
    }
}

/// Status and JSON of the answer.
pub(crate) async fn call(cloud: &Cloud, target: &str, body: Value) -> (u16, Value) {
    let response = response(cloud, target, &body).await;
    let json = serde_json::from_slice(response.body()).unwrap_or_default();
    (response.status().as_u16(), json)
}

/// JSON of an answer that has to be 200.
pub(crate) async fn ok(cloud: &Cloud, target: &str, body: Value) -> Value {
    let (status, json) = call(cloud, target, body).await;
    assert_eq!(status, 200, "{json}");
    json
}

/// Code of an answer that has to be an error.
pub(crate) async fn refused(cloud: &Cloud, target: &str, body: Value) -> String {
    let (status, json) = call(cloud, target, body).await;
    assert!(status >= 400, "{json}");
    json["__type"].as_str().unwrap().to_owned()
}

pub(crate) const ALLOCATE: &str = "OvertureService.AllocateHostedConnection";
pub(crate) const DESCRIBE: &str = "OvertureService.DescribeHostedConnections";
pub(crate) const DELETE: &str = "OvertureService.DeleteConnection";
pub(crate) const PARENT: &str = "dxcon-ffabc123";

/// A good allocation of this VLAN.
pub(crate) fn order(vlan: u16) -> Value {
    json!({
        "connectionId": PARENT,
        "ownerAccount": "222222222222",
        "bandwidth": "50Mbps",
        "connectionName": "order",
        "vlan": vlan,
    })
}

/// A cloud with defaults.
pub(crate) fn cloud() -> Cloud {
    Cloud::builder().build().unwrap()
}

/// A cloud with a table of one key and one index, which holds so much of the items.
pub(crate) fn small(projection: &str) -> Cloud {
    let template = format!(
        "
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions:
        - {{AttributeName: pk, AttributeType: S}}
        - {{AttributeName: due, AttributeType: N}}
      KeySchema: [{{AttributeName: pk, KeyType: HASH}}]
      GlobalSecondaryIndexes:
        - IndexName: by-due
          KeySchema: [{{AttributeName: due, KeyType: HASH}}]
          Projection: {{ProjectionType: {projection}}}
      TimeToLiveSpecification: {{AttributeName: expiresAt, Enabled: true}}
"
    );
    let builder = Cloud::builder().template(template).table_name("orders");
    builder.build().unwrap()
}
