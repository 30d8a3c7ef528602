//! `operator redrive`: what is in a dead-letter queue, whether it helps to send it round again, and doing so.
//!
//! SQS itself moves the messages, so none can be lost on the way; their keys make one that comes twice harmless.

mod forecast;

use std::io::{self, Write};
use std::time::Duration;

use aws::config;
use clap::{Args, ValueEnum};
use queues::{Letters, Move, MoveStatus, QueueFacts};
use serde_json::{Value, json};
use terminal::{BOLD, DIM, Terminal, Verdict, tables};

use super::failure::Failure;
use super::place::Services;
use super::words::{away, count, moment};
use forecast::{Forecast, Outlook};

const EXAMPLES: &str = "\
Examples:
  operator redrive --queue orders --dry-run        what is there, and what would come of it; nothing is moved
  operator redrive --queue orders
  operator redrive --queue releases --queue-url https://sqs.eu-central-1.amazonaws.com/123456789012/releases

Looking hides each message from others for a moment and counts as a receive, which a dead-letter queue does not mind.
It takes sqs:GetQueueAttributes on both queues, sqs:GetQueueUrl, sqs:ReceiveMessage and sqs:ChangeMessageVisibility on the
dead-letter queue; moving also sqs:StartMessageMoveTask, sqs:ListMessageMoveTasks and sqs:DeleteMessage there, and
sqs:SendMessage on the queue itself.

Exit status: 0 nothing is there, or all of it was moved · 1 something is, or stayed · 2 it could not be carried out";

/// How long the move is watched.
const PATIENCE: Duration = Duration::from_secs(60);

/// Look at a dead-letter queue, and send its messages round again
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Redrive {
    /// Whose dead-letter queue
    #[arg(long, value_name = "QUEUE", default_value = "orders")]
    queue: Which,
    /// URL of the queue itself, not of its dead-letter queue; instead of ORDERS_QUEUE_URL or RELEASES_QUEUE_URL
    #[arg(long, value_name = "URL")]
    queue_url: Option<String>,
    /// Look only
    #[arg(long)]
    dry_run: bool,
    /// How many messages to look at; all of them are moved
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    most: u32,
}

/// One of the queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// Orders.
    Orders,
    /// Releases.
    Releases,
}

impl Which {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Orders, Self::Releases];

    /// The variable that holds its URL.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Orders => "ORDERS_QUEUE_URL",
            Self::Releases => "RELEASES_QUEUE_URL",
        }
    }

    /// The output of the stack that says what the variable should hold.
    pub(crate) fn output(self) -> &'static str {
        match self {
            Self::Orders => "QueueUrl",
            Self::Releases => "ReleasesQueueUrl",
        }
    }

    /// As the command line names it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Releases => "releases",
        }
    }
}

/// A queue and its dead-letter queue.
struct Pair {
    queue: QueueFacts,
    dead_url: String,
    dead: QueueFacts,
}

impl Redrive {
    /// Looks, and moves unless told not to.
    ///
    /// # Errors
    /// SQS or the table do not answer.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let pair = self.pair(services).await?;
        let most = usize::try_from(self.most).unwrap_or(usize::MAX);
        let looked = services.queues.look(&pair.dead_url, most).await;
        let looked = looked.map_err(Failure::to("the dead-letter queue cannot be looked at"))?;
        let forecasts = forecast::of(services, self.queue, &looked.letters).await?;
        if !terminal.json {
            self.print(
                terminal,
                &pair,
                &looked,
                &forecasts,
                services.aws.clock.now_ms(),
            )?;
        }
        let is_there = !looked.letters.is_empty() || pair.dead.messages + pair.dead.in_flight > 0;
        let moved = match is_there && !self.dry_run {
            true => Some(self.redrive(services, &pair).await?),
            false => None,
        };
        if terminal.json {
            terminal.print_json(&self.document(&pair, &looked, &forecasts, moved.as_ref()))?;
        } else if let Some(moved) = &moved {
            print_moved(terminal, moved)?;
        }
        Ok(Verdict::good_if(match &moved {
            None => !is_there,
            Some(moved) => moved.is_all(),
        }))
    }

    async fn pair(&self, services: &Services) -> Result<Pair, Failure> {
        let url = self
            .queue_url
            .clone()
            .or_else(|| config::variable(self.queue.variable()));
        let url = url.filter(|url| !url.trim().is_empty());
        let missing = Failure::NoQueue(self.queue.variable(), self.queue.output());
        let url = url.ok_or(missing)?;
        let queues = &services.queues;
        let queue = queues.queue(&url).await;
        let queue = queue.map_err(Failure::to("the queue cannot be looked at"))?;
        let Some(dead_letter) = &queue.dead_letter else {
            return Err(Failure::NoDeadLetters(url));
        };
        let dead_url = queues.url(&dead_letter.arn).await;
        let dead_url = dead_url.map_err(Failure::to("the dead-letter queue cannot be found"))?;
        let dead = queues.queue(&dead_url).await;
        let dead = dead.map_err(Failure::to("the dead-letter queue cannot be looked at"))?;
        Ok(Pair {
            queue,
            dead_url,
            dead,
        })
    }

    async fn redrive(&self, services: &Services, pair: &Pair) -> Result<Redriven, Failure> {
        let (queues, from) = (&services.queues, &pair.dead.arn);
        let started = queues.start_move(from, &pair.queue.arn).await;
        started.map_err(Failure::to("the messages cannot be moved; none was"))?;
        let task = queues.watch_move(from, PATIENCE).await;
        let task = task.map_err(Failure::to("the move has started, and cannot be watched"))?;
        let left = queues.queue(&pair.dead_url).await;
        let left = left.map_err(Failure::to("the dead-letter queue cannot be looked at"))?;
        Ok(Redriven {
            task,
            left: left.messages + left.in_flight,
        })
    }

    fn document(
        &self,
        pair: &Pair,
        looked: &Letters,
        forecasts: &[Forecast],
        moved: Option<&Redriven>,
    ) -> Value {
        let letters = looked.letters.iter().zip(forecasts);
        let letters: Vec<_> = letters
            .map(|(letter, forecast)| forecast.document(letter))
            .collect();
        json!({
            "queue": self.queue.as_str(),
            "deadLetterQueueUrl": pair.dead_url,
            "messages": pair.dead.messages + pair.dead.in_flight,
            "lookedAt": letters,
            "cutShort": looked.cut_short.as_ref().map(ToString::to_string),
            "moved": moved.map(Redriven::document),
        })
    }

    fn print(
        &self,
        terminal: &mut Terminal,
        pair: &Pair,
        looked: &Letters,
        forecasts: &[Forecast],
        now_ms: u64,
    ) -> io::Result<()> {
        let mut table = tables::table(&[
            "key",
            "sent (UTC)",
            "",
            "what its record says",
            "if it is redriven",
        ]);
        for (letter, forecast) in looked.letters.iter().zip(forecasts) {
            let (at, ago) = letter.sent_at_ms.map_or_else(Default::default, |at_ms| {
                (moment(at_ms), away(at_ms, now_ms))
            });
            table.add_row([
                &forecast.key(),
                &at,
                &ago,
                &forecast.record,
                forecast.outlook.words(),
            ]);
        }
        let name = pair.dead_url.rsplit('/').next().unwrap_or(&pair.dead_url);
        let there = usize::try_from(pair.dead.messages + pair.dead.in_flight).unwrap_or(usize::MAX);
        let there = there.max(looked.letters.len());
        let title = format!("{} in {name}", count(there, "message"));
        tables::print(terminal, &title, &mut table, "none")?;
        let out = &mut terminal.out;
        if let Some(error) = &looked.cut_short {
            writeln!(out, "Looking ended early: {error}")?;
        } else if there > looked.letters.len() {
            writeln!(
                out,
                "{DIM}The others were not looked at: somebody is at them, or see --most.{DIM:#}"
            )?;
        }
        if looked.letters.is_empty() {
            return Ok(());
        }
        let helps = forecasts
            .iter()
            .filter(|forecast| forecast.outlook.helps())
            .count();
        writeln!(
            out,
            "{BOLD}Redriving helps {helps} of {}.{BOLD:#} {}",
            looked.letters.len(),
            summary(forecasts)
        )?;
        if self.dry_run {
            writeln!(
                out,
                "{DIM}Nothing was moved. Without --dry-run all of it is.{DIM:#}"
            )?;
        }
        Ok(())
    }
}

/// What an operator should know before they redrive.
fn summary(forecasts: &[Forecast]) -> &'static str {
    let any = |outlook| forecasts.iter().any(|forecast| forecast.outlook == outlook);
    if any(Outlook::ComesBack) {
        "Those that would come back need a person first: `operator explain KEY`."
    } else if any(Outlook::GoesOn) {
        "Before, mend what kept them from being finished: `operator doctor`, infra/runbook/orders-dead-letter.md."
    } else {
        "The others are answered as they were, and leave the queue."
    }
}

/// What a move came to.
struct Redriven {
    task: Option<Move>,
    /// Messages in the dead-letter queue afterwards.
    left: u64,
}

impl Redriven {
    fn is_all(&self) -> bool {
        let status = self.task.as_ref().map(|task| task.status);
        status == Some(MoveStatus::Completed) && self.left == 0
    }

    fn moved(&self) -> u64 {
        self.task.as_ref().map_or(0, |task| task.moved)
    }

    fn document(&self) -> Value {
        let status = self.task.as_ref().map(|task| match task.status {
            MoveStatus::Running => "running",
            MoveStatus::Completed => "completed",
            MoveStatus::Ended => "failed",
        });
        let failure = self.task.as_ref().and_then(|task| task.failure.as_ref());
        json!({"status": status, "moved": self.moved(), "left": self.left, "failure": failure})
    }
}

fn print_moved(terminal: &mut Terminal, redriven: &Redriven) -> io::Result<()> {
    let moved = count(
        usize::try_from(redriven.moved()).unwrap_or(usize::MAX),
        "message",
    );
    let became = match redriven
        .task
        .as_ref()
        .map(|task| (task.status, task.failure.as_ref()))
    {
        Some((MoveStatus::Completed, _)) if redriven.left == 0 => {
            format!("✓ {moved} moved back to the queue.")
        }
        Some((MoveStatus::Completed, _)) => format!(
            "… {moved} moved back to the queue, {} left: they came meanwhile, or somebody is at them. Redrive again in a minute.",
            redriven.left
        ),
        Some((MoveStatus::Running, _)) => {
            format!(
                "… SQS is at it: {moved} moved so far, {} left. It goes on by itself.",
                redriven.left
            )
        }
        Some((MoveStatus::Ended, failure)) => format!(
            "✗ SQS gave up after {moved}, {} left: {}. Nothing is lost.",
            redriven.left,
            failure.map_or("cancelled", String::as_str)
        ),
        None => "… the move has started; SQS does not tell of it yet.".to_owned(),
    };
    writeln!(terminal.out, "{}", tables::colour(&became))
}
