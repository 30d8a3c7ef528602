//! The lists of interconnects and LAGs.

use crate::wire::{call, cloud, ok, refused};
use local_cloud::{Cloud, Parent};
use serde_json::{Value, json};

const INTERCONNECTS: &str = "OvertureService.DescribeInterconnects";
const LAGS: &str = "OvertureService.DescribeLags";

#[tokio::test]
async fn interconnects_and_lags_are_described_apart() {
    let cloud = cloud();
    let interconnects = ok(&cloud, INTERCONNECTS, json!({})).await;
    assert_eq!(interconnects["interconnects"].as_array().unwrap().len(), 2);
    assert_eq!(interconnects.get("nextToken"), None);
    let lags = ok(&cloud, LAGS, json!({})).await;
    assert_eq!(lags["lags"][0]["lagId"], "dxlag-ffabc789");
    assert_eq!(lags["lags"][0]["numberOfConnections"], 2);
    assert_eq!(lags["lags"][0]["allowsHostedConnections"], true);
    ok(&cloud, "OvertureService.DescribeLocations", json!({})).await;
}

#[tokio::test]
async fn one_parent_can_be_asked_for_by_its_id() {
    let cloud = cloud();
    let one = json!({"interconnectId": "dxcon-ffabc456"});
    let found = ok(&cloud, INTERCONNECTS, one).await;
    assert_eq!(found["interconnects"].as_array().unwrap().len(), 1);
    for (operation, unknown) in [
        (LAGS, json!({"lagId": "dxlag-nosuch00"})),
        (LAGS, json!({"lagId": "dxcon-ffabc123"})),
        (INTERCONNECTS, json!({"interconnectId": "dxlag-ffabc789"})),
    ] {
        let code = refused(&cloud, operation, unknown).await;
        assert_eq!(code, "DirectConnectClientException");
    }
}

#[tokio::test]
async fn lists_of_parents_are_paged_and_lose_none_that_were_there_all_along() {
    let parents = (0..7).map(|n| Parent::interconnect(format!("dxcon-port{n:04}"), "10Gbps"));
    let cloud = Cloud::builder().parents(parents).page_limit(3).build();
    let cloud = cloud.unwrap();
    let (mut sizes, mut seen) = (Vec::new(), Vec::new());
    let mut request = json!({"maxResults": 100});
    loop {
        let page = ok(&cloud, INTERCONNECTS, request.clone()).await;
        let interconnects = page["interconnects"].as_array().unwrap();
        sizes.push(interconnects.len());
        let id = |one: &Value| one["interconnectId"].as_str().unwrap().to_owned();
        seen.extend(interconnects.iter().map(id));
        // One that comes between two pages moves none of the others.
        let early = Parent::interconnect("dxcon-aaaaaaaa", "10Gbps");
        cloud.add_parent(early).unwrap();
        match page.get("nextToken") {
            Some(token) => request["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(sizes, [3, 3, 1]);
    let expected: Vec<_> = (0..7).map(|n| format!("dxcon-port{n:04}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_token_of_another_list_is_refused() {
    let cloud = Cloud::builder().page_limit(1).build().unwrap();
    let page = ok(&cloud, INTERCONNECTS, json!({})).await;
    for (operation, request) in [
        (LAGS, json!({"nextToken": page["nextToken"]})),
        (INTERCONNECTS, json!({"nextToken": "dxcon-ffabc456.0"})),
        (INTERCONNECTS, json!({"maxResults": 0})),
    ] {
        let (status, error) = call(&cloud, operation, request).await;
        assert_eq!(
            (status, &error["__type"]),
            (400, &json!("DirectConnectClientException"))
        );
    }
}
