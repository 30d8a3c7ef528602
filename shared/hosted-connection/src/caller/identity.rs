//! Who has sent something, as far as its event shows.
//!
//! Only what AWS itself has written counts: an authorizer's context or a queue's `SenderId`, never a header or a body.

use super::Principal;
use super::principal::{AUTHORIZER, DIRECT, EVENT_BRIDGE, SNS, TOKEN, is_account, is_id};

/// Every name that an event shows of its sender; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(Vec<String>);

/// The longest name that is repeated to anybody.
const SHOWN_CHARACTERS: usize = 128;

impl Identity {
    /// A principal of IAM: its unique id, a role's with the session behind a colon, and its ARN. `None` when neither is
    /// one.
    pub fn iam(id: Option<&str>, arn: Option<&str>) -> Option<Self> {
        let names: Vec<_> = [id.and_then(unique_id), arn.and_then(lasting_arn)]
            .into_iter()
            .flatten()
            .collect();
        (!names.is_empty()).then_some(Self(names))
    }

    /// The subject of a token that the gateway has checked.
    pub fn token(subject: &str) -> Option<Self> {
        Self::named(TOKEN, subject)
    }

    /// The principal that an authorizer function has named.
    pub fn authorizer(principal: &str) -> Option<Self> {
        Self::named(AUTHORIZER, principal)
    }

    /// Whoever may invoke the function itself.
    pub fn direct() -> Self {
        Self(vec![DIRECT.to_owned()])
    }

    /// Whoever may put events on a bus of which a rule invokes the function.
    pub fn event_bridge() -> Self {
        Self(vec![EVENT_BRIDGE.to_owned()])
    }

    /// Whoever may publish to a topic that invokes the function.
    pub fn sns() -> Self {
        Self(vec![SNS.to_owned()])
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// A name for the caller's own eyes and the operator's: one that could be registered, and not too long.
    pub(super) fn shown(&self) -> Option<&str> {
        self.names()
            .find(|name| name.len() <= SHOWN_CHARACTERS && Principal::parse(name).is_ok())
    }

    /// A name in a name space of its own, so that no token can call itself an IAM user.
    fn named(prefix: &str, name: &str) -> Option<Self> {
        (!name.is_empty()).then(|| Self(vec![format!("{prefix}{name}")]))
    }
}

/// The id without the session, which whoever assumes the role chooses. A federated user is `ACCOUNT:NAME`, and cut it would
/// be the account's root user.
fn unique_id(id: &str) -> Option<String> {
    let lasting = match id.split_once(':') {
        Some((role, _session)) if !is_account(role) => role,
        Some(_) | None => id,
    };
    is_id(lasting).then(|| lasting.to_owned())
}

/// A session's ARN (`arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`) as its role's, any other as it is.
fn lasting_arn(arn: &str) -> Option<String> {
    if !arn.starts_with("arn:") {
        return None;
    }
    let role = || {
        let (head, rest) = arn.split_once(":assumed-role/")?;
        let (name, _session) = rest.split_once('/')?;
        let (partition, account) = head.strip_prefix("arn:")?.split_once(":sts::")?;
        Some(format!("arn:{partition}:iam::{account}:role/{name}"))
    };
    Some(role().unwrap_or_else(|| arn.to_owned()))
}
