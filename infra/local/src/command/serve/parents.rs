//! Switches for interconnects and LAGs: which of them there are, their state, and who is a member of which LAG.

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{delete, post},
};
use bytes::Bytes;
use http::StatusCode;
use local_cloud::{Cloud, CloudError, Parent};
use serde_json::{Value, json};

use super::answers::{document, problem, refusal};
use crate::command::view;

/// What can be done to a parent, for people who ask for a route that is not there.
pub(super) const ROUTES: &str = "PUT and DELETE /_local/parents/ID, POST /_local/parents/ID/{state,lag} and DELETE /_local/parents/ID/lag";

/// The routes, below `/_local`.
pub(super) fn routes() -> Router<Cloud> {
    Router::new()
        .route("/parents/{id}", delete(remove).put(set_up))
        .route("/parents/{id}/state", post(set_state))
        .route("/parents/{id}/lag", post(join_lag).delete(leave_lag))
}

/// All parents.
pub(super) fn list(cloud: &Cloud) -> Response {
    let parents: Vec<_> = cloud.parents().iter().map(view::parent).collect();
    document(StatusCode::OK, &json!(parents))
}

async fn remove(State(cloud): State<Cloud>, Path(id): Path<String>) -> Response {
    told(&cloud, cloud.remove_parent(&id))
}

async fn set_up(State(cloud): State<Cloud>, Path(id): Path<String>, body: Bytes) -> Response {
    match described(&id, &body) {
        Ok(parent) => told(&cloud, cloud.add_parent(parent)),
        Err(why) => problem(StatusCode::BAD_REQUEST, &why),
    }
}

async fn set_state(State(cloud): State<Cloud>, Path(id): Path<String>, body: String) -> Response {
    match body.trim() {
        "" => missing("state, such as pending"),
        state => told(&cloud, cloud.set_parent_state(&id, state)),
    }
}

async fn join_lag(State(cloud): State<Cloud>, Path(id): Path<String>, body: String) -> Response {
    match body.trim() {
        "" => missing("id of a LAG"),
        lag => told(&cloud, cloud.join_lag(&id, lag)),
    }
}

async fn leave_lag(State(cloud): State<Cloud>, Path(id): Path<String>) -> Response {
    told(&cloud, cloud.leave_lag(&id))
}

fn missing(what: &str) -> Response {
    problem(
        StatusCode::BAD_REQUEST,
        &format!("the body must be the {what}"),
    )
}

/// An interconnect or LAG as the body describes it; or what is wrong with that.
fn described(id: &str, body: &Bytes) -> Result<Parent, String> {
    const EXAMPLE: &str = r#"expected JSON such as {"bandwidth": "10Gbps", "location": "EqDC2", "device": "device-1"}, for a LAG with "ports": 2, and where nothing may be ordered with "allowsHostedConnections": false"#;
    let wrong = |what: &str| format!("{what}; {EXAMPLE}");
    let body: Value = serde_json::from_slice(body).map_err(|error| wrong(&error.to_string()))?;
    let members = body.as_object().ok_or_else(|| wrong("no JSON object"))?;
    let (mut bandwidth, mut ports) = ("10Gbps", 2);
    let (mut location, mut device, mut is_open) = (None, None, true);
    for (name, value) in members {
        let known = match name.as_str() {
            "bandwidth" => value.as_str().map(|text| bandwidth = text),
            "location" => value.as_str().map(|text| location = Some(text)),
            "device" => value.as_str().map(|text| device = Some(text)),
            "ports" => {
                let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
                count.map(|count| ports = count)
            }
            "allowsHostedConnections" => value.as_bool().map(|allows| is_open = allows),
            _ => None,
        };
        known.ok_or_else(|| wrong(&format!("{name} is not known, or has the wrong type")))?;
    }
    let parent = if id.starts_with("dxlag-") {
        Parent::lag(id, bandwidth, ports)
    } else if id.starts_with("dxcon-") {
        Parent::interconnect(id, bandwidth)
    } else {
        return Err("an interconnect's id begins with dxcon-, a LAG's with dxlag-".to_owned());
    };
    let parent = location.map_or(parent.clone(), |location| parent.at(location));
    let parent = device.map_or(parent.clone(), |device| parent.on_device(device));
    Ok(if is_open { parent } else { parent.closed() })
}

fn told(cloud: &Cloud, done: Result<(), CloudError>) -> Response {
    match done {
        Ok(()) => list(cloud),
        Err(error) => refusal(&error),
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::command::serve::switches::tests::ask;

    #[tokio::test]
    async fn a_parent_changes_its_state_and_joins_and_leaves_a_lag_and_goes() {
        let cloud = Cloud::builder().build().unwrap();
        let state = "parents/dxcon-ffabc123/state";
        let lag = "parents/dxcon-ffabc123/lag";
        let (status, parents) = ask(&cloud, Method::POST, state, "down\n").await;
        assert_eq!((status, &parents[0]["state"]), (200, &json!("down")));
        let (_, parents) = ask(&cloud, Method::POST, lag, "dxlag-ffabc789").await;
        assert_eq!(parents[0]["lagId"], "dxlag-ffabc789");
        let (_, parents) = ask(&cloud, Method::DELETE, lag, "").await;
        assert_eq!(parents[0]["lagId"], Value::Null);
        let (_, parents) = ask(&cloud, Method::DELETE, "parents/dxcon-ffabc123", "").await;
        assert_eq!(parents[0]["connectionId"], "dxcon-ffabc456");
    }

    #[tokio::test]
    async fn a_parent_comes_at_a_location_and_on_a_device() {
        let cloud = Cloud::builder().build().unwrap();
        let described = r#"{"bandwidth": "100Gbps", "location": "EqDC2", "device": "d1", "ports": 3, "allowsHostedConnections": false}"#;
        let (status, parents) = ask(&cloud, Method::PUT, "parents/dxlag-there000", described).await;
        assert_eq!(status, 200);
        let parents = parents.as_array().unwrap();
        let mut new = parents
            .iter()
            .filter(|parent| parent["connectionId"] == "dxlag-there000");
        let new = new.next().unwrap();
        assert_eq!(
            (&new["location"], &new["device"], &new["ports"]),
            (&json!("EqDC2"), &json!("d1"), &json!(3))
        );
        assert_eq!(
            (&new["bandwidth"], &new["allowsHostedConnections"]),
            (&json!("100Gbps"), &json!(false))
        );
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused_with_the_reason() {
        let cloud = Cloud::builder().build().unwrap();
        for (method, path, body, expected) in [
            (Method::POST, "parents/dxcon-nosuch00/state", "down", 404),
            (Method::POST, "parents/dxcon-ffabc123/state", "", 400),
            (
                Method::POST,
                "parents/dxcon-ffabc123/lag",
                "dxcon-ffabc456",
                409,
            ),
            (Method::DELETE, "parents/dxcon-ffabc123/lag", "", 409),
            (Method::DELETE, "parents/dxcon-nosuch00", "", 404),
            (Method::PUT, "parents/dxcon-new00000", "EqDC2", 400),
            (
                Method::PUT,
                "parents/dxcon-new00000",
                r#"{"bandwith": "1Gbps"}"#,
                400,
            ),
            (
                Method::PUT,
                "parents/dxcon-new00000",
                r#"{"bandwidth": 1}"#,
                400,
            ),
            (Method::PUT, "parents/vgw-new00000", "{}", 400),
        ] {
            let (status, answer) = ask(&cloud, method, path, body).await;
            assert_eq!(status, expected, "{path}");
            assert!(answer["error"].is_string(), "{answer}");
        }
    }
}
