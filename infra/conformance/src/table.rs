//! A transaction that can never be carried out: what DynamoDB answers to it, without anything being written.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use aws_smithy_runtime_api::client::result::SdkError;

use crate::clients::Clients;
use crate::words::No;

/// An item that is, and is not: no item meets it, so nothing is ever written.
const NEVER: &str = "attribute_exists(pk) AND attribute_not_exists(pk)";

/// How a transaction that had to be refused was answered.
#[derive(Debug)]
pub(crate) enum Transacted {
    /// It was refused, with the item that refused it, or without.
    Refused {
        /// Whether the answer has the item.
        with_item: bool,
    },
    /// The table is empty, so that there is no item that could refuse.
    Empty,
    /// DynamoDB says that it has done what no item allows.
    Accepted,
}

impl Clients {
    /// Asks for a write that one of the table's items refuses, whatever it holds.
    pub(crate) async fn transact_in_vain(&self) -> Result<Transacted, No> {
        let table = &self.settings.table_name;
        let scan = self.dynamodb.scan().table_name(table).limit(1);
        let page = scan.send().await.map_err(|error| No::of(&error))?;
        let Some(item) = page.items.unwrap_or_default().into_iter().next() else {
            return Ok(Transacted::Empty);
        };
        let key: HashMap<String, AttributeValue> = item
            .into_iter()
            .filter(|(name, _)| name == "pk" || name == "sk")
            .collect();
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(key))
            .condition_expression(NEVER)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let put = put.map_err(|error| No::unknown(error.to_string()))?;
        let item = TransactWriteItem::builder().put(put).build();
        let call = self.dynamodb.transact_write_items().transact_items(item);
        match call.send().await {
            Ok(_) => Ok(Transacted::Accepted),
            Err(SdkError::ServiceError(service)) => match service.err() {
                TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                    let mut reasons = cancelled.cancellation_reasons().iter();
                    Ok(Transacted::Refused {
                        with_item: reasons.any(|reason| reason.item.is_some()),
                    })
                }
                _ => Err(No::of(&SdkError::ServiceError(service))),
            },
            Err(error) => Err(No::of(&error)),
        }
    }
}
