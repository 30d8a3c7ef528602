//! Metrics in CloudWatch's embedded metric format: a line of JSON on standard output, which Lambda's log becomes
//! metrics of. No call is made.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value, json};

const NAMESPACE: &str = "HostedConnections";

/// Standard output is Lambda's log in a function's own process only. Elsewhere it belongs to somebody else.
static LOGGED: AtomicBool = AtomicBool::new(false);

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    name: &'static str,
    value: usize,
}

impl Metric {
    /// How many of something there are.
    #[must_use]
    pub fn count(name: &'static str, value: usize) -> Self {
        Self { name, value }
    }
}

/// From now on, metrics are written.
pub(crate) fn init() {
    LOGGED.store(true, Ordering::Relaxed);
}

/// Writes `metrics`, all as of now and without dimensions, in a process whose logs are [set up](crate::telemetry::init).
///
/// A line that cannot be written is lost: what is measured goes on.
pub fn emit(metrics: &[Metric], now_ms: u64) {
    if !LOGGED.load(Ordering::Relaxed) {
        return;
    }
    let mut line = document(metrics, now_ms).to_string();
    line.push('\n');
    let _ = std::io::stdout().write_all(line.as_bytes());
}

/// Source: CloudWatch user guide, "Specification: Embedded metric format".
fn document(metrics: &[Metric], now_ms: u64) -> Value {
    let named: Vec<_> = metrics
        .iter()
        .map(|metric| json!({"Name": metric.name, "Unit": "Count"}))
        .collect();
    let mut document = Map::new();
    document.insert(
        "_aws".into(),
        json!({
            "Timestamp": now_ms,
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [[]], "Metrics": named}],
        }),
    );
    for metric in metrics {
        document.insert(metric.name.into(), metric.value.into());
    }
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_names_its_metrics_and_holds_their_values() {
        let document = document(&[Metric::count("StuckAllocations", 2)], 1_767_323_045_000);
        assert_eq!(
            document,
            json!({
                "_aws": {
                    "Timestamp": 1_767_323_045_000_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "HostedConnections",
                        "Dimensions": [[]],
                        "Metrics": [{"Name": "StuckAllocations", "Unit": "Count"}],
                    }],
                },
                "StuckAllocations": 2,
            })
        );
    }
}
