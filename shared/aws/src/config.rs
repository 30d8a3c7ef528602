//! Configuration from the environment: read once, at init, and refused there if it cannot work.
//!
//! Credentials and region come straight from the variables that Lambda sets. No provider chain: it would cost start-up
//! time to look for profiles and metadata services that a function does not have (ADR 3).

use std::time::Duration;

use aws_credential_types::Credentials;
use hosted_connection::VlanRange;

const DEFAULT_SETTLE_SECONDS: u64 = 30;
/// A settle time beyond this would outlast the queue's redeliveries.
const MAX_SETTLE_SECONDS: u64 = 3600;
/// A day: what is older is no memory of a parent any more.
const MAX_VLAN_MEMORY_SECONDS: u64 = 24 * 60 * 60;
const DEFAULT_VLAN_RANGE: &str = "1-4094";
const DEFAULT_STUCK_SECONDS: u64 = 15 * 60;
const DEFAULT_REMINDER_SECONDS: u64 = 2 * 24 * 60 * 60;
/// Ninety days: beyond that nothing is late, it is forgotten.
const MAX_PATIENCE_SECONDS: u64 = 90 * 24 * 60 * 60;

/// Everything the function is told from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// DynamoDB table with allocations and VLAN leases, `ALLOCATIONS_TABLE_NAME`.
    pub table_name: String,
    /// EventBridge bus, `EVENT_BUS_NAME`.
    pub bus_name: String,
    /// What the metrics are told apart by where there are several stacks, `STACK_NAME`.
    pub stack_name: Option<String>,
    /// What the flow goes by.
    pub rules: Rules,
    /// What tracking goes by.
    pub tracking: Tracking,
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
    pub credentials: Credentials,
    /// Where the services are, when not at AWS's own addresses.
    pub endpoints: Endpoints,
    /// `AWS_USE_FIPS_ENDPOINT`.
    pub use_fips: bool,
    /// `AWS_USE_DUALSTACK_ENDPOINT`.
    pub use_dual_stack: bool,
    /// Whether `SSL_CERT_FILE` or `SSL_CERT_DIR` names certificates to trust instead of Amazon's.
    pub system_roots: bool,
}

/// Settings that change what the flow decides.
#[derive(Debug, Clone)]
pub struct Rules {
    /// How long after an unanswered call a late arrival is still possible, `SETTLE_SECONDS`. It has to cover how late
    /// connections and states are shown (`allocate-visible` and `list-current` in docs/assumptions.md).
    pub settle: Duration,
    /// Range that automatic VLANs are taken from, `VLAN_RANGE`.
    pub vlan_range: VlanRange,
    /// How old what tracking noted of a parent's VLANs may be for an automatic order to go by it instead of a look,
    /// `VLAN_MEMORY_SECONDS`. Nothing: orders always look, and tracking notes nothing.
    pub vlan_memory: Duration,
    /// Whether policies of parents are looked for and kept to, `PARENT_POLICIES`. Looking costs a call per parent now
    /// and then, so it has to be asked for.
    pub parent_policies: bool,
    /// Whether callers are kept apart, `CALLERS`. Knowing them costs a call per process now and then, so it has to be asked
    /// for.
    pub callers: bool,
}

/// When tracking calls something late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tracking {
    /// Age from which an unfinished allocation is stuck, `STUCK_AFTER_SECONDS`.
    pub stuck_after: Duration,
    /// How long a connection may be `ordering` before its owner's silence is published, `ORDERING_REMINDER_SECONDS`.
    pub ordering_reminder: Duration,
}

/// Endpoint overrides: `AWS_ENDPOINT_URL_<SERVICE>`, else `AWS_ENDPOINT_URL`, else none.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// `AWS_ENDPOINT_URL_DYNAMODB`.
    pub dynamodb: Option<String>,
    /// `AWS_ENDPOINT_URL_DIRECT_CONNECT`.
    pub direct_connect: Option<String>,
    /// `AWS_ENDPOINT_URL_EVENTBRIDGE`.
    pub eventbridge: Option<String>,
    /// `AWS_ENDPOINT_URL_SQS`. The functions never ask SQS for anything; an operator does.
    pub sqs: Option<String>,
}

/// A variable that is missing or holds something unusable. The message names it and what it should hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {expected}, {problem}")]
pub struct ConfigError {
    name: &'static str,
    problem: String,
    expected: &'static str,
}

impl ConfigError {
    /// The variable.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// The first variable that is missing or unusable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(variable)
    }

    /// Reads variables from `lookup`, which gives a variable's value by its name.
    ///
    /// # Errors
    /// The first variable that is missing or unusable.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let env = Env(&lookup);
        Ok(Self {
            table_name: env.required(
                "ALLOCATIONS_TABLE_NAME",
                "the name of the DynamoDB table for allocations",
            )?,
            bus_name: env.required(
                "EVENT_BUS_NAME",
                "the name of the EventBridge bus to publish on",
            )?,
            stack_name: env.optional("STACK_NAME"),
            rules: Rules {
                settle: env.settle()?,
                vlan_range: env.vlan_range()?,
                vlan_memory: env.vlan_memory()?,
                parent_policies: env.is_enforced("PARENT_POLICIES")?,
                callers: env.is_enforced("CALLERS")?,
            },
            tracking: Tracking {
                stuck_after: env.patience("STUCK_AFTER_SECONDS", DEFAULT_STUCK_SECONDS)?,
                ordering_reminder: env
                    .patience("ORDERING_REMINDER_SECONDS", DEFAULT_REMINDER_SECONDS)?,
            },
            region: env.region()?,
            credentials: env.credentials()?,
            endpoints: env.endpoints()?,
            use_fips: env.switch("AWS_USE_FIPS_ENDPOINT")?,
            use_dual_stack: env.switch("AWS_USE_DUALSTACK_ENDPOINT")?,
            system_roots: env.optional("SSL_CERT_FILE").is_some()
                || env.optional("SSL_CERT_DIR").is_some(),
        })
    }
}

/// A variable of the process's environment.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

struct Env<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Env<'_> {
    /// An empty variable counts as absent: that is how templates and shells leave one out.
    fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    fn required(&self, name: &'static str, expected: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or_else(|| ConfigError {
            name,
            problem: "and is not set".into(),
            expected,
        })
    }

    fn settle(&self) -> Result<Duration, ConfigError> {
        let name = "SETTLE_SECONDS";
        let Some(text) = self.optional(name) else {
            return Ok(Duration::from_secs(DEFAULT_SETTLE_SECONDS));
        };
        match text.trim().parse() {
            Ok(seconds) if seconds <= MAX_SETTLE_SECONDS => Ok(Duration::from_secs(seconds)),
            Ok(_) | Err(_) => Err(bad(name, &text, "a whole number of seconds from 0 to 3600")),
        }
    }

    fn vlan_memory(&self) -> Result<Duration, ConfigError> {
        let name = "VLAN_MEMORY_SECONDS";
        let Some(text) = self.optional(name) else {
            return Ok(Duration::ZERO);
        };
        match text.trim().parse() {
            Ok(seconds) if seconds <= MAX_VLAN_MEMORY_SECONDS => Ok(Duration::from_secs(seconds)),
            Ok(_) | Err(_) => Err(bad(
                name,
                &text,
                "a whole number of seconds from 0 (always look) to 86400",
            )),
        }
    }

    fn patience(&self, name: &'static str, default_s: u64) -> Result<Duration, ConfigError> {
        let Some(text) = self.optional(name) else {
            return Ok(Duration::from_secs(default_s));
        };
        match text.trim().parse() {
            Ok(seconds) if (1..=MAX_PATIENCE_SECONDS).contains(&seconds) => {
                Ok(Duration::from_secs(seconds))
            }
            Ok(_) | Err(_) => Err(bad(
                name,
                &text,
                "a whole number of seconds from 1 to 7776000",
            )),
        }
    }

    fn is_enforced(&self, name: &'static str) -> Result<bool, ConfigError> {
        match self.optional(name).as_deref().map(str::trim) {
            None | Some("ignored") => Ok(false),
            Some("enforced") => Ok(true),
            Some(text) => Err(bad(name, text, "`enforced` or `ignored`")),
        }
    }

    fn vlan_range(&self) -> Result<VlanRange, ConfigError> {
        let name = "VLAN_RANGE";
        let text = self
            .optional(name)
            .unwrap_or_else(|| DEFAULT_VLAN_RANGE.into());
        text.trim().parse().map_err(|_| {
            bad(
                name,
                &text,
                "two VLANs from 1 to 4094 as `first-last`, such as 100-2000",
            )
        })
    }

    fn region(&self) -> Result<String, ConfigError> {
        match self
            .optional("AWS_REGION")
            .or_else(|| self.optional("AWS_DEFAULT_REGION"))
        {
            Some(region) => Ok(region),
            None => self.required("AWS_REGION", "an AWS region, such as eu-central-1"),
        }
    }

    fn credentials(&self) -> Result<Credentials, ConfigError> {
        Ok(Credentials::new(
            self.required(
                "AWS_ACCESS_KEY_ID",
                "the access key id of the function's role (Lambda sets it)",
            )?,
            self.required(
                "AWS_SECRET_ACCESS_KEY",
                "the secret key of the function's role (Lambda sets it)",
            )?,
            self.optional("AWS_SESSION_TOKEN"),
            None,
            "environment",
        ))
    }

    fn endpoints(&self) -> Result<Endpoints, ConfigError> {
        let all = self.endpoint("AWS_ENDPOINT_URL")?;
        let of = |name| Ok(self.endpoint(name)?.or_else(|| all.clone()));
        Ok(Endpoints {
            dynamodb: of("AWS_ENDPOINT_URL_DYNAMODB")?,
            direct_connect: of("AWS_ENDPOINT_URL_DIRECT_CONNECT")?,
            eventbridge: of("AWS_ENDPOINT_URL_EVENTBRIDGE")?,
            sqs: of("AWS_ENDPOINT_URL_SQS")?,
        })
    }

    fn endpoint(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        let Some(url) = self.optional(name) else {
            return Ok(None);
        };
        let rest = url
            .strip_prefix("http://")
            .or_else(|| url.strip_prefix("https://"));
        match rest {
            Some(host) if !host.is_empty() => Ok(Some(url)),
            Some(_) | None => Err(bad(name, &url, "an http:// or https:// address")),
        }
    }

    fn switch(&self, name: &'static str) -> Result<bool, ConfigError> {
        match self.optional(name).as_deref() {
            None => Ok(false),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(text) => Err(bad(name, text, "true or false")),
        }
    }
}

fn bad(name: &'static str, value: &str, expected: &'static str) -> ConfigError {
    ConfigError {
        name,
        problem: format!("not {value:?}"),
        expected,
    }
}

#[cfg(test)]
impl Config {
    /// What a complete environment with `overrides` comes to.
    pub(crate) fn of_complete(overrides: &[(&str, &str)]) -> Result<Self, ConfigError> {
        Self::from_lookup(|name| {
            let base = [
                ("ALLOCATIONS_TABLE_NAME", "allocations"),
                ("EVENT_BUS_NAME", "bus"),
                ("AWS_REGION", "eu-central-1"),
                ("AWS_ACCESS_KEY_ID", "id"),
                ("AWS_SECRET_ACCESS_KEY", "secret"),
            ];
            let found = overrides.iter().chain(&base).find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }
}

#[cfg(test)]
mod tests;
