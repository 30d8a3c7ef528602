//! The one list of what can be switched where AWS may behave either way: what an option of `local serve` is made from,
//! and what a report of measurements is turned into.
//!
//! A switch is set by its name and a text. Whoever writes Rust calls the [`Builder`]'s own methods, which it stands for.

mod list;
mod read;

use crate::Builder;
use crate::direct_connect::BANDWIDTHS;

pub use list::SWITCHES;

/// One thing in which the cloud can behave in more than one way.
#[derive(Debug, Clone, Copy)]
pub struct Switch {
    /// Its name, such as `visible-after-ms`: with two dashes before it an option of `local serve`.
    pub name: &'static str,
    /// Ids of the assumptions about AWS that it plays against.
    pub assumptions: &'static [&'static str],
    /// What it is about.
    pub heading: Heading,
    /// What it can be set to.
    pub values: Values,
    /// What it is set to by itself.
    pub default: &'static str,
    /// What the cloud does, in one line.
    pub help: &'static str,
    set: fn(Builder, &str) -> Result<Builder, String>,
}

/// What a switch is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// What AllocateHostedConnection takes.
    Orders,
    /// What lists show.
    Lists,
    /// What DeleteConnection takes, and what follows.
    Deletions,
    /// Everything else.
    Others,
}

impl Heading {
    /// As a heading of a help text.
    pub fn text(self) -> &'static str {
        match self {
            Self::Orders => "Direct Connect: orders",
            Self::Lists => "Direct Connect: lists",
            Self::Deletions => "Direct Connect: deletions",
            Self::Others => "AWS: other behaviour",
        }
    }
}

/// What a switch can be set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// `on` or `off`. As an option it has no value: it is there or not.
    Flag,
    /// One of these, each with what it means.
    OneOf(&'static [(&'static str, &'static str)]),
    /// A text of this form.
    Written(&'static str),
}

/// A switch cannot be set like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// There is no such switch.
    #[error("the local cloud has no switch {0}")]
    NoSuchSwitch(String),
    /// It has no such value.
    #[error("{name} cannot be {value:?}: {problem}")]
    NoSuchValue {
        /// The switch.
        name: String,
        /// As it was given.
        value: String,
        /// What is expected.
        problem: String,
    },
}

impl Switch {
    /// Bandwidths that AWS knows.
    pub const BANDWIDTHS: [&str; 11] = BANDWIDTHS;

    /// Members of the API's `Connection` that the local Direct Connect fills.
    pub const MEMBERS: [&str; 27] = [
        "ownerAccount",
        "connectionId",
        "connectionName",
        "connectionState",
        "region",
        "location",
        "bandwidth",
        "vlan",
        "partnerName",
        "loaIssueTime",
        "lagId",
        "awsDevice",
        "jumboFrameCapable",
        "awsDeviceV2",
        "awsLogicalDeviceId",
        "hasLogicalRedundancy",
        "tags",
        "providerName",
        "macSecCapable",
        "portEncryptionStatus",
        "encryptionMode",
        "macSecKeys",
        "rateLimiterStatus",
        "partnerInterconnectMacSecCapable",
        "prefixPoolSizeIpv4",
        "prefixPoolSizeIpv6",
        "billingMode",
    ];

    /// The switch of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn named(name: &str) -> Result<&'static Self, SwitchError> {
        let found = SWITCHES.iter().find(|switch| switch.name == name);
        found.ok_or_else(|| SwitchError::NoSuchSwitch(name.to_owned()))
    }

    /// Says whether it can be set to this.
    ///
    /// # Errors
    /// It cannot, and what is expected.
    pub fn check(&self, value: &str) -> Result<(), SwitchError> {
        self.apply(Builder::default(), value).map(drop)
    }

    fn apply(&self, builder: Builder, value: &str) -> Result<Builder, SwitchError> {
        let is_offered = match self.values {
            Values::Flag => read::flag(value).map(drop),
            Values::OneOf(values) => read::one_of(value, values),
            Values::Written(_) => Ok(()),
        };
        let set = is_offered.and_then(|()| (self.set)(builder, value));
        set.map_err(|problem| SwitchError::NoSuchValue {
            name: self.name.to_owned(),
            value: value.to_owned(),
            problem,
        })
    }
}

impl Builder {
    /// Sets one of [`SWITCHES`] by its name.
    ///
    /// # Errors
    /// There is no such switch, or it has no such value.
    pub fn switch(self, name: &str, value: &str) -> Result<Self, SwitchError> {
        Switch::named(name)?.apply(self, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_a_switch_is_set_to_by_itself_is_what_the_cloud_does_by_default() {
        let plain = Builder::default();
        for switch in &SWITCHES {
            let set = plain.clone().switch(switch.name, switch.default);
            assert_eq!(set.unwrap().rules, plain.rules, "{}", switch.name);
        }
    }

    #[test]
    fn every_value_that_is_offered_differs_from_the_default() {
        let plain = Builder::default();
        let written = [
            ("STATUS,CODE", "418,TeapotException"),
            ("STATUS,CODE or empty", "empty"),
            ("MILLISECONDS", "1500"),
            ("MILLISECONDS or never", "never"),
            ("NUMBER", "7"),
            ("NUMBER or any", "7"),
            ("CHARACTERS", "/"),
            ("[PARENT=]BANDWIDTHS", "dxcon-ffabc123=50Mbps,1Gbps;100Mbps"),
            ("MEMBERS", "vlan,ownerAccount"),
            ("RATIO", "2.5"),
        ];
        for switch in &SWITCHES {
            let others: Vec<&str> = match switch.values {
                Values::Flag => vec!["on"],
                Values::OneOf(values) => values.iter().map(|(value, _)| *value).collect(),
                Values::Written(form) => {
                    let example = written.iter().find(|(known, _)| *known == form);
                    vec![example.unwrap_or_else(|| panic!("no example of {form}")).1]
                }
            };
            for other in others.into_iter().filter(|other| *other != switch.default) {
                let set = plain.clone().switch(switch.name, other).unwrap();
                assert_ne!(set.rules, plain.rules, "{} {other}", switch.name);
            }
        }
    }

    #[test]
    fn no_two_switches_have_one_name_and_no_help_is_a_sentence_with_an_end() {
        let names: BTreeSet<_> = SWITCHES.iter().map(|switch| switch.name).collect();
        assert_eq!(names.len(), SWITCHES.len());
        for switch in &SWITCHES {
            assert!(!switch.help.ends_with('.'), "{}", switch.name);
        }
    }

    #[test]
    fn what_cannot_be_set_is_named_with_what_is_expected() {
        let problem = |name: &str, value: &str| {
            let set = Builder::default().switch(name, value);
            set.unwrap_err().to_string()
        };
        assert_eq!(
            problem("visible-after", "1"),
            "the local cloud has no switch visible-after"
        );
        for (name, value, expected) in [
            ("visible-after-ms", "soon", "milliseconds"),
            ("visible-after-ms", "86400001", "milliseconds"),
            ("page-limit", "0", "1 to 100"),
            (
                "duplicate-vlan-error",
                "200,Fine",
                "a status from 400 to 599",
            ),
            ("duplicate-vlan-error", "400,No Such", "a code"),
            ("no-vlan-uniqueness", "yes", "on or off"),
            ("lag-members-show", "all", "nothing, the-lags or refusal"),
            ("bandwidths", "50", "50Mbps"),
            ("list-leaves-out", "vlanId", "vlan"),
        ] {
            let said = problem(name, value);
            assert!(said.contains(expected), "{said}");
        }
    }
}
