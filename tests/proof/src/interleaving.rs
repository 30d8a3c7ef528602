//! Stories of several deliveries of one order at once. Every request waits at a turnstile; each step of the story lets
//! one land, kills a process, or lets so much time pass that leases are over and callers have given up.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use aws::Safeguard;
use futures_util::future::join_all;

use crate::faults::finish;
use crate::scenario::Scenario;
use crate::schedule::Run;
use crate::turnstile::Turnstile;
use crate::world::{TIMEOUT, World};

/// Most kills in one story.
const KILLS: u8 = 1;
/// Most long pauses in one story.
const PAUSES: u8 = 1;
/// How often a story may turn to another process although the last one could go on.
const PREEMPTIONS: u8 = 2;
/// Nobody does anything any more after this: the paused clock moves only then.
const QUIET: Duration = Duration::from_millis(1);
/// Until the settle time all calls that are on the wire have to land, where Direct Connect would take a VLAN twice.
const WITHIN_SETTLE: Duration = Duration::from_secs(20);
/// With the above longer than a lease, and than the settle time.
const REST_OF_A_LEASE: Duration = Duration::from_secs(13);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Land { sequence: u64, worker: String },
    Kill(String),
    Pause,
}

/// Plays one: `choices` name a step each by its number among those possible; 0 where they have ended.
pub(crate) async fn play(
    scenario: Scenario,
    workers: usize,
    choices: &[u8],
    broken: Option<Safeguard>,
) -> Run {
    let world = scenario.world(broken);
    if scenario.replayed {
        world.invoke(&scenario.event()).await;
    }
    let story = Story {
        world: &world,
        scenario,
        turnstile: Turnstile::default(),
        alive: RefCell::new(
            (0..workers)
                .map(|i| format!("worker-{}", char::from(b'a' + i as u8)))
                .collect(),
        ),
        kills: Cell::new(KILLS),
        pauses: Cell::new(PAUSES),
        preemptions: Cell::new(PREEMPTIONS),
        last: RefCell::default(),
    };
    world
        .cloud
        .set_gate(Some(Arc::new(story.turnstile.clone())));
    let names = story.alive.borrow().clone();
    let event = scenario.event();
    let (world, story) = (&world, &story);
    let event = &event;
    let processes = names.iter().map(|name| async move {
        world.invoke_as(name, event, TIMEOUT).await;
        story.alive.borrow_mut().retain(|alive| alive != name);
    });
    let (widths, _) = tokio::join!(story.conduct(choices), join_all(processes));
    world.cloud.set_gate(None);
    if !scenario.unique {
        story.land_all();
        tokio::time::sleep(QUIET).await;
    }
    let delivered = world.deliver(&scenario.event(), scenario.pause(), 24).await;
    // What has still not landed does so now, long after everything is over.
    story.land_all();
    Run {
        widths,
        ..finish(world, scenario, delivered).await
    }
}

struct Story<'a> {
    world: &'a World,
    scenario: Scenario,
    turnstile: Turnstile,
    alive: RefCell<Vec<String>>,
    kills: Cell<u8>,
    pauses: Cell<u8>,
    preemptions: Cell<u8>,
    last: RefCell<String>,
}

impl Story<'_> {
    /// Takes steps until all processes have ended. Returns how many were possible each time.
    async fn conduct(&self, choices: &[u8]) -> Vec<u8> {
        let mut widths = Vec::new();
        loop {
            tokio::time::sleep(QUIET).await;
            if self.alive.borrow().is_empty() {
                return widths;
            }
            let steps = self.steps();
            let Some(first) = steps.first() else { continue };
            let choice = choices
                .get(widths.len())
                .map_or(0, |choice| usize::from(*choice));
            widths.push(u8::try_from(steps.len()).unwrap_or(u8::MAX));
            self.take(steps.get(choice).unwrap_or(first).clone()).await;
        }
    }

    /// What may happen next: first of all, that the process of the last step goes on.
    fn steps(&self) -> Vec<Step> {
        let alive = self.alive.borrow();
        let last = self.last.borrow();
        let waiting = self.turnstile.waiting();
        let goes_on = waiting
            .iter()
            .any(|request| request.worker == *last && alive.contains(&request.worker));
        let mut steps = Vec::new();
        for request in &waiting {
            let preempts = goes_on && request.worker != *last;
            if !preempts || self.preemptions.get() > 0 {
                steps.push(Step::Land {
                    sequence: request.sequence,
                    worker: request.worker.clone(),
                });
            }
        }
        steps.sort_by_key(|step| !matches!(step, Step::Land { worker, .. } if *worker == *last));
        if self.kills.get() > 0 {
            let busy = alive
                .iter()
                .filter(|name| waiting.iter().any(|request| request.worker == **name));
            steps.extend(busy.map(|name| Step::Kill(name.clone())));
        }
        if self.pauses.get() > 0 && !waiting.is_empty() {
            steps.push(Step::Pause);
        }
        steps
    }

    async fn take(&self, step: Step) {
        match step {
            Step::Land { sequence, worker } => {
                let mut last = self.last.borrow_mut();
                let could_go_on = self
                    .turnstile
                    .waiting()
                    .iter()
                    .any(|request| request.worker == *last);
                if could_go_on && *last != worker && self.alive.borrow().contains(&last) {
                    self.preemptions
                        .set(self.preemptions.get().saturating_sub(1));
                }
                *last = worker;
                self.turnstile.let_through(sequence);
            }
            Step::Kill(worker) => {
                self.kills.set(self.kills.get() - 1);
                self.world.cloud.kill(&worker);
            }
            Step::Pause => {
                self.pauses.set(self.pauses.get() - 1);
                tokio::time::sleep(WITHIN_SETTLE).await;
                if !self.scenario.unique {
                    self.land_calls();
                }
                tokio::time::sleep(REST_OF_A_LEASE).await;
            }
        }
    }

    fn land_calls(&self) {
        let waiting = self.turnstile.waiting();
        for request in waiting
            .iter()
            .filter(|request| request.operation == "AllocateHostedConnection")
        {
            self.turnstile.let_through(request.sequence);
        }
    }

    fn land_all(&self) {
        for request in self.turnstile.waiting() {
            self.turnstile.let_through(request.sequence);
        }
    }
}
