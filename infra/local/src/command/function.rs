//! The real function, run in this process as Lambda would run it: with its environment, a deadline, and an end to
//! invocations that are killed or take too long.

use std::time::Duration;

use allocate::Function;
use aws::{Aws, Clock, config::Config, config::ConfigError};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use clap::Args;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use local_cloud::Cloud;
use serde_json::value::RawValue;
use uuid::Uuid;

/// By this the cloud knows the function's requests, and which process to kill.
const WORKER: &str = "function";

/// The function's settings, named after its environment variables.
#[derive(Debug, Clone, Args)]
pub(crate) struct Settings {
    /// SETTLE_SECONDS: how long an unanswered call may still take effect
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "30",
        help_heading = "The function"
    )]
    pub(crate) settle_seconds: String,
    /// VLAN_RANGE: what automatic VLANs are taken from
    #[arg(
        long,
        value_name = "FIRST-LAST",
        default_value = "1-4094",
        help_heading = "The function"
    )]
    pub(crate) vlan_range: String,
    /// Seconds that an invocation may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=900), help_heading = "The function")]
    pub(crate) timeout: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            settle_seconds: "30".to_owned(),
            vlan_range: "1-4094".to_owned(),
            timeout: 30,
        }
    }
}

/// The function in its environment.
pub(crate) struct LocalFunction {
    cloud: Cloud,
    function: Function,
    clock: Clock,
    timeout: Duration,
}

impl LocalFunction {
    /// Starts the function on `cloud`.
    ///
    /// # Errors
    /// A setting that the function refuses, named as its environment variable.
    pub(crate) fn start(cloud: &Cloud, settings: &Settings) -> Result<Self, ConfigError> {
        Self::start_over(cloud, settings, cloud.http_client_as(WORKER))
    }

    /// As [`start`](Self::start), with a client that leads to the same cloud.
    ///
    /// # Errors
    /// A setting that the function refuses, named as its environment variable.
    pub(crate) fn start_over(
        cloud: &Cloud,
        settings: &Settings,
        http: SharedHttpClient,
    ) -> Result<Self, ConfigError> {
        let mut environment = environment(cloud);
        environment.push(("SETTLE_SECONDS", settings.settle_seconds.clone()));
        environment.push(("VLAN_RANGE", settings.vlan_range.clone()));
        let config = Config::from_lookup(|name| {
            let variable = environment.iter().find(|(known, _)| *known == name);
            variable.map(|(_, value)| value.clone())
        })?;
        let clock = Clock::system();
        let aws = Aws::new(&config, http, clock.clone());
        Ok(Self {
            cloud: cloud.clone(),
            function: Function::new(aws, &config),
            clock,
            timeout: Duration::from_secs(settings.timeout),
        })
    }

    /// Puts one event through the function. What Lambda would report of a killed or late one is reported likewise.
    ///
    /// # Errors
    /// The invocation failed.
    pub(crate) async fn invoke(&self, event: Box<RawValue>) -> Result<Box<RawValue>, Diagnostic> {
        let context = self.context();
        let request_id = context.request_id.clone();
        let work = self.function.handle(LambdaEvent::new(event, context));
        match tokio::time::timeout(self.timeout, self.cloud.run_until_killed(WORKER, work)).await {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(failed(
                "Runtime.ExitError",
                format!("RequestId: {request_id} Error: Runtime exited without providing a reason"),
            )),
            Err(_elapsed) => Err(failed(
                "Sandbox.Timedout",
                format!(
                    "RequestId: {request_id} Error: Task timed out after {}.00 seconds",
                    self.timeout.as_secs()
                ),
            )),
        }
    }

    fn context(&self) -> Context {
        let timeout_ms = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX);
        let mut context = Context::default();
        context.request_id = Uuid::new_v4().to_string();
        context.deadline = self.clock.now_ms().saturating_add(timeout_ms);
        context.invoked_function_arn = format!(
            "arn:aws:lambda:{}:{}:function:allocate",
            self.cloud.region(),
            self.cloud.account()
        );
        context
    }
}

/// What the function, or anything else that uses an SDK, needs to know of `cloud` beside its address.
pub(crate) fn environment(cloud: &Cloud) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_REGION", cloud.region().to_owned()),
        // Signatures are not verified, but an SDK does not send a request without one.
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("ALLOCATIONS_TABLE_NAME", cloud.table_name().to_owned()),
        ("EVENT_BUS_NAME", cloud.bus_name().to_owned()),
    ]
}

fn failed(error_type: &str, error_message: String) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message,
    }
}
