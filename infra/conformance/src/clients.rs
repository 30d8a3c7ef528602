//! The clients: each sends a request once, so that what is seen is what one call does.

use std::time::Duration;

use aws::{Clock, Config, HttpClients, Patience, client_config};

/// Longest wait for one answer.
const ATTEMPT: Duration = Duration::from_secs(20);

/// What a run talks to.
#[derive(Debug, Clone)]
pub struct Clients {
    pub(crate) direct_connect: aws_sdk_directconnect::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) events: aws_sdk_eventbridge::Client,
    /// As the functions see it, for what is leased and which parents there are.
    pub(crate) services: ledger::Services,
    pub(crate) clock: Clock,
    pub(crate) settings: Config,
}

impl Clients {
    /// Sets the clients up; nothing is sent until the first call.
    #[must_use]
    pub fn new(config: &Config, http: impl Into<HttpClients>, clock: Clock) -> Self {
        let http = http.into();
        let once = Patience {
            attempts: 1,
            attempt: ATTEMPT,
        };
        let endpoints = &config.endpoints;
        // Each request on a connection of its own: nothing of a call that was given up may be sent later.
        let direct_connect = client_config!(
            aws_sdk_directconnect,
            config,
            endpoints.direct_connect.clone(),
            http.once.clone(),
            clock.clone(),
            &once
        );
        let dynamodb = client_config!(
            aws_sdk_dynamodb,
            config,
            endpoints.dynamodb.clone(),
            http.shared.clone(),
            clock.clone(),
            &once
        );
        let events = client_config!(
            aws_sdk_eventbridge,
            config,
            endpoints.eventbridge.clone(),
            http.shared.clone(),
            clock.clone(),
            &once
        );
        Self {
            direct_connect: aws_sdk_directconnect::Client::from_conf(direct_connect.build()),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
            events: aws_sdk_eventbridge::Client::from_conf(events.build()),
            services: ledger::Services::new(config, http, clock.clone()),
            clock,
            settings: config.clone(),
        }
    }
}
