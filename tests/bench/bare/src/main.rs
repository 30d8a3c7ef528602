//! A Lambda function that does nothing: what `lambda_runtime` alone costs, on one thread as ours does.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(|_: LambdaEvent<Box<RawValue>>| async {
        Ok::<Value, Error>(json!({"batchItemFailures": []}))
    }))
    .await
}
