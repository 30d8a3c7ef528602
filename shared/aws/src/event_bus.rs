//! EventBridge: publishes the facts that the ledger has recorded.
//!
//! Each entry of PutEvents succeeds or fails on its own; the answer is read entry by entry. It never publishes
//! anything of its own making, and never waits past the caller's patience. The trace of an entry is no part of its event.

mod call;

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use hosted_connection::{DetailType, Event};

use crate::failure::CallError;
use crate::lazy::Lazy;
use crate::metrics::{Meter, Metric, Service};
use crate::trace::TraceHeader;
use crate::{Clock, Config, Patience, watched_client};

/// Entries that one PutEvents takes. Source: PutEvents API reference.
const MAX_ENTRIES: usize = 10;
/// Bytes that the entries of one PutEvents may have together. Source: EventBridge quotas, "PutEvents entry size".
const MAX_BYTES: usize = 256 * 1024;

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
    /// Sets the client up; nothing is sent until the first call.
    #[must_use]
    pub fn new(config: &Config, http: SharedHttpClient, clock: Clock, meter: &Meter) -> Self {
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
    pub fn build(&self) {
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
