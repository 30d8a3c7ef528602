//! The real functions, run in this process as Lambda would run them: with their environment, a deadline, and an end to
//! invocations that are killed or take too long.

mod recognise;

use std::time::Duration;

use aws::{Clock, config::Config, config::ConfigError};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use clap::{Args, ValueEnum};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use ledger::Services;
use local_cloud::Cloud;
use serde_json::value::RawValue;
use uuid::Uuid;

pub(crate) use recognise::RELEASES;

/// As in template.yaml, where it is no parameter.
const TRACK_TIMEOUT: Duration = Duration::from_secs(55);

/// One of the functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// Orders
    Allocate,
    /// The schedule: unfinished orders, changes of connections
    Track,
    /// GET
    Inspect,
    /// Releases
    Release,
}

impl Name {
    /// As the package is called. By this the cloud knows the function's requests, and which process to kill.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allocate => "allocate",
            Self::Track => "track",
            Self::Inspect => "inspect",
            Self::Release => "release",
        }
    }
}

/// The functions' settings, named after their environment variables.
#[derive(Debug, Clone, Args)]
pub(crate) struct Settings {
    /// SETTLE_SECONDS: time within which an unanswered call may still take effect
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "30",
        help_heading = "The functions"
    )]
    pub(crate) settle_seconds: String,
    /// VLAN_RANGE: range for automatic VLANs
    #[arg(
        long,
        value_name = "FIRST-LAST",
        default_value = "1-4094",
        help_heading = "The functions"
    )]
    pub(crate) vlan_range: String,
    /// VLAN_MEMORY_SECONDS: how old what tracking noted of VLANs may be for automatic orders to go by it (0: always look)
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "0",
        help_heading = "The functions"
    )]
    pub(crate) vlan_memory_seconds: String,
    /// PARENT_POLICIES: enforced or ignored
    #[arg(
        long,
        value_name = "HOW",
        default_value = "enforced",
        help_heading = "The functions"
    )]
    pub(crate) parent_policies: String,
    /// CALLERS: whether callers are kept apart (enforced) or may all do everything (ignored)
    #[arg(
        long,
        value_name = "HOW",
        default_value = "ignored",
        help_heading = "The functions"
    )]
    pub(crate) callers: String,
    /// STUCK_AFTER_SECONDS: age at which an unfinished order is stuck
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "900",
        help_heading = "The functions"
    )]
    pub(crate) stuck_after_seconds: String,
    /// ORDERING_REMINDER_SECONDS: age at which a connection that its owner has not confirmed gets a reminder
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "172800",
        help_heading = "The functions"
    )]
    pub(crate) ordering_reminder_seconds: String,
    /// Timeout of an invocation; that of track is 55
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=900), help_heading = "The functions")]
    pub(crate) timeout: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            settle_seconds: "30".to_owned(),
            vlan_range: "1-4094".to_owned(),
            vlan_memory_seconds: "0".to_owned(),
            parent_policies: "enforced".to_owned(),
            callers: "ignored".to_owned(),
            stuck_after_seconds: "900".to_owned(),
            ordering_reminder_seconds: "172800".to_owned(),
            timeout: 30,
        }
    }
}

impl Settings {
    /// The functions' environment variables.
    pub(crate) fn environment(&self) -> [(&'static str, String); 7] {
        [
            ("SETTLE_SECONDS", self.settle_seconds.clone()),
            ("VLAN_RANGE", self.vlan_range.clone()),
            ("VLAN_MEMORY_SECONDS", self.vlan_memory_seconds.clone()),
            ("PARENT_POLICIES", self.parent_policies.clone()),
            ("CALLERS", self.callers.clone()),
            ("STUCK_AFTER_SECONDS", self.stuck_after_seconds.clone()),
            (
                "ORDERING_REMINDER_SECONDS",
                self.ordering_reminder_seconds.clone(),
            ),
        ]
    }
}

/// The functions in their environment, each a process of its own.
pub(crate) struct LocalFunctions {
    cloud: Cloud,
    allocate: allocate::Function,
    track: track::Function,
    inspect: inspect::Function,
    release: release::Function,
    clock: Clock,
    timeout: Duration,
}

impl LocalFunctions {
    /// Starts the functions on `cloud`.
    ///
    /// # Errors
    /// A setting that the functions refuse, named as its environment variable.
    pub(crate) fn start(cloud: &Cloud, settings: &Settings) -> Result<Self, ConfigError> {
        Self::start_over(cloud, settings, |name| cloud.http_client_as(name.as_str()))
    }

    /// As [`start`](Self::start), with clients that lead to the same cloud.
    ///
    /// # Errors
    /// A setting that the functions refuse, named as its environment variable.
    pub(crate) fn start_over(
        cloud: &Cloud,
        settings: &Settings,
        http: impl Fn(Name) -> SharedHttpClient,
    ) -> Result<Self, ConfigError> {
        let config = config(cloud, settings)?;
        let clock = Clock::system();
        let aws = |name| Services::new(&config, http(name), clock.clone());
        Ok(Self {
            cloud: cloud.clone(),
            allocate: allocate::Function::new(aws(Name::Allocate), &config),
            track: track::Function::new(aws(Name::Track), &config),
            inspect: inspect::Function::new(aws(Name::Inspect), &config),
            release: release::Function::new(aws(Name::Release), &config),
            timeout: Duration::from_secs(settings.timeout),
            clock,
        })
    }

    /// Puts one event through a function. What Lambda would report of a killed or late one is reported likewise.
    ///
    /// # Errors
    /// The invocation failed.
    pub(crate) async fn invoke(
        &self,
        name: Name,
        event: Box<RawValue>,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let timeout = self.timeout(name);
        let context = self.context(name, timeout);
        let request_id = context.request_id.clone();
        let work = Box::pin(self.handle(name, LambdaEvent::new(event, context)));
        let work = self.cloud.run_until_killed(name.as_str(), work);
        match tokio::time::timeout(timeout, work).await {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(failed(
                "Runtime.ExitError",
                format!("RequestId: {request_id} Error: Runtime exited without providing a reason"),
            )),
            Err(_elapsed) => Err(failed(
                "Sandbox.Timedout",
                format!(
                    "RequestId: {request_id} Error: Task timed out after {}.00 seconds",
                    timeout.as_secs()
                ),
            )),
        }
    }

    async fn handle(
        &self,
        name: Name,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Diagnostic> {
        match name {
            Name::Allocate => self.allocate.handle(event).await,
            Name::Track => self.track.handle(event).await,
            Name::Inspect => self.inspect.handle(event).await,
            Name::Release => self.release.handle(event).await,
        }
    }

    fn timeout(&self, name: Name) -> Duration {
        match name {
            Name::Track => TRACK_TIMEOUT,
            Name::Allocate | Name::Inspect | Name::Release => self.timeout,
        }
    }

    fn context(&self, name: Name, timeout: Duration) -> Context {
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let mut context = Context::default();
        context.request_id = Uuid::new_v4().to_string();
        context.deadline = self.clock.now_ms().saturating_add(timeout_ms);
        context.invoked_function_arn = format!(
            "arn:aws:lambda:{}:{}:function:{}",
            self.cloud.region(),
            self.cloud.account(),
            name.as_str()
        );
        context
    }
}

/// What the functions' processes would find in their environment.
///
/// # Errors
/// A setting that the functions refuse, named as its environment variable.
pub(crate) fn config(cloud: &Cloud, settings: &Settings) -> Result<Config, ConfigError> {
    let mut environment = cloud.environment();
    environment.extend(settings.environment());
    Config::from_lookup(|name| {
        let variable = environment.iter().find(|(known, _)| *known == name);
        variable.map(|(_, value)| value.clone())
    })
}

fn failed(error_type: &str, error_message: String) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message,
    }
}
