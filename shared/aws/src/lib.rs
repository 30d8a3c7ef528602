//! How we talk to AWS: configuration, HTTP clients, telemetry, and Direct Connect and EventBridge, one service per file.
//!
//! It turns SDK answers into the few cases that the flow must tell apart, and decides nothing about orders: which case
//! leads to which answer is `allocation`'s business. What is kept in DynamoDB is `ledger`'s.

pub mod clock;
pub mod config;
pub mod direct_connect;
pub mod event_bus;
pub mod failure;
mod http;
mod in_flight;
pub mod invocation;
mod lazy;
pub mod metrics;
pub mod telemetry;
pub mod trace;

use std::time::Duration;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

pub use clock::Clock;
pub use config::Config;
pub use http::HttpClients;
pub use in_flight::InFlight;
pub use invocation::Invocation;
pub use lazy::Lazy;
pub use metrics::Meter;

/// How patient one service's client is.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Attempts in all, the first one included; 1 switches the SDK's retries off.
    pub attempts: u32,
    /// Longest time for one attempt. All of them together need no limit of their own: that would be another timer for each
    /// call, and whoever calls has a deadline.
    pub attempt: Duration,
}

impl Patience {
    #[doc(hidden)]
    #[must_use]
    pub fn retries(&self) -> RetryConfig {
        if self.attempts == 1 {
            return RetryConfig::disabled();
        }
        RetryConfig::standard()
            .with_max_attempts(self.attempts)
            // The default of a second is made for batch jobs; somebody waits for this answer.
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_secs(1))
    }

    #[doc(hidden)]
    #[must_use]
    pub fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .operation_attempt_timeout(self.attempt)
            .build()
    }
}

/// A builder with the settings that every client has, whichever service it is for. A macro, because each SDK crate has a builder
/// type of its own and they share no trait; exported for `queues`, which only operators carry (ADR 19).
#[macro_export]
macro_rules! client_config {
    ($sdk:ident, $config:expr, $endpoint:expr, $http:expr, $clock:expr, $patience:expr) => {{
        let config: &$crate::Config = $config;
        let patience: &$crate::Patience = $patience;
        let mut builder = $sdk::config::Builder::new()
            .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
            .region($sdk::config::Region::new(config.region.clone()))
            .credentials_provider(config.credentials.clone())
            .http_client($http)
            .sleep_impl($crate::sleep())
            .time_source($crate::time_source($clock))
            .retry_config(patience.retries())
            // One budget of retries per client: the default is shared by all clients of a service in the process.
            .retry_partition($sdk::config::retry::RetryPartition::custom("own").build())
            .timeout_config(patience.timeouts())
            // An attempt's time limit covers its bodies, which are small: there is no stream here that could stall.
            .stalled_stream_protection($sdk::config::StalledStreamProtectionConfig::disabled())
            .use_fips(config.use_fips)
            .use_dual_stack(config.use_dual_stack);
        builder.set_endpoint_url($endpoint);
        builder
    }};
}

/// The client of `$service`, watched, and built when it is first needed. Exported for `ledger`, whose client it makes too.
#[macro_export]
macro_rules! watched_client {
    ($sdk:ident, $config:expr, $endpoint:expr, $http:expr, $clock:expr, $patience:expr, $meter:expr, $service:expr) => {{
        let clock: $crate::Clock = $clock;
        let watch = $crate::metrics::Watch::over($service, $meter, &clock);
        let mut builder = $crate::client_config!($sdk, $config, $endpoint, $http, clock, $patience);
        // As it is: `interceptor` would wrap it in another one, which is not permanent.
        builder.push_interceptor(watch);
        let settings = builder.build();
        $crate::Lazy::new(|| $sdk::Client::from_conf(settings))
    }};
}
#[doc(hidden)]
#[must_use]
pub fn sleep() -> SharedAsyncSleep {
    SharedAsyncSleep::new(TokioSleep::new())
}

#[doc(hidden)]
#[must_use]
pub fn time_source(clock: Clock) -> SharedTimeSource {
    SharedTimeSource::new(clock)
}
