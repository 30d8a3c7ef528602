//! Every fault does what its name says, to the request it is meant for, once.

use std::{sync::Arc, time::Duration};

use crate::wire::{ALLOCATE, DESCRIBE, PARENT, call, cloud, ok, order, request};
use local_cloud::{Cloud, Fault, FaultKind, Gate, Reply, RequestRecord};
use serde_json::json;

async fn send(cloud: &Cloud, vlan: u16) -> Reply {
    cloud.handle_as("w", request(ALLOCATE, &order(vlan))).await
}

/// What the sender sees, as a word.
fn seen(reply: &Reply) -> String {
    match reply {
        Reply::Answer(response) => format!(
            "{}/{}",
            response.status().as_u16(),
            response.body().is_empty()
        ),
        other => format!("{other:?}").split('(').next().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn each_kind_is_seen_and_applied_as_its_name_says() {
    let error = FaultKind::Error {
        status: 403,
        code: "AccessDeniedException".into(),
    };
    for (kind, expected, connections) in [
        (FaultKind::RefuseBefore, "Refused", 0),
        (FaultKind::ResetBefore, "Reset", 0),
        (FaultKind::Throttle, "400/false", 0),
        (error, "403/false", 0),
        (FaultKind::ServerErrorBefore, "500/false", 0),
        (FaultKind::ApplyThen500, "500/false", 1),
        (FaultKind::ServerExceptionBefore, "400/false", 0),
        (FaultKind::ApplyThenServerException, "400/false", 1),
        (FaultKind::ClientExceptionBefore, "400/false", 0),
        (FaultKind::ApplyThenClientException, "400/false", 1),
        (FaultKind::ApplyThenReset, "Reset", 1),
        (FaultKind::ApplyThenCutBody, "Cut", 1),
        (FaultKind::ApplyThenEmptyBody, "200/true", 1),
        (FaultKind::ApplyThenWithoutList, "200/false", 1),
        (FaultKind::HangBefore, "Hang", 0),
        (FaultKind::ApplyThenHang, "Hang", 1),
        (FaultKind::KillBefore, "Killed", 0),
        (FaultKind::ApplyThenKill, "Killed", 1),
    ] {
        let cloud = cloud();
        cloud.inject(Fault::on_nth(kind.clone(), "AllocateHostedConnection", 1));
        assert_eq!(seen(&send(&cloud, 101).await), expected, "{kind}");
        assert_eq!(cloud.connections().len(), connections, "{kind}");
        assert_eq!(cloud.requests()[0].applied, connections == 1, "{kind}");
        // Once: the next is treated well.
        assert_eq!(seen(&send(&cloud, 102).await), "200/false", "{kind}");
    }
}

#[tokio::test]
async fn the_kth_request_is_counted_over_all_operations_and_the_nth_within_one() {
    let cloud = cloud();
    cloud.inject(Fault::on_request(FaultKind::Throttle, 3));
    cloud.inject(Fault::on_nth(
        FaultKind::ServerErrorBefore,
        "AllocateHostedConnection",
        3,
    ));
    let mut statuses = Vec::new();
    for n in 0..6 {
        let (target, body) = match n % 2 {
            0 => (ALLOCATE, order(100 + n)),
            _ => (DESCRIBE, json!({"connectionId": PARENT})),
        };
        statuses.push(call(&cloud, target, body).await.0);
    }
    assert_eq!(statuses, [200, 200, 400, 200, 500, 200]);
}

#[tokio::test]
async fn a_fault_for_one_worker_counts_only_that_workers_requests() {
    let cloud = cloud();
    cloud.inject(Fault::on_request(FaultKind::ResetBefore, 2).for_worker("b"));
    let mut seen_by = Vec::new();
    for (worker, vlan) in [("a", 1), ("a", 2), ("b", 3), ("a", 4), ("b", 5)] {
        let reply = cloud
            .handle_as(worker, request(ALLOCATE, &order(vlan)))
            .await;
        seen_by.push(seen(&reply));
    }
    assert_eq!(
        seen_by,
        ["200/false", "200/false", "200/false", "200/false", "Reset"]
    );
    assert_eq!(cloud.requests()[4].worker, "b");
}

#[tokio::test]
async fn always_means_from_the_selected_request_on_until_cleared() {
    let cloud = cloud();
    cloud.inject(Fault::on_nth(FaultKind::Throttle, "AllocateHostedConnection", 2).always());
    let mut statuses = Vec::new();
    for vlan in 1..=3 {
        statuses.push(call(&cloud, ALLOCATE, order(vlan)).await.0);
    }
    cloud.clear_faults();
    statuses.push(call(&cloud, ALLOCATE, order(4)).await.0);
    assert_eq!(statuses, [200, 400, 400, 200]);
}

#[tokio::test]
async fn counters_can_start_again() {
    let cloud = cloud();
    cloud.inject(Fault::on_request(FaultKind::Throttle, 2));
    ok(&cloud, ALLOCATE, order(1)).await;
    cloud.reset_counters();
    ok(&cloud, ALLOCATE, order(2)).await;
    assert_eq!(call(&cloud, ALLOCATE, order(3)).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn a_late_landing_comes_after_the_sender_has_seen_a_reset() {
    let cloud = cloud();
    cloud.inject(Fault::on(
        FaultKind::LandLate(Duration::from_secs(45)),
        "AllocateHostedConnection",
    ));
    assert_eq!(seen(&send(&cloud, 101).await), "Reset");
    tokio::time::sleep(Duration::from_secs(44)).await;
    assert_eq!(cloud.connections().len(), 0);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_gives_up_does_not_call_its_request_back() {
    let cloud = Cloud::builder()
        .latency(Duration::from_secs(5))
        .build()
        .unwrap();
    let gave_up = tokio::time::timeout(Duration::from_secs(1), send(&cloud, 101)).await;
    assert!(gave_up.is_err());
    assert_eq!(cloud.connections().len(), 0);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn latency_is_general_unless_the_operation_has_its_own() {
    let cloud = Cloud::builder()
        .latency(Duration::from_millis(20))
        .latency_of("DescribeHostedConnections", Duration::from_millis(300))
        .build()
        .unwrap();
    let start = tokio::time::Instant::now();
    ok(&cloud, ALLOCATE, order(1)).await;
    assert_eq!(start.elapsed().as_millis(), 20);
    ok(&cloud, DESCRIBE, json!({"connectionId": PARENT})).await;
    assert_eq!(start.elapsed().as_millis(), 320);
}

#[tokio::test]
async fn a_killed_workers_future_is_dropped_and_nobody_elses() {
    let cloud = cloud();
    cloud.inject(Fault::on_nth(
        FaultKind::ApplyThenKill,
        "AllocateHostedConnection",
        1,
    ));
    let process = |worker: &'static str, vlan| {
        let cloud = cloud.clone();
        async move {
            let work = async {
                match cloud
                    .handle_as(worker, request(ALLOCATE, &order(vlan)))
                    .await
                {
                    Reply::Killed => std::future::pending().await,
                    reply => seen(&reply),
                }
            };
            cloud.run_until_killed(worker, work).await
        }
    };
    assert_eq!(process("first", 101).await, None);
    assert_eq!(process("second", 102).await.as_deref(), Some("200/false"));
    // A later life of the same worker is not killed by its predecessor's death.
    assert_eq!(process("first", 103).await.as_deref(), Some("200/false"));
    assert_eq!(cloud.connections().len(), 3);
}

#[tokio::test]
async fn some_entries_of_put_events_can_fail_alone() {
    let cloud = cloud();
    cloud.inject(Fault::on(
        FaultKind::PartialPutEvents(vec![0, 2]),
        "PutEvents",
    ));
    let entry = json!({"Source": "s", "DetailType": "t", "Detail": "{}", "EventBusName": "hosted-connections"});
    let answer = ok(
        &cloud,
        "AWSEvents.PutEvents",
        json!({"Entries": [entry, entry, entry]}),
    )
    .await;
    assert_eq!(answer["FailedEntryCount"], 2);
    assert_eq!(answer["Entries"][0]["ErrorCode"], "ThrottlingException");
    assert!(answer["Entries"][1]["EventId"].is_string());
    assert_eq!(cloud.events().len(), 1);
}

struct Once(tokio::sync::Notify);

impl Gate for Once {
    fn pass<'a>(
        &'a self,
        request: &'a RequestRecord,
    ) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            if request.worker == "slow" {
                self.0.notified().await;
            }
        })
    }
}

#[tokio::test]
async fn a_gate_decides_the_order_in_which_requests_land() {
    let cloud = cloud();
    let gate = Arc::new(Once(tokio::sync::Notify::new()));
    cloud.set_gate(Some(gate.clone()));
    let slow = tokio::spawn({
        let cloud = cloud.clone();
        async move { seen(&cloud.handle_as("slow", request(ALLOCATE, &order(7))).await) }
    });
    tokio::task::yield_now().await;
    assert_eq!(
        seen(&cloud.handle_as("fast", request(ALLOCATE, &order(7))).await),
        "200/false"
    );
    gate.0.notify_one();
    assert_eq!(slow.await.unwrap(), "400/false");
    let workers: Vec<_> = cloud
        .requests()
        .into_iter()
        .map(|record| record.worker)
        .collect();
    assert_eq!(workers, ["slow", "fast"]);
}

#[tokio::test]
async fn a_client_exception_on_purpose_is_told_from_a_real_one_by_nothing() {
    for kind in [
        FaultKind::ClientExceptionBefore,
        FaultKind::ApplyThenClientException,
    ] {
        let cloud = cloud();
        cloud.inject(Fault::on(kind, "AllocateHostedConnection"));
        let (status, answer) = call(&cloud, ALLOCATE, order(101)).await;
        assert_eq!(status, 400);
        assert_eq!(answer["__type"], "DirectConnectClientException");
    }
}

#[tokio::test]
async fn an_answer_without_its_list_is_a_200_with_nothing_that_was_asked_for() {
    let cloud = cloud();
    ok(&cloud, ALLOCATE, order(101)).await;
    for operation in [
        "DescribeHostedConnections",
        "DescribeInterconnects",
        "DescribeLags",
    ] {
        cloud.inject(Fault::on(FaultKind::ApplyThenWithoutList, operation));
        let target = format!("OvertureService.{operation}");
        let asked = || json!({"connectionId": PARENT});
        assert_eq!(ok(&cloud, &target, asked()).await, json!({}));
        assert_ne!(ok(&cloud, &target, asked()).await, json!({}));
    }
}

#[tokio::test]
async fn a_page_token_expires_where_there_is_one() {
    let cloud = Cloud::builder().page_limit(1).build().unwrap();
    for vlan in 1..=3 {
        ok(&cloud, ALLOCATE, order(vlan)).await;
    }
    let operation = "DescribeHostedConnections";
    cloud.inject(Fault::on(FaultKind::ExpiredPageToken, operation));
    let first = json!({"connectionId": PARENT});
    // It waits for a request that has a token.
    ok(&cloud, DESCRIBE, first.clone()).await;
    let page = ok(&cloud, DESCRIBE, first.clone()).await;
    let second = json!({"connectionId": PARENT, "nextToken": page["nextToken"]});
    let (status, answer) = call(&cloud, DESCRIBE, second.clone()).await;
    assert_eq!(status, 400);
    assert_eq!(answer["__type"], "DirectConnectClientException");
    assert!(!cloud.requests().last().unwrap().applied);
    ok(&cloud, DESCRIBE, second.clone()).await;

    // Meant for the second page; the first that it is counted on has no token, and is left alone.
    cloud.inject(Fault::on_nth(FaultKind::ExpiredPageToken, operation, 2));
    ok(&cloud, DESCRIBE, first.clone()).await;
    assert_eq!(call(&cloud, DESCRIBE, second.clone()).await.0, 400);
    cloud.inject(Fault::on(FaultKind::ExpiredPageToken, operation).always());
    for _ in 0..2 {
        ok(&cloud, DESCRIBE, first.clone()).await;
        assert_eq!(call(&cloud, DESCRIBE, second.clone()).await.0, 400);
    }
}

#[tokio::test]
async fn pending_faults_are_those_that_can_still_strike() {
    let cloud = cloud();
    let pending = || -> Vec<String> {
        let pending = cloud.pending_faults();
        pending.iter().map(Fault::to_string).collect()
    };
    assert_eq!(pending(), [""; 0]);
    for fault in [
        "throttle@AllocateHostedConnection",
        "throttle@AllocateHostedConnection#2",
        "throttle@k9",
        "reset-before@PutEvents+always",
    ] {
        cloud.inject(Fault::parse(fault).unwrap());
    }
    assert_eq!(pending().len(), 4);
    send(&cloud, 101).await;
    let left = [
        "throttle@AllocateHostedConnection#2",
        "throttle@k9",
        "reset-before@PutEvents+always",
    ];
    assert_eq!(pending(), left);
    send(&cloud, 102).await;
    assert_eq!(pending(), left[1..]);
    cloud.clear_faults();
    assert_eq!(pending(), [""; 0]);
}

#[tokio::test]
async fn every_operation_that_a_fault_may_name_is_one_that_the_cloud_answers() {
    let error = Fault::parse("throttle@Nope").unwrap_err().to_string();
    let (_, list) = error.split_once("are, for ").unwrap();
    let (list, _) = list.split_once("; expected for example").unwrap();
    let cloud = cloud();
    let mut asked = 0;
    for of_service in list.split("; for ") {
        let (service, operations) = of_service.split_once(": ").unwrap();
        let target = match service {
            "Direct Connect" => "OvertureService",
            "DynamoDB" => "DynamoDB_20120810",
            "EventBridge" => "AWSEvents",
            "SQS" => "AmazonSQS",
            other => panic!("{other}"),
        };
        for operation in operations.split(", ") {
            let (_, answer) = call(&cloud, &format!("{target}.{operation}"), json!({})).await;
            assert_ne!(answer["__type"], "UnknownOperationException", "{operation}");
            asked += 1;
        }
    }
    assert!(asked > 30, "{list}");
}
