//! The local cloud's own routes: views of what is there, and switches for what customers, AWS and bad luck do.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use local_cloud::{Cloud, CloudError, Fault};
use serde_json::{Value, json};

use super::{
    answers::{problem, refusal},
    parents,
};
use crate::command::{gateway::json_response, show, view};

/// What can be looked at.
pub(super) const VIEWS: [&str; 7] = [
    "parents",
    "connections",
    "allocations",
    "leases",
    "policies",
    "events",
    "requests",
];

/// What can be done to a hosted connection: the customer's decisions, a virtual interface more or less, a deletion, or
/// a state of AWS's choosing.
pub(super) const SWITCHES: [&str; 10] = [
    "confirm",
    "decline",
    "attach",
    "detach",
    "delete",
    "pending",
    "available",
    "down",
    "deleting",
    "unknown",
];

/// Answers a request; `path` is what follows `/_local/`.
pub(super) fn answer(cloud: &Cloud, method: &Method, path: &str, body: &Bytes) -> Response<Bytes> {
    let parts: Vec<&str> = path.split('/').collect();
    match (method, parts.as_slice()) {
        (&Method::GET, [view]) if VIEWS.contains(view) => look(cloud, view),
        (&Method::POST, ["faults"]) => inject(cloud, body),
        (&Method::GET, ["faults"]) => pending_faults(cloud, StatusCode::OK),
        (&Method::DELETE, ["faults"]) => {
            cloud.clear_faults();
            pending_faults(cloud, StatusCode::OK)
        }
        (&Method::POST, ["purge"]) => purge(cloud),
        (&Method::POST, ["connections", id, "move"]) => {
            let text = String::from_utf8_lossy(body);
            told(cloud, id, cloud.move_connection(id, text.trim()))
        }
        (&Method::POST, ["connections", id, switch]) if SWITCHES.contains(switch) => {
            throw(cloud, id, switch)
        }
        (_, ["parents", path @ ..]) => {
            parents::answer(cloud, method, path, body).unwrap_or_else(not_found)
        }
        _ => not_found(),
    }
}

fn not_found() -> Response<Bytes> {
    problem(
        StatusCode::NOT_FOUND,
        &format!(
            "there are GET /_local/{{{}}}, GET, POST and DELETE /_local/faults, POST /_local/track, POST /_local/purge, {}, and POST /_local/connections/ID/{{move,{}}}",
            VIEWS.join(","),
            parents::ROUTES,
            SWITCHES.join(",")
        ),
    )
}

fn look(cloud: &Cloud, view: &str) -> Response<Bytes> {
    if view == "requests" {
        let requests: Vec<_> = cloud.requests().iter().map(view::request).collect();
        return json_response(StatusCode::OK, &json!(requests));
    }
    if view == "parents" {
        return parents::list(cloud);
    }
    match show::contents(cloud) {
        Ok(mut contents) => json_response(StatusCode::OK, &contents[view].take()),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// All faults of the body or, when one is misspelt, none.
fn inject(cloud: &Cloud, body: &Bytes) -> Response<Bytes> {
    let text = String::from_utf8_lossy(body);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.map(Fault::parse).collect::<Result<Vec<_>, _>>() {
        Ok(faults) if faults.is_empty() => problem(
            StatusCode::BAD_REQUEST,
            "no fault in the body; for example apply-then-reset@AllocateHostedConnection",
        ),
        Ok(faults) => {
            faults.into_iter().for_each(|fault| cloud.inject(fault));
            pending_faults(cloud, StatusCode::CREATED)
        }
        Err(error) => problem(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn pending_faults(cloud: &Cloud, status: StatusCode) -> Response<Bytes> {
    let pending = cloud.pending_faults();
    let pending: Vec<_> = pending.iter().map(Fault::to_string).collect();
    json_response(status, &json!({"faults": pending}))
}

fn throw(cloud: &Cloud, id: &str, switch: &str) -> Response<Bytes> {
    let thrown = match switch {
        "confirm" => cloud.confirm(id),
        "decline" => cloud.decline(id),
        "attach" => cloud.attach_interface(id),
        "detach" => cloud.detach_interface(id),
        "delete" => cloud.delete(id),
        state => cloud.set_state(id, state),
    };
    told(cloud, id, thrown)
}

fn told(cloud: &Cloud, id: &str, done: Result<(), CloudError>) -> Response<Bytes> {
    match done {
        Ok(()) => json_response(StatusCode::OK, &connection(cloud, id)),
        Err(error) => refusal(&error),
    }
}

fn purge(cloud: &Cloud) -> Response<Bytes> {
    match cloud.purge() {
        Ok(()) => look(cloud, "connections"),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn connection(cloud: &Cloud, id: &str) -> Value {
    let connections = cloud.connections();
    let found = connections.iter().find(|connection| connection.id == id);
    found.map_or(Value::Null, view::connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(cloud: &Cloud, method: Method, path: &str, body: &str) -> (u16, Value) {
        let response = answer(
            cloud,
            &method,
            path,
            &Bytes::copy_from_slice(body.as_bytes()),
        );
        (
            response.status().as_u16(),
            serde_json::from_slice(response.body()).unwrap(),
        )
    }

    #[test]
    fn a_customers_decision_is_a_switch_that_works_once() {
        let cloud = Cloud::builder().build().unwrap();
        let made = cloud
            .insert_connection("dxcon-ffabc123", 7, "111122223333", "50Mbps", "a")
            .unwrap();
        let confirm = format!("connections/{}/confirm", made.id);
        let (status, connection) = ask(&cloud, Method::POST, &confirm, "");
        assert_eq!(
            (status, &connection["connectionState"]),
            (200, &json!("pending"))
        );
        assert_eq!(ask(&cloud, Method::POST, &confirm, "").0, 409);
        assert_eq!(
            ask(&cloud, Method::POST, "connections/dxcon-none/confirm", "").0,
            404
        );
        assert_eq!(
            ask(&cloud, Method::GET, "connections", "").1[0]["connectionState"],
            "pending"
        );
    }

    #[test]
    fn a_virtual_interface_needs_a_confirmed_connection_and_shows_nowhere() {
        let cloud = Cloud::builder().build().unwrap();
        let made = cloud
            .insert_connection("dxcon-ffabc123", 7, "111122223333", "50Mbps", "a")
            .unwrap();
        let throw = |switch: &str| {
            let path = format!("connections/{}/{switch}", made.id);
            ask(&cloud, Method::POST, &path, "").0
        };
        assert_eq!(throw("attach"), 409);
        assert_eq!(throw("confirm"), 200);
        assert_eq!(throw("attach"), 200);
        assert_eq!(cloud.connections()[0].virtual_interfaces, 1);
        assert_eq!(throw("detach"), 200);
        assert_eq!(throw("delete"), 200);
        let left = ask(&cloud, Method::POST, "purge", "");
        assert_eq!(left, (200, json!([])));
    }

    #[test]
    fn a_connection_is_moved_to_where_the_body_says() {
        let cloud = Cloud::builder().build().unwrap();
        let insert = |parent| {
            let made = cloud.insert_connection(parent, 7, "111122223333", "50Mbps", "a");
            format!("connections/{}/move", made.unwrap().id)
        };
        let path = insert("dxcon-ffabc123");
        let (status, moved) = ask(&cloud, Method::POST, &path, "dxlag-ffabc789\n");
        let parent = &moved["parentConnectionId"];
        assert_eq!((status, parent), (200, &json!("dxlag-ffabc789")));
        assert_eq!(ask(&cloud, Method::POST, &path, "").0, 404);
        insert("dxcon-ffabc456");
        let taken = ask(&cloud, Method::POST, &path, "dxcon-ffabc456");
        assert_eq!(taken.0, 409);
    }

    #[test]
    fn faults_are_injected_all_or_none() {
        let cloud = Cloud::builder().build().unwrap();
        let (status, answer) = ask(&cloud, Method::POST, "faults", "throttle@k1\nexplode@k2");
        assert_eq!(status, 400);
        assert!(
            answer["error"].as_str().unwrap().contains("explode"),
            "{answer}"
        );
        let (status, answer) = ask(
            &cloud,
            Method::POST,
            "faults",
            "throttle@k1\nthrottle@PutEvents#2\n",
        );
        assert_eq!(
            (status, answer),
            (
                201,
                json!({"faults": ["throttle@k1", "throttle@PutEvents#2"]})
            )
        );
        assert_eq!(ask(&cloud, Method::DELETE, "faults", "").0, 200);
    }

    #[test]
    fn a_wrong_route_says_which_there_are() {
        let cloud = Cloud::builder().build().unwrap();
        let (status, answer) = ask(&cloud, Method::GET, "conections", "");
        assert_eq!(status, 404);
        assert!(answer["error"].as_str().unwrap().contains("connections"));
    }
}
