//! A partner with a local cloud whose time is tokio's, somebody else's connection on it, and a place for the file.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use assumptions::{Assumption, Report, Verdict};
use aws::Clock;
use aws::config::Config;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use conformance::{Cleaned, Clients, Ground, Outcome, Setup, Stopper, Unfit};
use local_cloud::{Builder, Cloud, HostedConnection};

pub(crate) const PARENT: &str = "dxcon-ffabc123";
pub(crate) const LAG: &str = "dxlag-ffabc789";
/// A member of it, once a run is about the LAG.
pub(crate) const MEMBER: &str = "dxcon-ffabc456";
const WAIT_SECONDS: u64 = 120;

/// A partner, and what it has asked for.
pub(crate) struct Partner {
    pub(crate) cloud: Cloud,
    pub(crate) setup: Setup,
    clock: Clock,
    others: Vec<HostedConnection>,
}

impl Partner {
    /// A cloud of this kind, and the file of this name.
    pub(crate) async fn new(builder: Builder, file: &str) -> Self {
        Self::on(PARENT, builder, file, None).await
    }

    pub(crate) async fn on(
        parent: &str,
        builder: Builder,
        file: &str,
        bandwidths: Option<&str>,
    ) -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
        let cloud = builder
            .clock(local_cloud::Clock::following_tokio(start))
            .build()
            .unwrap();
        // In memory where there is such a place: every note is waited for until it is on the disk.
        let memory = Path::new("/dev/shm");
        let scratch = match memory.is_dir() {
            true => memory,
            false => Path::new(env!("CARGO_TARGET_TMPDIR")),
        };
        let made = scratch.join(format!("{}-{file}.made", std::process::id()));
        // Left behind by an earlier run, or not there at all.
        let _ = std::fs::remove_file(&made);
        let arguments = [
            Some(parent),
            Some("111122223333"),
            Some("4000-4009"),
            bandwidths,
        ];
        if parent == LAG {
            cloud.join_lag(MEMBER, LAG).unwrap();
        }
        let mut partner = Self {
            setup: conformance::read(arguments, WAIT_SECONDS, Some(made)).unwrap(),
            clock: Clock::virtual_from(start),
            others: Vec::new(),
            cloud,
        };
        // Somebody else's, with a name that only looks like ours.
        partner
            .sell(parent, 3999, "conformance-0123456789ab-0")
            .await;
        partner.sell(parent, 3998, "Example Corp").await;
        partner.others = partner.cloud.connections();
        // Whatever is old is shown by now.
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let item = serde_json::json!({"pk": {"S": "callers"}, "sk": {"S": "somebody"}});
        partner.cloud.import_items(vec![item]).unwrap();
        partner
    }

    async fn sell(&self, parent: &str, vlan: u16, name: &str) {
        let order = serde_json::json!({
            "connectionId": parent, "ownerAccount": "222233334444", "bandwidth": "50Mbps",
            "connectionName": name, "vlan": vlan,
        });
        let request = http::Request::post("https://directconnect.invalid/")
            .header("x-amz-target", "OvertureService.AllocateHostedConnection")
            .header("authorization", "x")
            .body(order.to_string().into())
            .unwrap();
        self.cloud.handle(request).await;
    }

    pub(crate) fn clients(&self, http: SharedHttpClient) -> Clients {
        let environment = self.cloud.environment();
        let lookup = |name: &str| {
            let mut all = environment.iter();
            let found = all.find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        };
        let config = Config::from_lookup(lookup).unwrap();
        Clients::new(&config, http, self.clock.clone())
    }

    pub(crate) async fn check(&self, setup: &Setup) -> Result<Ground, Unfit> {
        let clients = self.clients(self.cloud.http_client());
        Ground::check(&clients, setup).await
    }

    /// A run from beginning to end.
    pub(crate) async fn run(&self) -> Result<Outcome, Unfit> {
        self.run_as(self.cloud.http_client_as("run")).await
    }

    pub(crate) async fn run_as(&self, http: SharedHttpClient) -> Result<Outcome, Unfit> {
        let clients = self.clients(http);
        let ground = Ground::check(&clients, &self.setup).await?;
        let (_stopper, stop) = Stopper::new();
        let outcome = conformance::run(&clients, &self.setup, &ground, stop, &mut |_| {}).await;
        Ok(outcome.unwrap())
    }

    /// `--cleanup`.
    pub(crate) async fn clean_up(&self) -> Option<Cleaned> {
        let clients = self.clients(self.cloud.http_client());
        let made: &PathBuf = &self.setup.made;
        if !made.exists() {
            return None;
        }
        let (parent, wait) = (&self.setup.parent, self.setup.wait);
        let cleaned = conformance::cleanup(&clients, made, parent, wait, &mut |_| {}).await;
        Some(cleaned.unwrap())
    }

    /// Nothing that was made is left, and nothing else was touched.
    pub(crate) fn assert_clean(&self, what: &str) {
        let all = self.cloud.connections();
        let is_other = |one: &&HostedConnection| self.others.iter().any(|other| other.id == one.id);
        let others: Vec<_> = all.iter().filter(is_other).cloned().collect();
        assert_eq!(others, self.others, "{what}: somebody else's");
        let left: Vec<_> = all
            .iter()
            .filter(|one| !is_other(one) && !matches!(one.state.as_str(), "deleting" | "deleted"))
            .collect();
        assert!(left.is_empty(), "{what}: {left:?}");
        assert!(!self.setup.made.exists(), "{what}: the file is left");
        assert_eq!(
            self.cloud.table_items().unwrap().len(),
            1,
            "{what}: the table"
        );
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        // Some tests leave it on purpose.
        let _ = std::fs::remove_file(&self.setup.made);
    }
}

/// What is found on a cloud as it is, with a bandwidth to be tried.
pub(crate) fn usual(assumption: Assumption) -> Verdict {
    match assumption {
        Assumption::AllocateVisible
        | Assumption::DuplicateVlanRefused
        | Assumption::RefusalCode
        | Assumption::VlanFreeAfterDelete
        | Assumption::OrderingDeletable
        | Assumption::DeletedListed
        | Assumption::PagesComplete
        | Assumption::ListCurrent
        | Assumption::ParentById
        | Assumption::TagsHidden
        | Assumption::NameLimits
        | Assumption::Bandwidths
        | Assumption::AssociateIdempotent
        | Assumption::DynamodbAllOld
        | Assumption::PuteventsPartial => Verdict::Holds,
        Assumption::RefusalFinal
        | Assumption::TransitionPasses
        | Assumption::PendingDeletable
        | Assumption::LagMembers
        | Assumption::ThrottleCode
        | Assumption::ArnAccount => Verdict::NotKnown,
    }
}

/// Every verdict of a report, with its id.
pub(crate) fn verdicts(report: &Report) -> Vec<(Assumption, Verdict)> {
    let each = Assumption::ALL.iter();
    each.map(|one| (*one, report.verdict(*one))).collect()
}
