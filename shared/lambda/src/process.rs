//! The process: telemetry, configuration, clients, and then events until Lambda has no more.

use std::process::ExitCode;
use std::sync::Arc;

use aws::config::Config;
use aws::{Clock, HttpClients};
use lambda_runtime::service_fn;
use ledger::Services;

use crate::{Function, Handler};

/// Turns of the event loop in which whatever is ready to go on reaches its next wait: the runtime has asked for its first
/// event, or an order has made its next call.
const TURNS: usize = 8;

/// The composition root: runs the function that `H` is, until Lambda ends the process.
///
/// On Lambda Managed Instances, which set `AWS_LAMBDA_MAX_CONCURRENCY`, it takes that many events at once; elsewhere one
/// after the other. The runtime logs what the handler refuses; a runtime that ends is logged here.
// One thread: below one vCPU a second one only adds switching, and all waits here are on the network.
#[tokio::main(flavor = "current_thread")]
pub async fn run<H: Handler>() -> ExitCode {
    aws::telemetry::init();
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => {
            tracing::error!("the function cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let aws = Services::new(&config, HttpClients::new(&config), Clock::system());
    let function = Arc::new(Function::<H>::new(aws.clone(), &config));
    // A task of its own: waking the future that a current-thread runtime blocks on costs a system call each time.
    let runtime = tokio::spawn(lambda_runtime::run_concurrent(service_fn(move |event| {
        let function = Arc::clone(&function);
        async move { function.handle(event).await }
    })));
    tokio::spawn(build_clients(aws));
    let error = match runtime.await {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => error,
        Err(panicked) => panicked.into(),
    };
    tracing::error!("the runtime stopped: {error}");
    ExitCode::FAILURE
}

/// Builds the clients while the first event is on its way, and those that are not built by then while the first order waits
/// for its calls (ADR 24).
async fn build_clients(aws: Services) {
    aws.build_clients(turns).await;
}

async fn turns() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}
