//! Logs: one JSON object a line by default, as Lambda's own settings ask for.
//!
//! What is logged: one line per decision, with dotted field names, in the runtime's span of its invocation. Never bodies,
//! credentials, tags or customer names.

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt, FilterFn, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Crates whose logs follow `AWS_LAMBDA_LOG_LEVEL` all the way down. The others stop at WARN: the SDK's debug
/// output holds request and response bodies.
const OURS: &[&str] = &[
    "allocate",
    "allocation",
    "aws",
    "doors",
    "hosted_connection",
    "inspect",
    "lambda",
    "lifecycle",
    "release",
    "track",
];

/// Starts logging as `AWS_LAMBDA_LOG_FORMAT` (`JSON`, default, or `Text`) and `AWS_LAMBDA_LOG_LEVEL` (`INFO`) say.
///
/// Metrics are written from here on, too. The rest does nothing when a subscriber has been set already.
#[expect(
    clippy::disallowed_methods,
    reason = "logging is set up before the configuration, to report its errors"
)]
pub fn init() {
    let name = std::env::var("AWS_LAMBDA_LOG_LEVEL").ok();
    let level = level(name.as_deref());
    let text = std::env::var("AWS_LAMBDA_LOG_FORMAT")
        .is_ok_and(|format| format.eq_ignore_ascii_case("text"));
    let lines = tracing_subscriber::fmt::layer().with_ansi(false);
    let lines = if text {
        lines.boxed()
    } else {
        lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed()
    };
    crate::metrics::init(level_of_metrics(text, name.as_deref()));
    // A second call, as in a test process, keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(targets(level).and(not_told_twice()).or(invocations())))
        .try_init();
}

/// All but the runtime's line about a failed invocation. It holds what the caller is told, customers' names in the words of
/// Direct Connect among it, and the decision has a line of its own. What the runtime says of a panic has a field `error`.
fn not_told_twice() -> FilterFn {
    let is_other: fn(&Metadata<'_>) -> bool = |metadata| {
        metadata.target() != "lambda_runtime::layers::panic"
            || metadata.fields().field("error").is_some()
    };
    FilterFn::new(is_other).with_max_level_hint(LevelFilter::TRACE)
}

/// The runtime's span, which names the invocation and its trace: a warning needs it no less than the rest does, so it is
/// there at every level.
fn invocations() -> FilterFn {
    let is_runtimes_span: fn(&Metadata<'_>) -> bool =
        |metadata| metadata.is_span() && metadata.target().starts_with("lambda_runtime");
    FilterFn::new(is_runtimes_span).with_max_level_hint(LevelFilter::INFO)
}

/// The level that metrics have to claim: with the JSON format Lambda drops lines below its level by itself.
fn level_of_metrics(text: bool, name: Option<&str>) -> Option<&'static str> {
    match name.map(str::to_ascii_uppercase).as_deref() {
        Some(_) if text => None,
        Some("WARN") => Some("WARN"),
        Some("ERROR") => Some("ERROR"),
        Some("FATAL") => Some("FATAL"),
        Some(_) | None => None,
    }
}

/// What is logged at this level: lines of ours, and warnings of others.
#[must_use]
pub fn targets(level: LevelFilter) -> Targets {
    let others = level.min(LevelFilter::WARN);
    Targets::new()
        .with_default(others)
        .with_targets(OURS.iter().map(|target| (*target, level)))
        // Targets match by prefix, and the SDK's crates are called aws_something.
        .with_target("aws_", others)
        // At TRACE it logs the whole event. The longest prefix counts, not ours.
        .with_target("lambda_runtime", level.min(LevelFilter::DEBUG))
}

/// Lambda's level names; what is not one of them means INFO, since a log setting must not stop orders.
fn level(name: Option<&str>) -> LevelFilter {
    match name.map(str::to_ascii_uppercase).as_deref() {
        Some("TRACE") => LevelFilter::TRACE,
        Some("DEBUG") => LevelFilter::DEBUG,
        Some("WARN") => LevelFilter::WARN,
        Some("ERROR" | "FATAL") => LevelFilter::ERROR,
        Some(_) | None => LevelFilter::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_level_is_lambdas_own_name() {
        assert_eq!(level(Some("debug")), LevelFilter::DEBUG);
        assert_eq!(level(Some("FATAL")), LevelFilter::ERROR);
        assert_eq!(level(Some("loud")), LevelFilter::INFO);
        assert_eq!(level(None), LevelFilter::INFO);
    }

    #[test]
    fn metrics_get_through_whatever_the_log_level() {
        assert_eq!(level_of_metrics(false, Some("error")), Some("ERROR"));
        assert_eq!(level_of_metrics(false, Some("FATAL")), Some("FATAL"));
        assert_eq!(level_of_metrics(false, Some("INFO")), None);
        assert_eq!(level_of_metrics(false, None), None);
        assert_eq!(level_of_metrics(true, Some("ERROR")), None);
    }

    #[test]
    fn nothing_that_holds_bodies_is_ever_logged() {
        let targets = targets(LevelFilter::TRACE);
        assert!(targets.would_enable("allocation::claim", &tracing::Level::TRACE));
        assert!(!targets.would_enable("aws_smithy_runtime::client", &tracing::Level::INFO));
        assert!(!targets.would_enable("lambda_runtime::layers", &tracing::Level::TRACE));
    }
}
