//! `operator caller`.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::site::{Ended, Site, finish};

/// A caller of this principal and key prefix that may order everything.
fn caller(principal: &str, prefix: &str) -> Value {
    json!({"principals": [principal], "keyPrefix": prefix, "ownerAccounts": "any", "parents": ["dxcon-ffabc123"],
        "bandwidths": ["50Mbps"], "readsAndReleases": "own"})
}

async fn set(site: &Site, arguments: &[&str], caller: &str) -> Ended {
    let mut command = site.command(&[&["--json", "caller", "set"], arguments].concat());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let caller = caller.to_owned();
    let output = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that refuses its arguments has closed it.
        let _ = stdin.write_all(caller.as_bytes());
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

const ACME: &str = "AROAAAAAAAAAAAAAAAAAA";
const UMBRELLA: &str = "arn:aws:iam::123456789012:role/umbrella";

#[tokio::test]
async fn a_caller_is_set_shown_listed_changed_and_removed() {
    let site = Site::new().await;
    let (status, none) = site.run_json(&["caller", "list"]).await;
    assert_eq!((status, none), (0, json!({"callers": []})));
    assert_eq!(site.run(&["caller", "get", "acme"]).await.status, 1);
    let acme = caller(ACME, "acme-");
    let dry = set(&site, &["acme", "--dry-run"], &acme.to_string()).await;
    assert_eq!(dry.status, 0, "{dry:?}");
    assert_eq!(site.run(&["caller", "get", "acme"]).await.status, 1);
    for (name, caller) in [("acme", &acme), ("umbrella", &caller(UMBRELLA, "u-"))] {
        let told = set(&site, &[name], &caller.to_string()).await;
        assert_eq!(told.status, 0, "{told:?}");
        let (status, shown) = site.run_json(&["caller", "get", name]).await;
        assert_eq!(status, 0);
        assert_eq!(
            shown,
            json!({"name": name, "caller": caller, "fault": null})
        );
    }
    let changed = caller(ACME, "acme:");
    assert_eq!(set(&site, &["acme"], &changed.to_string()).await.status, 0);
    let (_, all) = site.run_json(&["caller", "list"]).await;
    assert_eq!(all["callers"][0]["caller"], changed);
    let table = site.run(&["caller", "list"]).await.words();
    assert!(
        table.contains("umbrella u-") && table.contains(ACME),
        "{table}"
    );
    let table = site.run(&["caller", "get", "acme"]).await.words();
    assert!(table.contains("bandwidths 50Mbps"), "{table}");
    assert_eq!(site.run(&["caller", "remove", "acme"]).await.status, 0);
    assert_eq!(site.run(&["caller", "remove", "acme"]).await.status, 1);
    let (_, left) = site.run_json(&["caller", "list"]).await;
    assert_eq!(left["callers"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn callers_that_would_get_at_each_others_orders_are_refused_before_anything_is_written() {
    let site = Site::new().await;
    let acme = caller(ACME, "acme-");
    assert_eq!(set(&site, &["acme"], &acme.to_string()).await.status, 0);
    for (principal, prefix, word) in [
        (UMBRELLA, "acme-", "overlaps with acme"),
        (UMBRELLA, "ac", "overlaps with acme"),
        (UMBRELLA, "acme-emea-", "overlaps with acme"),
        (ACME, "u-", "has the principal"),
    ] {
        let told = set(&site, &["umbrella"], &caller(principal, prefix).to_string()).await;
        assert_eq!(told.status, 2, "{prefix}");
        assert!(
            told.err.contains(word) && told.err.contains("nothing is written"),
            "{told:?}"
        );
    }
    assert_eq!(site.run(&["caller", "get", "umbrella"]).await.status, 1);
    let (status, _) = site.run_json(&["caller", "list"]).await;
    assert_eq!(status, 0);
}

#[tokio::test]
async fn what_is_no_caller_is_refused_with_all_that_is_wrong_with_it() {
    let site = Site::new().await;
    let told = set(
        &site,
        &["acme"],
        r#"{"principals": ["a b", "*"], "keyPrefix": ""}"#,
    )
    .await;
    assert_eq!(told.status, 2);
    for field in [
        "/principals/0",
        "/principals/1",
        "/keyPrefix",
        "/ownerAccounts is required",
    ] {
        assert!(told.err.contains(field), "{field}: {told:?}");
    }
    for name in ["", "Acme", "a b", "acmé", "a,b", &"a".repeat(33)] {
        let acme = caller(ACME, "acme-").to_string();
        let told = set(&site, &[name], &acme).await;
        assert!(
            told.status == 2 && told.err.contains("a caller's name"),
            "{told:?}"
        );
    }
    assert_eq!(
        site.run(&["caller", "set", "acme", "not/there.json"])
            .await
            .status,
        2
    );
    let (_, none) = site.run_json(&["caller", "list"]).await;
    assert_eq!(none, json!({"callers": []}));
}

/// An item as another tool may have written it.
fn item(name: &str, caller: &Value) -> Value {
    json!({"pk": {"S": "callers"}, "sk": {"S": name}, "caller": caller})
}

#[tokio::test]
async fn an_item_that_is_no_caller_is_shown_with_the_member_or_attribute_that_is_wrong() {
    let site = Site::new().await;
    let no_prefix = caller(ACME, "").to_string();
    for (name, kept) in [
        ("empty", json!({"S": no_prefix})),
        ("mapped", json!({"M": {}})),
    ] {
        site.cloud.import_items(vec![item(name, &kept)]).unwrap();
    }
    let (status, all) = site.run_json(&["caller", "list"]).await;
    assert_eq!(status, 1);
    for (nth, word) in [(0, "/keyPrefix"), (1, "the attribute `caller`")] {
        let fault = all["callers"][nth]["fault"].as_str().unwrap();
        assert!(fault.contains(word), "{word} in {all}");
    }
    let shown = site.run(&["caller", "get", "empty"]).await;
    assert_eq!(shown.status, 1);
    assert!(shown.out.contains("/keyPrefix"), "{shown:?}");
}

#[tokio::test]
async fn the_doctor_says_whether_the_callers_can_be_gone_by() {
    let site = Site::new().await;
    let doctor = async |enforced: bool| {
        let mut command = site.command(&["--json", "doctor"]);
        if enforced {
            command.env("CALLERS", "enforced");
        }
        let document: Value = serde_json::from_str(&finish(command).await.out).unwrap();
        let checks = document["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["what"] == "callers")
    };
    assert_eq!(doctor(false).await, None);
    let nobody = doctor(true).await.unwrap();
    assert_eq!(nobody["verdict"], "wrong", "{nobody}");
    let acme = caller(ACME, "acme-").to_string();
    assert_eq!(set(&site, &["acme"], &acme).await.status, 0);
    let one = doctor(true).await.unwrap();
    assert_eq!(one["found"], "1 caller registered");
    let overlapping = caller(UMBRELLA, "acme-emea-").to_string();
    let items = vec![
        item("broken", &json!({"S": "{}"})),
        item("umbrella", &json!({"S": overlapping})),
    ];
    site.cloud.import_items(items).unwrap();
    let faulty = doctor(false).await.unwrap();
    assert_eq!(faulty["verdict"], "wrong", "{faulty}");
    let found = faulty["found"].as_str().unwrap();
    for word in ["broken is not readable", "umbrella overlaps with acme"] {
        assert!(found.contains(word), "{word} in {found}");
    }
}
