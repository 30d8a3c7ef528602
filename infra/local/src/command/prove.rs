//! `local prove`: what can go wrong with an order, told thousandfold, and what came of it.

mod exploration;

mod replay;

mod safeguard;

use clap::{Args, builder::TypedValueParser};
use proof::{Plan, Sabotage, Schedule, explore};
use tokio::time::Instant;

use terminal::{Terminal, Verdict};

use super::failure::Failure;
use exploration::Explored;
use terminal::progress;

const EXAMPLES: &str = "\
Examples:
  local prove                                5,000 stories, a minute or two
  local prove --schedules 100000 --seed 7    more stories, and other ones
  local prove --without settle-time          finds a story that this safeguard
                                             prevents
  local prove --replay 'sqs/given/unique/fresh/crowded apply-then-reset@k2'

A story is one line. The same line is the same story. It says
  - how the order comes: sqs or http
  - who chose the VLAN: the caller (given) or the function (automatic)
  - whether Direct Connect refuses a VLAN in use (unique) or not (shared)
  - whether the order is fresh or replayed
  - whether the parent is crowded (several pages) or roomy
  - where Direct Connect does not behave as by default, such as late-lists
  - what happens to the k-th request (throttle@k2) or before it (join-lag@k4,
    move@k4, transition@k4); or how many workers take turns, what happens
    meanwhile, and what each step does

Exit status:
  0  no promise was broken; with --without: one was, as expected
  1  a promise was broken; with --without: none was
  2  the command could not be carried out";

/// Prove the promises: every fault on every request, pairs of faults, workers taking turns
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Prove {
    /// Number of stories, about. Every fault on every request is always played: about 1,200 stories, also with 0
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    schedules: usize,
    /// Selects pairs of faults and turns of three workers, where not all of them fit
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Break one safeguard, and find a story that it prevents
    #[arg(long, value_name = "SAFEGUARD", value_parser = safeguard::names().try_map(|name| name.parse::<Sabotage>()))]
    without: Option<Sabotage>,
    /// Play one story, and show its requests
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
