//! EventBridge: publishes the facts that the ledger has recorded.
//!
//! Each entry of PutEvents succeeds or fails on its own; the answer is read entry by entry. It never publishes
//! anything of its own making, and never waits past the caller's patience. The trace of an entry is no part of its event.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use hosted_connection::{DetailType, Event};

use crate::failure::{self, CallError, Cause};
use crate::lazy::Lazy;
use crate::metrics::{Meter, Metric, Service};
use crate::trace::{self, TraceHeader};
use crate::{Clock, Config, Patience, watched_client};

/// Entries that one PutEvents takes. Source: PutEvents API reference.
const MAX_ENTRIES: usize = 10;
/// Bytes that the entries of one PutEvents may have together. Source: EventBridge quotas, "PutEvents entry size".
const MAX_BYTES: usize = 256 * 1024;
/// Tries for entries that EventBridge took the request for, but not the entry.
const ENTRY_TRIES: u32 = 3;

/// The bus that results are published on.
#[derive(Debug, Clone)]
pub struct EventBus {
    client: Lazy<Client>,
    bus_name: String,
    meter: Meter,
}

/// An event on its way out.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The event.
    pub event: &'a Event,
    /// The trace that its publication belongs to; the invocation's, if it has none of its own.
    pub trace: Option<&'a TraceHeader>,
}

impl EventBus {
    pub(crate) fn new(
        config: &Config,
        http: SharedHttpClient,
        clock: Clock,
        meter: &Meter,
    ) -> Self {
        let patience = Patience {
            attempts: 3,
            attempt: Duration::from_millis(2500),
        };
        let client = watched_client!(
            aws_sdk_eventbridge,
            config,
            config.endpoints.eventbridge.clone(),
            http,
            clock,
            &patience,
            meter,
            Service::EventBridge
        );
        Self {
            client,
            bus_name: config.bus_name.clone(),
            meter: meter.clone(),
        }
    }

    /// Builds the client, unless it is built.
    pub(crate) fn build(&self) {
        self.client.build();
    }

    /// The bus, as its configuration names it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.bus_name
    }

    /// Asks whether the bus exists. Publishing tells nothing of it: EventBridge takes events for a bus that is not
    /// there, and drops them.
    ///
    /// # Errors
    /// It does not, or EventBridge does not say.
    pub async fn exists(&self) -> Result<(), CallError> {
        let described = self.client.describe_event_bus().name(&self.bus_name);
        let described = described.send().await.map(|_| ());
        described.map_err(|error| CallError::new("DescribeEventBus", &error))
    }

    /// Publishes `events` in their order, ten to a call. One result per event: published, or why not.
    pub async fn publish(&self, events: &[Event]) -> Vec<Result<(), CallError>> {
        let outgoing = events.iter().map(|event| Outgoing { event, trace: None });
        self.publish_traced(&outgoing.collect::<Vec<_>>()).await
    }

    /// As [`EventBus::publish`], for events that have traces of their own.
    pub async fn publish_traced(&self, events: &[Outgoing<'_>]) -> Vec<Result<(), CallError>> {
        let mut unpublished = Unpublished {
            events: events.len(),
            meter: &self.meter,
        };
        let mut results = Vec::with_capacity(events.len());
        let mut rest = events;
        while !rest.is_empty() {
            let (call, later) = rest.split_at(fitting(rest));
            let called = self.publish_call(call).await;
            unpublished.events -= called.iter().filter(|result| result.is_ok()).count();
            results.extend(called);
            rest = later;
        }
        results
    }

    /// One PutEvents, and again for the entries that failed.
    async fn publish_call(&self, events: &[Outgoing<'_>]) -> Vec<Result<(), CallError>> {
        let mut results: Vec<Result<(), CallError>> = Vec::new();
        let mut open: Vec<usize> = (0..events.len()).collect();
        results.resize_with(events.len(), || Ok(()));
        for attempt in 0..ENTRY_TRIES {
            // Not for the first: tokio rounds a sleep of nothing up to a whole millisecond.
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(100) * attempt).await;
            }
            let answers = self.put(open.iter().map(|&index| events[index])).await;
            for (&index, answer) in open.iter().zip(answers) {
                results[index] = answer;
            }
            open.retain(|&index| matches!(&results[index], Err(error) if error.operation == ENTRY));
            if open.is_empty() {
                break;
            }
        }
        results
    }

    async fn put<'a>(
        &self,
        events: impl Iterator<Item = Outgoing<'a>>,
    ) -> Vec<Result<(), CallError>> {
        let current = trace::current();
        let entries: Vec<_> = events
            .map(|outgoing| self.entry(outgoing, current.as_ref()))
            .collect();
        let count = entries.len();
        match self
            .client
            .put_events()
            .set_entries(Some(entries))
            .send()
            .await
        {
            Ok(output) => {
                let entries = output.entries.unwrap_or_default();
                self.count_throttled(&entries);
                (0..count)
                    .map(|index| entry_result(entries.get(index)))
                    .collect()
            }
            Err(error) => (0..count)
                .map(|_| Err(CallError::new("PutEvents", &error)))
                .collect(),
        }
    }

    fn entry(
        &self,
        Outgoing { event, trace }: Outgoing<'_>,
        current: Option<&TraceHeader>,
    ) -> PutEventsRequestEntry {
        let trace = trace.or(current);
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus_name)
            .source(Event::SOURCE)
            .detail_type(event.detail_type.as_str())
            .set_resources(Some(event.resources.clone()))
            .detail(&event.detail)
            .set_trace_header(trace.map(|trace| trace.as_str().to_owned()))
            .build()
    }

    /// A throttled entry is one throttled try, although its call went through.
    fn count_throttled(&self, entries: &[PutEventsResultEntry]) {
        let codes = entries.iter().filter_map(|entry| entry.error_code());
        let throttled = codes.filter(|code| failure::is_throttling(code)).count();
        self.meter.add(Service::EventBridge.throttles(), throttled);
    }
}

/// Counts what is not known to be out when publishing ends, whether it failed or took too long.
struct Unpublished<'a> {
    events: usize,
    meter: &'a Meter,
}

impl Drop for Unpublished<'_> {
    fn drop(&mut self) {
        self.meter.add(Metric::PublishFailures, self.events);
    }
}

/// Marks errors of one entry, which are worth another try; the SDK has retried failed calls already.
const ENTRY: &str = "PutEvents entry";

fn entry_result(entry: Option<&PutEventsResultEntry>) -> Result<(), CallError> {
    let Some(entry) = entry else {
        return Err(CallError {
            operation: ENTRY,
            cause: Cause::Unavailable,
            message: "the answer leaves this entry out".into(),
        });
    };
    match &entry.error_code {
        // Taken only with an event id: an entry that says nothing has not said yes.
        None if entry.event_id.is_some() => Ok(()),
        code => Err(CallError {
            operation: ENTRY,
            cause: Cause::Unavailable,
            message: format!(
                "{}: {}",
                code.as_deref().unwrap_or("no error code"),
                entry.error_message.as_deref().unwrap_or_default()
            ),
        }),
    }
}

/// How many of the first `events` fit into one call; at least one.
fn fitting(events: &[Outgoing<'_>]) -> usize {
    let mut bytes = 0;
    let fits = events.iter().take(MAX_ENTRIES).take_while(|outgoing| {
        bytes += size(outgoing.event);
        bytes <= MAX_BYTES
    });
    fits.count().max(1)
}

/// Bytes of an entry by EventBridge's own formula.
/// Source: EventBridge user guide, "Calculating PutEvents event entry size".
fn size(event: &Event) -> usize {
    let resources: usize = event.resources.iter().map(String::len).sum();
    let detail_type: &DetailType = &event.detail_type;
    Event::SOURCE.len() + detail_type.as_str().len() + event.detail.len() + resources
}
