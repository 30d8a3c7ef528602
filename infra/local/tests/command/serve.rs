//! `local serve`, over real sockets.

use serde_json::{Value, json};

use crate::process::{fresh_dir, local, run_json};
use crate::server::{Server, order};

#[test]
fn an_order_over_http_becomes_a_connection_once_and_then_a_replay() {
    let server = Server::start(&[]);
    let (status, head, first) = server.order("order-1", 11);
    assert_eq!(status, 201, "{first}");
    assert!(!head.contains("idempotent-replayed"), "{head}");
    let (status, head, again) = server.order("order-1", 11);
    assert_eq!((status, &again), (201, &first));
    assert!(head.contains("idempotent-replayed: true"), "{head}");
    assert_eq!(server.order("order-1", 12).0, 422);
}

#[test]
fn a_connection_can_be_followed_to_its_end_by_http_alone() {
    let server = Server::start(&["--track-seconds", "0", "--settle-seconds", "0"]);
    let id = server.order("order/1", 11).2["connection"]["connectionId"].clone();
    assert_eq!(server.throw(&id, "available"), 200);
    let (status, _, report) = server.ask("POST", "/_local/track", "", "");
    assert_eq!((status, &report["stateChanges"]), (200, &json!(1)));
    let (status, allocation) = server.get("/allocations/order%2F1");
    assert_eq!((status, &allocation["status"]), (200, &json!("allocated")));
    assert_eq!(
        allocation["connectionNow"]["connectionState"], "available",
        "{allocation}"
    );
    let (_, parent) = server.get("/parents/dxcon-ffabc123");
    assert!(parent.to_string().contains("order/1"), "{parent}");

    assert_eq!(server.throw(&id, "attach"), 200);
    let release = || server.ask("DELETE", "/allocations/order%2F1", "", "");
    // A refusal is the last word only when it is settled.
    assert_eq!(release().0, 503);
    assert_eq!(release().0, 422);
    assert_eq!(server.throw(&id, "detach"), 200);
    let (status, head, receipt) = release();
    assert_eq!((status, &receipt["status"]), (200, &json!("released")));
    assert!(!head.contains("idempotent-replayed"), "{head}");
    assert!(release().1.contains("idempotent-replayed: true"));
    let (status, _, replay) = server.order("order/1", 11);
    assert_eq!((status, &replay["status"]), (201, &json!("released")));
    let told: Vec<_> = server
        .view("events")
        .iter()
        .map(|event| event["detail-type"].as_str().unwrap().to_owned())
        .collect();
    let words = told.iter().map(|told| told.rsplit(' ').next().unwrap());
    assert_eq!(
        words.collect::<Vec<_>>(),
        ["Allocated", "Changed", "Changed", "Released"]
    );
}

#[test]
fn track_runs_by_itself() {
    let server = Server::start(&["--track-seconds", "1"]);
    let id = server.order("order-1", 11).2["connection"]["connectionId"].clone();
    assert_eq!(server.throw(&id, "decline"), 200);
    let events = server.wait_for("events", 2);
    assert_eq!(events[1]["detail"]["previousState"], "ordering");
    assert_eq!(server.view("leases"), Vec::<Value>::new());
}

#[test]
fn a_release_by_message_reaches_its_own_function() {
    let server = Server::start(&[]);
    assert_eq!(server.order("order-1", 11).0, 201);
    let body = json!({"action": "release", "idempotencyKey": "order-1"});
    let queue = &server.welcome["releasesQueueUrl"];
    let message = json!({"QueueUrl": queue, "MessageBody": body.to_string()});
    server.aws("AmazonSQS.SendMessage", message);
    let events = server.wait_for("events", 3);
    assert_eq!(events[2]["detail-type"], "Hosted Connection Released");
    assert_eq!(events[2]["detail"]["origin"]["door"], "sqs");
}

#[test]
fn aws_services_answer_on_the_same_address() {
    let server = Server::start(&[]);
    let id = server.order("order-1", 11).2["connection"]["connectionId"].clone();
    let described = server.aws(
        "OvertureService.DescribeHostedConnections",
        json!({"connectionId": "dxcon-ffabc123"}),
    );
    assert_eq!(described["connections"][0]["connectionId"], id);
    let scanned = server.aws(
        "DynamoDB_20120810.Scan",
        json!({"TableName": server.welcome["environment"]["ALLOCATIONS_TABLE_NAME"]}),
    );
    assert_eq!(scanned["Count"], 2);
}

#[test]
fn a_message_to_the_queue_reaches_the_function_by_itself() {
    let server = Server::start(&[]);
    let mut body = order(11);
    body["idempotencyKey"] = json!("order-1");
    let message = json!({"QueueUrl": server.welcome["queueUrl"], "MessageBody": body.to_string()});
    let sent = server.aws("AmazonSQS.SendMessage", message);
    let events = server.wait_for("events", 1);
    assert_eq!(
        events[0]["detail"]["origin"]["messageId"],
        sent["MessageId"]
    );
    assert_eq!(server.view("connections")[0]["vlan"], 11);
}

#[test]
fn what_customers_and_bad_luck_do_can_be_switched_while_it_runs() {
    let server = Server::start(&[]);
    let fault = "apply-then-reset@AllocateHostedConnection";
    assert_eq!(server.ask("POST", "/_local/faults", "", fault).0, 201);
    let (status, _, receipt) = server.order("order-1", 11);
    assert_eq!(status, 201);
    let requests = server.view("requests");
    assert!(
        requests.iter().any(|request| request["fault"] == fault),
        "{requests:?}"
    );
    let id = receipt["connection"]["connectionId"].as_str().unwrap();
    let (status, _, connection) =
        server.ask("POST", &format!("/_local/connections/{id}/confirm"), "", "");
    assert_eq!(
        (status, &connection["connectionState"]),
        (200, &json!("pending"))
    );
}

#[test]
fn a_direct_connect_that_is_less_kind_is_a_matter_of_options_and_switches() {
    let server = Server::start(&["--lag-members-show", "refusal", "--list-leaves-out", "vlan"]);
    assert_eq!(server.order("order-1", 11).0, 201);
    let (parent, lag) = ("dxcon-ffabc123", "dxlag-ffabc789");
    let join = format!("/_local/parents/{parent}/lag");
    let (status, _, parents) = server.ask("POST", &join, "", lag);
    assert_eq!((status, &parents[0]["lagId"]), (200, &json!(lag)));
    assert_eq!(server.view("parents")[0], parents[0]);
    let list = |parent| {
        let describe = "OvertureService.DescribeHostedConnections";
        server.aws(describe, json!({"connectionId": parent}))
    };
    assert_eq!(list(parent)["__type"], "DirectConnectClientException");
    let shown = list(lag)["connections"][0].clone();
    assert_eq!(shown.get("vlan"), None);

    let id = shown["connectionId"].as_str().unwrap();
    let moved = format!("/_local/connections/{id}/move");
    let (status, _, answer) = server.ask("POST", &moved, "", "dxcon-ffabc456");
    let now_on = &answer["parentConnectionId"];
    assert_eq!((status, now_on), (200, &json!("dxcon-ffabc456")));
}

#[test]
fn a_failed_invocation_is_a_bare_500_to_its_caller() {
    let server = Server::start(&["--fault", "apply-then-kill@AllocateHostedConnection"]);
    let (status, _, body) = server.order("order-1", 11);
    assert_eq!(
        (status, body),
        (500, json!({"message": "Internal Server Error"}))
    );
    assert_eq!(server.view("connections").len(), 1);
}

#[test]
fn kept_state_outlives_the_server() {
    let dir = fresh_dir("served");
    let id = Server::start(&["--data", &dir]).order("order-1", 11).2["connection"]["connectionId"]
        .clone();
    let server = Server::start(&["--data", &dir]);
    assert_eq!(
        server.order("order-1", 11).2["connection"]["connectionId"],
        id
    );
    let (_, shown) = run_json(&["show", "--data", &dir]);
    assert_eq!(shown["connections"][0]["connectionId"], id);
}

#[test]
fn one_process_at_a_time_may_change_kept_state() {
    let dir = fresh_dir("shared");
    let _server = Server::start(&["--data", &dir]);
    let event = "tests/events/sqs-one-order.json";
    let output = local()
        .args(["invoke", event, "--data", &dir])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("in use"),
        "{output:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_cleanly() {
    let mut server = Server::start(&[]);
    server.interrupt();
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
}

#[test]
fn a_taken_address_says_how_to_take_another() {
    let server = Server::start(&[]);
    let output = local()
        .args(["serve", "--listen", &server.address])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("--listen"),
        "{output:?}"
    );
}
