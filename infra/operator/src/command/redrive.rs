//! `operator redrive`: what is in a dead-letter queue, whether retrying helps, and moving it back.
//!
//! SQS itself moves the messages, so none can be lost on the way; their keys make one that comes twice harmless.

mod moved;

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use aws::config;
use clap::{Args, ValueEnum};
use queues::{Letters, QueueFacts};
use serde_json::{Value, json};
use terminal::{BOLD, DIM, PLAIN, Terminal, Verdict, tables};

use super::failure::Failure;
use super::place::{Access, Services};
use super::reason;
use super::words::{away, count, moment};
use moved::{Redriven, print_moved};
use story::forecast::{self, Forecast, Outlook};

const EXAMPLES: &str = "\
Examples:
  operator redrive --queue orders --dry-run      show what would happen
  operator redrive --queue orders
  operator redrive --queue releases --queue-url \\
    https://sqs.eu-central-1.amazonaws.com/123456789012/releases

Looking hides each message from others for a moment and counts as a receive,
which does no harm in a dead-letter queue. It needs sqs:GetQueueAttributes on
both queues, and on the dead-letter queue sqs:GetQueueUrl, sqs:ReceiveMessage
and sqs:ChangeMessageVisibility. Moving also needs sqs:StartMessageMoveTask,
sqs:ListMessageMoveTasks and sqs:DeleteMessage there, and sqs:SendMessage on the
queue itself.

Exit status: 0 the queue is empty, or all messages were moved · 1 messages are
there, or were left · 2 the command failed";

/// How long the move is watched.
const PATIENCE: Duration = Duration::from_secs(60);

/// Look at a dead-letter queue, and move its messages back for a retry
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Redrive {
    /// The queue whose dead-letter queue is meant
    #[arg(long, value_name = "QUEUE", default_value = "orders")]
    queue: Which,
    /// The URL of the queue itself, not of its dead-letter queue; default: ORDERS_QUEUE_URL or RELEASES_QUEUE_URL
    #[arg(long, value_name = "URL")]
    queue_url: Option<String>,
    /// Only show what would happen; move nothing
    #[arg(long)]
    dry_run: bool,
    /// The most messages to look at; all messages are moved, however many
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

impl From<Which> for forecast::Which {
    fn from(which: Which) -> Self {
        match which {
            Which::Orders => Self::Orders,
            Which::Releases => Self::Releases,
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
    /// What it does to the place that it looks at.
    pub(crate) fn access(&self) -> Access {
        Access::changing(!self.dry_run)
    }

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
        let forecasts = forecast::of(&services.aws, self.queue.into(), &looked.letters).await;
        let forecasts = forecasts.map_err(Failure::to("the orders' records cannot be read"))?;
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
        started.map_err(Failure::to("the messages cannot be moved; none was moved"))?;
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
        let mut table = tables::table(&["key", "sent (UTC)", "", "order", "after a redrive"]);
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
        if let Some(error) = &looked.cut_short {
            terminal.print_text(PLAIN, &format!("Not all messages were looked at: {error}"))?;
        } else if there > looked.letters.len() {
            let text = "The others were not looked at: another reader has them, or there are more than --most.";
            terminal.print_text(DIM, text)?;
        }
        if looked.letters.is_empty() {
            return Ok(());
        }
        let helps = forecasts
            .iter()
            .filter(|forecast| forecast.outlook.helps())
            .count();
        let text = format!("A redrive helps {helps} of {}.", looked.letters.len());
        terminal.print_text(BOLD, &text)?;
        terminal.print_text(PLAIN, &summary(forecasts))?;
        if self.dry_run {
            let text = "Nothing was moved. Without --dry-run all messages are moved.";
            terminal.print_text(DIM, text)?;
        }
        Ok(())
    }
}

/// What an operator should know before they redrive.
fn summary(forecasts: &[Forecast]) -> String {
    let any = |outlook| forecasts.iter().any(|forecast| forecast.outlook == outlook);
    let reasons: BTreeSet<_> = forecasts
        .iter()
        .filter_map(|forecast| forecast.reason.as_deref())
        .collect();
    if !reasons.is_empty() {
        let cause = |reason: &str| format!("{reason}: {}", reason::remedy(reason));
        let causes: Vec<_> = reasons.into_iter().map(cause).collect();
        return format!("First remove the cause. {}.", causes.join(". "));
    }
    if any(Outlook::ComesBack) {
        "Orders that would come back need a person first: `operator explain KEY`."
    } else if any(Outlook::GoesOn) {
        "First remove the cause: `operator explain KEY`, infra/runbook/orders-dead-letter.md."
    } else {
        "The others get the answer that they had, and leave the queue."
    }
    .to_owned()
}
