//! The composition root: telemetry, configuration, clients, and then events until Lambda has no more.

use std::process::ExitCode;
use std::sync::Arc;

use aws::config::Config;
use aws::{Aws, Clock};
use track::Function;

// One thread: below one vCPU a second one only adds switching, and all waits here are on the network.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    aws::telemetry::init();
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => {
            tracing::error!("the function cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let aws = Aws::new(&config, aws::http_client(&config), Clock::system());
    let function = Arc::new(Function::new(aws, &config));
    doors::serve(move |event| {
        let function = Arc::clone(&function);
        async move { function.handle(event).await }
    })
    .await
}
