//! `operator --record`: what is in the file, and what the command finds where Direct Connect is played from it.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use local_cloud::{Cloud, Script};
use recording::{Exchange, Player, Recording};
use serde_json::{Value, json};

use crate::site::{PARENT, Site, finish, fresh_dir, minutes, order};

struct Played(Player);

impl Script for Played {
    fn answer(&self, operation: &str, request: &Value) -> (u16, Value) {
        self.0.reply(operation, request)
    }
}

/// All words of this name are words of AWS's messages, too.
const NAME: &str = "Central Service 0471";
const KEY: &str = "customer-0471-first";

/// Runs the command with `--record`: what is in the file.
async fn record(
    site: &Site,
    dir: &Path,
    name: &str,
    arguments: &[&str],
) -> (String, Vec<Exchange>) {
    let path = dir.join(name);
    let mut command = site.command(&["--record", name]);
    command.args(arguments).current_dir(dir);
    command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    command.env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY");
    command.env("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEXAMPLETOKEN");
    let ended = finish(command).await;
    assert!(matches!(ended.status, 0 | 1), "{ended:?}");
    let text = std::fs::read_to_string(&path).unwrap();
    let recording = Recording::read(BufReader::new(text.as_bytes())).unwrap();
    assert!(!recording.is_cut);
    (text, recording.exchanges)
}

fn assert_nobody_is_named(text: &str) {
    for secret in [
        "111122223333",
        "123456789012",
        "ffabc",
        "Central",
        "Example",
        "conformance-",
        "AKIA",
        "wJalr",
        "IQoJ",
        "Credential",
        "AWS4",
        "Signature",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    // As a word: times have all kinds of digits in them.
    let mut words = text.split(|one: char| !one.is_ascii_alphanumeric());
    assert!(words.all(|word| word != "0471"), "0471 in {text}");
}

#[tokio::test]
async fn every_command_is_recorded_and_the_file_names_nobody() {
    let site = Site::new().await;
    let dir = fresh_dir("recorded-commands");
    std::fs::create_dir_all(&dir).unwrap();
    let mut body = order(KEY, 812);
    body["connectionName"] = json!(NAME);
    body["tags"] =
        json!([{"key": "customer", "value": "0471"}, {"key": "name", "value": "Central"}]);
    site.place(&body, minutes(1)).await;
    for (name, arguments) in [
        ("explain.jsonl", &["explain", KEY][..]),
        ("get.jsonl", &["get", KEY]),
        ("list.jsonl", &["list", "--parent", PARENT]),
        ("reconcile.jsonl", &["reconcile"]),
        ("doctor.jsonl", &["doctor"]),
        ("adopt.jsonl", &["adopt", PARENT, "--dry-run"]),
        ("release.jsonl", &["release", KEY]),
    ] {
        let (text, exchanges) = record(&site, &dir, name, arguments).await;
        assert!(!exchanges.is_empty(), "{name}");
        assert_nobody_is_named(&text);
    }
    // A file that is there is not written over.
    let mut command = site.command(&["--record", "get.jsonl", "get", KEY]);
    command.current_dir(&dir);
    let ended = finish(command).await;
    assert_eq!(ended.status, 2);
    assert!(ended.err.contains("does not exist yet"), "{}", ended.err);
}

#[tokio::test]
async fn conformance_over_its_own_recording_finds_the_same() {
    let settings = [
        ("list-shows-tags", "on"),
        ("deleted-not-listed", "on"),
        ("name-refuses", "/"),
    ];
    let cloud = settings
        .iter()
        .fold(Cloud::builder(), |cloud, (switch, value)| {
            cloud.switch(switch, value).unwrap()
        });
    let site = Site::serving(cloud.build().unwrap()).await;
    let dir = fresh_dir("recorded-conformance");
    std::fs::create_dir_all(&dir).unwrap();
    let run = |parent, owner, report| {
        let vlans = [
            "--vlans",
            "4000-4009",
            "--wait-seconds",
            "30",
            "--yes",
            "--report",
            report,
        ];
        [
            &["conformance", "--parent", parent, "--owner-account", owner][..],
            &vlans,
        ]
        .concat()
    };
    let arguments = run(PARENT, "111122223333", "report.json");
    let (text, exchanges) = record(&site, &dir, "traffic.jsonl", &arguments).await;
    assert_nobody_is_named(&text);
    let codes = exchanges.iter().map(|one| one.answer["__type"].as_str());
    assert!(
        codes
            .flatten()
            .any(|code| code == "DirectConnectClientException")
    );

    let file = BufReader::new(File::open(dir.join("traffic.jsonl")).unwrap());
    let player = Player::of(Recording::read(file).unwrap());
    let asked = |member| player.asked("AllocateHostedConnection", member).remove(0);
    let (parent, owner) = (asked("connectionId"), asked("ownerAccount"));
    let cloud = Cloud::builder().build().unwrap();
    cloud.set_script(Some(Arc::new(Played(player))));
    let played = Site::serving(cloud).await;
    let mut command = played.command(&run(&parent, &owner, "again.json"));
    command.current_dir(&dir);
    let ended = finish(command).await;
    assert_eq!(ended.status, 1, "{ended:?}");
    let verdicts = |name: &str| {
        let text = std::fs::read_to_string(dir.join(name)).unwrap();
        let report: Value = serde_json::from_str(&text).unwrap();
        let probes = report["probes"].as_array().unwrap().clone();
        let each = probes.into_iter();
        each.map(|probe| (probe["id"].clone(), probe["verdict"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(verdicts("report.json"), verdicts("again.json"));
}

/// `policy get` asks Direct Connect nothing.
#[tokio::test]
async fn a_recording_that_lacks_a_call_says_which_and_what_to_do() {
    let site = Site::new().await;
    let dir = fresh_dir("recorded-too-little");
    std::fs::create_dir_all(&dir).unwrap();
    let (text, _) = record(&site, &dir, "policy.jsonl", &["policy", "get", PARENT]).await;
    let cloud = Cloud::builder().build().unwrap();
    let player = Player::of(Recording::read(BufReader::new(text.as_bytes())).unwrap());
    cloud.set_script(Some(Arc::new(Played(player))));
    let played = Site::serving(cloud).await;
    let ended = played.run(&["reconcile", PARENT]).await;
    assert_eq!(ended.status, 2, "{ended:?}");
    let told = format!("{PARENT} cannot be looked at: DescribeHostedConnections failed");
    for words in [told.as_str(), "operator --record FILE"] {
        assert!(ended.err.contains(words), "{words}: {}", ended.err);
    }
}
