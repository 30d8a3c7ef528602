//! Everything the table knows of one parent: its VLAN leases and its policy, in one query.

use hosted_connection::ParentConnection;

use super::item::{Item, text};
use super::leases::Lease;
use super::policies::PolicyState;
use super::{Ledger, keys};
use crate::failure::CallError;

/// One parent, as the table knows it.
#[derive(Debug, Clone, Default)]
pub struct ParentView {
    /// VLANs in use, lowest first.
    pub leases: Vec<Lease>,
    /// Its policy, if it has one, whether or not policies are enforced.
    pub policy: Option<PolicyState>,
}

impl Ledger {
    /// What the table knows of `parent`.
    ///
    /// # Errors
    /// When the table cannot be read, or holds something that we did not write.
    pub async fn parent(&self, parent: &ParentConnection) -> Result<ParentView, CallError> {
        let mut view = ParentView::default();
        let mut start: Option<Item> = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true);
            let page = query
                .key_condition_expression("pk = :parent")
                .expression_attribute_values(":parent", keys::parent_pk(parent))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| CallError::new("Query", &error))?;
            for item in page.items() {
                if text(item, keys::SK)? == keys::POLICY {
                    view.policy = Some(PolicyState::from_item(item)?);
                } else {
                    view.leases.push(Lease::from_item(item)?);
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        let now_ms = self.clock.now_ms();
        self.policies.learn(parent, view.policy.is_some(), now_ms);
        Ok(view)
    }
}
