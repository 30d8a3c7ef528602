//! What became of an order after it was placed, and what would become of one.

use local_cloud::BusEvent;
use serde_json::Value;

use super::{Decision, stated};
use crate::command::tables::text;

/// What a dry run has told.
pub(in super::super) fn of_forecast(answer: &Result<Value, String>) -> Decision {
    let (status, body) = match read(answer) {
        Ok(read) => read,
        Err(message) => return Decision::Unclear(message),
    };
    match (status, text(&body["wouldBe"])) {
        (200, "allocated") => Decision::WouldBeAllocated {
            vlan: body["vlan"].as_u64().unwrap_or_default(),
        },
        (200, "rejected") => Decision::WouldBeRejected {
            code: text(&body["rejection"]["code"]).to_owned(),
            message: text(&body["rejection"]["message"]).to_owned(),
        },
        (_, _) => Decision::Unclear(body.to_string()),
    }
}

/// What became of a release.
pub(in super::super) fn of_release(answer: &Result<Value, String>) -> Decision {
    let (status, body) = match read(answer) {
        Ok(read) => read,
        Err(message) => return Decision::Unclear(message),
    };
    match (status, text(&body["status"])) {
        (200, "released") => Decision::Released {
            connection: stated(&body),
            before: replayed(answer),
        },
        (200 | 202, _) => Decision::Unclear(body.to_string()),
        (503, _) if text(&body["code"]) == "OutcomeUnknown" => Decision::NotKnownYet {
            message: text(&body["detail"]).to_owned(),
        },
        (_, _) => super::rejected(&body["detail"], &body),
    }
}

/// A change of state, as it was published.
pub(in super::super) fn of_change(event: &BusEvent) -> Decision {
    Decision::Changed {
        from: text(&event.detail["previousState"]).to_owned(),
        to: text(&event.detail["connection"]["connectionState"]).to_owned(),
    }
}

/// Whether the answer says that it is none of its own.
pub(super) fn replayed(answer: &Result<Value, String>) -> bool {
    answer
        .as_ref()
        .is_ok_and(|response| !response["headers"]["Idempotent-Replayed"].is_null())
}

fn read(answer: &Result<Value, String>) -> Result<(u64, Value), String> {
    let response = answer.as_ref().map_err(Clone::clone)?;
    let body = serde_json::from_str(text(&response["body"])).unwrap_or_default();
    Ok((response["statusCode"].as_u64().unwrap_or_default(), body))
}
