//! `local prove`: what can go wrong with an order, told thousandfold, and what came of it.

mod exploration;

mod replay;

mod safeguard;

use clap::{Args, builder::TypedValueParser};
use proof::{Plan, Sabotage, Schedule, explore};
use tokio::time::Instant;

use terminal::{Terminal, Verdict};

use super::{failure::Failure, progress};
use exploration::Explored;

const EXAMPLES: &str = "\
Examples:
  local prove                                    5,000 stories, a minute or two
  local prove --schedules 100000 --seed 7        others, and more of them
  local prove --without settle-time              can the proof fail? It has to find what this is for
  local prove --replay 'sqs/given/unique/fresh/crowded apply-then-reset@k2 kill-before@k4'

A story is one line, and the same line is the same story. It says
  - how the order comes: sqs or http
  - who chose the VLAN: the caller (given) or we (automatic)
  - whether Direct Connect refuses a second use of a VLAN on one parent (unique) or not (shared)
  - whether the order is fresh or replayed, and the parent crowded (several pages) or roomy
  - how Direct Connect behaves otherwise, where it is not as by default, such as late-lists or members-show
  - what happens to the k-th request (throttle@k2) or just before it (join-lag@k4, move@k4, transition@k4);
    or how many workers take turns, what comes beside them, and what is done at each step

Exit status: 0 no promise broken · 1 a promise broken · 2 the command could not be carried out
With --without: 0 a promise broken, as it has to be · 1 none";

/// Prove the promises: every fault on every request, pairs of faults, workers taking turns
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Prove {
    /// How many stories, about; the thousand and more of single faults are always told
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    schedules: usize,
    /// Which pairs of faults, and which turns of three workers, where not all of them fit
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Break one safeguard, and look for the story that shows what it is for
    #[arg(long, value_name = "SAFEGUARD", value_parser = safeguard::names().try_map(|name| name.parse::<Sabotage>()))]
    without: Option<Sabotage>,
    /// Tell one story again, request by request
    #[arg(long, value_name = "LINE", conflicts_with_all = ["schedules", "seed"])]
    replay: Option<Schedule>,
}

impl Prove {
    /// Explores, or tells one story.
    ///
    /// # Errors
    /// The output is closed.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        let found = match &self.replay {
            Some(story) => self.tell(terminal, story.clone()).await?,
            None => self.explore(terminal).await?,
        };
        // What is broken on purpose has to be found.
        Ok(match found == self.without.is_some() {
            true => Verdict::Good,
            false => Verdict::Bad,
        })
    }

    async fn explore(&self, terminal: &mut Terminal) -> Result<bool, Failure> {
        let plan = Plan {
            schedules: self.schedules,
            seed: self.seed,
            broken: self.without,
        };
        let bar = progress::bar(
            self.schedules,
            "{bar:24.cyan/dim} {human_pos}/{human_len} stories {per_sec} {eta}",
        );
        let started = Instant::now();
        let shown = bar.clone();
        let exploration = aside(move || {
            explore(&plan, &|told| {
                let told = u64::try_from(told).unwrap_or(u64::MAX);
                if shown.length().is_some_and(|length| length < told) {
                    shown.set_length(told);
                }
                shown.set_position(told);
            })
        })
        .await;
        bar.finish_and_clear();
        let explored = Explored {
            plan,
            exploration,
            took: started.elapsed(),
        };
        if terminal.json {
            terminal.print_json(&explored.document())?;
        } else {
            explored.print(terminal)?;
        }
        Ok(!explored.exploration.findings.is_empty())
    }

    async fn tell(&self, terminal: &mut Terminal, story: Schedule) -> Result<bool, Failure> {
        let without = self.without;
        let line = story.to_string();
        let run = aside(move || story.replay(without)).await;
        if terminal.json {
            terminal.print_json(&replay::document(&line, without, &run))?;
        } else {
            replay::print(terminal, &line, without, &run)?;
        }
        Ok(!run.violations.is_empty())
    }
}

/// On a thread of its own: stories bring their own runtimes, which may not be nested.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}
