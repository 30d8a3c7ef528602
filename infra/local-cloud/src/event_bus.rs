//! EventBridge, as far as publishing goes: PutEvents with its limits, DescribeEventBus, and a bus that can be read.
//! Has no rules and no targets.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    reply::{Answer, ApiError},
    request::Call,
    site::Context,
};

/// Most entries of one request.
const MOST_ENTRIES: usize = 10;

/// Most bytes of all entries together, counted by [`size`].
const MOST_BYTES: usize = 262_144;

/// Most characters of a trace header.
const LONGEST_TRACE_HEADER: usize = 500;

/// An event that has been accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BusEvent {
    /// EventBridge's own id of it, different for each publication.
    pub id: String,
    /// Name of the bus.
    pub bus: String,
    /// `Source`.
    pub source: String,
    /// `DetailType`.
    pub detail_type: String,
    /// `Detail`, parsed.
    pub detail: Value,
    /// `Resources`.
    pub resources: Vec<String>,
    /// When it arrived, by the cloud's clock.
    pub time: SystemTime,
    /// X-Ray's trace header, of the entry or of the request.
    pub trace_header: Option<String>,
}

/// What EventBridge remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventBridge {
    events: Vec<BusEvent>,
}

/// One entry as it is sent. Everything is optional: what is missing fails the entry, not the request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Entry {
    time: Option<f64>,
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    resources: Vec<String>,
    event_bus_name: Option<String>,
    trace_header: Option<String>,
}

impl EventBridge {
    /// Everything accepted so far, oldest first.
    pub(crate) fn events(&self) -> &[BusEvent] {
        &self.events
    }

    /// Answers the call; entries whose index is in `failing` are turned away as if throttled.
    pub(crate) fn dispatch(
        &mut self,
        call: &Call,
        buses: &[&str],
        failing: &[usize],
        mut context: Context<'_>,
    ) -> Answer {
        match call.operation.as_str() {
            "PutEvents" => {}
            "DescribeEventBus" => return describe(&call.body, buses, &context),
            unknown => return Err(ApiError::unknown_operation(unknown)),
        }
        let mut failed = 0;
        let mut results = Vec::new();
        let mut accepted = Vec::new();
        for (index, entry) in entries(&call.body)?.into_iter().enumerate() {
            let verdict = match failing.contains(&index) {
                true => Err(("ThrottlingException", "Rate exceeded".to_owned())),
                false => read(entry, call.trace_header.as_deref(), &mut context),
            };
            results.push(match verdict {
                Ok(event) => {
                    let result = json!({"EventId": event.id});
                    accepted.push(event);
                    result
                }
                Err((code, message)) if context.rules.put_events_whole => {
                    return Err(ApiError::new(400, code, message));
                }
                Err((code, message)) => {
                    failed += 1;
                    json!({"ErrorCode": code, "ErrorMessage": message})
                }
            });
        }
        for event in accepted {
            self.accept(event, buses);
        }
        Ok(json!({"FailedEntryCount": failed, "Entries": results}))
    }

    /// A bus that does not exist takes everything and keeps nothing, without an error: AWS does the same
    /// (<https://github.com/aws/aws-cli/issues/9186>).
    fn accept(&mut self, event: BusEvent, buses: &[&str]) {
        if buses.contains(&event.bus.as_str()) {
            self.events.push(event);
        }
    }
}

fn describe(body: &Value, buses: &[&str], context: &Context<'_>) -> Answer {
    let name = body
        .get("Name")
        .and_then(Value::as_str)
        .unwrap_or("default");
    // The name may be an ARN, as in PutEvents.
    let name = name.rsplit('/').next().unwrap_or(name);
    if !buses.contains(&name) {
        let message = format!("Event bus {name} does not exist.");
        return Err(ApiError::new(400, "ResourceNotFoundException", message));
    }
    let site = context.site;
    let arn = format!(
        "arn:aws:events:{}:{}:event-bus/{name}",
        site.region, site.account
    );
    Ok(json!({"Name": name, "Arn": arn}))
}

/// The entries, if the request as a whole is within the limits.
fn entries(body: &Value) -> Result<Vec<Entry>, ApiError> {
    let entries = body.get("Entries").cloned().unwrap_or_else(|| json!([]));
    let entries: Vec<Entry> = serde_json::from_value(entries)
        .map_err(|error| ApiError::new(400, "SerializationException", error.to_string()))?;
    let problem = if entries.is_empty() {
        "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: \
         Member must have length greater than or equal to 1"
    } else if entries.len() > MOST_ENTRIES {
        "1 validation error detected: Value at 'entries' failed to satisfy constraint: \
         Member must have length less than or equal to 10"
    } else if entries.iter().map(size).sum::<usize>() > MOST_BYTES {
        "Total size of the entries in the request is over the limit."
    } else if !entries.iter().all(has_usable_trace) {
        "1 validation error detected: Value at 'entries.traceHeader' failed to satisfy constraint: \
         Member must be an X-Ray trace header of at most 500 characters"
    } else {
        return Ok(entries);
    };
    Err(ApiError::new(400, "ValidationException", problem))
}

/// One bad trace header fails the request and all its entries, unlike anything else that is wrong with one.
fn has_usable_trace(entry: &Entry) -> bool {
    let names_a_trace = |part: &str| part.trim_start().starts_with("Root=1-");
    entry.trace_header.as_deref().is_none_or(|header| {
        header.chars().count() <= LONGEST_TRACE_HEADER && header.split(';').any(names_a_trace)
    })
}

/// Bytes of an entry as EventBridge counts them (user guide, "Calculating PutEvents event entry size").
fn size(entry: &Entry) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let time = if entry.time.is_some() { 14 } else { 0 };
    let resources: usize = entry.resources.iter().map(String::len).sum();
    time + length(&entry.source) + length(&entry.detail_type) + length(&entry.detail) + resources
}

/// The entry as an event, or the code and message it fails with.
fn read(
    entry: Entry,
    trace_header: Option<&str>,
    context: &mut Context<'_>,
) -> Result<BusEvent, (&'static str, String)> {
    let source = present("Source", entry.source)?;
    let detail_type = present("DetailType", entry.detail_type)?;
    let detail = present("Detail", entry.detail)?;
    if source.starts_with("aws.") {
        return Err((
            "NotAuthorizedForSourceException",
            "Not authorized for the source.".to_owned(),
        ));
    }
    let detail: Value = serde_json::from_str(&detail).unwrap_or_default();
    if !detail.is_object() {
        return Err(("MalformedDetail", "Detail is malformed.".to_owned()));
    }
    let bus = entry.event_bus_name.unwrap_or_else(|| "default".to_owned());
    Ok(BusEvent {
        id: context.random.uuid(),
        // The name may be an ARN, which ends in `event-bus/` and the name.
        bus: bus.rsplit('/').next().unwrap_or(&bus).to_owned(),
        source,
        detail_type,
        detail,
        resources: entry.resources,
        time: context.now,
        trace_header: entry
            .trace_header
            .or_else(|| trace_header.map(str::to_owned)),
    })
}

fn present(name: &str, value: Option<String>) -> Result<String, (&'static str, String)> {
    value.filter(|text| !text.is_empty()).ok_or_else(|| {
        let message =
            format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
        ("InvalidArgument", message)
    })
}
