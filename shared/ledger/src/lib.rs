//! The ledger: what has been asked for, who is working on it, what came of it, and which VLANs are spoken for.
//!
//! One DynamoDB table. Every write says in its condition what it takes for granted, and every refused write brings
//! back the item that refused it: so the loser of a race learns why in the same round trip, and a write whose answer
//! was lost recognises its own earlier success. It knows states and tokens; what to do next is the flow's business.

mod callers;
mod claim;
mod history;
mod item;
mod keys;
mod leases;
mod lifecycle;
mod listing;
mod moving;
mod outcome;
mod parents;
mod places;
mod policies;
mod publication;
mod record;
mod services;
mod table;
mod transact;
mod turn;
mod unfinished;

use std::time::Duration;

use aws::config::Rules;
use aws::failure::CallError;
use aws::metrics::{Meter, Service};
use aws::{Clock, Config, Lazy, Patience, watched_client};
use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use hosted_connection::{ClaimToken, IdempotencyKey};

pub use claim::{Claim, ClaimAnswer, NewClaim, Orphan};
pub use history::{HistoryEntry, shortened};
pub use leases::Lease;
pub use lifecycle::{ConnectionNote, LeaseChange, Lifecycle, Refused, Release, Saved};
pub use listing::{OwnKeys, PAGE_SIZE, Page, Position};
pub use moving::Moved;
pub use outcome::{Recorded, VlanSwitch};
pub use parents::ParentView;
pub use places::PLACE_KNOWN_FOR;
pub use policies::PolicyState;
pub use publication::Published;
pub use record::{Record, State};
pub use services::Services;
pub use table::TableCheck;
pub use turn::Turn;

/// Records whose connection never was are kept this long after their event is out: far longer than the 14 days that
/// a queue can hold a message.
const RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The table of allocations and VLAN leases.
#[derive(Debug, Clone)]
pub struct Ledger {
    client: Lazy<Client>,
    table: String,
    clock: Clock,
    meter: Meter,
    rules: Rules,
    places: places::KnownPlaces,
}

impl Ledger {
    pub(crate) fn new(
        config: &Config,
        http: SharedHttpClient,
        clock: Clock,
        meter: &Meter,
    ) -> Self {
        let patience = Patience {
            attempts: 4,
            attempt: Duration::from_millis(1250),
        };
        let client = watched_client!(
            aws_sdk_dynamodb,
            config,
            config.endpoints.dynamodb.clone(),
            http,
            clock.clone(),
            &patience,
            meter,
            Service::DynamoDb
        );
        Self {
            client,
            table: config.table_name.clone(),
            clock,
            meter: meter.clone(),
            rules: config.rules.clone(),
            places: places::KnownPlaces::default(),
        }
    }

    /// Builds the client, unless it is built.
    pub(crate) fn build(&self) {
        self.client.build();
    }

    /// The record of `key`, read consistently; `None` when there is none or its retention is over.
    ///
    /// # Errors
    /// When the table cannot be read, or holds something that we did not write.
    pub async fn record(&self, key: &IdempotencyKey) -> Result<Option<Record>, CallError> {
        let call = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true);
        let output = call
            .set_key(Some(keys::allocation(key)))
            .send()
            .await
            .map_err(|error| CallError::new("GetItem", &error))?;
        let record = output
            .item
            .map(|item| Record::from_item(&item))
            .transpose()?;
        // DynamoDB deletes lazily, so expiry is ours to judge.
        Ok(record.filter(|record| !record.is_expired(self.clock.now_ms())))
    }

    fn new_token() -> ClaimToken {
        ClaimToken::from(uuid::Uuid::new_v4().to_string())
    }
}
