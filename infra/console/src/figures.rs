//! Figures of the newest orders, drawn: outcomes per minute, how long Direct Connect took, takeovers. They come from the records,
//! so they are the same in both homes.

use std::sync::Arc;

use hosted_connection::Outcome;
use ledger::Record;
use maud::{Markup, html};

use crate::snapshot::Snapshot;

/// Minutes that are shown.
const MINUTES: usize = 30;
const MINUTE_MS: u64 = 60_000;
/// The drawing's measure.
const WIDTH: usize = 300;
const HEIGHT: usize = 60;

/// One minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Minute {
    allocated: usize,
    rejected: usize,
    open: usize,
    takeovers: usize,
    /// The slowest call, in milliseconds.
    slowest_ms: u64,
}

/// What a bar is made of: its class, and how much of it there is in a minute.
type Of<'a> = (&'a str, fn(&Minute) -> usize);

/// The plots.
pub(crate) fn plots(snapshot: &Snapshot) -> Markup {
    let newest = &snapshot.newest;
    let minutes = minutes(newest, snapshot.at_ms);
    let sum = |of: fn(&Minute) -> usize| minutes.iter().map(of).sum::<usize>();
    let (allocated, rejected) = (sum(|m| m.allocated), sum(|m| m.rejected));
    let (open, takeovers) = (sum(|m| m.open), sum(|m| m.takeovers));
    let mut took: Vec<u64> = newest.iter().filter_map(|record| took_ms(record)).collect();
    took.sort_unstable();
    let median = took.get(took.len() / 2).copied();
    let slowest = took.last().copied();
    html! {
        div class="plots" {
            figure {
                (bars(&minutes, "Orders by outcome per minute", &[
                    ("allocated", |m| m.allocated), ("rejected", |m| m.rejected), ("open", |m| m.open),
                ]))
                figcaption { "Orders per minute: " (allocated) " allocated, " (rejected) " rejected, " (open) " open" }
            }
            figure {
                (bars(&minutes, "Slowest answer of Direct Connect per minute", &[
                    ("latency", |m| usize::try_from(m.slowest_ms).unwrap_or(usize::MAX)),
                ]))
                figcaption { "Direct Connect, call to record: "
                    @match (median, slowest) {
                        (Some(median), Some(slowest)) => { "median " (median) " ms, slowest " (slowest) " ms" }
                        (_, _) => { "no call yet" }
                    } }
            }
            figure {
                (bars(&minutes, "Takeovers per minute", &[("takeover", |m| m.takeovers)]))
                figcaption { "Takeovers and repeated attempts: " (takeovers) }
            }
        }
        p class="hint" { "The last " (MINUTES) " minutes, from the newest orders of each parent (" (newest.len()) "). At AWS, the stack's dashboard counts all." }
    }
}

/// How long the call took that made the connection, as far as the record tells.
fn took_ms(record: &Record) -> Option<u64> {
    let is_first = record.attempts == 1 && record.call_started_at_ms > 0;
    let happened = is_first && record.connection().is_some();
    happened.then(|| {
        record
            .occurred_at
            .as_ms()
            .checked_sub(record.call_started_at_ms)
    })?
}

fn minutes(records: &[Arc<Record>], now_ms: u64) -> [Minute; MINUTES] {
    let mut minutes = [Minute::default(); MINUTES];
    let this = now_ms / MINUTE_MS;
    for record in records {
        let at_ms = match &record.outcome {
            Some(_) => record.occurred_at.as_ms(),
            None => record.claimed_at_ms,
        };
        let Some(ago) = this.checked_sub(at_ms / MINUTE_MS) else {
            continue;
        };
        let Some(at) = usize::try_from(ago).ok().filter(|ago| *ago < MINUTES) else {
            continue;
        };
        let minute = &mut minutes[MINUTES - 1 - at];
        match &record.outcome {
            Some(Outcome::Allocated(_)) => minute.allocated += 1,
            Some(Outcome::Rejected(_)) => minute.rejected += 1,
            None => minute.open += 1,
        }
        let attempts = usize::try_from(record.attempts).unwrap_or(usize::MAX);
        minute.takeovers += attempts.saturating_sub(1);
        minute.slowest_ms = minute.slowest_ms.max(took_ms(record).unwrap_or_default());
    }
    minutes
}

/// One bar a minute, what it is made of one above the other.
fn bars(minutes: &[Minute], title: &str, parts: &[Of<'_>]) -> Markup {
    let sum = |minute: &Minute| parts.iter().map(|(_, of)| of(minute)).sum::<usize>();
    let most = minutes.iter().map(sum).max().unwrap_or_default().max(1);
    let step = WIDTH / MINUTES;
    let tall = |count: usize| (count * HEIGHT).div_ceil(most);
    let mut rects = Vec::new();
    for (at, minute) in minutes.iter().enumerate() {
        let mut below = 0;
        for (name, of) in parts {
            let height = tall(of(minute));
            if height > 0 {
                below += height;
                rects.push((*name, at * step, HEIGHT.saturating_sub(below), height));
            }
        }
    }
    html! {
        svg class="plot" role="img" aria-label={ (title) "; the highest is " (most_of(minutes, sum)) }
            viewBox={ "0 0 " (WIDTH) " " (HEIGHT + 1) } preserveAspectRatio="none" {
            @for (name, x, y, height) in rects {
                rect class={ "bar-" (name) } x=(x) y=(y) width=(step - 2) height=(height) {}
            }
            path class="axis" d={ "M0 " (HEIGHT) "h" (WIDTH) } {}
        }
    }
}

fn most_of(minutes: &[Minute], sum: impl Fn(&Minute) -> usize) -> usize {
    minutes.iter().map(sum).max().unwrap_or_default()
}
