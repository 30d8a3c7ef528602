//! What Direct Connect shows on one parent, from the first page to the last.
//!
//! Pages are no snapshot: while connections come and go, one may be skipped or shown twice (`pages-complete` in
//! docs/assumptions.md). How many pages there were is
//! part of the answer, so that nobody takes a skipped connection for one that is not there.

use std::collections::HashSet;
use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use hosted_connection::{Connection, ParentConnection, Vlan};

use super::lean::Lean;
use super::{DirectConnect, MAX_PAGES, ReadError, from_listed, is_refused};
use crate::failure::{CallError, Cause};

/// Connections that DescribeHostedConnections gives at most in one answer.
const PAGE_SIZE: i32 = 100;
/// Times that a list is begun anew because Direct Connect no longer takes the token of one of its pages.
const BEGINNINGS: usize = 3;

/// All hosted connections on a parent, in every state.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Each once, as the latest page that has it shows it.
    pub connections: Vec<Connection>,
    /// Pages that they came on. More than one are no snapshot.
    pub pages: usize,
}

/// What is read of a list.
#[derive(Debug, Clone, Copy)]
enum Reading {
    /// All of each connection.
    All,
    /// All of those that may be on this VLAN.
    On(Vlan),
    /// Of each connection its VLAN and its state.
    Vlans,
}

impl Reading {
    fn keeps(self, connection: &Connection) -> bool {
        let Self::On(vlan) = self else {
            return true;
        };
        // What a list leaves out is unknown.
        let shown = connection.vlan;
        shown.is_none_or(|shown| shown == i32::from(vlan.get()))
    }
}

/// Why a list ended before its last page.
enum Broken {
    /// Direct Connect refused a later page: its token is no longer good. That says nothing about the parent.
    Token,
    /// The call failed, or the first page was refused.
    Call(ReadError),
}

impl DirectConnect {
    /// All hosted connections on `parent`, in every state, from all pages.
    ///
    /// # Errors
    /// When any page cannot be read: a part of the list must not be taken for all of it.
    pub async fn connections(&self, parent: &ParentConnection) -> Result<Listed, ReadError> {
        self.listed(parent, Reading::All).await
    }

    /// As [`connections`](Self::connections), but without those that are shown on another VLAN: of thousands, an order needs the
    /// few that may be its own or in its way, and no more than a page is held at a time.
    ///
    /// # Errors
    /// As there.
    pub async fn connections_on(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
    ) -> Result<Listed, ReadError> {
        self.listed(parent, Reading::On(vlan)).await
    }

    /// As [`connections`](Self::connections), but of each connection only its VLAN and its state: for who asks nothing else, a
    /// crowded parent takes half the time. One that comes on two pages is in it twice.
    ///
    /// # Errors
    /// As there.
    pub async fn vlans(&self, parent: &ParentConnection) -> Result<Listed, ReadError> {
        self.listed(parent, Reading::Vlans).await
    }

    async fn listed(
        &self,
        parent: &ParentConnection,
        reading: Reading,
    ) -> Result<Listed, ReadError> {
        for _ in 0..BEGINNINGS {
            match self.pages(parent, reading).await {
                Ok(listed) => return Ok(listed),
                Err(Broken::Call(error)) => return Err(error),
                Err(Broken::Token) => {
                    tracing::info!(parent.id = %parent, "a page token is no longer good; the list is read anew");
                }
            }
        }
        Err(unreadable(format!("a later page was refused {BEGINNINGS} times")).into())
    }

    async fn pages(&self, parent: &ParentConnection, reading: Reading) -> Result<Listed, Broken> {
        let mut listed = Listed::default();
        let mut token: Option<String> = None;
        while listed.pages < MAX_PAGES {
            let call = self
                .reader
                .describe_hosted_connections()
                .connection_id(parent.as_str())
                .max_results(PAGE_SIZE)
                .set_next_token(token);
            let answer = match reading {
                Reading::All | Reading::On(_) => call.send().await,
                Reading::Vlans => call.customize().interceptor(Lean).send().await,
            };
            let page = match answer {
                Ok(page) => page,
                Err(error) if listed.pages > 0 && is_refused(&error) => return Err(Broken::Token),
                Err(error) => return Err(Broken::Call(read_error(error))),
            };
            listed.pages += 1;
            // An empty list is a list. An answer without one says nothing, and absence must be said.
            let connections = page.connections.ok_or_else(|| {
                Broken::Call(unreadable("the answer holds no list of connections").into())
            })?;
            let connections = connections.into_iter().map(from_listed);
            listed
                .connections
                .extend(connections.filter(|connection| reading.keeps(connection)));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                listed.drop_repeats();
                return Ok(listed);
            }
        }
        let message = format!("more than {MAX_PAGES} pages");
        Err(Broken::Call(
            CallError::corrupt("DescribeHostedConnections", message).into(),
        ))
    }
}

impl Listed {
    fn drop_repeats(&mut self) {
        if self.pages < 2 {
            return;
        }
        let mut seen = HashSet::new();
        self.connections.reverse();
        self.connections.retain(|connection| {
            let id = connection.connection_id.clone();
            id.is_none_or(|id| seen.insert(id))
        });
        self.connections.reverse();
    }
}

fn unreadable(message: impl Into<String>) -> CallError {
    CallError {
        operation: "DescribeHostedConnections",
        cause: Cause::Unavailable,
        message: message.into(),
    }
}

fn read_error<E>(error: SdkError<E, HttpResponse>) -> ReadError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if is_refused(&error) {
        return ReadError::Refused(error.message().unwrap_or_default().to_owned());
    }
    ReadError::Failed(CallError::without_words(
        "DescribeHostedConnections",
        &error,
    ))
}
