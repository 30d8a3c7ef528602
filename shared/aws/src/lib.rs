//! The only crate that sees the AWS SDKs: one service per file, and the HTTP clients that they share.
//!
//! It turns SDK answers into the few cases the flow must tell apart, and decides nothing about orders:
//! which case leads to which answer is `allocation`'s business.

pub mod clock;
pub mod config;
pub mod direct_connect;
pub mod event_bus;
pub mod failure;
mod http;
mod in_flight;
pub mod invocation;
mod lazy;
pub mod ledger;
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
pub use metrics::Meter;

/// The three services the function talks to, and the clock it goes by. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aws {
    /// DynamoDB: allocation records and VLAN leases.
    pub ledger: ledger::Ledger,
    /// Direct Connect, partner side.
    pub direct_connect: direct_connect::DirectConnect,
    /// EventBridge.
    pub event_bus: event_bus::EventBus,
    /// Wall clock of leases, settle times and events.
    pub clock: Clock,
    /// Counts what happens.
    pub meter: Meter,
}

impl Aws {
    /// Sets the clients up; nothing is sent until the first call.
    #[must_use]
    pub fn new(config: &Config, http: impl Into<HttpClients>, clock: Clock) -> Self {
        let meter = Meter::of_stack(config.stack_name.clone());
        Self::metered(config, http, clock, meter)
    }

    /// As [`Aws::new`], counting on `meter`.
    #[must_use]
    pub fn metered(
        config: &Config,
        http: impl Into<HttpClients>,
        clock: Clock,
        meter: Meter,
    ) -> Self {
        let http = http.into();
        let shared = &http.shared;
        Self {
            ledger: ledger::Ledger::new(config, shared.clone(), clock.clone(), &meter),
            event_bus: event_bus::EventBus::new(config, shared.clone(), clock.clone(), &meter),
            direct_connect: direct_connect::DirectConnect::new(config, http, clock.clone(), &meter),
            clock,
            meter,
        }
    }

    /// Builds the clients that every order needs, unless they are built. To be called when nobody waits: otherwise each
    /// is built by its first call.
    pub fn build_clients(&self) {
        self.ledger.build();
        self.direct_connect.build();
        self.event_bus.build();
    }
}

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

/// The client of `$service`, watched, and built when it is first needed.
macro_rules! watched_client {
    ($sdk:ident, $config:expr, $endpoint:expr, $http:expr, $clock:expr, $patience:expr, $meter:expr, $service:expr) => {{
        let clock: $crate::Clock = $clock;
        let watch = $crate::metrics::Watch::over($service, $meter, &clock);
        let mut builder = $crate::client_config!($sdk, $config, $endpoint, $http, clock, $patience);
        // As it is: `interceptor` would wrap it in another one, which is not permanent.
        builder.push_interceptor(watch);
        let settings = builder.build();
        $crate::lazy::Lazy::new(|| $sdk::Client::from_conf(settings))
    }};
}
pub(crate) use watched_client;

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
