//! `operator adopt` and `operator forget`: connections that were there before get a record, and lose it again.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::site::{Ended, PARENT, Site, minutes, order};

const OWNER: &str = "111122223333";
const HEADER: &str = "connectionId,idempotencyKey";

fn made(site: &Site, vlan: u16) -> String {
    let made = site
        .cloud
        .insert_connection(PARENT, vlan, OWNER, "100Mbps", "Example Corp");
    made.unwrap().id
}

/// Runs `adopt --from -` with this on standard input.
async fn adopt_from(site: &Site, content: &str, more: &[&str]) -> Ended {
    let mut command = site.command(&[&["adopt", PARENT, "--from", "-"], more].concat());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let content = content.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        // A command that does not want it has closed it.
        let _ = child.stdin.take().unwrap().write_all(content.as_bytes());
        let ended = child.wait_with_output().unwrap();
        Ended {
            status: ended.status.code().unwrap(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    })
    .await
    .unwrap()
}

fn adopted(site: &Site) -> Vec<Value> {
    let events = site.cloud.events().into_iter();
    let adopted = events.filter(|event| event.detail_type == "Hosted Connection Adopted");
    adopted.map(|event| event.detail).collect()
}

#[tokio::test]
async fn orphans_are_adopted_once_under_their_own_ids() {
    let site = Site::new().await;
    let ids = [made(&site, 101), made(&site, 102)];
    site.place(&order("order-3", 103), minutes(10)).await;
    let (status, would) = site.run_json(&["adopt", PARENT, "--dry-run"]).await;
    assert_eq!(
        (status, &would["toBeAdopted"], &would["adopted"]),
        (0, &json!(2), &json!(0)),
        "{would}"
    );
    assert!(adopted(&site).is_empty());
    let (status, done) = site.run_json(&["adopt", PARENT]).await;
    assert_eq!(
        (status, &done["adopted"], &done["refused"]),
        (0, &json!(2), &json!(0)),
        "{done}"
    );
    assert_eq!(done["unpublished"], 0);
    let events = adopted(&site);
    assert_eq!(events.len(), 2);
    for id in &ids {
        let event = events
            .iter()
            .find(|event| event["idempotencyKey"] == id.as_str())
            .unwrap();
        assert_eq!(event["origin"]["door"], "adoption");
        assert_eq!(event["connection"]["connectionId"], id.as_str());
        let told = site.run(&["explain", id]).await;
        assert!(
            told.words()
                .contains("was there before, and was adopted by an operator"),
            "{}",
            told.words()
        );
        assert!(
            told.words()
                .contains("`Hosted Connection Adopted` is published"),
            "{}",
            told.words()
        );
    }
    let (status, again) = site.run_json(&["adopt", PARENT]).await;
    assert_eq!(
        (status, &again["adopted"], &again["unchanged"]),
        (0, &json!(0), &json!(2)),
        "{again}"
    );
    assert_eq!(adopted(&site).len(), 2);
    assert_eq!(site.run(&["reconcile"]).await.status, 0);
}

#[tokio::test]
async fn a_file_names_connections_and_keys_and_an_order_with_such_a_key_is_a_replay() {
    let site = Site::new().await;
    let (one, other) = (made(&site, 101), made(&site, 102));
    let told = adopt_from(&site, &format!("{HEADER}\n{one},order-1\n"), &["--json"]).await;
    assert_eq!(told.status, 0, "{told:?}");
    let mut tagged = order("order-1", 101);
    tagged["tags"] = json!([{"key": "site", "value": "north"}]);
    for body in [tagged, order("order-1", 101)] {
        let answer = site.place(&body, Duration::ZERO).await;
        let allocation::Answer::Allocated { receipt, replayed } = answer else {
            panic!("{answer:?}")
        };
        assert!(replayed);
        assert_eq!(receipt.connection.connection_id, Some(one.clone()));
    }
    let other_name = {
        let mut body = order("order-1", 101);
        body["connectionName"] = "Somebody else".into();
        site.place(&body, Duration::ZERO).await
    };
    assert!(
        matches!(other_name, allocation::Answer::Rejected(_)),
        "{other_name:?}"
    );
    // The one that was not named is an orphan still.
    assert_eq!(site.cloud.connections().len(), 2);
    let (_, list) = site.run_json(&["list"]).await;
    assert!(!list.to_string().contains(&other), "{list}");
    let lines = format!("{{\"connectionId\":\"{other}\",\"idempotencyKey\":\"order-2\"}}\n");
    assert_eq!(adopt_from(&site, &lines, &[]).await.status, 0);
    let (status, _) = site.run_json(&["release", "order-2"]).await;
    assert_eq!(status, 0);
}

#[tokio::test]
async fn what_cannot_be_adopted_is_refused_with_its_reason_and_the_others_go_on() {
    let site = Site::new().await;
    let ids: Vec<_> = (101..=107).map(|vlan| made(&site, vlan)).collect();
    site.place(&order("taken", 110), minutes(10)).await;
    site.claim_and_die(&order("open", 103), minutes(10)).await;
    site.cloud.set_state(&ids[1], "deleted").unwrap();
    adopt_from(&site, &format!("{HEADER}\n{},known\n", ids[3]), &[]).await;
    let lines = format!(
        "{HEADER}\n{},fine\n{},gone\n{},of-an-open-order\n{},another\n{},taken\n{},twice\n{},twice\ndxcon-unheardof,unheard-of\n",
        ids[0], ids[1], ids[2], ids[3], ids[4], ids[5], ids[6]
    );
    let told = adopt_from(&site, &lines, &["--json"]).await;
    assert_eq!(told.status, 1, "{told:?}");
    let told: Value = serde_json::from_str(&told.out).unwrap();
    let expected = [
        ("adopted", ""),
        ("refused", "the connection is deleted"),
        ("refused", "by the order open, which is not final"),
        ("refused", "known under another key, known"),
        ("refused", "the key taken belongs to another order"),
        ("refused", "names the key again in line 8"),
        ("refused", "names the key again in line 7"),
        ("refused", "does not show the connection on dxcon-ffabc123"),
    ];
    for (one, (status, reason)) in told["connections"].as_array().unwrap().iter().zip(expected) {
        assert_eq!(one["status"], status, "{one}");
        assert!(
            one["reason"].as_str().unwrap_or_default().contains(reason),
            "{one}"
        );
    }
    assert_eq!(
        adopted(&site).len(),
        2,
        "the one from before and the one that was fine"
    );
}

#[tokio::test]
async fn a_file_with_bad_lines_does_nothing_and_names_them_all() {
    let site = Site::new().await;
    let id = made(&site, 101);
    let told = adopt_from(
        &site,
        &format!("{HEADER}\n{id},fine\n{id}\nnonsense,k\n{id},a b\n"),
        &[],
    )
    .await;
    assert_eq!(told.status, 2);
    for line in [
        "line 3: it has 1 values",
        "line 4: `nonsense`",
        "line 5: the key `a b`",
        "nothing was done",
    ] {
        assert!(told.err.contains(line), "{}", told.err);
    }
    assert!(adopted(&site).is_empty());
    let missing = site
        .run(&["adopt", PARENT, "--from", "/nowhere/keys.csv"])
        .await;
    assert!(
        missing.status == 2 && missing.err.contains("/nowhere/keys.csv"),
        "{missing:?}"
    );
    let unknown = site.run(&["adopt", "dxcon-unheardof1"]).await;
    assert!(
        unknown.status == 2 && unknown.err.contains("dxcon-unheardof1"),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn without_a_bus_tracking_is_left_to_publish() {
    let site = Site::new().await;
    made(&site, 101);
    let mut command = site.command(&["adopt", PARENT]);
    command.env_remove("EVENT_BUS_NAME");
    let told = crate::site::finish(command).await;
    assert_eq!(told.status, 0, "{told:?}");
    assert!(
        told.words()
            .contains("EVENT_BUS_NAME is not set. Track publishes them within its next run."),
        "{told:?}"
    );
    assert!(adopted(&site).is_empty());
    let aws = site.aws(Duration::ZERO);
    let deadline = allocation::Deadline::at_ms(aws.clock.now_ms() + 30_000);
    lifecycle::Tracker::new(aws, &site.config())
        .run(deadline)
        .await;
    assert_eq!(adopted(&site).len(), 1);
}

#[tokio::test]
async fn an_adopted_record_is_forgotten_on_a_yes_and_its_connection_stays() {
    let site = Site::new().await;
    let id = made(&site, 101);
    site.place(&order("order-2", 102), minutes(10)).await;
    site.run(&["adopt", PARENT]).await;
    let before = site.cloud.connections();
    let (status, kept) = site.run_json(&["forget", &id]).await;
    assert_eq!(
        (status, &kept["forgotten"]),
        (1, &json!(false)),
        "nobody said yes: {kept}"
    );
    let (status, kept) = site.run_json(&["forget", "order-2", "--yes"]).await;
    assert_eq!(status, 1);
    assert!(
        kept["reason"]
            .as_str()
            .unwrap()
            .contains("an order made its connection"),
        "{kept}"
    );
    let (status, done) = site.run_json(&["forget", &id, "--yes"]).await;
    assert_eq!((status, &done["forgotten"]), (0, &json!(true)), "{done}");
    assert_eq!(site.run(&["forget", &id, "--yes"]).await.status, 1);
    assert_eq!(site.cloud.connections(), before);
    let lease = site
        .cloud
        .table_items()
        .unwrap()
        .into_iter()
        .find(|item| item["sk"]["S"] == "vlan#0101")
        .unwrap();
    assert_eq!(lease["connectionId"]["S"], id.as_str());
    assert!(lease.get("holder").is_none(), "{lease}");
    let (status, again) = site.run_json(&["adopt", PARENT]).await;
    assert_eq!((status, &again["adopted"]), (0, &json!(1)), "{again}");
}

/// Deletes a connection as soon as somebody is about to write.
#[derive(Debug)]
struct Vanish {
    cloud: local_cloud::Cloud,
    id: String,
}

impl local_cloud::Gate for Vanish {
    fn pass<'a>(
        &'a self,
        request: &'a local_cloud::RequestRecord,
    ) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        if request.operation == "TransactWriteItems" {
            self.cloud.set_state(&self.id, "deleted").unwrap();
        }
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_connection_that_vanishes_midway_is_told_of_as_gone_by_the_next_run_of_tracking() {
    let site = Site::new().await;
    let ids = [made(&site, 101), made(&site, 102)];
    let vanish = Vanish {
        cloud: site.cloud.clone(),
        id: ids[0].clone(),
    };
    site.cloud.set_gate(Some(std::sync::Arc::new(vanish)));
    assert_eq!(site.run(&["adopt", PARENT]).await.status, 0);
    site.cloud.set_gate(None);
    let aws = site.aws(Duration::ZERO);
    let deadline = allocation::Deadline::at_ms(aws.clock.now_ms() + 30_000);
    lifecycle::Tracker::new(aws, &site.config())
        .run(deadline)
        .await;
    let told = |id: &str| {
        let events = site.cloud.events().into_iter();
        let own = events.filter(|event| event.detail["idempotencyKey"] == id);
        own.map(|event| {
            let state = event.detail["connection"]["connectionState"].clone();
            (event.detail_type, state)
        })
        .collect::<Vec<_>>()
    };
    let adopted = "Hosted Connection Adopted".to_owned();
    let changed = "Hosted Connection State Changed".to_owned();
    assert_eq!(
        told(&ids[0]),
        [
            (adopted.clone(), json!("ordering")),
            (changed, json!("deleted"))
        ]
    );
    assert_eq!(told(&ids[1]), [(adopted, json!("ordering"))]);
    assert_eq!(site.run(&["reconcile"]).await.status, 0);
    let again = site.run(&["adopt", PARENT]).await;
    assert!(
        again.status == 0 && again.words().contains("0 adopted, 1 unchanged"),
        "{again:?}"
    );
}

#[tokio::test]
async fn a_file_of_100_000_lines_is_carried_out_line_by_line_with_few_calls() {
    let site = Site::new().await;
    let id = made(&site, 101);
    let lines: String = (1..100_000)
        .map(|n| format!("dxcon-none{n},order-{n}\n"))
        .collect();
    site.cloud.forget_requests();
    let told = adopt_from(
        &site,
        &format!("{HEADER}\n{lines}{id},order-0\n"),
        &["--json"],
    )
    .await;
    assert_eq!(told.status, 1, "{}", told.err);
    let told: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (&told["adopted"], &told["refused"]),
        (&json!(1), &json!(99_999))
    );
    assert_eq!(told["connections"].as_array().unwrap().len(), 100_000);
    let calls = site.cloud.requests().len();
    assert!(calls < 20, "{calls} calls");
    // One line in the middle that is no line: nothing is done.
    let bad = lines.replacen("dxcon-none50000,", "dxcon-none50000;", 1);
    let told = adopt_from(&site, &format!("{HEADER}\n{bad}"), &[]).await;
    assert_eq!(told.status, 2);
    assert!(
        told.err.contains("line 50001: it has 1 values"),
        "{}",
        told.err
    );
}
