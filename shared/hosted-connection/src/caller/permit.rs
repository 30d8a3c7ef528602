//! What somebody may do, as every door applies it.

use std::sync::Arc;

use super::{Caller, Identity};
use crate::{
    Code, Fingerprint, IdempotencyKey, InvalidRequest, KeySource, Order, ReleaseRequest, Target,
    Violation, ViolationCode,
};

/// What somebody may do.
#[derive(Debug, Clone)]
pub enum Permit {
    /// Everything: callers are not kept apart.
    Everything,
    /// What this caller may.
    Of(Arc<Caller>),
    /// Nothing: it is no registered caller, if it is known who it is at all.
    Nothing(Option<Identity>),
}

impl Permit {
    /// Reads an order, and refuses one that its sender may not place.
    ///
    /// # Errors
    /// Everything that is wrong with it. Another caller's key is not in there: nothing is to be told of its order.
    pub fn order(&self, body: &[u8], key: KeySource<'_>) -> Result<Order, InvalidRequest> {
        let caller = match self {
            Self::Everything => return Order::parse(body, key),
            Self::Of(caller) => caller,
            Self::Nothing(identity) => return Err(nobody(identity.as_ref(), body)),
        };
        let mut order =
            Order::parse(body, key).map_err(|invalid| without_foreign_key(caller, invalid))?;
        if let Target::Placement(placement) = &mut order.request.target {
            placement.scope = caller.scope();
        }
        let violations = caller.violations(&order);
        if violations.is_empty() {
            return Ok(order);
        }
        let key = Some(order.key).filter(|key| caller.owns(key));
        Err(InvalidRequest::judged(violations, key, body))
    }

    /// Reads a release, and refuses one of an order that its sender may not release.
    ///
    /// # Errors
    /// As [`order`](Self::order).
    pub fn release(
        &self,
        body: &[u8],
        key: KeySource<'_>,
    ) -> Result<ReleaseRequest, InvalidRequest> {
        let caller = match self {
            Self::Everything => return ReleaseRequest::parse(body, key),
            Self::Of(caller) => caller,
            Self::Nothing(identity) => return Err(nobody(identity.as_ref(), body)),
        };
        if caller.reads_all() {
            return ReleaseRequest::parse(body, key);
        }
        let release = ReleaseRequest::parse(body, key)
            .map_err(|invalid| without_foreign_key(caller, invalid))?;
        if caller.owns(&release.key) {
            return Ok(release);
        }
        Err(InvalidRequest::judged(
            vec![caller.not_its_key()],
            None,
            body,
        ))
    }

    /// The key under which to look for an order that somebody asks for by `key`: that of an order which nobody can have
    /// placed, if it is not theirs to see. So it takes the same calls as an order that is not there, and as long.
    ///
    /// # Errors
    /// They may see no order at all.
    pub fn visible(&self, key: &IdempotencyKey) -> Result<IdempotencyKey, InvalidRequest> {
        match self {
            Self::Of(caller) if !caller.reads_all() && !caller.owns(key) => {
                Ok(IdempotencyKey::from_stored(NOBODYS))
            }
            Self::Everything | Self::Of(_) => Ok(key.clone()),
            Self::Nothing(identity) => Err(nobody(identity.as_ref(), b"")),
        }
    }

    /// The caller, if it may see no orders but its own; `None` for whoever may see all.
    ///
    /// # Errors
    /// They may see no order at all.
    pub fn only_own(&self) -> Result<Option<&Caller>, InvalidRequest> {
        match self {
            Self::Everything => Ok(None),
            Self::Of(caller) => Ok(Some(&**caller).filter(|caller| !caller.reads_all())),
            Self::Nothing(identity) => Err(nobody(identity.as_ref(), b"")),
        }
    }
}

/// No key of an order: it has spaces in it.
const NOBODYS: &str = "another caller's order";

/// For whoever is no registered caller there is nothing here.
fn nobody(identity: Option<&Identity>, body: &[u8]) -> InvalidRequest {
    let message = match identity.and_then(Identity::shown) {
        Some(name) => format!(
            "{name} is no registered caller; whoever runs this service can register it with `operator caller set`"
        ),
        None => {
            "only registered callers are served, and this shows none that could be one".to_owned()
        }
    };
    InvalidRequest {
        code: Code::NotFound,
        violations: vec![Violation::new("", ViolationCode::Reserved, message)],
        key: None,
        body_digest: Fingerprint::of(body),
        received: None,
    }
}

/// What is wrong with a request, and that its key is another caller's.
fn without_foreign_key(caller: &Caller, invalid: InvalidRequest) -> InvalidRequest {
    let is_foreign = invalid.key.as_ref().is_some_and(|key| !caller.owns(key));
    if !is_foreign {
        return invalid;
    }
    InvalidRequest {
        key: None,
        ..invalid.and(caller.not_its_key())
    }
}
