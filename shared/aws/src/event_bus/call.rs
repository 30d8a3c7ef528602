//! One PutEvents, and what may have to follow it: again for the entries that failed, and each entry alone where
//! EventBridge does not take the request.

use std::time::Duration;

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use hosted_connection::Event;

use super::{EventBus, Outgoing};
use crate::failure::{self, CallError, Cause};
use crate::metrics::Service;
use crate::trace::{self, TraceHeader};

/// Tries for entries that EventBridge took the request for, but not the entry.
const ENTRY_TRIES: u32 = 3;

/// Marks errors of one entry, which are worth another try; the SDK has retried failed calls already.
const ENTRY: &str = "PutEvents entry";

/// An event, and whether its trace goes with it.
#[derive(Debug, Clone, Copy)]
struct Sending<'a> {
    outgoing: Outgoing<'a>,
    traced: bool,
}

impl EventBus {
    /// One PutEvents, and again for the entries that failed. One result per event.
    pub(super) async fn publish_call(&self, events: &[Outgoing<'_>]) -> Vec<Result<(), CallError>> {
        let sending = |outgoing: &_| Sending {
            outgoing: *outgoing,
            traced: true,
        };
        let mut sendings: Vec<Sending<'_>> = events.iter().map(sending).collect();
        let mut results: Vec<Result<(), CallError>> = Vec::new();
        let mut open: Vec<usize> = (0..events.len()).collect();
        results.resize_with(events.len(), || Ok(()));
        for attempt in 0..ENTRY_TRIES {
            // Not for the first: tokio rounds a sleep of nothing up to a whole millisecond.
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(100) * attempt).await;
            }
            let answers = self.put_or_split(&mut sendings, &open).await;
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

    /// Sends those of `sendings` that are `open`: together, or each alone when EventBridge does not take the request as
    /// it is. One entry that it cannot read must not keep the others from going out.
    async fn put_or_split(
        &self,
        sendings: &mut [Sending<'_>],
        open: &[usize],
    ) -> Vec<Result<(), CallError>> {
        let together: Vec<_> = open.iter().map(|&index| sendings[index]).collect();
        let refusal = match self.put(&together).await {
            Ok(results) => return results,
            Err(error) => error,
        };
        if let [only] = *open {
            return vec![self.put_untraced(&mut sendings[only], refusal).await];
        }
        let mut results = Vec::with_capacity(open.len());
        let mut last = refusal;
        for &index in open {
            // Of another kind, it would be the next one's as well.
            if !is_about_the_request(&last) {
                results.push(Err(last.clone()));
                continue;
            }
            let result = self.put_alone(&mut sendings[index]).await;
            if let Err(error) = &result
                && error.operation != ENTRY
            {
                last = error.clone();
            }
            results.push(result);
        }
        results
    }

    async fn put_alone(&self, sending: &mut Sending<'_>) -> Result<(), CallError> {
        match self.put(&[*sending]).await {
            Ok(mut results) => results.pop().unwrap_or_else(|| entry_result(None)),
            Err(refusal) => self.put_untraced(sending, refusal).await,
        }
    }

    /// Once more without the trace, which comes from outside and is no part of the fact; without one, `refusal` stands.
    async fn put_untraced(
        &self,
        sending: &mut Sending<'_>,
        refusal: CallError,
    ) -> Result<(), CallError> {
        let has_trace = sending.outgoing.trace.is_some() || trace::current().is_some();
        if !is_about_the_request(&refusal) || !sending.traced || !has_trace {
            return Err(refusal);
        }
        tracing::warn!(
            event.id = %sending.outgoing.event.event_id, error = %refusal,
            "an event was refused and is sent once more without its trace"
        );
        sending.traced = false;
        let mut results = self.put(&[*sending]).await?;
        results.pop().unwrap_or_else(|| entry_result(None))
    }

    /// One request: a result per entry, or why EventBridge did not take it as a whole.
    async fn put(&self, sendings: &[Sending<'_>]) -> Result<Vec<Result<(), CallError>>, CallError> {
        let current = trace::current();
        let entry = |sending: &Sending<'_>| self.entry(*sending, current.as_ref());
        let entries = sendings.iter().map(entry);
        let call = self.client.put_events();
        let call = call.set_entries(Some(entries.collect()));
        let output = call
            .send()
            .await
            .map_err(|error| CallError::new("PutEvents", &error))?;
        let entries = output.entries.unwrap_or_default();
        self.count_throttled(&entries);
        let results = (0..sendings.len()).map(|index| entry_result(entries.get(index)));
        Ok(results.collect())
    }

    fn entry(
        &self,
        Sending { outgoing, traced }: Sending<'_>,
        current: Option<&TraceHeader>,
    ) -> PutEventsRequestEntry {
        let Outgoing { event, trace } = outgoing;
        let trace = trace.or(current).filter(|_| traced);
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

/// Whether another request may fare better: not where the service is busy or away, nor where we may not call it.
fn is_about_the_request(error: &CallError) -> bool {
    error.cause == Cause::Misconfigured && error.denial().is_none()
}

/// EventBridge answers 200 and refuses single entries (`putevents-partial` in docs/assumptions.md).
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
