//! What the table says, in words.

use std::fmt::Debug;

use transitions::{Attribute, Check, Given, Set, Value};

/// A name of the code as words: `BeginCall` is "begin call".
pub(crate) fn of(name: impl Debug) -> String {
    let mut words = String::new();
    for letter in format!("{name:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// The parts of a cell, each on its own line.
pub(crate) fn list(parts: &[String], none: &str) -> String {
    if parts.is_empty() {
        none.to_owned()
    } else {
        parts.join("<br>")
    }
}

pub(crate) fn check(check: &Check) -> String {
    match check {
        Check::Has(Attribute::Item) => "it is there".into(),
        Check::HasNot(Attribute::Item) => "it is not there".into(),
        Check::Has(attribute) => format!("`{}` is there", attribute.name()),
        Check::HasNot(attribute) => format!("`{}` is not there", attribute.name()),
        Check::Is(attribute, value) => compared(*attribute, "is", *value),
        Check::AtMost(attribute, value) => compared(*attribute, "is at most", *value),
        Check::AtLeast(attribute, value) => compared(*attribute, "is at least", *value),
        Check::Contains(attribute, value) => compared(*attribute, "holds", *value),
        Check::ContainsNot(attribute, value) => compared(*attribute, "does not hold", *value),
        Check::StateIn(states) => {
            let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
            format!("the state is {}", states.join(" or "))
        }
        Check::StateAsSeen(_) => "the state is as it was read".into(),
        Check::RevisionAsSeen => {
            let revision = Attribute::LifecycleRevision.name();
            format!("`{revision}` is as it was read")
        }
        Check::Any(checks) => joined(checks, " or "),
        Check::All(checks) => joined(checks, " and "),
    }
}

fn joined(checks: &[Check], between: &str) -> String {
    let checks: Vec<_> = checks.iter().map(check).collect();
    checks.join(between)
}

fn compared(attribute: Attribute, how: &str, of: Value) -> String {
    format!("`{}` {how} {}", attribute.name(), value(of))
}

pub(crate) fn set(set: &Set) -> String {
    match set {
        Set::To(attribute, to) => format!("`{}`: {}", attribute.name(), value(*to)),
        Set::Where(attribute, to) => {
            format!("`{}`: {}, if any", attribute.name(), given(*to))
        }
        Set::OrKeep(attribute, to) => {
            format!("`{}`: {}, unless it has one", attribute.name(), given(*to))
        }
        Set::Copy(attribute, other) => {
            format!("`{}`: the same as `{}`", attribute.name(), other.name())
        }
        Set::Append(attribute, more) => format!("`{}`: {} more", attribute.name(), given(*more)),
        Set::Add(attribute, more) => format!("`{}`: {} more", attribute.name(), given(*more)),
        Set::Subtract(attribute, less) => format!("`{}`: {} less", attribute.name(), given(*less)),
    }
}

pub(crate) fn value(value: Value) -> String {
    match value {
        Value::State(state, _) => state.as_str().to_owned(),
        Value::Yes(_) => "yes".into(),
        Value::Zero => "0".into(),
        Value::Given(brought) => given(brought).into(),
    }
}

fn given(given: Given) -> &'static str {
    match given {
        Given::Token => "the writer's token",
        Given::FreshToken => "a fresh token",
        Given::SeenToken => "the token as it was read",
        Given::SeenState => "the state as it was read",
        Given::Now | Given::NowSeconds | Given::FreshStart => "now",
        Given::At => "the moment of the outcome",
        Given::ClaimEnd => "the end of the claim",
        Given::SeenStart => "the start that the writer knows",
        Given::KeptStart | Given::KeptUnanswered => "as before",
        Given::Attempts => "one more",
        Given::History => "the history with one entry more",
        Given::Entry => "one entry",
        Given::WaitsFor => "why",
        Given::Outcome => "the outcome",
        Given::Vlan => "the VLAN",
        Given::OldVlan => "the VLAN before",
        Given::Expires => "the end of the retention",
        Given::Lifecycle => "the next lifecycle",
        Given::NextRevision => "one more",
        Given::SeenRevision => "the revision as it was read",
        Given::Shard => "the key's part of the index",
        Given::Place => "the parent on which the connection is now",
        Given::Fingerprint => "the request's fingerprint",
        Given::Request => "the request",
        Given::Origin => "where it came from first",
        Given::Parent => "the parent asked for",
        Given::ClaimedAt => "the first claim",
        Given::LeaseParent => "the LAG of the parent asked for",
        Given::Counted => "yes",
        Given::Key => "the key",
        Given::LeasedAt => "the moment of the lease",
        Given::Mbps | Given::CountedMbps => "the order's bandwidth",
        Given::ConnectionId => "the connection",
        Given::ConnectionState => "the connection's state",
        Given::NotedRevision => "the revision of the lifecycle that says so",
        Given::Reminded => "whether the owner's silence was published",
        Given::Bandwidth => "the order's bandwidth by name",
        Given::Policy => "the policy",
        Given::SeenPolicy => "the policy as it was read",
        Given::Sellable => "what may be sold",
        Given::VlanFirst => "the first VLAN",
        Given::VlanLast => "the last VLAN",
        Given::AllowedBandwidths => "the bandwidths allowed",
        Given::ReservedVlans => "the VLANs reserved",
    }
}
