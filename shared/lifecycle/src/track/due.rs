//! When an open order is due for tracking's next try: young orders in every run, old ones ever more rarely.
//!
//! An order that has not ended for hours will hardly end this minute, and a thousand such orders would take the calls
//! that the young ones need. Nothing here holds for deliveries: whoever asks is answered at once.

use ledger::Record;

/// The next try is due once the time since the last one is this part of the order's age.
const PART_OF_AGE: u64 = 8;

/// Milliseconds from `now_ms` until the next try on `record` is due; none when it is.
pub(super) fn not_before_ms(record: &Record, now_ms: u64) -> Option<u64> {
    let noted_ms = record.history.last().map_or(0, |entry| entry.at_ms);
    let last_ms = record.call_started_at_ms.max(noted_ms);
    wait_ms(record.claimed_at_ms, last_ms, now_ms)
}

/// Until `now - last >= (now - claimed) / 8`.
fn wait_ms(claimed_at_ms: u64, last_try_at_ms: u64, now_ms: u64) -> Option<u64> {
    // Another sandbox's clock may be ahead: a try that has not been yet counts as just now.
    let last_ms = last_try_at_ms.min(now_ms);
    let due_at_ms = (PART_OF_AGE * last_ms)
        .saturating_sub(claimed_at_ms)
        .div_ceil(PART_OF_AGE - 1);
    due_at_ms.checked_sub(now_ms).filter(|wait_ms| *wait_ms > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: u64 = 60_000;
    const CLAIMED_MS: u64 = 1_767_323_045_000;

    /// Minutes of the order's age at which a run each minute tries it.
    fn tries(minutes: u64) -> Vec<u64> {
        let mut last_ms = CLAIMED_MS;
        let mut tried = Vec::new();
        for minute in 1..=minutes {
            let now_ms = CLAIMED_MS + minute * MINUTE_MS;
            if wait_ms(CLAIMED_MS, last_ms, now_ms).is_none() {
                last_ms = now_ms;
                tried.push(minute);
            }
        }
        tried
    }

    #[test]
    fn a_young_order_is_tried_in_every_run() {
        assert_eq!(tries(8), (1..=8).collect::<Vec<_>>());
    }

    #[test]
    fn an_old_order_is_tried_ever_more_rarely() {
        let tried = tries(24 * 60);
        assert!(tried.len() < 50, "{tried:?}");
        for pair in tried.windows(2) {
            let (before, then) = (pair[0], pair[1]);
            assert!(then - before <= then / 8 + 1, "{before} and {then}");
        }
        assert!(tried.last() > Some(&(21 * 60)), "{tried:?}");
    }

    #[test]
    fn it_is_due_when_an_eighth_of_its_age_has_passed_and_not_a_moment_earlier() {
        for last in [1, 2, 1000, 12_345, 86_400_000] {
            let wait = wait_ms(CLAIMED_MS, CLAIMED_MS + last, CLAIMED_MS + last);
            let wait = wait.expect("just tried");
            let due = |after: u64| 8 * after >= last + after;
            assert!(due(wait) && !due(wait - 1), "{last}: {wait}");
        }
    }

    #[test]
    fn a_clock_that_was_ahead_puts_nothing_off_for_long() {
        let now_ms = CLAIMED_MS + 10 * MINUTE_MS;
        let wait = wait_ms(CLAIMED_MS, now_ms + 1_000 * MINUTE_MS, now_ms);
        assert!(wait < Some(2 * MINUTE_MS), "{wait:?}");
        assert_eq!(wait_ms(now_ms + MINUTE_MS, now_ms, now_ms), None);
    }
}
