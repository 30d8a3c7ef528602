//! `local serve --record` and `--replay`: what passes goes into a file, or Direct Connect's answers come from one.

use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use clap::Args;
use local_cloud::{Cloud, Outcome, Script, Witness};
use recording::{Player, Recorder, Recording};
use serde_json::{Value, json};
use terminal::BOLD;

use crate::command::failure::Failure;

/// Options for files of traffic.
#[derive(Debug, Clone, Args)]
pub(super) struct TrafficOptions {
    /// Write all requests and answers into FILE, a new one, with account ids, names, tags and connection ids replaced
    #[arg(long, value_name = "FILE", help_heading = "Traffic")]
    record: Option<PathBuf>,
    /// Answer for Direct Connect with what stands in FILE, a recording
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Traffic",
        conflicts_with_all = ["record", "profile"]
    )]
    replay: Option<PathBuf>,
}

/// What goes on with the traffic.
pub(super) struct Traffic {
    record: Option<PathBuf>,
    replay: Option<(PathBuf, Arc<Player>)>,
}

impl TrafficOptions {
    /// Sets the cloud up for it.
    ///
    /// # Errors
    /// The file to write exists, or the one to read is no recording.
    pub(super) fn apply(&self, cloud: &Cloud) -> Result<Traffic, Failure> {
        if let Some(path) = &self.record {
            let clock = cloud.clock().clone();
            let now_ms = move || {
                let since = clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            };
            let recorder = Recorder::begin(path, now_ms)?;
            cloud.set_witness(Some(Arc::new(Recorded(recorder))));
        }
        let player = self.replay.as_deref().map(read).transpose()?;
        if let Some(player) = &player {
            cloud.set_script(Some(Arc::new(Played(player.clone()))));
        }
        Ok(Traffic {
            record: self.record.clone(),
            replay: self.replay.clone().zip(player),
        })
    }
}

fn read(path: &Path) -> Result<Arc<Player>, Failure> {
    let opened = File::open(path).map_err(recording::ReadError::Io);
    let read = opened.and_then(|file| Recording::read(BufReader::new(file)));
    let recording = read.map_err(|problem| Failure::Recording {
        path: path.into(),
        problem,
    })?;
    Ok(Arc::new(Player::of(recording)))
}

impl Traffic {
    /// Says what is recorded, and what can be asked of a recording.
    ///
    /// # Errors
    /// The output is closed.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(path) = &self.record {
            writeln!(
                out,
                "{BOLD}All traffic is recorded in {}.{BOLD:#}\n",
                path.display()
            )?;
        }
        let Some((path, player)) = &self.replay else {
            return Ok(());
        };
        let (file, answers) = (path.display(), player.len());
        writeln!(
            out,
            "{BOLD}Direct Connect answers from {file}{BOLD:#}, which has {answers} of its answers."
        )?;
        if player.is_cut() {
            writeln!(
                out,
                "  The file breaks off in its last line: the recorder was ended there."
            )?;
        }
        for (what, values) in asked(player) {
            writeln!(out, "  {what:<14} {}", values.join(" "))?;
        }
        writeln!(
            out,
            "  Ask with these: everything else is not in the recording.\n"
        )
    }

    /// As a document.
    pub(super) fn document(&self) -> Option<Value> {
        let (path, player) = self.replay.as_ref()?;
        let asked = asked(player).into_iter();
        let asked = asked.map(|(what, values)| (what.to_owned(), json!(values)));
        Some(json!({
            "file": path,
            "answers": player.len(),
            "cut": player.is_cut(),
            "asked": asked.collect::<serde_json::Map<_, _>>(),
        }))
    }
}

/// What was asked for, in a recording.
fn asked(player: &Player) -> Vec<(&'static str, Vec<String>)> {
    let (allocate, list) = ("AllocateHostedConnection", "DescribeHostedConnections");
    let asked = [
        ("parents", list, "connectionId"),
        ("allocated on", allocate, "connectionId"),
        ("owner accounts", allocate, "ownerAccount"),
        ("bandwidths", allocate, "bandwidth"),
        ("VLANs", allocate, "vlan"),
    ];
    let asked = asked.into_iter();
    let asked = asked.map(|(what, operation, member)| (what, player.asked(operation, member)));
    asked.filter(|(_, values)| !values.is_empty()).collect()
}

struct Recorded(Recorder);

impl Witness for Recorded {
    fn arrived(&self, target: &str, body: &[u8]) -> Box<dyn FnOnce(Outcome<'_>) + Send> {
        let (recorder, sent) = (self.0.clone(), self.0.sent(target, body));
        Box::new(move |outcome| match outcome {
            Outcome::Answer { status, body } => recorder.answered(sent, status, body),
            Outcome::Lost(why) => recorder.lost(sent, why),
        })
    }
}

struct Played(Arc<Player>);

impl Script for Played {
    fn answer(&self, operation: &str, request: &Value) -> (u16, Value) {
        self.0.reply(operation, request)
    }
}
