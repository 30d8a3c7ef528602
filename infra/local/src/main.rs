//! `local`: the local cloud as a command. Without arguments it plays a day of orders and checks what came of it.

mod command;

use std::process::ExitCode;

use clap::Parser;

use command::Cli;
use terminal::Terminal;

// One thread: everything waits for the same embedded cloud, and a story that is told twice is the same twice.
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
