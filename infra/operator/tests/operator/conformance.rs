//! `operator conformance`, and `operator doctor --report`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::site::{Ended, PARENT, Site, finish, fresh_dir};

const ARGUMENTS: [&str; 7] = [
    "conformance",
    "--parent",
    PARENT,
    "--owner-account",
    "111122223333",
    "--vlans",
    "4000-4009",
];

/// A directory to run in.
fn directory(name: &str) -> PathBuf {
    let dir = fresh_dir(name);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

async fn run_in(site: &Site, dir: &Path, more: &[&str]) -> Ended {
    let mut command: Command = site.command(&[&ARGUMENTS, more].concat());
    command.current_dir(dir);
    finish(command).await
}

fn is_clean(site: &Site) -> bool {
    site.cloud
        .connections()
        .iter()
        .all(|one| one.state == "deleted" || one.state == "deleting")
}

#[tokio::test]
async fn it_says_what_it_will_make_makes_it_and_leaves_nothing() {
    let site = Site::new().await;
    let dir = directory("conformance-run");
    let ended = run_in(&site, &dir, &["--yes", "--report", "report.json"]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    let said = ended.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "at most 9 hosted connections",
        "50Mbps",
        "4000-4009",
        "conformance-",
        "Cost: none",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(
        ended.words().contains("allocate-visible holds"),
        "{}",
        ended.out
    );
    let report = std::fs::read_to_string(dir.join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["schemaVersion"], "1");
    assert_eq!(report["recommended"]["SETTLE_SECONDS"], 30);
    let files = std::fs::read_dir(&dir).unwrap().count();
    assert_eq!(files, 1, "only the report");
    assert!(is_clean(&site) && !site.cloud.connections().is_empty());
    // Nothing is left, so there is nothing to clean up.
    assert_eq!(run_in(&site, &dir, &["--cleanup"]).await.status, 0);
    // What does not hold is 1.
    let ended = run_in(&site, &dir, &["--yes", "--json"]).await;
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(document["left"], json!([]));
}

#[tokio::test]
async fn nothing_is_made_where_nobody_can_be_asked_or_the_report_cannot_be_written() {
    let site = Site::new().await;
    let dir = directory("conformance-refused");
    let made = |site: &Site| site.cloud.count("AllocateHostedConnection");
    for (more, words) in [
        (&[][..], "Give --yes"),
        (
            &["--yes", "--report", "no/such/dir/report.json"],
            "cannot write the report",
        ),
        (
            &["--yes", "--report", "."],
            "it is there, and is not a file",
        ),
        (
            &["--yes", "--report", "/dev/null"],
            "it is there, and is not a file",
        ),
        (
            &["--yes", "--made", "no/such/dir/made"],
            "cannot note in no/such/dir/made",
        ),
        (
            &["--yes", "--wait-seconds", "1", "--bandwidths", "75Mbps"],
            "--wait-seconds",
        ),
    ] {
        let ended = run_in(&site, &dir, more).await;
        assert_eq!(ended.status, 2, "{more:?}: {ended:?}");
        assert!(ended.err.contains(words), "{more:?}: {}", ended.err);
        assert_eq!(made(&site), 0, "{more:?}");
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0, "{more:?}");
    }
    let ended =
        finish(site.command(&["conformance", "--vlans", "9-1", "--owner-account", "1"])).await;
    assert_eq!(ended.status, 2);
    for argument in ["--parent", "--owner-account", "--vlans"] {
        assert!(ended.err.contains(argument), "{}", ended.err);
    }
}

#[tokio::test]
async fn doctor_names_what_contradicts_a_report() {
    let site = Site::new().await;
    let dir = directory("conformance-doctor");
    let report = json!({
        "schemaVersion": "1", "parent": PARENT, "startedAt": "2026-01-02T03:04:05Z",
        "probes": [
            {"id": "allocate-visible", "verdict": "does not hold",
             "seen": {"times": {"count": 3, "minMs": 0, "medianMs": 5000, "maxMs": 30000}}},
            {"id": "bandwidths", "verdict": "does not hold", "seen": {"refused": ["10Gbps"]}},
            {"id": "duplicate-vlan-refused", "verdict": "does not hold", "seen": {}},
            {"id": "moon-full", "verdict": "holds"},
        ],
        "recommended": {"SETTLE_SECONDS": 70},
    });
    let path = dir.join("report.json");
    std::fs::write(&path, report.to_string()).unwrap();
    let path = path.to_str().unwrap();
    let (status, document) = site.run_json(&["doctor", "--report", path]).await;
    assert_eq!(status, 1, "{document}");
    let checks = document["checks"].as_array().unwrap();
    let of = |what: &str| checks.iter().find(|check| check["what"] == what).unwrap();
    assert!(
        of("settle time as measured")["fix"]
            .as_str()
            .unwrap()
            .contains("raise it to 70")
    );
    assert!(
        of("bandwidths as measured")["found"]
            .as_str()
            .unwrap()
            .contains("10Gbps")
    );
    assert_eq!(
        of("assumption duplicate-vlan-refused")["verdict"],
        "skipped"
    );
    std::fs::write(path, "{}").unwrap();
    let (status, document) = site.run_json(&["doctor", "--report", path]).await;
    assert_eq!(status, 1, "{document}");
}
