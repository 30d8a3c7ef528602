//! The calls that ten orders take, made with the SDK as it comes and with nothing around them: no parsing, no decisions,
//! no logs. What is left is what the SDK costs, to be held against the function.
//!
//! Reads `one COUNT FIRST` (one call after the other) or `ten COUNT FIRST` (ten orders at once, as the function works on
//! a batch) from standard input, makes the calls of that many orders, numbered from FIRST, and writes `done`.
//!
//! In Lambda it is a function that takes `{"first": FIRST, "count": COUNT}`, ten orders at once. Then each call that allocates
//! has a connection of its own, as in our function (ADR 2): the least that a function with these calls costs.

#![expect(
    clippy::disallowed_methods,
    reason = "not the product: it reads its settings as one does at first"
)]

mod bodies;

use std::env;
use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};

use aws_credential_types::Credentials;
use futures_util::future::try_join_all;
use http::header::CONNECTION;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Orders to a batch, as the queue delivers them.
const BATCH: u32 = 10;

struct Caller {
    dynamodb: aws_sdk_dynamodb::Client,
    direct_connect: aws_sdk_directconnect::Client,
    events: aws_sdk_eventbridge::Client,
    table: String,
    bus: String,
    /// Whether each call that allocates has a connection of its own.
    allocates_apart: bool,
}

#[derive(Deserialize)]
struct Orders {
    first: u32,
    count: u32,
}

/// A client as `aws-config` would make it from the same variables: the SDK's own retries, timeouts and HTTP client.
macro_rules! client {
    ($sdk:ident) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
                .region($sdk::config::Region::new(env::var("AWS_REGION")?))
                .credentials_provider(Credentials::new(
                    env::var("AWS_ACCESS_KEY_ID")?,
                    env::var("AWS_SECRET_ACCESS_KEY")?,
                    env::var("AWS_SESSION_TOKEN").ok(),
                    None,
                    "environment",
                ))
                .endpoint_url(env::var("AWS_ENDPOINT_URL")?)
                .build(),
        )
    };
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let is_function = env::var_os("AWS_LAMBDA_RUNTIME_API").is_some();
    let caller = Caller {
        dynamodb: client!(aws_sdk_dynamodb),
        direct_connect: client!(aws_sdk_directconnect),
        events: client!(aws_sdk_eventbridge),
        table: env::var("ALLOCATIONS_TABLE_NAME")?,
        bus: env::var("EVENT_BUS_NAME")?,
        allocates_apart: is_function,
    };
    if is_function {
        return function(caller).await;
    }
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let [how, count, first] = words[..] else {
            return Err(format!("`{line}` is not `one COUNT FIRST` or `ten COUNT FIRST`").into());
        };
        let (count, first): (u32, u32) = (count.parse()?, first.parse()?);
        caller.batches(first, count, how == "ten").await?;
        writeln!(stdout(), "done")?;
    }
    Ok(())
}

async fn function(caller: Caller) -> Result<()> {
    let caller = &caller;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Orders>| {
        let Orders { first, count } = event.payload;
        caller.batches(first, count, true).await?;
        Result::<Value>::Ok(json!({"batchItemFailures": []}))
    }))
    .await
}

impl Caller {
    async fn batches(&self, first: u32, count: u32, at_once: bool) -> Result<()> {
        for start in (first..first + count).step_by(BATCH as usize) {
            let orders: Vec<u32> = (start..(start + BATCH).min(first + count)).collect();
            self.batch(&orders, at_once).await?;
        }
        Ok(())
    }

    async fn batch(&self, orders: &[u32], at_once: bool) -> Result<()> {
        if at_once {
            try_join_all(orders.iter().map(|&order| self.order(order))).await?;
        } else {
            for &order in orders {
                self.order(order).await?;
            }
        }
        self.publish(orders).await?;
        self.mark(orders).await
    }

    async fn order(&self, order: u32) -> Result<()> {
        self.claim(order).await?;
        self.allocate(order).await?;
        self.record(order).await
    }

    async fn claim(&self, order: u32) -> Result<()> {
        self.dynamodb
            .transact_write_items()
            .set_transact_items(Some(bodies::claim(&self.table, order)?))
            .send()
            .await?;
        Ok(())
    }

    async fn allocate(&self, order: u32) -> Result<()> {
        let apart = self.allocates_apart;
        self.direct_connect
            .allocate_hosted_connection()
            .connection_id(bodies::parent(order))
            .owner_account("111122223333")
            .bandwidth("50Mbps")
            .connection_name(bodies::NAME)
            .vlan(bodies::vlan(order))
            .set_tags(Some(bodies::tags()?))
            .customize()
            .mutate_request(move |request| {
                if apart {
                    request.headers_mut().insert(CONNECTION.as_str(), "close");
                }
            })
            .send()
            .await?;
        Ok(())
    }

    async fn record(&self, order: u32) -> Result<()> {
        self.dynamodb
            .update_item()
            .table_name(&self.table)
            .set_key(Some(bodies::key(order)))
            .update_expression(bodies::RECORD)
            .condition_expression(
                "claimToken = :token AND allocationState IN (:calling, :unresolved)",
            )
            .set_expression_attribute_values(Some(bodies::outcome()))
            .return_values_on_condition_check_failure(
                aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld,
            )
            .send()
            .await?;
        Ok(())
    }

    async fn publish(&self, orders: &[u32]) -> Result<()> {
        let entries = orders.iter().map(|&order| bodies::event(&self.bus, order));
        let told = self
            .events
            .put_events()
            .set_entries(Some(entries.collect()))
            .send()
            .await?;
        match told.failed_entry_count() {
            0 => Ok(()),
            failed => Err(format!("{failed} events were not taken").into()),
        }
    }

    async fn mark(&self, orders: &[u32]) -> Result<()> {
        let marks = orders.iter().map(|&order| bodies::mark(&self.table, order));
        let marked = self
            .dynamodb
            .batch_execute_statement()
            .set_statements(Some(marks.collect::<Result<_>>()?))
            .send()
            .await?;
        let mut failed = marked
            .responses()
            .iter()
            .filter_map(|answer| answer.error());
        match failed.next() {
            None => Ok(()),
            Some(error) => Err(format!("a mark failed: {error:?}").into()),
        }
    }
}
