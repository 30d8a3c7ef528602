//! The operator's role in `template.yaml`: a day with every command, and what they asked of AWS is what the role allows.

use std::collections::BTreeSet;
use std::path::PathBuf;

use local_cloud::{Fault, FaultKind};
use serde_json::{Value, json};
use template::{Right, needed, rights};

use crate::console::Page;
use crate::site::{Ended, PARENT, Site, bare, finish, fresh_dir, minutes, order};

const OTHER: &str = "dxcon-ffabc456";
const LAG: &str = "dxlag-ffabc789";

/// What the commands have needed.
struct Day {
    site: Site,
    dir: PathBuf,
    needed: BTreeSet<Right>,
    commands: BTreeSet<String>,
}

impl Day {
    async fn new() -> Self {
        let dir = fresh_dir("rights");
        std::fs::create_dir_all(&dir).unwrap();
        Self {
            site: Site::new().await,
            dir,
            needed: BTreeSet::new(),
            commands: BTreeSet::new(),
        }
    }

    /// Runs the command, which has to end with one of these, and notes what it needs.
    async fn run(&mut self, ends: &[i32], arguments: &[&str]) -> Ended {
        self.site.cloud.forget_requests();
        let mut command = self.site.command(arguments);
        command.current_dir(&self.dir);
        let ended = finish(command).await;
        assert!(ends.contains(&ended.status), "{arguments:?}: {ended:?}");
        let asked = self.site.cloud.requests();
        self.needed.extend(needed(&self.site.cloud, asked));
        self.commands.insert(arguments[0].to_owned());
        ended
    }

    fn file(&self, name: &str, content: &Value) {
        std::fs::write(self.dir.join(name), content.to_string()).unwrap();
    }

    fn by_hand(&self, vlan: u16) -> String {
        let made =
            self.site
                .cloud
                .insert_connection(PARENT, vlan, "111122223333", "100Mbps", "theirs");
        made.unwrap().id
    }

    /// Orders that are done, on an interconnect and on a LAG: looked at, moved, released.
    async fn orders(&mut self) {
        self.site.place(&order("moves", 101), minutes(30)).await;
        self.site.place(&on_lag("on-lag", 101), minutes(30)).await;
        for arguments in [
            &["get", "moves"][..],
            &["explain", "moves"],
            &["list"],
            &["list", "--parent", PARENT],
            &["list", "--unfinished"],
            &["move", "moves", "--to", OTHER],
            &["release", "on-lag"],
            &["move", "moves", "--to", LAG],
            &["release", "moves"],
        ] {
            self.run(&[0], arguments).await;
        }
    }

    /// Orders that were left, of which one's connection is not what was ordered.
    async fn unfinished(&mut self) {
        self.site
            .claim_and_die(&order("left", 111), minutes(30))
            .await;
        self.site
            .claim_and_die(&on_lag("left-on-lag", 111), minutes(30))
            .await;
        self.run(&[1], &["reconcile"]).await;
        self.run(&[0], &["reconcile", "--finish"]).await;
        let refused = FaultKind::Error {
            status: 400,
            code: "ValidationException".into(),
        };
        let cloud = self.site.cloud.clone();
        cloud.inject(Fault::on(refused, "AllocateHostedConnection").always());
        self.site.place(&order("stuck", 112), minutes(30)).await;
        self.run(&[0], &["resolve", "stuck", "--reject", "given up"])
            .await;
        cloud.clear_faults();
        let id = self
            .site
            .quarantine(&order("strange", 113), 114, minutes(30))
            .await;
        self.run(&[0], &["resolve", "strange", "--adopt", &id])
            .await;
    }

    async fn brownfield(&mut self) {
        let ids = [self.by_hand(121), self.by_hand(122)];
        self.run(&[0], &["adopt", PARENT]).await;
        self.run(&[0], &["forget", &ids[0], "--yes"]).await;
    }

    async fn dead_letters(&mut self) {
        for queue in ["orders", "releases"] {
            let dead = self.site.cloud.queue(&format!("{queue}-dlq")).unwrap();
            let body = json!({"action": "release", "idempotencyKey": "nobody"});
            dead.send(&body.to_string(), &[], None).unwrap();
            self.run(&[1], &["redrive", "--queue", queue, "--dry-run"])
                .await;
            self.run(&[0], &["redrive", "--queue", queue]).await;
        }
    }

    async fn settings(&mut self) {
        self.file("policy.json", &json!({"bandwidthLimitMbps": 100_000}));
        self.file("caller.json", &json!({"principals": ["AROAAAAAAAAAAAAAAAAAA"], "keyPrefix": "acme-", "ownerAccounts": "any",
            "parents": "any", "bandwidths": "any", "readsAndReleases": "own"}));
        for arguments in [
            &["policy", "set", PARENT, "policy.json"][..],
            &["policy", "get", PARENT],
            &["caller", "set", "acme", "caller.json"],
            &["caller", "get", "acme"],
            &["caller", "list"],
            &["caller", "remove", "acme"],
            &["doctor"],
        ] {
            self.run(&[0, 1], arguments).await;
        }
    }

    async fn conformance(&mut self) {
        for parent in [PARENT, LAG] {
            let arguments = [
                "conformance",
                "--parent",
                parent,
                "--owner-account",
                "111122223333",
                "--vlans",
                "4000-4009",
            ];
            self.run(&[0], &[&arguments[..], &["--yes"]].concat()).await;
            self.run(&[0], &[&arguments[..], &["--cleanup"]].concat())
                .await;
        }
    }

    /// What the page reads by itself while it is open, and what somebody opens on it.
    async fn console(&mut self) {
        self.site.place(&order("page-131", 131), minutes(30)).await;
        self.site.cloud.forget_requests();
        let page = Page::of(&self.site, &[]).await;
        while !page.get("/").await.contains("page-131") {}
        for path in [
            "/console/order?key=page-131".to_owned(),
            format!("/console/parent?id={PARENT}"),
            "/console/letters?queue=orders".to_owned(),
        ] {
            let opened = page.get(&path).await;
            assert!(opened.starts_with("HTTP/1.1 200"), "{path}: {opened}");
        }
        let asked = self.site.cloud.requests();
        self.needed.extend(needed(&self.site.cloud, asked));
        self.commands.insert("console".to_owned());
    }
}

fn on_lag(key: &str, vlan: u16) -> Value {
    let mut order = order(key, vlan);
    order["connectionId"] = LAG.into();
    order
}

/// Every command in the help that asks AWS for anything.
async fn every_command() -> BTreeSet<String> {
    let help = finish(bare(&["--help"])).await.out;
    let listed = help.split_once("Commands:\n").unwrap().1;
    let lines = listed.lines().take_while(|line| !line.is_empty());
    // A line that goes on is indented further.
    let named = lines.filter_map(|line| line.strip_prefix("  "));
    let named = named.filter(|line| !line.starts_with(' '));
    let words = named.map(|line| line.split_whitespace().next().unwrap().to_owned());
    let asks = |name: &String| !["completions", "man", "help"].contains(&name.as_str());
    words.filter(asks).collect()
}

#[tokio::test]
async fn the_role_allows_exactly_what_the_commands_were_seen_asking() {
    let mut day = Day::new().await;
    day.orders().await;
    day.unfinished().await;
    day.brownfield().await;
    day.dead_letters().await;
    day.settings().await;
    day.conformance().await;
    day.console().await;
    assert_eq!(day.commands, every_command().await);
    let allowed = rights("Operator");
    let of = |difference: Vec<&Right>| difference.into_iter().cloned().collect::<Vec<_>>();
    let missing = of(day.needed.difference(&allowed).collect());
    let never_used = of(allowed.difference(&day.needed).collect());
    assert_eq!(
        (missing, never_used),
        (vec![], vec![]),
        "missing, never used"
    );
}
