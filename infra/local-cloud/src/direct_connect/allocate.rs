//! AllocateHostedConnection: what Direct Connect checks before it sells a piece of a parent.

use serde_json::Value;

use super::{
    DirectConnect, HostedConnection, Parent, Tag,
    bandwidth::mbps,
    client_exception,
    connection::{Sale, without},
    integer, required,
    rules::Rules,
};
use crate::{
    clock::millis,
    reply::{Answer, ApiError},
    request::Call,
    site::Context,
};

/// Most tags on a resource.
const MOST_TAGS: usize = 50;

impl DirectConnect {
    pub(super) fn allocate(&mut self, call: &Call, context: &mut Context<'_>) -> Answer {
        let parent = self.parent_for_sale(required(call, "connectionId")?, context.rules)?;
        let owner = owner_account(call)?;
        let bandwidth = required(call, "bandwidth")?;
        let name = name(call, context.rules)?;
        let vlan = vlan(call)?;
        let tags = tags(call)?;
        check_bandwidth(&parent.id, bandwidth, context.rules)?;
        self.check_capacity(parent, bandwidth, context.rules.oversubscription)?;
        self.check_vlan(&parent.id, vlan, context)?;

        let sale = Sale {
            parent: &parent.id,
            vlan,
            owner_account: owner,
            bandwidth,
            name,
        };
        let id = context.random.connection_id();
        let connection = HostedConnection {
            tags,
            ..HostedConnection::ordered(sale, id, context.now_ms())
        };
        let answer = connection.wire(Some(parent), context.site, true);
        self.add(connection);
        Ok(without(answer, &context.rules.allocate_leaves_out))
    }

    /// What is sold on when this id is asked for: a member's LAG in place of the member.
    pub(super) fn parent_for_sale(&self, id: &str, rules: &Rules) -> Result<&Parent, ApiError> {
        let unknown = || client_exception(format!("Could not find Interconnect with ID {id}"));
        let asked = self.parents.get(id).ok_or_else(unknown)?;
        let parent = match asked.member_of() {
            None => asked,
            Some(lag) if rules.lag_members_sell => self.parents.get(lag).ok_or_else(unknown)?,
            Some(lag) => {
                return Err(client_exception(format!(
                    "{id} is associated with {lag} and does not allow hosted connections"
                )));
            }
        };
        if !parent.allows_hosted_connections {
            return Err(client_exception(format!(
                "{id} does not allow hosted connections"
            )));
        }
        if !asked.is_settled() || !parent.is_settled() {
            return Err(client_exception(format!(
                "Connection ID {id} is in a transitioning state."
            )));
        }
        Ok(parent)
    }

    /// A VLAN is taken by what lives on it, and by what has ended, for as long as the rules say.
    fn check_vlan(&self, parent: &str, vlan: u16, context: &Context<'_>) -> Result<(), ApiError> {
        let rules = context.rules;
        let is_kept = |one: &HostedConnection| match rules.vlan_free_after {
            _ if one.is_living() => true,
            Some(after) => one.state_since_ms.saturating_add(millis(after)) > context.now_ms(),
            None => true,
        };
        let mut on_it = self
            .connections
            .iter()
            .filter(|one| one.vlan == vlan && one.parent == parent);
        if rules.vlan_uniqueness && on_it.any(is_kept) {
            let message = format!("VLAN {vlan} is already in use on {parent}");
            return Err(rules.duplicate_vlan_error.with(message));
        }
        Ok(())
    }

    fn check_capacity(
        &self,
        parent: &Parent,
        bandwidth: &str,
        oversubscription: f64,
    ) -> Result<(), ApiError> {
        let asked = mbps(bandwidth)
            .ok_or_else(|| client_exception(format!("Invalid bandwidth {bandwidth}")))?;
        let Some(capacity) = parent.capacity_mbps else {
            return Ok(());
        };
        let sold: u64 = self
            .living(&parent.id)
            .filter_map(|other| mbps(&other.bandwidth))
            .sum();
        if (sold + asked) as f64 > capacity as f64 * oversubscription {
            return Err(client_exception(format!(
                "{} has not enough bandwidth left",
                parent.id
            )));
        }
        Ok(())
    }
}

fn name<'a>(call: &'a Call, rules: &Rules) -> Result<&'a str, ApiError> {
    let name = required(call, "connectionName")?;
    if let Some(longest) = rules.longest_name
        && name.chars().count() > longest
    {
        let message = format!("connectionName is longer than {longest} characters");
        return Err(client_exception(message));
    }
    match name.chars().find(|one| rules.name_refuses.contains(*one)) {
        Some(refused) => Err(client_exception(format!(
            "connectionName has the invalid character {refused:?}"
        ))),
        None => Ok(name),
    }
}

/// What is sold on this parent is what is listed for it, or for all parents.
fn check_bandwidth(parent: &str, bandwidth: &str, rules: &Rules) -> Result<(), ApiError> {
    let listed = rules
        .bandwidths
        .get(parent)
        .or_else(|| rules.bandwidths.get(""));
    if listed.is_some_and(|listed| !listed.contains(bandwidth)) {
        let message = format!("{bandwidth} is not available on {parent}");
        return Err(client_exception(message));
    }
    Ok(())
}

fn owner_account(call: &Call) -> Result<&str, ApiError> {
    let owner = required(call, "ownerAccount")?;
    if owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(owner)
    } else {
        Err(client_exception(format!("Invalid account {owner}")))
    }
}

fn vlan(call: &Call) -> Result<u16, ApiError> {
    integer(call, "vlan")
        .and_then(|vlan| u16::try_from(vlan).ok())
        .filter(|vlan| (1..=4094).contains(vlan))
        .ok_or_else(|| client_exception("vlan must be between 1 and 4094"))
}

fn tags(call: &Call) -> Result<Vec<Tag>, ApiError> {
    let tags: Vec<Tag> = match call.body.get("tags") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(tags) => serde_json::from_value(tags.clone())
            .map_err(|error| client_exception(format!("Invalid tags: {error}")))?,
    };
    if tags.len() > MOST_TAGS {
        let message = format!(
            "{} tags are more than the {MOST_TAGS} a resource can have",
            tags.len()
        );
        return Err(ApiError::new(400, "TooManyTagsException", message));
    }
    for (index, tag) in tags.iter().enumerate() {
        if tags[..index].iter().any(|earlier| earlier.key == tag.key) {
            let message = format!("tag key {} is there more than once", tag.key);
            return Err(ApiError::new(400, "DuplicateTagKeysException", message));
        }
    }
    Ok(tags)
}
