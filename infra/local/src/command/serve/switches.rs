//! The local cloud's own routes: views of what is there, and switches for what customers, AWS and bad luck do.

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use bytes::Bytes;
use http::StatusCode;
use local_cloud::{Cloud, CloudError, Fault};
use serde_json::{Value, json};

use super::{
    answers::{document, problem, refusal},
    parents,
};
use crate::command::{show, view};

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

/// The routes, below `/_local`.
pub(super) fn routes() -> Router<Cloud> {
    Router::new()
        .route("/{view}", get(look))
        .route("/faults", get(pending).post(inject).delete(clear))
        .route("/purge", post(purge))
        .route("/connections/{id}/move", post(move_to))
        .route("/connections/{id}/{switch}", post(throw))
        .merge(parents::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
}

fn there_are() -> String {
    format!(
        "there are GET /_local/{{{}}}, GET, POST and DELETE /_local/faults, POST /_local/track, POST /_local/purge, {}, and POST /_local/connections/ID/{{move,{}}}",
        VIEWS.join(","),
        parents::ROUTES,
        SWITCHES.join(",")
    )
}

async fn not_found() -> Response {
    problem(StatusCode::NOT_FOUND, &there_are())
}

async fn not_allowed() -> Response {
    problem(StatusCode::METHOD_NOT_ALLOWED, &there_are())
}

async fn look(State(cloud): State<Cloud>, Path(view): Path<String>) -> Response {
    match view.as_str() {
        "requests" => {
            let requests: Vec<_> = cloud.requests().iter().map(view::request).collect();
            document(StatusCode::OK, &json!(requests))
        }
        "parents" => parents::list(&cloud),
        known if VIEWS.contains(&known) => contents(&cloud, known),
        _ => not_found().await,
    }
}

fn contents(cloud: &Cloud, view: &str) -> Response {
    match show::contents(cloud) {
        Ok(mut contents) => document(StatusCode::OK, &contents[view].take()),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// All faults of the body or, when one is misspelt, none.
async fn inject(State(cloud): State<Cloud>, body: Bytes) -> Response {
    let text = String::from_utf8_lossy(&body);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.map(Fault::parse).collect::<Result<Vec<_>, _>>() {
        Ok(faults) if faults.is_empty() => problem(
            StatusCode::BAD_REQUEST,
            "no fault in the body; for example apply-then-reset@AllocateHostedConnection",
        ),
        Ok(faults) => {
            faults.into_iter().for_each(|fault| cloud.inject(fault));
            pending_faults(&cloud, StatusCode::CREATED)
        }
        Err(error) => problem(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

async fn pending(State(cloud): State<Cloud>) -> Response {
    pending_faults(&cloud, StatusCode::OK)
}

async fn clear(State(cloud): State<Cloud>) -> Response {
    cloud.clear_faults();
    pending_faults(&cloud, StatusCode::OK)
}

fn pending_faults(cloud: &Cloud, status: StatusCode) -> Response {
    let pending = cloud.pending_faults();
    let pending: Vec<_> = pending.iter().map(Fault::to_string).collect();
    document(status, &json!({"faults": pending}))
}

async fn move_to(State(cloud): State<Cloud>, Path(id): Path<String>, body: String) -> Response {
    told(&cloud, &id, cloud.move_connection(&id, body.trim()))
}

async fn throw(State(cloud): State<Cloud>, Path((id, switch)): Path<(String, String)>) -> Response {
    let thrown = match switch.as_str() {
        "confirm" => cloud.confirm(&id),
        "decline" => cloud.decline(&id),
        "attach" => cloud.attach_interface(&id),
        "detach" => cloud.detach_interface(&id),
        "delete" => cloud.delete(&id),
        state if SWITCHES.contains(&state) => cloud.set_state(&id, state),
        _ => return not_found().await,
    };
    told(&cloud, &id, thrown)
}

fn told(cloud: &Cloud, id: &str, done: Result<(), CloudError>) -> Response {
    match done {
        Ok(()) => document(StatusCode::OK, &connection(cloud, id)),
        Err(error) => refusal(&error),
    }
}

async fn purge(State(cloud): State<Cloud>) -> Response {
    match cloud.purge() {
        Ok(()) => contents(&cloud, "connections"),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn connection(cloud: &Cloud, id: &str) -> Value {
    let connections = cloud.connections();
    let found = connections.iter().find(|connection| connection.id == id);
    found.map_or(Value::Null, view::connection)
}

#[cfg(test)]
pub(super) mod tests {
    use axum::body::Body;
    use http::{Method, Request};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    pub(in super::super) async fn ask(
        cloud: &Cloud,
        method: Method,
        path: &str,
        body: &str,
    ) -> (u16, Value) {
        let routes = routes().with_state(cloud.clone());
        let request = Request::builder().method(method).uri(format!("/{path}"));
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = routes.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_customers_decision_is_a_switch_that_works_once() {
        let cloud = Cloud::builder().build().unwrap();
        let made = cloud
            .insert_connection("dxcon-ffabc123", 7, "111122223333", "50Mbps", "a")
            .unwrap();
        let confirm = format!("connections/{}/confirm", made.id);
        let (status, connection) = ask(&cloud, Method::POST, &confirm, "").await;
        assert_eq!(
            (status, &connection["connectionState"]),
            (200, &json!("pending"))
        );
        assert_eq!(ask(&cloud, Method::POST, &confirm, "").await.0, 409);
        assert_eq!(
            ask(&cloud, Method::POST, "connections/dxcon-none/confirm", "")
                .await
                .0,
            404
        );
        assert_eq!(
            ask(&cloud, Method::GET, "connections", "").await.1[0]["connectionState"],
            "pending"
        );
    }

    #[tokio::test]
    async fn a_virtual_interface_needs_a_confirmed_connection_and_shows_nowhere() {
        let cloud = Cloud::builder().build().unwrap();
        let made = cloud
            .insert_connection("dxcon-ffabc123", 7, "111122223333", "50Mbps", "a")
            .unwrap();
        let throw = async |switch: &str| {
            let path = format!("connections/{}/{switch}", made.id);
            ask(&cloud, Method::POST, &path, "").await.0
        };
        assert_eq!(throw("attach").await, 409);
        assert_eq!(throw("confirm").await, 200);
        assert_eq!(throw("attach").await, 200);
        assert_eq!(cloud.connections()[0].virtual_interfaces, 1);
        assert_eq!(throw("detach").await, 200);
        assert_eq!(throw("delete").await, 200);
        let left = ask(&cloud, Method::POST, "purge", "").await;
        assert_eq!(left, (200, json!([])));
    }

    #[tokio::test]
    async fn a_connection_is_moved_to_where_the_body_says() {
        let cloud = Cloud::builder().build().unwrap();
        let insert = |parent| {
            let made = cloud.insert_connection(parent, 7, "111122223333", "50Mbps", "a");
            format!("connections/{}/move", made.unwrap().id)
        };
        let path = insert("dxcon-ffabc123");
        let (status, moved) = ask(&cloud, Method::POST, &path, "dxlag-ffabc789\n").await;
        let parent = &moved["parentConnectionId"];
        assert_eq!((status, parent), (200, &json!("dxlag-ffabc789")));
        assert_eq!(ask(&cloud, Method::POST, &path, "").await.0, 404);
        insert("dxcon-ffabc456");
        let taken = ask(&cloud, Method::POST, &path, "dxcon-ffabc456").await;
        assert_eq!(taken.0, 409);
    }

    #[tokio::test]
    async fn faults_are_injected_all_or_none() {
        let cloud = Cloud::builder().build().unwrap();
        let (status, answer) = ask(&cloud, Method::POST, "faults", "throttle@k1\nexplode@k2").await;
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
        )
        .await;
        assert_eq!(
            (status, answer),
            (
                201,
                json!({"faults": ["throttle@k1", "throttle@PutEvents#2"]})
            )
        );
        assert_eq!(ask(&cloud, Method::DELETE, "faults", "").await.0, 200);
    }

    #[tokio::test]
    async fn a_wrong_route_says_which_there_are() {
        let cloud = Cloud::builder().build().unwrap();
        let (status, answer) = ask(&cloud, Method::GET, "conections", "").await;
        assert_eq!(status, 404);
        assert!(answer["error"].as_str().unwrap().contains("connections"));
    }
    #[tokio::test]
    async fn a_wrong_method_is_told_the_right_ones() {
        let cloud = Cloud::builder().build().unwrap();
        for (method, path) in [
            (Method::PUT, "faults"),
            (Method::GET, "purge"),
            (Method::GET, "connections/dxcon-1/confirm"),
            (Method::GET, "parents/dxcon-ffabc123/lag"),
            (Method::POST, "events"),
        ] {
            let (status, answer) = ask(&cloud, method, path, "").await;
            assert_eq!(status, 405, "{path}");
            assert!(
                answer["error"].as_str().unwrap().contains("there are"),
                "{answer}"
            );
        }
        let made = cloud.insert_connection("dxcon-ffabc123", 7, "111122223333", "50Mbps", "a");
        let path = format!("connections/{}/explode", made.unwrap().id);
        assert_eq!(ask(&cloud, Method::POST, &path, "").await.0, 404);
    }
}
