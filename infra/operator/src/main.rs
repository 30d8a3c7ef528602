//! `operator`: what became of an order, what is stuck, and what to do about it; at AWS, or on the local cloud.

mod command;

use std::process::ExitCode;

use clap::Parser;
use terminal::Terminal;

use command::Cli;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut terminal = Terminal::of_this_process(cli.json);
    match cli.run(&mut terminal).await {
        Ok(verdict) => verdict.into(),
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => terminal.explain(&failure),
    }
}
