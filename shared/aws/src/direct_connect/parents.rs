//! The partner's interconnects and LAGs: what hosted connections are sold on.

use hosted_connection::ParentConnection;

use super::{DirectConnect, MAX_PAGES};
use crate::failure::CallError;

impl DirectConnect {
    /// All interconnects and LAGs of the account in this region, in a fixed order.
    ///
    /// # Errors
    /// When any page cannot be read.
    pub async fn parents(&self) -> Result<Vec<ParentConnection>, CallError> {
        let (interconnects, lags) = tokio::try_join!(self.interconnects(), self.lags())?;
        let mut parents: Vec<_> = interconnects
            .iter()
            .chain(&lags)
            // An id that is not of the API's own form names nothing that an order could name.
            .filter_map(|id| ParentConnection::parse(id).ok())
            .collect();
        parents.sort();
        parents.dedup();
        Ok(parents)
    }

    async fn interconnects(&self) -> Result<Vec<String>, CallError> {
        let mut ids = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let call = self.reader.describe_interconnects();
            let page = call.set_next_token(token).send().await;
            let page =
                page.map_err(|error| CallError::without_words("DescribeInterconnects", &error))?;
            let listed = page.interconnects.unwrap_or_default().into_iter();
            ids.extend(listed.filter_map(|interconnect| interconnect.interconnect_id));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
        Ok(ids)
    }

    async fn lags(&self) -> Result<Vec<String>, CallError> {
        let mut ids = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let call = self.reader.describe_lags();
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|error| CallError::without_words("DescribeLags", &error))?;
            let listed = page.lags.unwrap_or_default().into_iter();
            ids.extend(listed.filter_map(|lag| lag.lag_id));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
        Ok(ids)
    }
}
