//! `operator policy`.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::site::{Ended, PARENT, Site, minutes, order};

async fn set(site: &Site, policy: &str) -> Ended {
    let mut command = site.command(&["--json", "policy", "set", PARENT]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let policy = policy.to_owned();
    let output = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(policy.as_bytes()).unwrap();
        drop(stdin);
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    Ended {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn a_policy_counts_what_is_sold_already_and_is_shown_with_it() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(3)).await;
    let (status, before) = site.run_json(&["policy", "get", PARENT]).await;
    assert_eq!((status, &before["policy"]), (0, &Value::Null));
    let told = set(&site, r#"{"bandwidthLimitMbps": 600}"#).await;
    assert_eq!(told.status, 0, "{told:?}");
    let state: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (&state["soldMbps"], &state["freeMbps"]),
        (&json!(100), &json!(500))
    );
    let (_, after) = site.run_json(&["policy", "get", PARENT]).await;
    assert_eq!(after, state);
    let table = site.run(&["policy", "get", PARENT]).await.words();
    assert!(
        table.contains("bandwidthLimitMbps 600") && table.contains("free 500 Mbps"),
        "{table}"
    );
}

#[tokio::test]
async fn what_is_no_policy_is_refused_with_all_that_is_wrong_with_it() {
    let site = Site::new().await;
    let told = set(
        &site,
        r#"{"bandwidthLimitMbps": "much", "vlanRange": "9-1"}"#,
    )
    .await;
    assert_eq!(told.status, 2);
    assert!(
        told.err.contains("/bandwidthLimitMbps") && told.err.contains("/vlanRange"),
        "{told:?}"
    );
    let (_, after) = site.run_json(&["policy", "get", PARENT]).await;
    assert_eq!(after["policy"], Value::Null);
    assert_eq!(site.run(&["policy", "get", "dxvif-1"]).await.status, 2);
    let nothing = ["policy", "set", PARENT, "not/there.json"];
    assert_eq!(site.run(&nothing).await.status, 2);
}
