//! The example events, changed a little.

use serde_json::Value;

/// The event or record `json` with some members replaced.
pub(crate) fn with(json: &str, replaced: &Value) -> String {
    let mut event: Value = serde_json::from_str(json).unwrap();
    for (name, value) in replaced.as_object().unwrap() {
        event[name] = value.clone();
    }
    event.to_string()
}
