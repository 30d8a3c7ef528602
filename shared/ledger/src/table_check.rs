//! Whether the table is the one that the ledger needs. For whoever looks after it; no function asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::types::{
    GlobalSecondaryIndexDescription, IndexStatus, KeySchemaElement, KeyType, TableDescription,
    TableStatus, TimeToLiveStatus,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};

use crate::keys;
use crate::ledger::Ledger;
use crate::record;
use aws::failure::CallError;

/// What a look at the table showed.
#[derive(Debug)]
pub struct TableCheck {
    /// The time on the service's clock when it answered, in milliseconds since the Unix epoch; whole seconds.
    pub service_time_ms: Option<u64>,
    /// Everything in which the table is not as `template.yaml` declares it.
    pub faults: Result<Vec<String>, CallError>,
}

impl Ledger {
    /// The table's name.
    #[must_use]
    pub fn table_name(&self) -> &str {
        &self.table
    }

    /// Looks at the table itself.
    pub async fn check_table(&self) -> TableCheck {
        let date = DateHeader::default();
        let described = self
            .client
            .describe_table()
            .table_name(&self.table)
            .customize()
            .interceptor(date.clone())
            .send()
            .await;
        let faults = described
            .map_err(|error| CallError::new("DescribeTable", &error))
            .map(|output| output.table.as_ref().map(faults).unwrap_or_default());
        TableCheck {
            service_time_ms: date.ms(),
            faults,
        }
    }

    /// Whether DynamoDB deletes records whose retention is over.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn expires(&self) -> Result<bool, CallError> {
        let described = self.client.describe_time_to_live();
        let output = described
            .table_name(&self.table)
            .send()
            .await
            .map_err(|error| CallError::new("DescribeTimeToLive", &error))?;
        let Some(described) = output.time_to_live_description else {
            return Ok(false);
        };
        let is_on = matches!(
            described.time_to_live_status,
            Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
        );
        Ok(is_on && described.attribute_name.as_deref() == Some(record::EXPIRES_AT))
    }
}

fn faults(table: &TableDescription) -> Vec<String> {
    let mut faults = Vec::new();
    match table.table_status() {
        Some(TableStatus::Active | TableStatus::Updating) => {}
        status => faults.push(format!(
            "it is {}",
            status.map_or("in no known state", TableStatus::as_str)
        )),
    }
    if !has_keys(table.key_schema(), keys::PK, keys::SK) {
        faults.push(format!("its key is not {} and {}", keys::PK, keys::SK));
    }
    let indexes: BTreeMap<_, _> = table
        .global_secondary_indexes()
        .iter()
        .filter_map(|index| Some((index.index_name()?, index)))
        .collect();
    for (name, hash, range) in [
        (
            keys::UNFINISHED_INDEX,
            record::UNFINISHED_SHARD,
            record::UNFINISHED_AT,
        ),
        (keys::PARENT_INDEX, record::PARENT_ID, record::CLAIMED_AT),
    ] {
        faults.extend(index_fault(indexes.get(name).copied(), name, hash, range));
    }
    faults
}

fn index_fault(
    index: Option<&GlobalSecondaryIndexDescription>,
    name: &str,
    hash: &str,
    range: &str,
) -> Option<String> {
    let Some(index) = index else {
        return Some(format!("there is no index `{name}`"));
    };
    if !has_keys(index.key_schema(), hash, range) {
        return Some(format!(
            "the key of index `{name}` is not {hash} and {range}"
        ));
    }
    match index.index_status() {
        Some(IndexStatus::Active | IndexStatus::Updating) | None => None,
        Some(status) => Some(format!("index `{name}` is {}", status.as_str())),
    }
}

fn has_keys(schema: &[KeySchemaElement], hash: &str, range: &str) -> bool {
    let has = |name: &str, kind: &KeyType| {
        let is = |key: &KeySchemaElement| key.attribute_name() == name && key.key_type() == kind;
        schema.iter().any(is)
    };
    schema.len() == 2 && has(hash, &KeyType::Hash) && has(range, &KeyType::Range)
}

/// The `Date` of an answer, of a refusal as well: a clock that is off is why some are refused.
#[derive(Debug, Clone, Default)]
struct DateHeader(Arc<Mutex<Option<String>>>);

impl DateHeader {
    fn ms(&self) -> Option<u64> {
        let date = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let date = DateTime::from_str(date.as_deref()?, Format::HttpDate).ok()?;
        u64::try_from(date.to_millis().ok()?).ok()
    }
}

#[dyn_dispatch_hint]
impl Intercept for DateHeader {
    fn name(&self) -> &'static str {
        "DateHeader"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").map(str::to_owned);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}
