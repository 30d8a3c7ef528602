//! The files, and what they are about.

use std::path::Path;

use local_cloud::HostedConnection;
use serde_json::{Value, json};

/// Each file of the first release, and what is still to be told of the orders in it: sequence and fact, key by key.
pub(super) const STORIES: &[(&str, &[&str])] = &[
    ("adopted-after-a-kill", &[]),
    ("adopted-after-silence", &[]),
    ("allocated-by-direct-invocation", &[]),
    ("allocated-on-a-lag", &[]),
    ("allocated-over-http", &[]),
    ("allocated-over-sqs", &[]),
    ("allocated-over-sqs-with-correlation-id", &[]),
    ("allocated-owing-its-event", &["0 allocated"]),
    ("allocated-with-50-tags", &[]),
    ("allocated-with-automatic-vlan", &[]),
    ("allocated-with-longest-key-and-name", &[]),
    ("calling", &["0 allocated"]),
    ("calling-though-allocated", &["0 allocated"]),
    ("followed", &[]),
    ("followed-through-81-changes", &[]),
    ("gone-as-deleted", &[]),
    ("gone-as-rejected", &[]),
    ("gone-owing-its-event", &["2 available → deleted"]),
    ("orphan", &[]),
    ("orphan-counted-in-a-policy", &[]),
    (
        "owing-a-reminder-and-two-changes",
        &[
            "1 ordering for 7260 s",
            "2 ordering → pending",
            "3 pending → available",
        ],
    ),
    ("policy-with-a-waiting-order", &["0 allocated"]),
    (
        "policy-with-every-rule-and-counted-leases",
        &["0 allocated"],
    ),
    ("policy-without-rules-set-after-an-order", &[]),
    ("quarantined", &[]),
    ("rejected-by-direct-connect", &[]),
    ("rejected-for-another-orders-vlan", &[]),
    ("rejected-owing-its-event", &["0 rejected, VlanInUse"]),
    ("rejected-with-violations", &[]),
    ("release-refused", &[]),
    (
        "release-wished-only",
        &["1 ordering → deleted", "2 released, deleted"],
    ),
    ("released", &[]),
    ("released-after-it-was-gone", &[]),
    (
        "released-owing-its-events",
        &["1 ordering → deleted", "2 released, deleted"],
    ),
    ("released-under-a-policy", &[]),
    (
        "releasing",
        &["3 deleting → deleted", "4 released, deleted"],
    ),
    (
        "releasing-owing-a-change",
        &[
            "1 ordering → deleting",
            "2 deleting → deleted",
            "3 released, deleted",
        ],
    ),
    ("reminded", &[]),
    ("seen-once-without-a-change", &[]),
    ("unresolved", &["0 allocated"]),
    ("unresolved-after-four-attempts", &["0 allocated"]),
    ("unresolved-though-allocated", &["0 allocated"]),
    ("waiting", &["0 allocated"]),
];

/// A table as it was left.
#[derive(Debug, Clone)]
pub(super) struct Story {
    pub(super) name: String,
    pub(super) items: Vec<Value>,
}

/// An allocation of it.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) key: String,
    pub(super) request: Value,
    pub(super) item: Value,
}

/// All of them, by name.
pub(super) fn stories() -> Vec<Story> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("records/first-release");
    let files = std::fs::read_dir(directory).unwrap();
    let mut stories: Vec<_> = files
        .map(|file| {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            Story {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                items: serde_json::from_str(&text).unwrap(),
            }
        })
        .collect();
    stories.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    stories
}

/// The one of that name.
pub(super) fn story_named(name: &str) -> Story {
    stories()
        .into_iter()
        .find(|story| story.name == name)
        .unwrap()
}

impl Story {
    pub(super) fn records(&self) -> Vec<Record> {
        let record = |item: &Value| {
            let key = item["pk"]["S"].as_str()?.strip_prefix("allocation#")?;
            Some(Record {
                key: key.to_owned(),
                request: parsed(&item["orderRequest"]["S"]),
                item: item.clone(),
            })
        };
        self.items.iter().filter_map(record).collect()
    }

    /// Leases that no order holds.
    pub(super) fn orphans(&self) -> Vec<&Value> {
        let leases = self.items.iter().filter(|item| {
            let sk = item["sk"]["S"].as_str().unwrap();
            sk.starts_with("vlan#") && item.get("holder").is_none()
        });
        leases.collect()
    }

    pub(super) fn parents(&self) -> Vec<String> {
        let ids = self
            .items
            .iter()
            .filter_map(|item| item["pk"]["S"].as_str()?.strip_prefix("parent#"));
        let mut ids: Vec<_> = ids.map(str::to_owned).collect();
        ids.dedup();
        ids
    }

    pub(super) fn policy(&self, parent: &str) -> Value {
        let pk = format!("parent#{parent}");
        let is_policy = |item: &&Value| item["pk"]["S"] == pk && item["sk"]["S"] == "policy";
        let item = self.items.iter().find(is_policy);
        item.map(|item| parsed(&item["parentPolicy"]["S"]))
            .unwrap_or_default()
    }

    /// What Direct Connect has, as far as the table tells, and what it got from a call that was never answered.
    pub(super) fn connections(&self) -> Vec<HostedConnection> {
        let of_orders = self.records();
        let of_orders = of_orders.iter().filter_map(|record| {
            let is_unanswered =
                self.name.ends_with("though-allocated") || record.state() == "quarantined";
            match record.state() {
                "allocated" => Some(record.connection()),
                _ if is_unanswered => Some(as_asked(
                    &record.request,
                    record.number("vlan").parse().unwrap(),
                )),
                _ => None,
            }
        });
        let of_others = self.orphans().into_iter().map(|lease| {
            let sk = lease["sk"]["S"].as_str().unwrap();
            let asked = json!({
                "connectionId": lease["pk"]["S"].as_str().unwrap().strip_prefix("parent#"),
                "ownerAccount": crate::partner::FOREIGN,
                "bandwidth": format!("{}Mbps", lease["mbps"]["N"].as_str().unwrap()),
                "connectionName": "by hand",
            });
            HostedConnection {
                id: lease["connectionId"]["S"].as_str().unwrap().to_owned(),
                ..as_asked(&asked, sk.strip_prefix("vlan#").unwrap().parse().unwrap())
            }
        });
        of_orders.chain(of_others).collect()
    }
}

impl Record {
    pub(super) fn state(&self) -> &str {
        self.item["allocationState"]["S"].as_str().unwrap()
    }

    /// The number as it is written.
    pub(super) fn number(&self, name: &str) -> String {
        self.item[name]["N"].as_str().unwrap().to_owned()
    }

    /// What an attribute holds as JSON text; null where there is none.
    pub(super) fn json(&self, name: &str) -> Value {
        self.item
            .get(name)
            .map(|value| parsed(&value["S"]))
            .unwrap_or_default()
    }

    pub(super) fn owed(&self) -> Vec<Value> {
        let owed = self.json("lifecycle")["owed"].take();
        owed.as_array().cloned().unwrap_or_default()
    }

    /// Where the order stands, in words for its caller.
    pub(super) fn status(&self) -> &str {
        let release = &self.json("lifecycle")["release"];
        match self.state() {
            "calling" => "inProgress",
            "allocated" if release["releasedAtMs"].is_u64() => "released",
            "allocated" if release.is_object() => "releasing",
            other => other,
        }
    }

    /// The connection as it was last seen.
    fn connection(&self) -> HostedConnection {
        let first = self.json("allocationOutcome");
        let now = self.json("lifecycle")["connection"].take();
        let now = if now.is_object() { now } else { first };
        let vlan = now["vlan"].as_u64().unwrap();
        HostedConnection {
            id: now["connectionId"].as_str().unwrap().to_owned(),
            state: now["connectionState"].as_str().unwrap().to_owned(),
            ..as_asked(&self.request, vlan.try_into().unwrap())
        }
    }
}

/// A connection as `request` asks for, on `vlan`.
fn as_asked(request: &Value, vlan: u16) -> HostedConnection {
    let text = |name: &str| request[name].as_str().unwrap().to_owned();
    HostedConnection {
        id: "dxcon-unanswered".into(),
        parent: text("connectionId"),
        vlan,
        owner_account: text("ownerAccount"),
        bandwidth: text("bandwidth"),
        name: text("connectionName"),
        state: "ordering".into(),
        tags: Vec::new(),
        state_since_ms: 1_767_323_045_000,
        created_ms: 1_767_323_045_000,
        virtual_interfaces: 0,
    }
}

fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}
