//! Takes events from Lambda, one at a time or several, for as long as there are any.
//!
//! It looks at no event.

use std::future::Future;
use std::process::ExitCode;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::value::RawValue;

/// Hands every event to `handler` until Lambda ends the process.
///
/// On Lambda Managed Instances, which set `AWS_LAMBDA_MAX_CONCURRENCY`, that many at once; elsewhere one after the other.
/// The runtime logs what the handler refuses; a runtime that ends is logged here.
pub async fn serve<F, Answer>(handler: F) -> ExitCode
where
    F: Fn(LambdaEvent<Box<RawValue>>) -> Answer + Clone + Send + 'static,
    Answer: Future<Output = Result<Box<RawValue>, Diagnostic>> + Send + 'static,
{
    // A task of its own: waking the future that a current-thread runtime blocks on costs a system call each time.
    let runtime = tokio::spawn(lambda_runtime::run_concurrent(service_fn(handler)));
    let error = match runtime.await {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => error,
        Err(panicked) => panicked.into(),
    };
    tracing::error!("the runtime stopped: {error}");
    ExitCode::FAILURE
}
