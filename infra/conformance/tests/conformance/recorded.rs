//! A run that is played over the recording of another one finds the same: a partner can send us the file.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use assumptions::{Assumption, Report};
use hosted_connection::{OwnerAccount, ParentConnection};
use local_cloud::{Cloud, Script};
use recording::{Player, Recorder, Recording};
use serde_json::Value;

use crate::partner::{LAG, PARENT, Partner};

struct Played(Player);

impl Script for Played {
    fn answer(&self, operation: &str, request: &Value) -> (u16, Value) {
        self.0.reply(operation, request)
    }
}

fn fresh(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Left behind by an earlier run, or not there at all.
    let _ = std::fs::remove_file(&path);
    path
}

/// What a run finds on a cloud like this, and what another one finds that has the recording of the first.
async fn found_twice(parent: &str, settings: &[(&str, &str)]) -> [Report; 2] {
    let cloud = settings
        .iter()
        .fold(Cloud::builder(), |cloud, (switch, value)| {
            cloud.switch(switch, value).unwrap()
        });
    let path = fresh("run.jsonl");
    let partner = Partner::on(parent, cloud, "recorded", Some("100Mbps,10Gbps")).await;
    let recorder = Recorder::begin(&path, || 0).unwrap();
    let http = recorder.client(partner.cloud.http_client_as("run"));
    let first = partner.run_as(http).await.unwrap().report;

    let recording = Recording::read(BufReader::new(File::open(&path).unwrap())).unwrap();
    let player = Player::of(recording);
    let asked = |member| player.asked("AllocateHostedConnection", member).remove(0);
    let (parent_there, owner_there) = (asked("connectionId"), asked("ownerAccount"));
    let bandwidths = Some("100Mbps,10Gbps");
    let mut partner = Partner::on(PARENT, Cloud::builder(), "played", bandwidths).await;
    partner.setup.parent = ParentConnection::parse(&parent_there).unwrap();
    partner.setup.owner = OwnerAccount::parse(&owner_there).unwrap();
    partner.cloud.set_script(Some(Arc::new(Played(player))));
    let outcome = partner.run().await.unwrap();
    assert!(outcome.left.is_empty(), "{settings:?}: {:?}", outcome.left);
    [first, outcome.report]
}

#[tokio::test(start_paused = true)]
async fn a_run_over_a_recording_finds_what_was_found_when_it_was_recorded() {
    for (parent, settings) in [
        (PARENT, &[][..]),
        (PARENT, &[("no-vlan-uniqueness", "on")]),
        (PARENT, &[("duplicate-vlan-error", "409,ConflictException")]),
        (PARENT, &[("vlan-free-after-ms", "20000")]),
        (PARENT, &[("longest-name", "60"), ("name-refuses", "/")]),
        (PARENT, &[("bandwidths", "50Mbps,100Mbps")]),
        (PARENT, &[("visible-after-ms", "8000")]),
        (PARENT, &[("stale-ms", "40000")]),
        (PARENT, &[("pages-by-position", "on")]),
        (PARENT, &[("deleted-not-listed", "on")]),
        (PARENT, &[("unknown-parent-error", "empty")]),
        (
            PARENT,
            &[("unknown-parent-error", "404,ResourceNotFoundException")],
        ),
        (PARENT, &[("list-shows-tags", "on")]),
        (PARENT, &[("delete-ms", "9000")]),
        (PARENT, &[("associate-again-refused", "on")]),
        (
            LAG,
            &[("lag-members-show", "the-lags"), ("lag-members-sell", "on")],
        ),
        (LAG, &[("lag-members-show", "refusal")]),
    ] {
        let [first, again] = found_twice(parent, settings).await;
        for assumption in Assumption::ALL {
            let [one, other] = [&first, &again].map(|report| report.probe(*assumption).unwrap());
            assert_eq!(
                one.verdict, other.verdict,
                "{settings:?}: {one:?} {other:?}"
            );
            let seen = |probe: &assumptions::Probe| {
                let seen = probe.seen.clone();
                (
                    seen.times,
                    seen.status,
                    seen.code,
                    seen.accepted,
                    seen.refused,
                    seen.longest_name,
                )
            };
            assert_eq!(seen(one), seen(other), "{settings:?}: {assumption:?}");
        }
        assert_eq!(first.recommended, again.recommended, "{settings:?}");
    }
}
