//! Switches for interconnects and LAGs: their state, who is a member of which LAG, and which of them go away.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use local_cloud::{Cloud, CloudError};
use serde_json::json;

use super::answers::{problem, refusal};
use crate::command::{gateway::json_response, view};

/// What can be done to a parent, for people who ask for a route that is not there.
pub(super) const ROUTES: &str = "DELETE /_local/parents/ID, POST /_local/parents/ID/{state,lag} and DELETE /_local/parents/ID/lag";

/// All parents.
pub(super) fn list(cloud: &Cloud) -> Response<Bytes> {
    let parents: Vec<_> = cloud.parents().iter().map(view::parent).collect();
    json_response(StatusCode::OK, &json!(parents))
}

/// Answers a request; `path` is what follows `/_local/parents/`. `None` when there is no such route.
pub(super) fn answer(
    cloud: &Cloud,
    method: &Method,
    path: &[&str],
    body: &Bytes,
) -> Option<Response<Bytes>> {
    let text = String::from_utf8_lossy(body);
    let word = text.trim();
    let done = match (method, path) {
        (&Method::POST, [_, "state" | "lag"]) if word.is_empty() => {
            let missing = "no state, such as pending, or id of a LAG in the body";
            return Some(problem(StatusCode::BAD_REQUEST, missing));
        }
        (&Method::POST, [id, "state"]) => cloud.set_parent_state(id, word),
        (&Method::POST, [id, "lag"]) => cloud.join_lag(id, word),
        (&Method::DELETE, [id, "lag"]) => cloud.leave_lag(id),
        (&Method::DELETE, [id]) => cloud.remove_parent(id),
        _ => return None,
    };
    Some(told(cloud, done))
}

fn told(cloud: &Cloud, done: Result<(), CloudError>) -> Response<Bytes> {
    match done {
        Ok(()) => list(cloud),
        Err(error) => refusal(&error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn ask(cloud: &Cloud, method: Method, path: &str, body: &str) -> (u16, Value) {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let path: Vec<_> = path.split('/').collect();
        let response = answer(cloud, &method, &path, &body).unwrap();
        let json = serde_json::from_slice(response.body()).unwrap();
        (response.status().as_u16(), json)
    }

    #[test]
    fn a_parent_changes_its_state_and_joins_and_leaves_a_lag_and_goes() {
        let cloud = Cloud::builder().build().unwrap();
        let state = "dxcon-ffabc123/state";
        let lag = "dxcon-ffabc123/lag";
        let (status, parents) = ask(&cloud, Method::POST, state, "down\n");
        assert_eq!((status, &parents[0]["state"]), (200, &json!("down")));
        let (_, parents) = ask(&cloud, Method::POST, lag, "dxlag-ffabc789");
        assert_eq!(parents[0]["lagId"], "dxlag-ffabc789");
        let (_, parents) = ask(&cloud, Method::DELETE, lag, "");
        assert_eq!(parents[0]["lagId"], Value::Null);
        let (_, parents) = ask(&cloud, Method::DELETE, "dxcon-ffabc123", "");
        assert_eq!(parents[0]["connectionId"], "dxcon-ffabc456");
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_reason() {
        let cloud = Cloud::builder().build().unwrap();
        for (method, path, body, expected) in [
            (Method::POST, "dxcon-nosuch00/state", "down", 404),
            (Method::POST, "dxcon-ffabc123/state", "", 400),
            (Method::POST, "dxcon-ffabc123/lag", "dxcon-ffabc456", 409),
            (Method::DELETE, "dxcon-ffabc123/lag", "", 409),
            (Method::DELETE, "dxcon-nosuch00", "", 404),
        ] {
            let (status, answer) = ask(&cloud, method, path, body);
            assert_eq!(status, expected, "{path}");
            assert!(answer["error"].is_string(), "{answer}");
        }
    }
}
