//! The program that Lambda starts.

use std::process::ExitCode;

fn main() -> ExitCode {
    lambda::run::<track::Runs>()
}
