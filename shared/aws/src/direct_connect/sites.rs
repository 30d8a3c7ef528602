//! Where the partner's interconnects and LAGs are and what they are made of, for people: nothing is decided by it.

use hosted_connection::ParentConnection;

use super::parents::{no_list, too_many};
use super::{DirectConnect, MAX_PAGES};
use crate::failure::CallError;

/// An interconnect or a LAG, as a person would describe it. What an answer leaves out is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParentSite {
    /// Its id.
    pub id: ParentConnection,
    /// The partner's name for it.
    pub name: String,
    /// Its state in Direct Connect's own spelling.
    pub state: String,
    /// Code of the location it is in.
    pub location: String,
    /// The endpoint where its logical connections end.
    pub device: String,
    /// Bandwidth of one port, in AWS's spelling.
    pub port: String,
    /// Ports: one of an interconnect.
    pub ports: u32,
    /// The LAG that it is a member of.
    pub lag: Option<ParentConnection>,
}

impl DirectConnect {
    /// All interconnects and LAGs that hosted connections can be on, in the order of their ids.
    ///
    /// # Errors
    /// When any page cannot be read, or is no list.
    pub async fn parent_sites(&self) -> Result<Vec<ParentSite>, CallError> {
        let (mut sites, lags) = tokio::try_join!(self.interconnect_sites(), self.lag_sites())?;
        sites.extend(lags);
        sites.sort_by(|a, b| a.id.cmp(&b.id));
        sites.dedup_by(|a, b| a.id == b.id);
        Ok(sites)
    }

    async fn interconnect_sites(&self) -> Result<Vec<ParentSite>, CallError> {
        let operation = "DescribeInterconnects";
        let (mut sites, mut token) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let call = self.reader.describe_interconnects();
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|error| CallError::without_words(operation, &error))?;
            let listed = page.interconnects.ok_or_else(|| no_list(operation))?;
            sites.extend(listed.into_iter().filter_map(|interconnect| {
                let state = interconnect.interconnect_state;
                Some(ParentSite {
                    id: ParentConnection::parse(&interconnect.interconnect_id?).ok()?,
                    name: interconnect.interconnect_name.unwrap_or_default(),
                    state: state.map_or_else(String::new, |state| state.as_str().to_owned()),
                    location: interconnect.location.unwrap_or_default(),
                    device: interconnect.aws_logical_device_id.unwrap_or_default(),
                    port: interconnect.bandwidth.unwrap_or_default(),
                    ports: 1,
                    lag: interconnect
                        .lag_id
                        .and_then(|id| ParentConnection::parse(&id).ok()),
                })
            }));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(sites);
            }
        }
        Err(too_many(operation))
    }

    async fn lag_sites(&self) -> Result<Vec<ParentSite>, CallError> {
        let operation = "DescribeLags";
        let (mut sites, mut token) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let call = self.reader.describe_lags();
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|error| CallError::without_words(operation, &error))?;
            let listed = page.lags.ok_or_else(|| no_list(operation))?;
            let sellable = listed
                .into_iter()
                .filter(|lag| lag.allows_hosted_connections);
            sites.extend(sellable.filter_map(|lag| {
                Some(ParentSite {
                    id: ParentConnection::parse(&lag.lag_id?).ok()?,
                    name: lag.lag_name.unwrap_or_default(),
                    state: lag
                        .lag_state
                        .map_or_else(String::new, |state| state.as_str().to_owned()),
                    location: lag.location.unwrap_or_default(),
                    device: lag.aws_logical_device_id.unwrap_or_default(),
                    port: lag.connections_bandwidth.unwrap_or_default(),
                    ports: u32::try_from(lag.number_of_connections).unwrap_or_default(),
                    lag: None,
                })
            }));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(sites);
            }
        }
        Err(too_many(operation))
    }
}
