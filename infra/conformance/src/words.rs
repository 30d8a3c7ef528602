//! What AWS said when it did not do what it was asked: by code and status, never by its message.

use std::error::Error;
use std::fmt;

use assumptions::Seen;
use aws::failure::{self, CallError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The code by which Direct Connect refuses what it has understood.
pub(crate) const CLIENT_EXCEPTION: &str = "DirectConnectClientException";

/// A call that was not answered with what it asked for.
#[derive(Debug, Clone)]
pub(crate) struct No {
    pub(crate) kind: Kind,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    /// For people only.
    pub(crate) message: String,
}

/// What may be concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A client exception.
    Refused,
    /// The service asks for fewer requests.
    Throttled,
    /// The caller may not do this, is not known, or the request is not one that the service reads.
    Denied,
    /// Nothing was sent.
    Unreached,
    /// A 4xx with a code that is on no list.
    Unlisted,
    /// Anything else: it may have been done.
    Unknown,
}

impl No {
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let said = CallError::new("", error);
        if let SdkError::ServiceError(service) = error {
            let status = service.raw().status().as_u16();
            let code = service.err().code().filter(|code| !code.is_empty());
            return Self {
                kind: kind(status, code, &said),
                status: Some(status),
                code: code.map(str::to_owned),
                message: service.err().message().unwrap_or_default().to_owned(),
            };
        }
        let unreached = matches!(error, SdkError::ConstructionFailure(_))
            || matches!(error, SdkError::DispatchFailure(_))
                && aws::direct_connect::never_connected(error);
        Self {
            kind: if unreached {
                Kind::Unreached
            } else {
                Kind::Unknown
            },
            status: error.raw_response().map(|raw| raw.status().as_u16()),
            code: None,
            message: said.message,
        }
    }

    /// No answer in time, or an answer that makes no sense.
    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Unknown,
            status: None,
            code: None,
            message: message.into(),
        }
    }

    /// Whether a list was refused as that of an unknown parent: with a client exception.
    pub(crate) fn is_client_exception(&self) -> bool {
        self.kind == Kind::Refused && self.code.as_deref() == Some(CLIENT_EXCEPTION)
    }

    /// As a report has it.
    pub(crate) fn seen(&self) -> Seen {
        Seen {
            status: self.status,
            code: self.code.clone(),
            message: Some(self.message.clone()).filter(|message| !message.is_empty()),
            ..Seen::default()
        }
    }
}

impl fmt::Display for No {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, self.status) {
            (Some(code), Some(status)) => write!(f, "{code} (HTTP {status})")?,
            (None, Some(status)) => write!(f, "HTTP {status} without an error code")?,
            (_, None) => return f.write_str(&self.message),
        }
        match self.message.as_str() {
            "" => Ok(()),
            message => write!(f, ": {message}"),
        }
    }
}

fn kind(status: u16, code: Option<&str>, said: &CallError) -> Kind {
    let Some(code) = code else {
        return Kind::Unknown;
    };
    if failure::is_throttling(code) {
        return Kind::Throttled;
    }
    if said.denial().is_some() || failure::is_malformed(code) {
        return Kind::Denied;
    }
    match code {
        _ if !(400..500).contains(&status) => Kind::Unknown,
        CLIENT_EXCEPTION | "DuplicateTagKeysException" | "TooManyTagsException" => Kind::Refused,
        // It comes with HTTP 400, and says nothing about its effect.
        "DirectConnectServerException" => Kind::Unknown,
        _ => Kind::Unlisted,
    }
}
