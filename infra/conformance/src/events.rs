//! PutEvents with two entries, of which EventBridge has to refuse one.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use crate::clients::Clients;
use crate::words::No;

/// The answer to a request with one good and one bad entry, in this order.
#[derive(Debug)]
pub(crate) struct Put {
    /// Entries that failed, by the answer's own count.
    pub(crate) failed: i32,
    /// Whether the good entry has an event id, and no error code.
    pub(crate) is_good_published: bool,
    /// The bad entry's error code and message.
    pub(crate) bad: Option<(String, String)>,
}

impl Clients {
    /// Publishes one event of a source that nobody listens to, beside one whose detail is no JSON.
    pub(crate) async fn put_good_and_bad(&self, run: &str) -> Result<Put, No> {
        let detail = format!(r#"{{"run":"{run}"}}"#);
        let entry = |detail: &str| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.settings.bus_name)
                .source("conformance")
                .detail_type("Conformance Probe")
                .detail(detail)
                .build()
        };
        let call = self
            .events
            .put_events()
            .entries(entry(&detail))
            .entries(entry("this is no JSON"));
        let answer = call.send().await.map_err(|error| No::of(&error))?;
        let entries = answer.entries.unwrap_or_default();
        if entries.len() != 2 {
            return Err(No::unknown(
                "the answer does not have one result for each entry",
            ));
        }
        let good = entries.first();
        let bad = entries.get(1).and_then(|entry| {
            let message = entry.error_message.clone().unwrap_or_default();
            Some((entry.error_code.clone()?, message))
        });
        Ok(Put {
            failed: answer.failed_entry_count,
            is_good_published: good
                .is_some_and(|entry| entry.event_id.is_some() && entry.error_code.is_none()),
            bad,
        })
    }
}
