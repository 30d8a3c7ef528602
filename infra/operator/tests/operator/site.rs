//! A local cloud that is served, orders on it, and the command run against it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use allocation::{Allocator, Answer, Deadline, Delivery};
use aws::Clock;
use aws::config::Config;
use hosted_connection::{Connection, KeySource, Order, Origin, Vlan};
use ledger::Services;
use ledger::{Claim, ClaimAnswer, NewClaim};
use local_cloud::{Cloud, QueueSettings};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const PARENT: &str = "dxcon-ffabc123";

/// A cloud behind an address of its own, for as long as the test runs.
pub(crate) struct Site {
    pub(crate) cloud: Cloud,
    url: String,
}

/// A valid order for this VLAN.
pub(crate) fn order(key: &str, vlan: u16) -> Value {
    json!({
        "idempotencyKey": key, "connectionId": PARENT, "ownerAccount": "111122223333",
        "bandwidth": "100Mbps", "connectionName": "Example Corp", "vlan": vlan,
    })
}

impl Site {
    /// A cloud with both queues and their dead-letter queues.
    pub(crate) async fn new() -> Self {
        let cloud = Cloud::builder().build().unwrap();
        for name in ["orders", "releases"] {
            let dead = format!("{name}-dlq");
            cloud.create_queue(QueueSettings::new(&dead)).unwrap();
            let settings = QueueSettings::new(name).visibility_timeout(Duration::from_secs(180));
            cloud.create_queue(settings.dead_letter(dead, 5)).unwrap();
        }
        Self::serving(cloud).await
    }

    pub(crate) async fn serving(cloud: Cloud) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = cloud.clone();
        tokio::spawn(async move { served.serve(listener, None).await });
        Self { cloud, url }
    }

    /// The functions' clients, with a clock that is behind by `ago`: what they do was done then.
    pub(crate) fn aws(&self, ago: Duration) -> Services {
        let config = self.config();
        let clock = Clock::virtual_from(Clock::system().now() - ago);
        Services::new(&config, self.cloud.http_client(), clock)
    }

    pub(crate) fn config(&self) -> Config {
        let environment = self.cloud.environment();
        let lookup = |name: &str| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.clone())
        };
        Config::from_lookup(lookup).unwrap()
    }

    /// Has the order done, this long ago.
    pub(crate) async fn place(&self, body: &Value, ago: Duration) -> Answer {
        let aws = self.aws(ago);
        let deadline = Deadline::at_ms(aws.clock.now_ms() + 30_000);
        let delivery = Delivery {
            order: Order::parse(body.to_string().as_bytes(), KeySource::Body),
            origin: origin(),
            group: None,
            trace: None,
            comes_again: false,
            held: None,
        };
        let allocator = Allocator::new(aws, self.config().rules);
        allocator.run(vec![delivery], deadline).await.remove(0)
    }

    /// Claims the order this long ago, and dies.
    pub(crate) async fn claim_and_die(&self, body: &Value, ago: Duration) -> Claim {
        let aws = self.aws(ago);
        let order = Order::parse(body.to_string().as_bytes(), KeySource::Body).unwrap();
        let now_ms = aws.clock.now_ms();
        let new = NewClaim {
            order: &order,
            parked: None,
            origin: &origin(),
            vlan: Vlan::new(u16::try_from(body["vlan"].as_u64().unwrap()).unwrap()).unwrap(),
            patient_until_ms: now_ms + 1_000,
            lease_expires_at_ms: now_ms + 32_000,
        };
        match aws.ledger.claim(new).await.unwrap() {
            ClaimAnswer::Won(claim) => claim,
            other => panic!("the claim is not won: {other:?}"),
        }
    }

    /// An order of this long ago that is in quarantine: Direct Connect has answered with a connection on `vlan`. Its id.
    pub(crate) async fn quarantine(&self, body: &Value, vlan: u16, ago: Duration) -> String {
        let claim = self.claim_and_die(body, ago).await;
        let made =
            self.cloud
                .insert_connection(PARENT, vlan, "111122223333", "100Mbps", "Example Corp");
        let id = made.unwrap().id;
        let answer = Connection {
            connection_id: Some(id.clone()),
            vlan: Some(i32::from(vlan)),
            ..Connection::default()
        };
        let aws = self.aws(ago);
        let at = aws.clock.timestamp();
        aws.ledger.quarantined(&claim, &answer, at).await.unwrap();
        id
    }

    /// The command in the environment that `local serve` has pasted.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command.envs(self.cloud.environment());
        command.env("AWS_ENDPOINT_URL", &self.url);
        for (variable, queue) in [
            ("ORDERS_QUEUE_URL", "orders"),
            ("RELEASES_QUEUE_URL", "releases"),
        ] {
            command.env(variable, format!("{}/123456789012/{queue}", self.url));
        }
        command
    }

    /// Runs the command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        finish(self.command(arguments)).await
    }

    /// Runs it with `--json`: its exit status and its document.
    pub(crate) async fn run_json(&self, arguments: &[&str]) -> (i32, Value) {
        let ended = self.run(&[&["--json"], arguments].concat()).await;
        let document = serde_json::from_str(&ended.out);
        (
            ended.status,
            document.unwrap_or_else(|error| panic!("{arguments:?}: {error}: {ended:?}")),
        )
    }
}

/// What a command that has ended leaves behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output with all runs of white space made one space, because tables fold as they see fit.
    pub(crate) fn words(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The command in an empty environment.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_operator"));
    command.env_clear().args(arguments);
    command
}

/// Runs the command to its end, while the cloud goes on answering.
pub(crate) async fn finish(mut command: Command) -> Ended {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    Ended::of(output.await.unwrap())
}

/// A directory of this test's own that is not there yet.
pub(crate) fn fresh_dir(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Left behind by an earlier run, or not there at all.
    let _ = std::fs::remove_dir_all(&dir);
    dir
}

fn origin() -> Origin {
    Origin::Sqs {
        message_id: "m-1".into(),
        queue_arn: "arn:aws:sqs:eu-central-1:123456789012:orders".into(),
        via: None,
        correlation_id: None,
    }
}

pub(crate) fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}
