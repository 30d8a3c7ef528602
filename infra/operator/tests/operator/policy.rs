//! `operator policy`.

use std::io::Write;
use std::process::{Command, Stdio};

use aws::Clock;
use hosted_connection::Timestamp;
use serde_json::{Value, json};

use crate::site::{Ended, PARENT, Site, minutes, order};

async fn set(site: &Site, policy: &str) -> Ended {
    let mut command = site.command(&["--json", "policy", "set", PARENT]);
    command.stdin(Stdio::piped());
    finish_with(command, policy).await
}

/// Runs the command to its end with this on its standard input.
async fn finish_with(mut command: Command, input: &str) -> Ended {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let input = input.to_owned();
    let output = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
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
    let (_, mut after) = site.run_json(&["policy", "get", PARENT]).await;
    assert_eq!(after["inForceFrom"], Value::Null);
    after["inForceFrom"] = state["inForceFrom"].clone();
    assert_eq!(after, state);
    let table = site.run(&["policy", "get", PARENT]).await.words();
    assert!(
        table.contains("bandwidthLimitMbps 600") && table.contains("free 500 Mbps"),
        "{table}"
    );
}

#[tokio::test]
async fn the_first_policy_of_a_parent_says_from_when_it_is_in_force_and_a_change_is_at_once() {
    let site = Site::new().await;
    let in_force_from = |told: Ended| {
        assert_eq!(told.status, 0, "{told:?}");
        let state: Value = serde_json::from_str(&told.out).unwrap();
        state["inForceFrom"].clone()
    };
    let first = in_force_from(set(&site, r#"{"bandwidthLimitMbps": 600}"#).await);
    let now = Timestamp::from_ms(Clock::system().now_ms()).to_string();
    assert!(first.as_str().unwrap() > now.as_str(), "{first}, now {now}");
    let changed = in_force_from(set(&site, r#"{"bandwidthLimitMbps": 700}"#).await);
    assert_eq!(changed, Value::Null);
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

#[tokio::test]
async fn a_parent_that_is_not_there_gets_no_policy() {
    let site = Site::new().await;
    let told = site
        .run(&["policy", "set", "dxcon-12345678", "/dev/null"])
        .await;
    assert_eq!(told.status, 2, "no policy: {told:?}");
    let mut command = site.command(&["policy", "set", "dxcon-12345678"]);
    command.stdin(Stdio::piped());
    let told = finish_with(command, r#"{"bandwidthLimitMbps": 600}"#).await;
    assert_eq!(told.status, 2, "{told:?}");
    assert!(
        told.err
            .contains("shows no interconnect or LAG dxcon-12345678")
            && told.err.contains(PARENT),
        "{told:?}"
    );
    let (_, after) = site.run_json(&["policy", "get", "dxcon-12345678"]).await;
    assert_eq!(after["policy"], Value::Null);
}

#[tokio::test]
async fn a_limit_below_what_is_sold_is_warned_of_and_nothing_negative_is_free() {
    let site = Site::new().await;
    for (key, vlan) in [("order-1", 101), ("order-2", 102)] {
        site.place(&order(key, vlan), minutes(3)).await;
    }
    let told = set(&site, r#"{"bandwidthLimitMbps": 50}"#).await;
    assert_eq!(told.status, 0, "{told:?}");
    let state: Value = serde_json::from_str(&told.out).unwrap();
    let warning = state["warning"].as_str().unwrap();
    assert!(
        warning.starts_with("200 Mbps are sold, 150 Mbps more than the policy allows."),
        "{warning}"
    );
    let words = site.run(&["policy", "get", PARENT]).await.words();
    assert!(
        words.contains("free 0 Mbps warning 200 Mbps are sold"),
        "{words}"
    );
    let words = site.run(&["reconcile", PARENT]).await.words();
    assert!(
        words.contains("200 Mbps sold, 150 more than the limit of 50 Mbps."),
        "{words}"
    );
}

#[tokio::test]
async fn standard_input_is_called_that() {
    let site = Site::new().await;
    let told = set(&site, "much").await;
    assert_eq!(told.status, 2);
    assert!(
        told.err.contains("standard input is not a policy"),
        "{told:?}"
    );
}
