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
use hosted_connection::{Connection, ParentConnection, Vlan, VlanSet};

use super::lean::Lean;
use super::{DirectConnect, MAX_PAGES, ReadError, from_listed, is_refused};
use crate::failure::{CallError, Cause};

/// Connections that DescribeHostedConnections gives at most in one answer.
const PAGE_SIZE: i32 = 100;
/// Times that a list is begun anew because Direct Connect no longer takes the token of one of its pages.
const BEGINNINGS: usize = 3;

/// Hosted connections on a parent, in every state: all, or those that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Each once, as the latest page shows it of those that it is kept from.
    pub connections: Vec<Connection>,
    /// Pages that they came on. More than one are no snapshot.
    pub pages: usize,
}

/// What is read of each connection.
#[derive(Debug, Clone, Copy)]
enum Reading {
    All,
    /// Its VLAN and its state.
    Lean,
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
        let keep = |all: &mut Vec<_>, shown| all.push(shown);
        let (connections, pages) = self.read(parent, Reading::All, &keep).await?;
        Ok(Listed::new(connections, pages))
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
        let vlan = i32::from(vlan.get());
        let keep = |all: &mut Vec<Connection>, shown: Connection| {
            // What a list leaves out is unknown.
            if shown.vlan.is_none_or(|shown| shown == vlan) {
                all.push(shown);
            }
        };
        let (connections, pages) = self.read(parent, Reading::All, &keep).await?;
        Ok(Listed::new(connections, pages))
    }

    /// The VLANs that `held` says the connections on `parent` hold, by their VLAN and their state, which is all that is read: for
    /// who asks nothing else, a crowded parent takes half the time. Of a connection that comes on two pages, each page counts.
    ///
    /// # Errors
    /// As in [`connections`](Self::connections).
    pub async fn vlans(
        &self,
        parent: &ParentConnection,
        held: fn(&Connection) -> Option<Vlan>,
    ) -> Result<VlanSet, ReadError> {
        let keep = |all: &mut VlanSet, shown: Connection| {
            held(&shown).into_iter().for_each(|vlan| all.insert(vlan))
        };
        let (vlans, _) = self.read(parent, Reading::Lean, &keep).await?;
        Ok(vlans)
    }

    /// What `keep` makes of the connections, from the first page to the last, and how many pages there were.
    async fn read<T: Default>(
        &self,
        parent: &ParentConnection,
        reading: Reading,
        keep: &impl Fn(&mut T, Connection),
    ) -> Result<(T, usize), ReadError> {
        for _ in 0..BEGINNINGS {
            match self.pages(parent, reading, keep).await {
                Ok(read) => return Ok(read),
                Err(Broken::Call(error)) => return Err(error),
                Err(Broken::Token) => {
                    tracing::info!(parent.id = %parent, "a page token is no longer good; the list is read anew");
                }
            }
        }
        Err(unreadable(format!("a later page was refused {BEGINNINGS} times")).into())
    }

    async fn pages<T: Default>(
        &self,
        parent: &ParentConnection,
        reading: Reading,
        keep: &impl Fn(&mut T, Connection),
    ) -> Result<(T, usize), Broken> {
        let (mut kept, mut pages) = (T::default(), 0);
        let mut token: Option<String> = None;
        while pages < MAX_PAGES {
            let call = self
                .reader
                .describe_hosted_connections()
                .connection_id(parent.as_str())
                .max_results(PAGE_SIZE)
                .set_next_token(token);
            let answer = match reading {
                Reading::All => call.send().await,
                Reading::Lean => call.customize().interceptor(Lean).send().await,
            };
            let page = match answer {
                Ok(page) => page,
                Err(error) if pages > 0 && is_refused(&error) => return Err(Broken::Token),
                Err(error) => return Err(Broken::Call(read_error(error))),
            };
            pages += 1;
            // An empty list is a list. An answer without one says nothing, and absence must be said.
            let connections = page.connections.ok_or_else(|| {
                Broken::Call(unreadable("the answer holds no list of connections").into())
            })?;
            for connection in connections {
                keep(&mut kept, from_listed(connection));
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok((kept, pages));
            }
        }
        let message = format!("more than {MAX_PAGES} pages");
        Err(Broken::Call(
            CallError::corrupt("DescribeHostedConnections", message).into(),
        ))
    }
}

impl Listed {
    fn new(mut connections: Vec<Connection>, pages: usize) -> Self {
        if pages > 1 {
            drop_repeats(&mut connections);
        }
        Self { connections, pages }
    }
}

fn drop_repeats(connections: &mut Vec<Connection>) {
    let mut seen = HashSet::new();
    connections.reverse();
    connections.retain(|connection| {
        let id = connection.connection_id.clone();
        id.is_none_or(|id| seen.insert(id))
    });
    connections.reverse();
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
