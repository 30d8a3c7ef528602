//! What was decided about a delivery, read off what can be seen from outside: the function's answer, the events it
//! published, the calls it made.

mod later;

use local_cloud::{BusEvent, HostedConnection, RequestRecord};
use serde_json::Value;

use super::super::{happened::Happened, tables::text};

pub(super) use later::{of_change, of_forecast, of_release};

/// What became of a delivery.
#[derive(Debug, Clone)]
pub(super) enum Decision {
    /// A new connection, and the fault that lost Direct Connect's answer, if one did.
    Allocated {
        connection: HostedConnection,
        answer_lost: Option<String>,
    },
    /// The first answer once more, and whether it says that the connection was released since.
    Replayed {
        connection: HostedConnection,
        released: bool,
    },
    /// A final no.
    Rejected {
        code: String,
        message: String,
        violations: Vec<String>,
        /// Of an order by place: each parent that cannot take it, and why.
        candidates: Vec<String>,
    },
    /// Back to the queue, and the fault that was the reason, if there was one.
    Returned { fault: Option<String> },
    /// Whether it is done is not known yet; why, in words.
    NotKnownYet { message: String },
    /// It would become a connection on this VLAN.
    WouldBeAllocated { vlan: u64 },
    /// It would be a final no.
    WouldBeRejected { code: String, message: String },
    /// Its connection is in another state now.
    Changed { from: String, to: String },
    /// Its connection is gone, and whether it was before.
    Released {
        connection: HostedConnection,
        before: bool,
    },
    /// A policy was set: what may be sold, if that is limited.
    PolicySet { sellable_mbps: Option<u64> },
    /// A connection that was there before has a record.
    Adopted { connection: HostedConnection },
    /// None of these, which no promise allows.
    Unclear(String),
}

impl Decision {
    /// The connection that the order has got, or for which a record was made.
    pub(super) fn made(&self) -> Option<Made<'_>> {
        match self {
            Self::Allocated { connection, .. } => Some(Made::Allocated(connection)),
            Self::Adopted { connection } => Some(Made::Adopted(connection)),
            Self::Replayed { .. }
            | Self::Rejected { .. }
            | Self::Returned { .. }
            | Self::NotKnownYet { .. }
            | Self::WouldBeAllocated { .. }
            | Self::WouldBeRejected { .. }
            | Self::Changed { .. }
            | Self::Released { .. }
            | Self::PolicySet { .. }
            | Self::Unclear(_) => None,
        }
    }
}

/// How a key has got its connection.
#[derive(Debug, Clone, Copy)]
pub(super) enum Made<'a> {
    /// By an order.
    Allocated(&'a HostedConnection),
    /// It was there before.
    Adopted(&'a HostedConnection),
}

/// What became of a message. `first` is the connection its key already had, or has got in this batch.
pub(super) fn of_message(
    record: &Value,
    answer: &Result<Value, String>,
    happened: &Happened,
    first: Option<HostedConnection>,
) -> Decision {
    let answer = match answer {
        Ok(answer) => answer,
        Err(message) => return Decision::Unclear(message.clone()),
    };
    let id = &record["messageId"];
    let failures = answer["batchItemFailures"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if failures
        .iter()
        .any(|failure| &failure["itemIdentifier"] == id)
    {
        return Decision::Returned {
            fault: first_fault(&happened.requests),
        };
    }
    let event = happened
        .events
        .iter()
        .find(|event| &event.detail["origin"]["messageId"] == id);
    match (event, first) {
        (Some(event), first) => of_event(event, happened, first),
        (None, Some(connection)) => Decision::Replayed {
            connection,
            released: false,
        },
        (None, None) => Decision::Unclear("consumed, but nothing was published".to_owned()),
    }
}

fn of_event(
    event: &BusEvent,
    happened: &Happened,
    connection: Option<HostedConnection>,
) -> Decision {
    let rejection = &event.detail["rejection"];
    if rejection.is_object() {
        return rejected(&rejection["message"], rejection);
    }
    match connection {
        Some(connection) => allocated(connection, happened),
        None => Decision::Unclear("published a connection that does not exist".to_owned()),
    }
}

/// What became of an HTTP request.
pub(super) fn of_response(answer: &Result<Value, String>, happened: &Happened) -> Decision {
    let response = match answer {
        Ok(response) => response,
        Err(message) => return Decision::Unclear(message.clone()),
    };
    let body: Value = serde_json::from_str(text(&response["body"])).unwrap_or_default();
    if response["statusCode"] != 201 {
        return rejected(&body["detail"], &body);
    }
    let connection = stated(&body);
    match later::replayed(answer) {
        false => allocated(connection, happened),
        true => Decision::Replayed {
            connection,
            released: body["status"] == "released",
        },
    }
}

/// The connection as the receipt states it.
fn stated(receipt: &Value) -> HostedConnection {
    let connection = &receipt["connection"];
    HostedConnection {
        id: text(&connection["connectionId"]).to_owned(),
        parent: text(&receipt["parentConnectionId"]).to_owned(),
        vlan: connection["vlan"]
            .as_u64()
            .and_then(|vlan| vlan.try_into().ok())
            .unwrap_or_default(),
        owner_account: text(&connection["ownerAccount"]).to_owned(),
        bandwidth: text(&connection["bandwidth"]).to_owned(),
        name: text(&connection["connectionName"]).to_owned(),
        state: text(&connection["connectionState"]).to_owned(),
        tags: Vec::new(),
        state_since_ms: 0,
        created_ms: 0,
        virtual_interfaces: 0,
    }
}

fn allocated(connection: HostedConnection, happened: &Happened) -> Decision {
    let lost = happened.requests.iter().find(|request| {
        request.operation == "AllocateHostedConnection"
            && request.applied
            && request.body["connectionId"] == connection.parent.as_str()
            && request.body["vlan"] == connection.vlan
    });
    let answer_lost = lost
        .and_then(|request| request.fault.as_ref())
        .map(|fault| fault.kind.to_string());
    Decision::Allocated {
        connection,
        answer_lost,
    }
}

/// `of` is the rejection of an event, or a problem.
fn rejected(message: &Value, of: &Value) -> Decision {
    let listed = |member: &str, short: fn(&Value) -> String| {
        let list = of[member].as_array().map_or(&[][..], Vec::as_slice);
        list.iter().map(short).collect()
    };
    Decision::Rejected {
        code: text(&of["code"]).to_owned(),
        message: text(message).to_owned(),
        violations: listed("violations", in_short),
        candidates: listed("candidates", candidate),
    }
}

fn candidate(candidate: &Value) -> String {
    let (id, code) = (&candidate["connectionId"], &candidate["code"]);
    format!("{} {}", text(id), text(code))
}

/// Where and what; of something wrong with the whole body, all that is said about it.
fn in_short(violation: &Value) -> String {
    match text(&violation["field"]) {
        "" => text(&violation["message"]).to_owned(),
        field => format!("{field} {}", text(&violation["code"])),
    }
}

fn first_fault(requests: &[RequestRecord]) -> Option<String> {
    let fault = requests.iter().find_map(|request| request.fault.as_ref())?;
    Some(fault.kind.to_string())
}
