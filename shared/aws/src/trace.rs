//! X-Ray's trace that an invocation is part of, for whatever is published within it.
//!
//! It is known to the task that runs the invocation and to nothing else: no decision depends on it, and no record or
//! event holds it.

tokio::task_local! {
    static CURRENT: Option<TraceHeader>;
}

/// Characters that PutEvents takes. A longer header would fail the call and its other entries with it.
/// Source: PutEvents API reference, `TraceHeader`.
const MAX_CHARACTERS: usize = 500;

/// X-Ray's trace header, such as `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceHeader(String);

impl TraceHeader {
    /// Reads one. `None` for what is none: senders put into a message's header what they like.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let names_a_trace = text
            .split(';')
            .any(|part| part.trim_start().starts_with("Root=1-"));
        let is_usable = text.len() <= MAX_CHARACTERS
            && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
            && names_a_trace;
        is_usable.then(|| Self(text.to_owned()))
    }

    /// The header's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Does `work` as a part of the trace; without one as a part of the trace that it is called in.
pub async fn within<T>(trace: Option<TraceHeader>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(trace.or_else(current), work).await
}

/// The trace of the invocation that this is called in.
pub(crate) fn current() -> Option<TraceHeader> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_put_events_would_not_take_is_no_trace() {
        for text in [
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            "Self=1-1-1;Root=1-5759e988-bd862e3fe1be46a994272793",
            "Parent=53995c3f42cd8ad8; Root=1-5759e988-bd862e3fe1be46a994272793",
        ] {
            assert_eq!(TraceHeader::parse(text).unwrap().as_str(), text);
        }
        let long = format!("Root=1-5759e988;{}", "x".repeat(500));
        for text in ["", "yes", "Sampled=1", "Root=1-1\n", "Root=1-é", &long] {
            assert_eq!(TraceHeader::parse(text), None, "{text:?}");
        }
    }

    #[tokio::test]
    async fn an_inner_trace_goes_before_an_outer_one_and_ends_with_its_work() {
        let header = |text| TraceHeader::parse(text);
        let (outer, inner) = (header("Root=1-a"), header("Root=1-b"));
        within(outer.clone(), async {
            assert_eq!(current(), outer);
            within(inner.clone(), async { assert_eq!(current(), inner) }).await;
            within(None, async { assert_eq!(current(), outer) }).await;
            assert_eq!(current(), outer);
        })
        .await;
        assert_eq!(current(), None);
    }
}
