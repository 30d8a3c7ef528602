//! A Lambda function as one writes it first: for each message, call Direct Connect, tell the result, done.
//!
//! The SDK is left as it comes, which means that it sends a request up to three times. With `IDEMPOTENCY_TABLE` set,
//! each order is first put into that table if it is not there yet, and skipped if it is.
//!
//! It is a peer in the comparison and no part of the product: read `README.md` beside it.

#![expect(
    clippy::disallowed_methods,
    reason = "not the product: it reads its settings as one does at first"
)]

use std::env;

use aws_credential_types::Credentials;
use aws_lambda_events::sqs::SqsEvent;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    idempotency_key: String,
    connection_id: String,
    owner_account: String,
    bandwidth: String,
    connection_name: String,
    vlan: i32,
}

struct Function {
    direct_connect: aws_sdk_directconnect::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    events: aws_sdk_eventbridge::Client,
    bus: String,
    /// Orders are put here before the call, if anywhere.
    table: Option<String>,
}

/// A client with nothing but what it cannot do without. `aws-config` would fill in the same: what is left out here
/// (retries, timeouts) has the SDK's own defaults in both.
macro_rules! client {
    ($sdk:ident) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
                .region($sdk::config::Region::new(env::var("AWS_REGION")?))
                .credentials_provider(Credentials::new(
                    env::var("AWS_ACCESS_KEY_ID")?,
                    env::var("AWS_SECRET_ACCESS_KEY")?,
                    None,
                    None,
                    "environment",
                ))
                .endpoint_url(env::var("AWS_ENDPOINT_URL")?)
                .build(),
        )
    };
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = Function {
        direct_connect: client!(aws_sdk_directconnect),
        dynamodb: client!(aws_sdk_dynamodb),
        events: client!(aws_sdk_eventbridge),
        bus: env::var("EVENT_BUS_NAME")?,
        table: env::var("IDEMPOTENCY_TABLE").ok(),
    };
    lambda_runtime::run(service_fn(|event| function.handle(event))).await
}

impl Function {
    async fn handle(&self, event: LambdaEvent<SqsEvent>) -> Result<Value, Error> {
        let mut failures = Vec::new();
        for message in event.payload.records {
            if let Err(error) = self.work_on(message.body.as_deref().unwrap_or("")).await {
                // The whole chain of causes is in the debug form only.
                eprintln!("{:?}: {error:?}", message.message_id);
                failures.push(json!({"itemIdentifier": message.message_id}));
            }
        }
        Ok(json!({"batchItemFailures": failures}))
    }

    async fn work_on(&self, body: &str) -> Result<(), Error> {
        let order: Order = serde_json::from_str(body)?;
        if let Some(table) = &self.table
            && !self.put_if_absent(table, &order).await?
        {
            return Ok(()); // Seen before.
        }
        let connection = self
            .direct_connect
            .allocate_hosted_connection()
            .connection_id(&order.connection_id)
            .owner_account(&order.owner_account)
            .bandwidth(&order.bandwidth)
            .connection_name(&order.connection_name)
            .vlan(order.vlan)
            .send()
            .await?;
        if let Some(table) = &self.table {
            self.mark_done(table, &order).await?;
        }
        self.tell(&order, connection.connection_id()).await
    }

    /// Whether the order is new.
    async fn put_if_absent(&self, table: &str, order: &Order) -> Result<bool, Error> {
        let put = self
            .dynamodb
            .put_item()
            .table_name(table)
            .item("id", AttributeValue::S(order.idempotency_key.clone()))
            .item("status", AttributeValue::S("STARTED".to_owned()))
            .condition_expression("attribute_not_exists(id)")
            .send();
        match put.await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn mark_done(&self, table: &str, order: &Order) -> Result<(), Error> {
        self.dynamodb
            .update_item()
            .table_name(table)
            .key("id", AttributeValue::S(order.idempotency_key.clone()))
            .update_expression("SET #status = :done")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":done", AttributeValue::S("DONE".to_owned()))
            .send()
            .await?;
        Ok(())
    }

    async fn tell(&self, order: &Order, connection_id: Option<&str>) -> Result<(), Error> {
        let detail = json!({
            "idempotencyKey": order.idempotency_key,
            "connection": {"connectionId": connection_id},
        });
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source("hosted-connections")
            .detail_type("Hosted Connection Allocated")
            .detail(detail.to_string());
        let told = self.events.put_events().entries(entry.build()).send();
        match told.await?.failed_entry_count() {
            0 => Ok(()),
            _ => Err("the event was not taken".into()),
        }
    }
}
