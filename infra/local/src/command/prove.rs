//! `local prove`: what can go wrong with an order, told thousandfold, and what came of it.

mod exploration;

mod replay;

mod visibility;

mod consequence;
mod safeguard;

use std::path::PathBuf;

use clap::{Args, builder::TypedValueParser};
use proof::{Conditions, Grid, Plan, Sabotage, Schedule, explore};
use tokio::time::Instant;

use terminal::{Terminal, Verdict};

use super::{
    behaviour::{Behaviour, Setting},
    failure::Failure,
    profile::Profile,
};
use exploration::Explored;
use replay::Played;
use terminal::progress;

const EXAMPLES: &str = "\
Examples:
  local prove                                5,000 stories, a minute or two
  local prove --schedules 100000 --seed 7    more stories, and other ones
  local prove --without settle-time          finds a story that this safeguard
                                             prevents
  local prove --replay 'sqs/given/unique/fresh/crowded apply-then-reset@k2'
  local prove --profile report.json          AWS as it was measured
  local prove --visibility                   connections that are shown late

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
    /// AWS as it was measured: FILE is the report of `operator conformance`. Options beside it win
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// SETTLE_SECONDS of the functions; without it, their default of 30
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=3_600))]
    settle_seconds: Option<u64>,
    /// Connections that are shown late: a table of delays and settle times, and where the promise breaks
    #[arg(long, conflicts_with_all = ["schedules", "seed", "without", "replay", "profile", "settle_seconds"])]
    visibility: bool,
    /// Delays of --visibility
    #[arg(long, value_name = "SECONDS", value_delimiter = ',', requires = "visibility", value_parser = clap::value_parser!(u64).range(0..=3_600))]
    delays: Option<Vec<u64>>,
    /// Settle times of --visibility
    #[arg(long, value_name = "SECONDS", value_delimiter = ',', requires = "visibility", value_parser = clap::value_parser!(u64).range(0..=3_600))]
    settle_times: Option<Vec<u64>>,
    /// How late the calls of --visibility land beside that
    #[arg(long, value_name = "SECONDS", default_value_t = 0, requires = "visibility", value_parser = clap::value_parser!(u64).range(0..=3_600))]
    landing_seconds: u64,
    #[command(flatten)]
    behaviour: Behaviour,
}

impl Prove {
    /// Explores, or tells one story.
    ///
    /// # Errors
    /// The output is closed.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        if self.visibility {
            return visibility::run(terminal, self.grid()).await;
        }
        let under = self.under()?;
        if !terminal.json {
            under.print(terminal)?;
        }
        let found = match &self.replay {
            Some(story) => self.tell(terminal, under, story.clone()).await?,
            None => self.explore(terminal, under).await?,
        };
        // What is broken on purpose has to be found.
        Ok(match found == self.without.is_some() {
            true => Verdict::Good,
            false => Verdict::Bad,
        })
    }

    fn grid(&self) -> Grid {
        let all = Grid::default();
        Grid {
            delays: self.delays.clone().unwrap_or(all.delays),
            settle_times: self.settle_times.clone().unwrap_or(all.settle_times),
            landing: self.landing_seconds,
        }
    }

    /// What the stories are played under.
    fn under(&self) -> Result<Under, Failure> {
        let given = self.behaviour.given().to_vec();
        let profile = self.profile.as_deref().map(Profile::read).transpose()?;
        let mut settings = profile
            .as_ref()
            .map(|profile| profile.settings(&given))
            .unwrap_or_default();
        settings.extend(given.iter().cloned());
        let mut conditions = Conditions::from(self.without);
        if let Some(seconds) = self.settle_seconds {
            conditions = conditions.settling(seconds);
        }
        for setting in &settings {
            conditions = conditions.with(setting.switch, &setting.value)?;
        }
        let mut options = Vec::new();
        options.extend(
            self.profile
                .as_ref()
                .map(|path| format!("--profile {}", path.display())),
        );
        options.extend(
            self.settle_seconds
                .map(|seconds| format!("--settle-seconds {seconds}")),
        );
        options.extend(given.iter().map(Setting::option));
        Ok(Under {
            conditions,
            profile,
            given,
            options,
            settle_seconds: self.settle_seconds.unwrap_or(30),
        })
    }

    async fn explore(&self, terminal: &mut Terminal, under: Under) -> Result<bool, Failure> {
        let plan = Plan {
            schedules: self.schedules,
            seed: self.seed,
            conditions: under.conditions.clone(),
        };
        let bar = progress::bar(
            self.schedules,
            "{bar:24.cyan/dim} {human_pos}/{human_len} stories {per_sec} {eta}",
        );
        let started = Instant::now();
        let (shown, told) = (bar.clone(), plan.clone());
        let exploration = aside(move || {
            explore(&told, &|told| {
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
            under,
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

    async fn tell(
        &self,
        terminal: &mut Terminal,
        under: Under,
        story: Schedule,
    ) -> Result<bool, Failure> {
        let line = story.to_string();
        let conditions = under.conditions;
        let run = aside(move || story.replay(conditions)).await;
        let played = Played {
            line,
            without: self.without,
            run,
        };
        if terminal.json {
            terminal.print_json(&played.document())?;
        } else {
            played.print(terminal)?;
        }
        Ok(!played.run.violations.is_empty())
    }
}

/// What stories are played under, and how that was said.
struct Under {
    conditions: Conditions,
    profile: Option<Profile>,
    given: Vec<Setting>,
    /// What to type to have the same conditions again.
    options: Vec<String>,
    settle_seconds: u64,
}

impl Under {
    fn print(&self, terminal: &mut Terminal) -> std::io::Result<()> {
        match &self.profile {
            Some(profile) => profile.print(&mut terminal.out, &self.given),
            None => Ok(()),
        }
    }
}

/// On a thread of its own: stories bring their own runtimes, which may not be nested.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}
