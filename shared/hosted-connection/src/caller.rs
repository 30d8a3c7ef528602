//! A caller, where callers are kept apart: who it is, what it may order, and which orders are its own.
//!
//! Orders are told apart by their keys: each caller has a prefix of its own, and every key of its orders begins with it.
//! It judges what it is given. Where callers are kept, and how an event shows who has sent it, is not its knowledge.

mod identity;
mod permit;
mod principal;
mod read;
mod registered;

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use crate::{
    Bandwidth, IdempotencyKey, Order, OwnerAccount, ParentConnection, Scope, Target, Violation,
    ViolationCode,
};

pub use identity::Identity;
pub use permit::Permit;
pub use principal::Principal;
pub use registered::{CallerFault, Callers};

/// One caller. As JSON: `{"principals": ["AROAEXAMPLEEXAMPLE123"], "keyPrefix": "acme-", "ownerAccounts": ["111122223333"],
/// "parents": "any", "bandwidths": ["50Mbps"], "readsAndReleases": "own"}`. Every member has to be there: what a caller may
/// do is never left to a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Caller {
    principals: BTreeSet<Principal>,
    key_prefix: String,
    owner_accounts: Allowed<OwnerAccount>,
    parents: Allowed<ParentConnection>,
    bandwidths: Allowed<Bandwidth>,
    reads_and_releases: Reach,
}

/// Values that a caller may order with.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed<T> {
    Any,
    Only(BTreeSet<T>),
}

/// Whose orders a caller may read and release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Reach {
    Own,
    All,
}

impl Caller {
    /// The most characters of a key prefix: enough for a name, and most of the key is left to the caller.
    pub const MAX_PREFIX_CHARACTERS: usize = 64;

    /// The caller as JSON text. [`parse`](Self::parse) reads it.
    pub fn to_json(&self) -> String {
        crate::json::text_of(self)
    }

    /// Who it is.
    pub fn principals(&self) -> &BTreeSet<Principal> {
        &self.principals
    }

    /// What the keys of its orders begin with.
    pub fn key_prefix(&self) -> &str {
        &self.key_prefix
    }

    /// Whether this is the key of an order of its own.
    pub fn owns(&self, key: &IdempotencyKey) -> bool {
        key.as_str().starts_with(&self.key_prefix)
    }

    /// Whether it may read and release the orders of everybody.
    pub fn reads_all(&self) -> bool {
        match self.reads_and_releases {
            Reach::All => true,
            Reach::Own => false,
        }
    }

    /// Whether it may order on this parent.
    pub fn may_order_on(&self, parent: &ParentConnection) -> bool {
        self.parents.has(parent)
    }

    /// What its orders by place may choose from, and be kept apart from.
    fn scope(&self) -> Scope {
        let parents = match &self.parents {
            Allowed::Any => None,
            Allowed::Only(parents) => Some(parents),
        };
        let key_prefix = (!self.reads_all()).then_some(self.key_prefix.as_str());
        Scope::new(parents, key_prefix)
    }

    /// Everything that is against this order being this caller's.
    fn violations(&self, order: &Order) -> Vec<Violation> {
        let request = &order.request;
        let refused = |pointer, code, message: String| Violation::new(pointer, code, message);
        let out_of_range = |pointer, message: &str| {
            refused(pointer, ViolationCode::OutOfRange, message.to_owned())
        };
        let key = (!self.owns(&order.key)).then(|| self.not_its_key());
        // A placement's parents are filtered, not refused.
        let is_foreign = match &request.target {
            Target::Parent(parent) => !self.parents.has(parent),
            Target::Placement(_) => false,
        };
        let parent = is_foreign.then(|| {
            let message = "is not one of the interconnects and LAGs that this caller may order on";
            out_of_range(ParentConnection::POINTER, message)
        });
        let owner = (!self.owner_accounts.has(&request.owner_account)).then(|| {
            let message = "is not one of the accounts that this caller may order for";
            out_of_range(OwnerAccount::POINTER, message)
        });
        let bandwidth = match &self.bandwidths {
            Allowed::Only(allowed) if !allowed.contains(&request.bandwidth) => {
                let names: Vec<_> = allowed.iter().map(|one| one.as_str()).collect();
                let message = format!("must be one of {} for this caller", names.join(", "));
                Some(out_of_range(Bandwidth::POINTER, &message))
            }
            Allowed::Only(_) | Allowed::Any => None,
        };
        [key, parent, owner, bandwidth]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The key names an order of somebody else's, or nobody's.
    fn not_its_key(&self) -> Violation {
        let message = format!(
            "must begin with {}, as every key of this caller",
            self.key_prefix
        );
        Violation::new(IdempotencyKey::POINTER, ViolationCode::Malformed, message)
    }
}

impl<T: Ord> Allowed<T> {
    fn has(&self, value: &T) -> bool {
        match self {
            Self::Any => true,
            Self::Only(values) => values.contains(value),
        }
    }
}

impl<T: Serialize> Serialize for Allowed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any => serializer.serialize_str(read::ANY),
            Self::Only(values) => values.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests;
