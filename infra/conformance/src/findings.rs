//! What has been found out so far, and the report that it makes.

use std::collections::BTreeMap;

use assumptions::{
    Assumption, Probe, Probed, Recommended, Report, SCHEMA_VERSION, Seen, Times, Verdict,
};

use crate::anonymous;
use crate::words::{Kind, No};

/// Of `SETTLE_SECONDS`: the default, which is never gone below.
const LEAST_SETTLE_S: u64 = 30;
/// How long a request may be under way before it is sent for the last time (docs/guarantees.md, b1).
const UNDER_WAY_S: u64 = 8;
/// A round number is easier to remember.
const STEP_S: u64 = 10;

/// What has been found out so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    verdicts: BTreeMap<Assumption, (Verdict, Seen)>,
    /// From the answer of each allocation until it was shown.
    pub(crate) visible_ms: Vec<u64>,
    pub(crate) not_visible_ms: Option<u64>,
    /// From the answer of each deletion until it was shown.
    pub(crate) current_ms: Vec<u64>,
    pub(crate) not_current_ms: Option<u64>,
    /// The first answer that asked for fewer requests, and whether it was to an allocation.
    pub(crate) throttled: Option<(No, bool)>,
    /// Calls, by their number in the file, that were answered so.
    pub(crate) throttled_calls: Vec<usize>,
}

impl Findings {
    /// Settles an assumption; what was settled before stays.
    pub(crate) fn settle(&mut self, assumption: Assumption, verdict: Verdict, seen: Seen) {
        self.verdicts.entry(assumption).or_insert((verdict, seen));
    }

    pub(crate) fn holds(&mut self, assumption: Assumption, holds: bool, seen: Seen) {
        let verdict = if holds {
            Verdict::Holds
        } else {
            Verdict::DoesNotHold
        };
        self.settle(assumption, verdict, seen);
    }

    pub(crate) fn unknown(&mut self, assumption: Assumption, why: impl Into<String>) {
        self.settle(assumption, Verdict::NotKnown, because(why));
    }

    /// The probe could not be carried out.
    pub(crate) fn failed(&mut self, assumption: Assumption, what: &str, no: &No) {
        let seen = Seen {
            why: Some(match no.code {
                // It is told beside it.
                Some(_) => what.to_owned(),
                None => format!("{what}: {no}"),
            }),
            ..no.seen()
        };
        self.settle(assumption, Verdict::NotKnown, seen);
    }

    /// Notes an answer that asks for fewer requests.
    pub(crate) fn note(&mut self, no: &No, call: Option<usize>) {
        if no.kind != Kind::Throttled {
            return;
        }
        self.throttled_calls.extend(call);
        match &mut self.throttled {
            Some((_, of_an_allocation)) if *of_an_allocation || call.is_none() => {}
            other => *other = Some((no.clone(), call.is_some())),
        }
    }

    /// The report. `why_not` is said of what was not reached.
    pub(crate) fn report(mut self, parent: String, started_at: String, why_not: &str) -> Report {
        let times = Times::of(&self.visible_ms, self.not_visible_ms);
        let recommended = Recommended {
            settle_seconds: settle_seconds(&[
                times,
                Times::of(&self.current_ms, self.not_current_ms),
            ]),
        };
        let probe = |assumption: &Assumption| {
            let found = self.verdicts.remove(assumption);
            let (verdict, seen) = found.unwrap_or_else(|| {
                let why = match assumption.probed() {
                    Probed::Asked => why_not.to_owned(),
                    Probed::WhenSeen => "it was not seen during the run".to_owned(),
                    Probed::Given(needed) => format!("not asked; it takes {needed}"),
                    Probed::Never(why) => why.to_owned(),
                };
                (Verdict::NotKnown, because(why))
            });
            Probe::new(*assumption, verdict, anonymous(seen))
        };
        Report {
            schema_version: SCHEMA_VERSION.to_owned(),
            parent,
            started_at,
            probes: Assumption::ALL.iter().map(probe).collect(),
            recommended,
        }
    }
}

/// A settle time that covers twice the longest delay and a request that was under way; `None` where a delay was longer than
/// anybody waited, or none was measured.
fn settle_seconds(measured: &[Option<Times>]) -> Option<u64> {
    let mut longest_ms = None;
    for times in measured.iter().flatten() {
        if times.longer_than_ms.is_some() {
            return None;
        }
        longest_ms = longest_ms.max(Some(times.max_ms));
    }
    let needed_s = longest_ms? * 2 / 1000 + UNDER_WAY_S;
    Some(needed_s.next_multiple_of(STEP_S).max(LEAST_SETTLE_S))
}

pub(crate) fn because(why: impl Into<String>) -> Seen {
    Seen {
        why: Some(why.into()),
        ..Seen::default()
    }
}

fn anonymous(mut seen: Seen) -> Seen {
    seen.message = seen.message.as_deref().map(anonymous::text);
    seen.why = seen.why.as_deref().map(anonymous::text);
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settle_time_covers_twice_the_longest_delay_and_what_is_under_way() {
        let of = |ms: &[u64], longer| settle_seconds(&[Times::of(ms, longer), None]);
        assert_eq!(of(&[], None), None, "nothing was measured");
        assert_eq!(of(&[0, 0], None), Some(30));
        assert_eq!(of(&[500, 11_000], None), Some(30));
        assert_eq!(of(&[11_500, 2_000], None), Some(40));
        assert_eq!(of(&[60_000], None), Some(130));
        assert_eq!(of(&[0], Some(300_000)), None);
    }
}
