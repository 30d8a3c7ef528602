//! The commands that write, killed at each of their requests and with each of them going wrong, and then run again.
//!
//! One cloud has a subject for each request, so that what a killed command has left is there while the others go on.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use adoption::{Adopter, Plan, Wanted};
use hosted_connection::{ParentConnection, ParentPolicy};
use local_cloud::{BusEvent, Fault, FaultKind};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::{LocalSet, spawn_blocking};

use crate::site::{Ended, PARENT, Site, finish, minutes, order};

const OTHER: &str = "dxcon-ffabc456";
const OWNER: &str = "111122223333";
const MBPS: usize = 100;
/// Less than what is there: what exists counts all the same. What is moved needs room.
const POLICIES: [(&str, &str); 2] = [
    (PARENT, r#"{"bandwidthLimitMbps": 100}"#),
    (OTHER, r#"{"bandwidthLimitMbps": 10000}"#),
];
/// Runs after which a command has to have done what it was told.
const RUNS: usize = 4;
/// Stories at the same time: they wait for retries more than they work.
const AT_ONCE: usize = 6;
/// Of the faults that are no deaths, so many are one, by request and kind. `EVERY_FAULT=1` has all of them, in two minutes.
const ONE_OF: usize = 9;
/// Subjects on one cloud.
const AT_ONE_CLOUD: usize = 10;

/// A command, and what it is given.
#[derive(Debug, Clone, Copy)]
enum Act {
    Adopt,
    Forget,
    ResolveAdopt,
    ResolveReject,
    Move,
}

const ACTS: [Act; 5] = [
    Act::Adopt,
    Act::Forget,
    Act::ResolveAdopt,
    Act::ResolveReject,
    Act::Move,
];

/// Within the settle time that the command is given.
const LATE: FaultKind = FaultKind::LandLate(Duration::from_millis(200));

/// What may happen to a request without the command's death.
fn faults() -> Vec<FaultKind> {
    let error = |status, code: &str| FaultKind::Error {
        status,
        code: code.into(),
    };
    vec![
        FaultKind::RefuseBefore,
        FaultKind::ResetBefore,
        FaultKind::Throttle,
        error(403, "AccessDeniedException"),
        error(400, "ValidationException"),
        FaultKind::ServerErrorBefore,
        FaultKind::ApplyThen500,
        FaultKind::ServerExceptionBefore,
        FaultKind::ApplyThenServerException,
        FaultKind::ClientExceptionBefore,
        FaultKind::ApplyThenClientException,
        FaultKind::ApplyThenReset,
        FaultKind::ApplyThenCutBody,
        FaultKind::ApplyThenEmptyBody,
        FaultKind::ApplyThenWithoutList,
        LATE,
    ]
}

fn parent(id: &str) -> ParentConnection {
    ParentConnection::parse(id).unwrap()
}

/// A cloud on which one command is given one subject after the other.
struct Story {
    site: Site,
    act: Act,
    subjects: Vec<Subject>,
}

struct Subject {
    key: String,
    connection: String,
}

impl Story {
    /// With `count` subjects. What is to be adopted is made when its turn has come: one run adopts all that is there.
    async fn new(act: Act, count: usize) -> Self {
        let site = Site::new().await;
        let mut story = Self {
            site,
            act,
            subjects: Vec::new(),
        };
        let before = if matches!(act, Act::Adopt) { 0 } else { count };
        for number in 0..before {
            story.reach(number).await;
        }
        for (on, policy) in POLICIES {
            let policy = ParentPolicy::parse(policy.as_bytes()).unwrap();
            let ledger = story.site.aws(Duration::ZERO).ledger;
            ledger.set_policy(&parent(on), &policy).await.unwrap();
        }
        // The first run notes what no order made, the second counts all that is there.
        story.track().await;
        story.track().await;
        story
    }

    /// Has the subject of that number made, unless it is.
    async fn reach(&mut self, number: usize) {
        if number < self.subjects.len() {
            return;
        }
        let subject = self.subject(101 + u16::try_from(number).unwrap()).await;
        self.subjects.push(subject);
        // Of what is to be adopted, tracking has noted and counted half before.
        if matches!(self.act, Act::Adopt) && number.is_multiple_of(2) {
            self.track().await;
            self.track().await;
        }
    }

    async fn subject(&self, vlan: u16) -> Subject {
        let key = format!("order-{vlan}");
        let made = || {
            let cloud = &self.site.cloud;
            let made = cloud.insert_connection(PARENT, vlan, OWNER, "100Mbps", "Example Corp");
            made.unwrap().id
        };
        match self.act {
            Act::Adopt => {
                let connection = made();
                Subject {
                    key: connection.clone(),
                    connection,
                }
            }
            Act::Forget => {
                let connection = made();
                let aws = self.site.aws(minutes(30));
                let on = parent(PARENT);
                let plan = Plan::of(&aws, &on, &Wanted::Orphans).await;
                let mut plan = plan.unwrap();
                let adopter = Adopter::new(aws, self.site.config().rules, "before".into());
                adopter.carry_out(&mut plan, &|_| {}).await;
                Subject {
                    key: connection.clone(),
                    connection,
                }
            }
            Act::ResolveAdopt | Act::ResolveReject => {
                let asked = order(&key, vlan);
                let connection = self.site.quarantine(&asked, vlan, minutes(30)).await;
                Subject { key, connection }
            }
            Act::Move => {
                self.site.place(&order(&key, vlan), minutes(30)).await;
                let made = self.site.cloud.connections().into_iter();
                let connection = made.last().unwrap().id;
                self.site.cloud.confirm(&connection).unwrap();
                Subject { key, connection }
            }
        }
    }

    async fn track(&self) {
        let aws = self.site.aws(Duration::ZERO);
        let deadline = allocation::Deadline::at_ms(aws.clock.now_ms() + 30_000);
        let tracker = lifecycle::Tracker::new(aws, &self.site.config());
        tracker.run(deadline).await;
    }

    /// The command for one subject. A settle time of a second: the calls that land late do so within it.
    fn command(&self, subject: &Subject) -> Command {
        let Subject { key, connection } = subject;
        let mut command = self.site.command(&match self.act {
            Act::Adopt => vec!["adopt", PARENT],
            Act::Forget => vec!["forget", key, "--yes"],
            Act::ResolveAdopt => vec!["resolve", key, "--adopt", connection],
            Act::ResolveReject => vec!["resolve", key, "--reject", "not needed"],
            Act::Move => vec!["move", key, "--to", OTHER],
        });
        command.env("SETTLE_SECONDS", "1");
        command
    }

    /// Runs the command while `kind` happens to its request `k`; whether that ended it.
    async fn hit(&self, subject: &Subject, kind: &FaultKind, k: u64) -> Option<Ended> {
        let cloud = &self.site.cloud;
        cloud.clear_faults();
        cloud.reset_counters();
        cloud.inject(Fault::on_request(kind.clone(), k));
        let killed = cloud.killed("");
        let mut command = self.command(subject);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let id = child.id().to_string();
        let mut ending = spawn_blocking(move || child.wait_with_output().unwrap());
        let ended = tokio::select! {
            () = killed => {
                let sent = Command::new("kill").args(["-KILL", &id]).status();
                assert!(sent.unwrap().success());
                ending.await.unwrap();
                None
            }
            output = &mut ending => Some(Ended::of(output.unwrap())),
        };
        cloud.clear_faults();
        ended
    }

    /// Runs the command until it has done what it was told.
    async fn finish(&self, subject: &Subject, told: &str) {
        let mut answers = Vec::new();
        for _ in 0..RUNS {
            let ended = finish(self.command(subject)).await;
            let is_done = match self.act {
                // Forgotten before, there is nothing left to forget.
                Act::Forget => self.record(subject).is_none(),
                Act::Adopt | Act::ResolveAdopt | Act::ResolveReject | Act::Move => {
                    ended.status == 0
                }
            };
            if is_done {
                return;
            }
            answers.push(ended);
        }
        panic!("{told}: never done: {answers:?}");
    }

    fn record(&self, subject: &Subject) -> Option<Value> {
        let pk = format!("allocation#{}", subject.key);
        let items = self.site.cloud.table_items().unwrap();
        items
            .into_iter()
            .find(|item| item["pk"]["S"] == pk.as_str())
    }
}

/// Gives the command one subject after the other, each with another one of `hits`: what happens to which of its requests.
async fn play(act: Act, hits: Vec<(FaultKind, u64)>) -> usize {
    let mut story = Story::new(act, hits.len()).await;
    for (number, (kind, k)) in hits.iter().enumerate() {
        story.reach(number).await;
        let subject = &story.subjects[number];
        let told = format!("{act:?}, {kind} at {k}");
        let ended = story.hit(subject, kind, *k).await;
        if let Some(ended) = ended {
            assert!(!is_death(kind), "{told}: not killed: {ended:?}");
            assert!((0..=2).contains(&ended.status), "{told}: {ended:?}");
            let has_answer = !ended.out.is_empty() || !ended.err.is_empty();
            assert!(
                has_answer && !ended.err.contains("panicked"),
                "{told}: {ended:?}"
            );
        }
        story.finish(subject, &told).await;
    }
    if hits.iter().any(|(kind, _)| *kind == LATE) {
        // A process's time is real.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    // An empty answer hides a policy from the command. What it left uncounted, tracking counts.
    if hits
        .iter()
        .any(|(kind, _)| *kind == FaultKind::ApplyThenWithoutList)
    {
        story.track().await;
    }
    story.check(&format!("{act:?}")).await;
    hits.len()
}

fn is_death(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::KillBefore | FaultKind::ApplyThenKill)
}

/// How many requests the command makes when nothing goes wrong.
async fn requests(act: Act) -> u64 {
    let mut story = Story::new(act, 1).await;
    story.reach(0).await;
    story.site.cloud.forget_requests();
    let ended = finish(story.command(&story.subjects[0])).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    story.site.cloud.requests().len() as u64
}

impl Story {
    /// All that has to hold once everything is done.
    async fn check(&self, told: &str) {
        let ids: BTreeSet<_> = self
            .subjects
            .iter()
            .map(|one| one.connection.as_str())
            .collect();
        let living = self.site.cloud.connections();
        let living: Vec<_> = living.iter().filter(|one| one.is_living()).collect();
        assert_eq!(
            living.len(),
            ids.len(),
            "{told}: nothing is made or deleted"
        );
        for subject in &self.subjects {
            self.check_record(subject, told);
        }
        self.check_places(told);
        self.check_events(told);
        let reconciled = self.site.run(&["reconcile"]).await;
        // Of connections without a record, reconcile says so.
        let orphans = matches!(self.act, Act::Forget | Act::ResolveReject);
        let expected = i32::from(orphans && !self.subjects.is_empty());
        assert_eq!(reconciled.status, expected, "{told}: {reconciled:?}");
        for word in ["ghost", "moved"] {
            assert!(!reconciled.words().contains(word), "{told}: {reconciled:?}");
        }
    }

    fn check_record(&self, subject: &Subject, told: &str) {
        let record = self.record(subject);
        let state = record
            .as_ref()
            .map(|record| record["allocationState"]["S"].as_str().unwrap());
        let expected = match self.act {
            Act::Adopt | Act::ResolveAdopt | Act::Move => Some("allocated"),
            Act::ResolveReject => Some("rejected"),
            Act::Forget => None,
        };
        assert_eq!(state, expected, "{told}: {}", subject.key);
        if let Some(record) = record {
            assert_eq!(record["eventPublished"]["BOOL"], true, "{told}: {record}");
            assert!(record.get("unfinishedShard").is_none(), "{told}: {record}");
        }
    }

    /// Each living connection has one lease where it is, of its record or as an orphan's, and is counted there.
    fn check_places(&self, told: &str) {
        let items = self.site.cloud.table_items().unwrap();
        for on in [PARENT, OTHER] {
            let there = items
                .iter()
                .filter(|item| item["pk"]["S"] == format!("parent#{on}"));
            let (leases, rest): (Vec<_>, Vec<_>) =
                there.partition(|item| item["sk"]["S"].as_str().unwrap().starts_with("vlan#"));
            let living = self.site.cloud.living_connections(on);
            let shown: BTreeMap<_, _> = living
                .iter()
                .map(|one| (one.id.as_str(), one.vlan))
                .collect();
            let mut leased = BTreeMap::new();
            for lease in &leases {
                let vlan = lease["sk"]["S"].as_str().unwrap()["vlan#".len()..]
                    .parse()
                    .unwrap();
                let own = |subject: &&Subject| lease["holder"]["S"] == subject.key.as_str();
                let subject = self.subjects.iter().find(own);
                let id = subject.map_or_else(
                    || lease["connectionId"]["S"].as_str().unwrap(),
                    |own| &own.connection,
                );
                assert_eq!(leased.insert(id, vlan), None, "{told}: {id} has two leases");
                let is_held = matches!(self.act, Act::Adopt | Act::ResolveAdopt | Act::Move);
                assert_eq!(subject.is_some(), is_held, "{told}: {lease}");
            }
            assert_eq!(leased, shown, "{told}: leases on {on}");
            let policy = rest
                .iter()
                .find(|item| item["sk"]["S"] == "policy")
                .unwrap();
            let sold = (living.len() * MBPS).to_string();
            assert_eq!(policy["soldMbps"]["N"], sold.as_str(), "{told}: {on}");
        }
    }

    /// One event for each, whose repeats are the same to the letter.
    fn check_events(&self, told: &str) {
        let ending = match self.act {
            Act::Adopt => "Adopted",
            Act::ResolveAdopt => "Allocated",
            Act::ResolveReject => "Rejected",
            Act::Move => "Moved",
            Act::Forget => return,
        };
        let is_it = |event: &BusEvent| event.detail_type.ends_with(ending);
        let mut facts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for event in self.site.cloud.events().into_iter().filter(is_it) {
            let key = event.detail["idempotencyKey"].as_str().unwrap().to_owned();
            facts
                .entry(key)
                .or_default()
                .insert(event.detail.to_string());
        }
        let keys: BTreeSet<_> = self.subjects.iter().map(|one| one.key.clone()).collect();
        assert_eq!(
            facts.keys().cloned().collect::<BTreeSet<_>>(),
            keys,
            "{told}"
        );
        for (key, facts) in facts {
            assert_eq!(facts.len(), 1, "{told}: {key}: {facts:?}");
        }
    }
}

/// Plays all, several at the same time. How many commands were hit.
async fn play_all(stories: Vec<impl Future<Output = usize> + 'static>) -> usize {
    let (local, places) = (LocalSet::new(), Rc::new(Semaphore::new(AT_ONCE)));
    let begun: Vec<_> = stories
        .into_iter()
        .map(|story| {
            let places = Rc::clone(&places);
            local.spawn_local(async move {
                let _place = places.acquire().await.unwrap();
                story.await
            })
        })
        .collect();
    local
        .run_until(async move {
            let mut hits = 0;
            for story in begun {
                hits += story.await.unwrap();
            }
            hits
        })
        .await
}

#[tokio::test]
async fn killed_at_every_request_and_run_again_each_command_has_done_its_work_once() {
    let mut stories = Vec::new();
    for act in ACTS {
        let requests = requests(act).await;
        for kind in [FaultKind::KillBefore, FaultKind::ApplyThenKill] {
            let hits = (1..=requests).map(|k| (kind.clone(), k));
            stories.push(play(act, hits.collect()));
        }
    }
    let kills = play_all(stories).await;
    assert!(kills > 60, "{kills} kills");
}

#[tokio::test]
async fn whatever_happens_to_a_request_the_command_ends_and_the_next_run_makes_good() {
    let step = match aws::config::variable("EVERY_FAULT") {
        Some(_) => 1,
        None => ONE_OF,
    };
    let mut stories = Vec::new();
    for act in ACTS {
        let requests = requests(act).await;
        let all = faults()
            .into_iter()
            .flat_map(|kind| (1..=requests).map(move |k| (kind.clone(), k)));
        // Each kind begins with another request, so that all have their turn.
        let told: Vec<_> = all.step_by(step).collect();
        stories.extend(
            told.chunks(AT_ONE_CLOUD)
                .map(|hits| play(act, hits.to_vec())),
        );
    }
    let hits = play_all(stories).await;
    eprintln!("{hits} requests went wrong");
}
