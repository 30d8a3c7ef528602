//! A line in the embedded metric format.
//!
//! Source: CloudWatch user guide, "Specification: Embedded metric format".

use std::fmt::{Display, Write as _};
use std::io::Write as _;

use hosted_connection::Timestamp;

use super::tally::Tally;
use super::{Metric, OrderMetric};
use crate::invocation::Invocation;

const NAMESPACE: &str = "HostedConnections";

/// What `tally` tells; `None` if that is nothing.
///
/// It names the invocation as the lines of the log do, so that one query finds both. With a `stack`, every metric has that
/// as a dimension.
pub(super) fn line(
    tally: &Tally,
    invocation: &Invocation,
    at: Timestamp,
    level: Option<&str>,
    stack: Option<&str>,
) -> Option<String> {
    let mut directives = String::new();
    let mut members = String::with_capacity(1024);
    let (of_an_order, of_all) = match stack {
        Some(stack) => {
            let _ = write!(members, ",\"Stack\":{}", Text(stack));
            ("[\"Stack\",\"Door\"]", "[\"Stack\"]")
        }
        None => ("[\"Door\"]", "[]"),
    };
    if let Some((door, orders)) = tally.orders() {
        let mut directive = Directive::new(of_an_order);
        let _ = write!(members, ",\"Door\":\"{}\"", door.as_str());
        for (metric, count) in orders {
            directive.add(&mut members, metric.name(), unit_of_orders(metric), count);
        }
        directive.close(&mut directives);
    }
    let mut directive = Directive::new(of_all);
    for (metric, count) in tally.counts() {
        directive.add(&mut members, metric.name(), unit(metric), count);
    }
    for (service, us) in tally.latencies() {
        directive.add(&mut members, service.latency(), "Milliseconds", Ms(us));
    }
    directive.close(&mut directives);
    if directives.is_empty() {
        return None;
    }
    let mut line = String::with_capacity(directives.len() + members.len() + 320);
    let _ = write!(
        line,
        "{{\"_aws\":{{\"Timestamp\":{},\"CloudWatchMetrics\":[{directives}]}}{members},\"span\":{{\"requestId\":{}",
        at.as_ms(),
        Text(&invocation.request_id)
    );
    if let Some(trace) = &invocation.trace {
        let _ = write!(line, ",\"xrayTraceId\":{}", Text(trace));
    }
    line.push('}');
    if let Some(level) = level {
        // Without a time, a level does not count.
        let _ = write!(line, ",\"level\":\"{level}\",\"timestamp\":\"{at}\"");
    }
    line.push('}');
    Some(line)
}

/// Writes a line, in one go. One that cannot be written is lost: what is measured goes on.
pub(super) fn write(mut line: String) {
    line.push('\n');
    let _ = std::io::stdout().write_all(line.as_bytes());
}

/// Metrics that share their dimensions.
struct Directive {
    text: String,
    is_empty: bool,
}

impl Directive {
    fn new(dimensions: &str) -> Self {
        let mut text = String::with_capacity(512);
        let _ = write!(
            text,
            "{{\"Namespace\":\"{NAMESPACE}\",\"Dimensions\":[{dimensions}],\"Metrics\":["
        );
        Self {
            text,
            is_empty: true,
        }
    }

    /// Declares a metric, and puts its value among the document's members.
    fn add(&mut self, members: &mut String, name: &str, unit: &str, value: impl Display) {
        let comma = if self.is_empty { "" } else { "," };
        self.is_empty = false;
        let _ = write!(
            self.text,
            "{comma}{{\"Name\":\"{name}\",\"Unit\":\"{unit}\"}}"
        );
        let _ = write!(members, ",\"{name}\":{value}");
    }

    /// Adds it to the others, unless it declares nothing.
    fn close(self, directives: &mut String) {
        if self.is_empty {
            return;
        }
        if !directives.is_empty() {
            directives.push(',');
        }
        directives.push_str(&self.text);
        directives.push_str("]}");
    }
}

fn unit(metric: Metric) -> &'static str {
    match metric {
        Metric::OldestUnfinishedSeconds => "Seconds",
        Metric::Defects
        | Metric::OwnEvents
        | Metric::Takeovers
        | Metric::ReconciledAdopted
        | Metric::ReconciledAbsent
        | Metric::ReconciledForeign
        | Metric::PublishFailures
        | Metric::DirectConnectThrottles
        | Metric::DynamoDBThrottles
        | Metric::EventBridgeThrottles
        | Metric::ColdStarts
        | Metric::CompletedReleases
        | Metric::PendingReleases
        | Metric::RejectedReleases
        | Metric::ReturnedReleases
        | Metric::FinishedAllocations
        | Metric::UnfinishedAllocations
        | Metric::StuckAllocations
        | Metric::QuarantinedAllocations
        | Metric::StateChanges
        | Metric::OrphanConnections
        | Metric::GhostConnections
        | Metric::ParentsLeftOut
        | Metric::TrackRuns => "Count",
    }
}

fn unit_of_orders(metric: OrderMetric) -> &'static str {
    match metric {
        OrderMetric::AllocatedOrders
        | OrderMetric::ReplayedOrders
        | OrderMetric::RejectedOrders
        | OrderMetric::ReturnedOrders
        | OrderMetric::UnknownOutcomes => "Count",
    }
}

/// Microseconds as an array of milliseconds.
struct Ms<'a>(&'a [u32]);

impl Display for Ms<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut before = '[';
        for us in self.0 {
            write!(f, "{before}{}.{:03}", us / 1_000, us % 1_000)?;
            before = ',';
        }
        f.write_char(']')
    }
}

/// A JSON string.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self.0).unwrap_or_default())
    }
}
