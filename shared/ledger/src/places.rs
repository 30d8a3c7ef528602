//! Where an order on a parent belongs: whose VLAN it leases, and whose policy it is sold under.
//!
//! A member of a LAG shares VLANs and bandwidth with the LAG, so there the LAG's leases and policy count. Tracking, which
//! reads the account's parents anyway, notes who is a member of what; an order learns it together with the policy.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use hosted_connection::ParentConnection;

use crate::draft::build_error;
use crate::item::{Item, s, text};
use crate::keys;
use crate::known_places::Standing;
use crate::ledger::Ledger;
use crate::policy::PolicyState;
use aws::failure::CallError;
use aws::metrics::Metric;

const LAG_ID: &str = "lagId";
/// Where an order belongs.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The interconnect or LAG whose VLANs are leased.
    pub(crate) parent: ParentConnection,
    /// Whether a policy of that parent has to be kept to.
    pub(crate) has_policy: bool,
}

impl Ledger {
    /// Where an order on `parent` belongs. Asks the table now and then, and not at all unless policies are enforced.
    pub(crate) async fn place_of(&self, parent: &ParentConnection) -> Result<Place, CallError> {
        let alone = |has_policy| Place {
            parent: parent.clone(),
            has_policy,
        };
        if !self.rules.parent_policies {
            return Ok(alone(false));
        }
        let standing = self.standing(parent).await?;
        let Some(lag) = standing.lag else {
            return Ok(alone(standing.has_policy));
        };
        Ok(Place {
            has_policy: self.standing(&lag).await?.has_policy,
            parent: lag,
        })
    }

    async fn standing(&self, parent: &ParentConnection) -> Result<Standing, CallError> {
        if let Some(known) = self.places.get(parent, self.clock.now_ms()) {
            return Ok(known);
        }
        let ask = || async {
            let standing = self.read_standing(parent).await?;
            self.places
                .learn(parent, standing.clone(), self.clock.now_ms());
            Ok(standing)
        };
        self.places.asked().read(parent, ask).await
    }

    /// The two items of the parent that stand before its leases.
    async fn read_standing(&self, parent: &ParentConnection) -> Result<Standing, CallError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :parent AND sk BETWEEN :lag AND :policy")
            .expression_attribute_values(":parent", keys::parent_pk(parent))
            .expression_attribute_values(":lag", s(keys::LAG))
            .expression_attribute_values(":policy", s(keys::POLICY));
        let found = query
            .send()
            .await
            .map_err(|error| CallError::new("Query", &error))?;
        let mut standing = Standing::default();
        for item in found.items() {
            match text(item, keys::SK)? {
                keys::POLICY => standing.has_policy = self.policy_in(item, parent).is_some(),
                keys::LAG => standing.lag = Some(lag(item)?),
                _ => {}
            }
        }
        Ok(standing)
    }

    /// The policy in an item. One that cannot be understood is passed over, and a defect: see [`Ledger::parent`].
    pub(crate) fn policy_in(&self, item: &Item, parent: &ParentConnection) -> Option<PolicyState> {
        PolicyState::from_item(item)
            .inspect_err(|error| {
                self.meter.count(Metric::Defects);
                tracing::error!(parent.id = %parent, error = %error, "a policy cannot be understood");
            })
            .ok()
    }

    /// Notes which LAG `parent` is a member of.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn note_lag(
        &self,
        parent: &ParentConnection,
        lag: Option<&ParentConnection>,
    ) -> Result<(), CallError> {
        let mut item = keys::lag(parent);
        let action = match lag {
            None => {
                let delete = Delete::builder()
                    .table_name(&self.table)
                    .set_key(Some(item))
                    .build();
                TransactWriteItem::builder().delete(delete.map_err(build_error)?)
            }
            Some(lag) => {
                item.insert(LAG_ID.into(), s(lag.as_str()));
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(item))
                    .build();
                TransactWriteItem::builder().put(put.map_err(build_error)?)
            }
        };
        self.write_besides(action.build()).await
    }
}

/// The LAG in a member's note.
pub(crate) fn lag(item: &Item) -> Result<ParentConnection, CallError> {
    Ok(ParentConnection::from_stored(
        text(item, LAG_ID)?.to_owned(),
    ))
}
