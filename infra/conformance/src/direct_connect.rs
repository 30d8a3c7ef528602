//! The calls of Direct Connect, each sent once, and what came of each.

use aws::direct_connect::{from_answer, from_listed};
use aws_sdk_directconnect::types::Tag;
use hosted_connection::{Bandwidth, Connection};

use crate::clients::Clients;
use crate::words::No;

/// Pages that a list has at most; more of them are a list without an end.
const MAX_PAGES: usize = 1000;
/// AWS: "If MaxResults is given a value larger than 100, only 100 results are returned."
pub(crate) const LARGEST_PAGE: usize = 100;

/// A connection to be made.
#[derive(Debug, Clone)]
pub(crate) struct Ordered {
    pub(crate) parent: String,
    pub(crate) owner: String,
    pub(crate) vlan: u16,
    pub(crate) bandwidth: Bandwidth,
    pub(crate) name: String,
    pub(crate) tagged: bool,
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) connections: Vec<Connection>,
    pub(crate) next: Option<String>,
}

/// A whole list.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) connections: Vec<Connection>,
    pub(crate) pages: usize,
}

impl Shown {
    pub(crate) fn by_id(&self, id: &str) -> Option<&Connection> {
        let mut all = self.connections.iter();
        all.find(|one| one.connection_id.as_deref() == Some(id))
    }
}

impl Clients {
    /// AllocateHostedConnection: the answer, if it names a connection.
    pub(crate) async fn allocate(&self, ordered: &Ordered) -> Result<Connection, No> {
        let call = self
            .direct_connect
            .allocate_hosted_connection()
            .connection_id(&ordered.parent)
            .owner_account(&ordered.owner)
            .bandwidth(ordered.bandwidth.as_str())
            .connection_name(&ordered.name)
            .vlan(i32::from(ordered.vlan));
        let tag = Tag::builder().key("conformance").value("probe").build();
        let tags = ordered.tagged.then(|| tag.ok().into_iter().collect());
        match call.set_tags(tags).send().await {
            Err(error) => Err(No::of(&error)),
            Ok(answer) => {
                let answer = from_answer(answer);
                match answer.connection_id.as_deref() {
                    None | Some("") => Err(No::unknown("the answer holds no connection id")),
                    Some(_) => Ok(answer),
                }
            }
        }
    }

    /// DeleteConnection: whether it was accepted.
    pub(crate) async fn delete(&self, id: &str) -> Result<(), No> {
        let call = self.direct_connect.delete_connection().connection_id(id);
        call.send()
            .await
            .map(|_| ())
            .map_err(|error| No::of(&error))
    }

    /// AssociateHostedConnection: whether it was accepted.
    pub(crate) async fn associate(&self, id: &str, parent: &str) -> Result<(), No> {
        let call = self
            .direct_connect
            .associate_hosted_connection()
            .connection_id(id)
            .parent_connection_id(parent);
        call.send()
            .await
            .map(|_| ())
            .map_err(|error| No::of(&error))
    }

    /// One page of DescribeHostedConnections.
    pub(crate) async fn page(
        &self,
        parent: &str,
        size: usize,
        token: Option<String>,
    ) -> Result<Page, No> {
        let call = self
            .direct_connect
            .describe_hosted_connections()
            .connection_id(parent)
            .max_results(i32::try_from(size).unwrap_or(i32::MAX))
            .set_next_token(token);
        let page = call.send().await.map_err(|error| No::of(&error))?;
        // An empty list is a list. An answer without one says nothing.
        let listed = page
            .connections
            .ok_or_else(|| No::unknown("the answer holds no list of connections"))?;
        Ok(Page {
            connections: listed.into_iter().map(from_listed).collect(),
            next: page.next_token.filter(|token| !token.is_empty()),
        })
    }

    /// All pages of DescribeHostedConnections.
    pub(crate) async fn list(&self, parent: &str) -> Result<Shown, No> {
        let mut shown = Shown::default();
        let mut token: Option<String> = None;
        while shown.pages < MAX_PAGES {
            let page = self.page(parent, LARGEST_PAGE, token.clone()).await?;
            shown.pages += 1;
            shown.connections.extend(page.connections);
            if page.next.is_none() {
                return Ok(shown);
            }
            if page.next == token {
                return Err(No::unknown("a page names itself as the next one"));
            }
            token = page.next;
        }
        Err(No::unknown(format!(
            "the list has more than {MAX_PAGES} pages"
        )))
    }
}
