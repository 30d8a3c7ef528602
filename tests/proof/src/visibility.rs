//! Connections that are shown late: up to which delay the promise holds with which settle time, and how it breaks.
//!
//! Each cell of the grid plays the same stories: orders whose call takes effect and whose answer is lost, or whose process
//! dies before the outcome is recorded. Whoever comes next has only the list to go by, and the list does not show the
//! connection yet.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use local_cloud::{FaultKind, SwitchError};

use crate::conditions::Conditions;
use crate::faults;
use crate::manner::Manner;
use crate::processors;
use crate::run::{Run, alone};
use crate::scenario::{Door, Scenario};
use crate::schedule::Schedule;

/// What is to be tried.
#[derive(Debug, Clone)]
pub struct Grid {
    /// How long a new connection is not shown, in seconds.
    pub delays: Vec<u64>,
    /// `SETTLE_SECONDS`.
    pub settle_times: Vec<u64>,
    /// How late the call lands beside that, in seconds.
    pub landing: u64,
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            delays: vec![0, 5, 10, 20, 30, 45, 60, 90, 120],
            settle_times: vec![0, 10, 30, 60, 90, 120, 180],
            landing: 0,
        }
    }
}

/// What one delay came to with one settle time.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Whether Direct Connect refuses a VLAN that is in use.
    pub unique: bool,
    /// How long a new connection was not shown, in seconds.
    pub delay: u64,
    /// `SETTLE_SECONDS`.
    pub settle: u64,
    /// Stories played.
    pub stories: usize,
    /// Stories that ended with more than one connection.
    pub doubles: usize,
    /// Stories that ended with a rejection beside a connection.
    pub rejections: usize,
    /// Stories in which anything else did not hold.
    pub others: usize,
    /// The first of those that did not hold.
    pub first: Option<Broken>,
}

/// A story in which a promise was broken.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The story.
    pub schedule: Schedule,
    /// What did not hold.
    pub violations: Vec<String>,
}

impl Tried {
    /// Whether every promise was kept.
    #[must_use]
    pub fn held(&self) -> bool {
        self.doubles + self.rejections + self.others == 0
    }

    /// As the table says it.
    #[must_use]
    pub fn words(&self) -> String {
        if self.held() {
            return "held".to_owned();
        }
        let parts = [
            (self.doubles, "double"),
            (self.rejections, "rejected"),
            (self.others, "other"),
        ];
        let said = parts.into_iter().filter(|(count, _)| *count > 0);
        let said: Vec<_> = said
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        said.join(", ")
    }

    fn add(&mut self, schedule: &Schedule, run: Run) {
        self.stories += 1;
        if run.violations.is_empty() {
            return;
        }
        match (run.connections, run.rejected) {
            (2.., _) => self.doubles += 1,
            (1, true) => self.rejections += 1,
            _ => self.others += 1,
        }
        self.first.get_or_insert(Broken {
            schedule: schedule.clone(),
            violations: run.violations,
        });
    }
}

/// Goes through the grid on all processors, first where a VLAN in use is refused and then where it is not; in each by delay
/// and then by settle time.
///
/// `progress` is called with each cell that is done.
///
/// # Errors
/// A delay is longer than the local cloud can have it.
pub fn visibility(grid: &Grid, progress: &(impl Fn() + Sync)) -> Result<Vec<Tried>, SwitchError> {
    let mut cells = Vec::new();
    for unique in [true, false] {
        let stories = stories(unique, Duration::from_secs(grid.landing));
        for delay in &grid.delays {
            for settle in &grid.settle_times {
                let conditions = conditions(*delay, *settle)?;
                cells.push((unique, *delay, *settle, conditions, stories.clone()));
            }
        }
    }
    let left = Mutex::new(cells.into_iter().enumerate().collect::<Vec<_>>());
    let done = Mutex::new(Vec::new());
    processors::on_each(|| {
        loop {
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some((index, cell)) = next else { return };
            let tried = play(cell);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((index, tried));
            progress();
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, tried)| tried).collect())
}

/// What a cell's stories are played under.
///
/// # Errors
/// The delay is longer than the local cloud can have it.
fn conditions(delay: u64, settle: u64) -> Result<Conditions, SwitchError> {
    let milliseconds = delay.saturating_mul(1_000).to_string();
    let conditions = Conditions::default().settling(settle);
    conditions.with("visible-after-ms", &milliseconds)
}

type Cell = (bool, u64, u64, Conditions, Vec<Schedule>);

fn play((unique, delay, settle, conditions, stories): Cell) -> Tried {
    let mut tried = Tried {
        unique,
        delay,
        settle,
        stories: 0,
        doubles: 0,
        rejections: 0,
        others: 0,
        first: None,
    };
    for schedule in &stories {
        let run = alone(|| schedule.play(conditions.clone()));
        tried.add(schedule, run);
    }
    tried
}

/// Orders by queue and HTTP, with a given and an automatic VLAN. With a call that lands late, only those in which it does.
fn stories(unique: bool, landing: Duration) -> Vec<Schedule> {
    let lost: &[FaultKind] = &[
        FaultKind::ApplyThenReset,
        FaultKind::ApplyThen500,
        FaultKind::ApplyThenHang,
        FaultKind::ApplyThenKill,
    ];
    let late = [FaultKind::LandLate(landing)];
    let kinds = if landing.is_zero() { lost } else { &late };
    let mut stories = Vec::new();
    for door in [Door::Sqs, Door::Http] {
        for automatic in [false, true] {
            let scenario = Scenario {
                door,
                automatic,
                unique,
                replayed: false,
                crowded: false,
                manner: Manner::Plain,
            };
            let operations = alone(|| faults::operations(scenario));
            let is_call = |operation: &String| operation == "AllocateHostedConnection";
            let Some(call) = (1..).zip(&operations).find(|(_, one)| is_call(one)) else {
                continue;
            };
            let mut tell = |k, kind: FaultKind| {
                stories.push(Schedule::Faults {
                    scenario,
                    faults: vec![(k, kind.into())],
                });
            };
            kinds.iter().for_each(|kind| tell(call.0, kind.clone()));
            if landing.is_zero() {
                // Answered, and dead before that was recorded.
                tell(call.0 + 1, FaultKind::KillBefore);
            }
        }
    }
    stories
}
