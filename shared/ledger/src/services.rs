//! What an order needs of AWS, bundled: one of them per process.

use aws::direct_connect::DirectConnect;
use aws::event_bus::EventBus;
use aws::{Clock, Config, HttpClients, Meter};

use crate::ledger::Ledger;

/// The three services that the functions talk to, and the clock that they go by. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Services {
    /// DynamoDB: allocation records, VLAN leases and policies.
    pub ledger: Ledger,
    /// Direct Connect, partner side.
    pub direct_connect: DirectConnect,
    /// EventBridge.
    pub event_bus: EventBus,
    /// Wall clock of leases, settle times and events.
    pub clock: Clock,
    /// Counts what happens.
    pub meter: Meter,
}

impl Services {
    /// Sets the clients up; nothing is sent until the first call.
    #[must_use]
    pub fn new(config: &Config, http: impl Into<HttpClients>, clock: Clock) -> Self {
        let meter = Meter::of_stack(config.stack_name.clone());
        Self::metered(config, http, clock, meter)
    }

    /// As [`Services::new`], counting on `meter`.
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
            ledger: Ledger::new(config, shared.clone(), clock.clone(), &meter),
            event_bus: EventBus::new(config, shared.clone(), clock.clone(), &meter),
            direct_connect: DirectConnect::new(config, http, clock.clone(), &meter),
            clock,
            meter,
        }
    }

    /// Builds the clients that every order needs, in the order in which it needs them, unless they are built; waits for
    /// `turn` before each. To be called when nobody waits: otherwise each is built by its first call.
    pub async fn build_clients<F: Future<Output = ()>>(&self, turn: impl Fn() -> F) {
        turn().await;
        self.ledger.build();
        turn().await;
        self.direct_connect.build();
        turn().await;
        self.event_bus.build();
    }
}
