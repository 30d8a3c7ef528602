//! Times, lengths of time, values and violations, as people read them.

use hosted_connection::{
    AllocationRequest, Among, ParentConnection, Rejection, Timestamp, Violation,
};
use serde_json::Value;

/// Day and time of day, in UTC: `2026-01-02 03:04:05`.
pub fn moment(ms: u64) -> String {
    let text = Timestamp::from_ms(ms).to_string();
    format!("{} {}", &text[..10], &text[11..19])
}

/// About how long: `850 ms`, `12 s`, `3 min`, `2 h 5 min`, `4 days`.
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes, seconds) {
        (2.., _, _, _) => format!("{days} days"),
        (_, 1.., _, _) if minutes % 60 == 0 => format!("{hours} h"),
        (_, 1.., _, _) => format!("{hours} h {} min", minutes % 60),
        (_, _, 3.., _) => format!("{minutes} min"),
        (_, _, _, 1..) => format!("{seconds} s"),
        (_, _, _, 0) => format!("{ms} ms"),
    }
}

/// How long ago, or in how long.
pub fn away(ms: u64, now_ms: u64) -> String {
    if ms > now_ms {
        format!("in {}", duration(ms - now_ms))
    } else {
        format!("{} ago", duration(now_ms - ms))
    }
}

/// Where an order asked to be, and where it was put: `on dxcon-…`, `on dxcon-…, chosen for location EqDC2`, or `at location
/// EqDC2` where none was chosen.
pub fn place(request: &AllocationRequest) -> String {
    match (request.placement(), request.parent()) {
        (Some(placement), Some(parent)) => format!("on {parent}, chosen for {placement}"),
        (Some(placement), None) => match placement.among {
            Among::Location(_) => format!("at {placement}"),
            Among::Parents(_) => format!("on {placement}"),
        },
        (None, _) => format!("on {}", parent(request)),
    }
}

/// Why an order was rejected; of an order by place, each candidate's reason on a line of its own.
pub fn rejection(rejection: &Rejection) -> String {
    let mut words = format!("{}: {}", rejection.code, rejection.message);
    for candidate in &rejection.candidates {
        let (id, message) = (&candidate.connection_id, &candidate.message);
        words.push_str(&format!("\n  {id} {}: {message}", candidate.code));
    }
    words
}

/// The parent that an order named or that was chosen for it.
pub fn parent(request: &AllocationRequest) -> &str {
    let id = request.parent().map(ParentConnection::as_str);
    id.unwrap_or("its parent")
}

/// `1 message`, `2 messages`.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {one}s")
    }
}

/// Each on a line of its own.
pub fn listed(violations: &[Violation]) -> String {
    let lines = violations
        .iter()
        .map(|violation| format!("\n  {} {}", violation.field, violation.message));
    lines.collect()
}

/// A list without its brackets, a text without its quotes.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_times() {
        assert_eq!(moment(1_767_323_045_678), "2026-01-02 03:04:05");
        for (ms, words) in [
            (850, "850 ms"),
            (1_500, "1 s"),
            (179_999, "179 s"),
            (180_000, "3 min"),
            (7_500_000, "2 h 5 min"),
            (90_000_000, "25 h"),
            (345_600_000, "4 days"),
        ] {
            assert_eq!(duration(ms), words);
        }
        assert_eq!(away(5_000, 1_000), "in 4 s");
        assert_eq!(away(1_000, 5_000), "4 s ago");
        assert_eq!(
            (count(1, "message"), count(2, "message")),
            ("1 message".into(), "2 messages".into())
        );
    }
}
