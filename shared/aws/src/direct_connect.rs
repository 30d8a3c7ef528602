//! Direct Connect as a partner sees it: allocate a hosted connection once, and look at what is on a parent.
//!
//! The call that allocates goes through a client that cannot retry; every error it can end in is sorted by one
//! question only: may it have taken effect?

mod associate;
mod connection;
mod delete;
mod lean;
mod pages;
mod parents;
mod sites;

use std::error::Error;
use std::time::Duration;

use aws_sdk_directconnect::Client;
use aws_sdk_directconnect::operation::allocate_hosted_connection::AllocateHostedConnectionError;
use aws_sdk_directconnect::types::Tag;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use hosted_connection::{AllocationRequest, Connection, ParentConnection, Vlan};

use crate::failure::{self, CallError, Cause};
use crate::http::NotConnected;
use crate::lazy::Lazy;
use crate::metrics::{Meter, Service};
use crate::{Clock, Config, HttpClients, Patience, watched_client};

pub use associate::Association;
pub use connection::{from_answer, from_listed};
pub use delete::Deletion;
pub use pages::Listed;
pub use parents::{Parent, Parents, Readiness};
pub use sites::ParentSite;

/// Pages that a list has at most. A parent has at most 4,094 VLANs, but deleted connections stay listed for a while.
const MAX_PAGES: usize = 1000;

/// The partner's Direct Connect calls.
#[derive(Debug, Clone)]
pub struct DirectConnect {
    /// Sends each request once, and not late. AllocateHostedConnection has no client token, so a retry may allocate twice.
    once: Lazy<Client>,
    /// Retries: for reads only.
    reader: Lazy<Client>,
}

/// How the one AllocateHostedConnection of an attempt ended.
#[derive(Debug)]
pub enum Allocation {
    /// Direct Connect answered with a connection.
    Applied(Box<Connection>),
    /// Direct Connect looked at the request and said no.
    Refused {
        /// Direct Connect's own words, for people.
        message: String,
    },
    /// It certainly had no effect: never sent, throttled, or not authorised.
    NotApplied(CallError),
    /// It may have taken effect.
    Unknown {
        /// What is known, for logs.
        reason: String,
    },
}

/// Why the connections of a parent could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Direct Connect does not show this parent to us, for the reason given in its own words.
    #[error("Direct Connect refused to list the parent's connections")]
    Refused(String),
    /// The call failed.
    #[error(transparent)]
    Failed(#[from] CallError),
}

impl DirectConnect {
    /// Sets the clients up; nothing is sent until the first call.
    #[must_use]
    pub fn new(config: &Config, http: HttpClients, clock: Clock, meter: &Meter) -> Self {
        let client = |http: SharedHttpClient, patience: &Patience| {
            watched_client!(
                aws_sdk_directconnect,
                config,
                config.endpoints.direct_connect.clone(),
                http,
                clock.clone(),
                patience,
                meter,
                Service::DirectConnect
            )
        };
        Self {
            // The time-out is the caller's, who knows the deadline.
            once: client(
                http.once,
                &Patience {
                    attempts: 1,
                    attempt: Duration::from_secs(60),
                },
            ),
            reader: client(
                http.shared,
                &Patience {
                    attempts: 3,
                    attempt: Duration::from_secs(4),
                },
            ),
        }
    }

    /// Builds the client that allocates, unless it is built.
    pub fn build(&self) {
        self.once.build();
    }

    /// Sends AllocateHostedConnection for `vlan` on `parent` once and waits at most `timeout` for the answer.
    pub async fn allocate(
        &self,
        request: &AllocationRequest,
        (parent, vlan): (&ParentConnection, Vlan),
        timeout: Duration,
    ) -> Allocation {
        let call = self
            .once
            .allocate_hosted_connection()
            .connection_id(parent.as_str())
            .owner_account(request.owner_account.as_str())
            .bandwidth(request.bandwidth.as_str())
            .connection_name(request.connection_name.as_str())
            .vlan(i32::from(vlan.get()))
            .set_tags(sdk_tags(request));
        match tokio::time::timeout(timeout, call.send()).await {
            Err(_) => Allocation::Unknown {
                reason: format!("no answer within {timeout:?}"),
            },
            Ok(Err(error)) => classify(&error),
            Ok(Ok(output))
                if output
                    .connection_id
                    .as_deref()
                    .unwrap_or_default()
                    .is_empty() =>
            {
                Allocation::Unknown {
                    reason: "the answer holds no connection id".into(),
                }
            }
            Ok(Ok(output)) => Allocation::Applied(Box::new(from_answer(output))),
        }
    }
}

fn sdk_tags(request: &AllocationRequest) -> Option<Vec<Tag>> {
    let tags = request.tags.iter().map(|tag| {
        let tag = Tag::builder()
            .key(&tag.key)
            .set_value(tag.value.clone())
            .build();
        // The builder fails only without a key.
        tag.ok()
    });
    tags.collect::<Option<Vec<_>>>()
        .filter(|tags| !tags.is_empty())
}

/// Sorts an error by whether the allocation may have taken effect. What is not listed may have (`refusal-code` in
/// docs/assumptions.md).
fn classify(error: &SdkError<AllocateHostedConnectionError, HttpResponse>) -> Allocation {
    let not_applied = |cause| {
        let message = failure::code_and_status(error);
        Allocation::NotApplied(CallError {
            operation: "AllocateHostedConnection",
            cause,
            message,
        })
    };
    match error {
        SdkError::ConstructionFailure(_) => return not_applied(Cause::Misconfigured),
        SdkError::DispatchFailure(_) if never_connected(error) => {
            return not_applied(Cause::Unavailable);
        }
        SdkError::ServiceError(service) if is_4xx(error) => {
            match service.err().code().unwrap_or_default() {
                "DirectConnectClientException"
                | "DuplicateTagKeysException"
                | "TooManyTagsException" => {
                    return Allocation::Refused {
                        message: service.err().message().unwrap_or_default().to_owned(),
                    };
                }
                code if failure::is_throttling(code) => return not_applied(Cause::Throttled),
                code if failure::is_access(code) || failure::is_malformed(code) => {
                    return not_applied(Cause::Misconfigured);
                }
                // DirectConnectServerException among them: it comes with HTTP 400 and says nothing about its effect.
                _ => {}
            }
        }
        // Any 5xx, time-outs, broken connections, unreadable answers, and whatever the SDK may add.
        _ => {}
    }
    Allocation::Unknown {
        reason: failure::code_and_status(error),
    }
}

/// Direct Connect looked at the request and said no. Whether that is its last word is another question.
fn is_refused<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    error.code() == Some("DirectConnectClientException") && is_4xx(error)
}

fn is_4xx<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error
        .raw_response()
        .is_some_and(|response| response.status().is_client_error())
}

/// Whether no connection came about, so that not a byte of the request was sent.
#[must_use]
pub fn never_connected(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        // Ours, or that of the SDK's own HTTP client.
        let connect = error.is::<NotConnected>()
            || error
                .downcast_ref::<hyper_util::client::legacy::Error>()
                .is_some_and(|e| e.is_connect());
        // Only connect(2) gives ECONNREFUSED.
        let refused = error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::ConnectionRefused);
        if connect || refused {
            return true;
        }
        next = error.source();
    }
    false
}
