//! The ledger itself: the client, and the table of transitions that it goes by.

use std::sync::Arc;
use std::time::Duration;

use aws::config::Rules;
use aws::failure::{CallError, Cause};
use aws::metrics::{Meter, Service};
use aws::{Clock, Config, Lazy, Patience, watched_client};
use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use hosted_connection::{ClaimToken, IdempotencyKey};
use transitions::Table;

use crate::item::Item;
use crate::keys;
use crate::known_places::KnownPlaces;
use crate::record::Record;
use crate::sheet::Sheet;

/// The table of allocations and VLAN leases.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(crate) client: Lazy<Client>,
    pub(crate) table: String,
    pub(crate) clock: Clock,
    pub(crate) meter: Meter,
    pub(crate) rules: Rules,
    pub(crate) places: KnownPlaces,
    pub(crate) sheet: Arc<Sheet>,
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
            places: KnownPlaces::default(),
            sheet: Sheet::standard(),
        }
    }

    /// The same ledger, going by another table of transitions than the one that holds.
    #[must_use]
    pub fn going_by(self, table: Table) -> Self {
        Self {
            sheet: Arc::new(Sheet::of(table)),
            ..self
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
        let item = self.item(keys::allocation(key)).await?;
        let record = item.map(|item| Record::from_item(&item)).transpose()?;
        // DynamoDB deletes lazily, so expiry is ours to judge.
        Ok(record.filter(|record| !record.is_expired(self.clock.now_ms())))
    }

    /// The item of that key, read consistently, if it is there.
    pub(crate) async fn item(&self, key: Item) -> Result<Option<Item>, CallError> {
        let call = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true);
        let output = call.set_key(Some(key)).send().await;
        let output = output.map_err(|error| CallError::new("GetItem", &error))?;
        Ok(output.item)
    }

    pub(crate) fn new_token() -> ClaimToken {
        ClaimToken::from(uuid::Uuid::new_v4().to_string())
    }

    pub(crate) fn changed_meanwhile(&self) -> CallError {
        CallError {
            operation: "claiming the key",
            cause: Cause::Unavailable,
            message: format!("table {} changes faster than it is read", self.table),
        }
    }
}
