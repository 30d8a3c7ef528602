//! The program that Lambda starts.

use std::process::ExitCode;

// One thread: below one vCPU a second one only adds switching, and all waits here are on the network.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda::run::<release::Releases>().await
}
