//! What is not done: unfinished orders, and messages in the dead-letter queues with what a redrive would come to.

use aws::failure::CallError;
use maud::{Markup, html};
use queues::{Letter, Letters, Queues};
use story::forecast::{self, Forecast, Outlook, Which};
use story::words::{away, count, moment};
use story::{reason, stuck};

use crate::home::Home;
use crate::snapshot::Snapshot;
use crate::texts::{encoded, foreign, order_link, place_link, status};

/// The most messages that are looked at.
const MOST: usize = 50;

/// A dead-letter queue, looked at.
pub(crate) struct Dead {
    pub(crate) url: String,
    pub(crate) arn: String,
    /// ARN of the queue itself.
    pub(crate) of_arn: String,
    pub(crate) waiting: u64,
}

/// Finds the dead-letter queue of the queue at `url`; none if it has none.
///
/// # Errors
/// SQS does not say.
pub(crate) async fn dead(queues: &Queues, url: &str) -> Result<Option<Dead>, CallError> {
    let queue = queues.queue(url).await?;
    let Some(dead_letter) = queue.dead_letter else {
        return Ok(None);
    };
    let url = queues.url(&dead_letter.arn).await?;
    let facts = queues.queue(&url).await?;
    Ok(Some(Dead {
        url,
        arn: facts.arn,
        of_arn: queue.arn,
        waiting: facts.messages + facts.in_flight,
    }))
}

/// Messages in the dead-letter queue of the queue at `url`.
///
/// # Errors
/// SQS does not say.
pub(crate) async fn waiting(queues: &Queues, url: &str) -> Result<u64, CallError> {
    Ok(dead(queues, url).await?.map_or(0, |dead| dead.waiting))
}

/// The unfinished orders, those that have waited longest first.
pub(crate) fn unfinished(snapshot: &Snapshot) -> Markup {
    let now_ms = snapshot.at_ms;
    html! {
        @if snapshot.unfinished.is_empty() {
            p class="none" { "No order is unfinished. Orders that an attempt owns at this moment are not counted." }
        } @else {
            div class="scroll" tabindex="0" role="region" aria-label="Unfinished orders" { table {
                thead { tr {
                    th scope="col" { "Key" } th scope="col" { "Status" } th scope="col" { "Parent" }
                    th scope="col" { "Unfinished for" } th scope="col" { "Last error" }
                } }
                tbody { @for record in snapshot.unfinished.iter().take(20) { tr data-key=(record.key.as_str()) {
                    td { (order_link(record.key.as_str())) }
                    td { (status(inspect::status(record).as_str())) }
                    td { (place_link(record)) }
                    td { (story::words::duration(stuck::unfinished_for_ms(record, now_ms))) }
                    td { (reason::recorded(record).unwrap_or("none recorded")) }
                } } }
            } }
            @if snapshot.unfinished.len() > 20 { p { "The 20 oldest of " (snapshot.unfinished.len()) "." } }
        }
        p { @for (name, dead) in ["orders", "releases"].iter().zip(snapshot.dead) {
            @match dead {
                Some(0) => { "The dead-letter queue of " (name) " is empty. " }
                Some(dead) => { strong { a href="/console/letters#dead" {
                    (count(usize::try_from(dead).unwrap_or(usize::MAX), "dead letter")) " of " (name)
                } } ". " }
                None => { "The dead-letter queue of " (name) " is not known here. " }
            }
        } }
    }
}

/// What was found in one dead-letter queue.
pub(crate) struct Found {
    pub(crate) which: Which,
    letters: Letters,
    forecasts: Vec<Forecast>,
    pub(crate) waiting: u64,
}

/// Looks at the dead letters of one queue; none where the queue is not known, or has no dead-letter queue.
///
/// # Errors
/// SQS or the table do not answer.
pub(crate) async fn look(home: &Home, which: Which) -> Result<Option<Found>, CallError> {
    let url = match which {
        Which::Orders => &home.urls.orders,
        Which::Releases => &home.urls.releases,
    };
    let Some(url) = url else { return Ok(None) };
    let Some(dead) = dead(&home.queues, url).await? else {
        return Ok(None);
    };
    let letters = home.queues.look(&dead.url, MOST).await?;
    let forecasts = forecast::of(&home.aws, which, &letters.letters).await?;
    Ok(Some(Found {
        which,
        letters,
        forecasts,
        waiting: dead.waiting,
    }))
}

/// As the address of the page names it.
pub(crate) fn name(which: Which) -> &'static str {
    match which {
        Which::Orders => "orders",
        Which::Releases => "releases",
    }
}

/// Dead letters, and what a redrive would come to.
pub(crate) fn found(found: &Found, now_ms: u64, may_act: bool) -> Markup {
    let name = name(found.which);
    let helps = found
        .forecasts
        .iter()
        .filter(|forecast| forecast.outlook.helps())
        .count();
    let letters = &found.letters.letters;
    html! {
        @if letters.is_empty() && found.waiting == 0 { p class="none" { "The dead-letter queue of " (name) " is empty." } }
        @else {
            div class="scroll" tabindex="0" role="region" aria-label={ "Dead letters of " (name) } { table {
                thead { tr {
                    th scope="col" { "Key" } th scope="col" { "Sent (UTC)" } th scope="col" { "Order" }
                    th scope="col" { "After a redrive" } th scope="col" { "Message" }
                } }
                tbody { @for (letter, forecast) in letters.iter().zip(&found.forecasts) { (row(letter, forecast, now_ms)) } }
            } }
            p { strong { "A redrive helps " (helps) " of " (letters.len()) "." }
                @if found.waiting > letters.len() as u64 { " " (found.waiting) " messages are there; the others were not looked at." } }
            @if let Some(error) = &found.letters.cut_short { p class="trouble" { "Not all messages were looked at: " (error) } }
            @if may_act {
                p { a class="button" href={ "/console/confirm?do=redrive&queue=" (encoded(name)) } { "Redrive the dead letters of " (name) "…" } }
            }
        }
    }
}

fn row(letter: &Letter, forecast: &Forecast, now_ms: u64) -> Markup {
    let mark = match forecast.outlook {
        Outlook::Begins | Outlook::GoesOn | Outlook::IsRefused => "→",
        Outlook::Replays => "✓",
        Outlook::Waits | Outlook::ComesBack => "↺",
    };
    html! { tr {
        td { (foreign(&forecast.key())) }
        td { @if let Some(at_ms) = letter.sent_at_ms { (moment(at_ms)) " (" (away(at_ms, now_ms)) ")" } }
        td { (foreign(&forecast.record)) }
        td { span aria-hidden="true" { (mark) } " " (forecast.outlook.words()) }
        td { details { summary { "Body" } pre tabindex="0" { (foreign(&letter.body)) } } }
    } }
}
