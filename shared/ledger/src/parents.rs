//! Everything the table knows of one parent: its VLAN leases, its policy and its LAG, in one query.

use hosted_connection::{ParentConnection, Vlan};

use crate::item::{Item, text};
use crate::keys;
use crate::known_places::Standing;
use crate::lease::Lease;
use crate::ledger::Ledger;
use crate::memory::Memory;
use crate::places;
use crate::policy::PolicyState;
use aws::failure::CallError;
use aws::metrics::Metric;

/// One parent, as the table knows it.
#[derive(Debug, Clone, Default)]
pub struct ParentView {
    /// VLANs in use, lowest first.
    pub leases: Vec<Lease>,
    /// VLANs whose leases cannot be understood: whoever has them, they are not free.
    pub unreadable: Vec<Vlan>,
    /// Its policy, if it has one, whether or not policies are enforced.
    pub policy: Option<PolicyState>,
    /// The LAG that it is a member of, as far as tracking has noted it.
    pub lag: Option<ParentConnection>,
    /// Its VLANs as tracking noted them last, if it did.
    pub memory: Option<Memory>,
}

impl Ledger {
    /// What the table knows of `parent`. An item that cannot be understood is a defect, logged and counted, and does not
    /// keep the others from being read; items of a kind that a newer version writes are passed over.
    ///
    /// # Errors
    /// When the table cannot be read.
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
                self.add(item, &mut view);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        let standing = Standing {
            has_policy: view.policy.is_some(),
            lag: view.lag.clone(),
        };
        self.places.learn(parent, standing, self.clock.now_ms());
        Ok(view)
    }

    fn add(&self, item: &Item, view: &mut ParentView) {
        let sk = text(item, keys::SK).unwrap_or_default();
        let added = match sk {
            keys::POLICY => PolicyState::from_item(item).map(|policy| view.policy = Some(policy)),
            keys::LAG => places::lag(item).map(|lag| view.lag = Some(lag)),
            keys::SEEN => {
                view.memory = Memory::from_item(item);
                Ok(())
            }
            _ => match keys::vlan_of(sk) {
                None => Ok(()),
                Some(vlan) => Lease::from_item(item)
                    .map(|lease| view.leases.push(lease))
                    .inspect_err(|_| view.unreadable.push(vlan)),
            },
        };
        if let Err(error) = added {
            self.meter.count(Metric::Defects);
            let pk = text(item, keys::PK).unwrap_or_default();
            tracing::error!(item.pk = pk, item.sk = sk, error = %error, "an item of a parent cannot be understood");
        }
    }
}
