//! Stories of several deliveries of one order at once. Every request waits at a turnstile; each step of the story lets
//! one land, kills a process, or lets so much time pass that leases are over and callers have given up.
//!
//! Its [`Bounds`] say how far a story may stray. `plan.rs` has those within which all stories are told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use local_cloud::Fault;

use crate::bounds::Bounds;
use crate::conditions::Conditions;
use crate::faults::finish;
use crate::happening::Happening;
use crate::incident::Incident;
use crate::run::Run;
use crate::scenario::Scenario;
use crate::turnstile::{OnTheWire, Turnstile};
use crate::world::{TIMEOUT, World};

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
    Happen(Happening),
}

/// Plays one: `choices` name a step each by its number among those possible; 0 where they have ended.
pub(crate) async fn play(
    scenario: Scenario,
    bounds: Bounds,
    beside: Option<&Incident>,
    choices: &[u8],
    conditions: &Conditions,
) -> Run {
    let world = scenario.world(conditions);
    if scenario.replayed {
        world.invoke(&scenario.event()).await;
    }
    let happening = match beside {
        Some(Incident::Happening(happening)) => Some(*happening),
        Some(Incident::Fault(kind)) => {
            world
                .cloud
                .inject(Fault::on(kind.clone(), "AllocateHostedConnection"));
            None
        }
        None => None,
    };
    let story = Story {
        world: &world,
        happening: Cell::new(happening),
        scenario,
        turnstile: Turnstile::default(),
        alive: RefCell::new(
            (0..bounds.workers)
                .map(|i| format!("worker-{}", char::from(b'a' + i)))
                .collect(),
        ),
        left: Cell::new(bounds),
        last: RefCell::default(),
        begun: RefCell::default(),
        taken: RefCell::default(),
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
    let mut run = finish(world, scenario, delivered, happening.iter()).await;
    run.widths = widths;
    run.hits.append(&mut story.taken.take());
    run
}

struct Story<'a> {
    world: &'a World,
    scenario: Scenario,
    turnstile: Turnstile,
    alive: RefCell<Vec<String>>,
    /// What may still happen.
    left: Cell<Bounds>,
    /// What has still to happen.
    happening: Cell<Option<Happening>>,
    last: RefCell<String>,
    /// Workers that had a step.
    begun: RefCell<BTreeSet<String>>,
    /// Steps out of the ordinary, each with the operation that was on the wire.
    taken: RefCell<Vec<(String, String)>>,
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
        let waiting = self.turnstile.waiting();
        let left = self.left.get();
        let last = self.last.borrow();
        let mut steps = Vec::new();
        for request in waiting
            .iter()
            .filter(|request| self.is_told(request, &waiting))
        {
            if left.turns > 0 || self.passed_over(request, &waiting).next().is_none() {
                steps.push(Step::Land {
                    sequence: request.sequence,
                    worker: request.worker.clone(),
                });
            }
        }
        steps.sort_by_key(|step| !matches!(step, Step::Land { worker, .. } if *worker == *last));
        if left.kills > 0 {
            let alive = self.alive.borrow();
            let busy = alive.iter().filter(|name| {
                let mut its = waiting.iter().filter(|request| request.worker == **name);
                its.any(|request| self.is_told(request, &waiting))
            });
            steps.extend(busy.map(|name| Step::Kill(name.clone())));
        }
        if left.pauses > 0 && !waiting.is_empty() {
            steps.push(Step::Pause);
        }
        steps.extend(self.happening.get().map(Step::Happen));
        steps
    }

    /// Whether `request` may be next. Workers that have not begun are alike, so that the first of them stands for all.
    fn is_told(&self, request: &OnTheWire, waiting: &[OnTheWire]) -> bool {
        let begun = self.begun.borrow();
        let mut not_begun = waiting
            .iter()
            .filter(|other| !begun.contains(&other.worker));
        begun.contains(&request.worker) || not_begun.all(|other| request.worker <= other.worker)
    }

    /// What was on the wire before `request` and would, in a story without turns, land before it: requests of the
    /// process that could go on, and older ones of its own. A dead process's requests land in any order.
    fn passed_over<'r>(
        &self,
        request: &'r OnTheWire,
        waiting: &'r [OnTheWire],
    ) -> impl Iterator<Item = &'r OnTheWire> {
        let alive = self.alive.borrow().clone();
        let last = self.last.borrow().clone();
        waiting.iter().filter(move |other| {
            let goes_on = other.worker == last && request.worker != last;
            let is_older = other.worker == request.worker && other.sequence < request.sequence;
            alive.contains(&other.worker) && (goes_on || is_older)
        })
    }

    async fn take(&self, step: Step) {
        let mut left = self.left.get();
        let waiting = self.turnstile.waiting();
        match step {
            Step::Land { sequence, worker } => {
                for request in waiting
                    .iter()
                    .filter(|request| request.sequence == sequence)
                {
                    let mut passed_over = self.passed_over(request, &waiting).peekable();
                    left.turns -= u8::from(passed_over.peek().is_some());
                    self.note("workers: turn", passed_over);
                    if !self.alive.borrow().contains(&worker) {
                        self.note("workers: late landing", [request]);
                    }
                }
                self.turnstile.let_through(sequence);
                self.begun.borrow_mut().insert(worker.clone());
                self.last.replace(worker);
            }
            Step::Kill(worker) => {
                left.kills -= 1;
                let its = waiting.iter().filter(|request| request.worker == worker);
                self.note("workers: kill", its);
                self.world.cloud.kill(&worker);
                self.begun.borrow_mut().insert(worker);
            }
            Step::Happen(happening) => {
                self.happening.take();
                self.note(&happening.to_string(), &waiting);
                happening.happen(&self.world.cloud);
            }
            Step::Pause => {
                left.pauses -= 1;
                self.note("workers: pause", &waiting);
                tokio::time::sleep(WITHIN_SETTLE).await;
                if !self.scenario.unique {
                    self.land_calls();
                }
                tokio::time::sleep(REST_OF_A_LEASE).await;
            }
        }
        self.left.set(left);
    }

    fn note<'r>(&self, step: &str, requests: impl IntoIterator<Item = &'r OnTheWire>) {
        let hits = requests
            .into_iter()
            .map(|request| (step.to_owned(), request.operation.clone()));
        self.taken.borrow_mut().extend(hits);
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
