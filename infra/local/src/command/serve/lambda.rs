//! Lambda's part: takes events from anywhere and runs a function for each, side by side.
//!
//! All invocations run in the server's own task, because the functions' futures may not change threads: Lambda runs
//! it on one, and so does this command.

use futures_util::{StreamExt, stream::FuturesUnordered};
use lambda_runtime::Diagnostic;
use serde_json::value::RawValue;
use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    oneshot,
};

use crate::command::functions::{LocalFunctions, Name};

/// How an invocation ends.
type Ended = Result<Box<RawValue>, Diagnostic>;

/// The way to the functions, from any task.
pub(super) struct Lambda(UnboundedSender<Invocation>);

/// An event, and whoever waits for what becomes of it.
pub(super) struct Invocation {
    function: Name,
    event: Box<RawValue>,
    ended: oneshot::Sender<Ended>,
}

/// The way to the functions, and what comes along it, to be [`run`].
pub(super) fn channel() -> (Lambda, UnboundedReceiver<Invocation>) {
    let (sender, receiver) = unbounded_channel();
    (Lambda(sender), receiver)
}

impl Lambda {
    /// Invokes a function.
    ///
    /// # Errors
    /// The invocation failed.
    pub(super) async fn invoke(&self, function: Name, event: Box<RawValue>) -> Ended {
        let (ended, answer) = oneshot::channel();
        let sent = self.0.send(Invocation {
            function,
            event,
            ended,
        });
        match (sent, answer.await) {
            (Ok(()), Ok(ended)) => ended,
            // Nobody runs invocations any more.
            (_, _) => Err(Diagnostic {
                error_type: "Runtime.ExitError".to_owned(),
                error_message: "the local cloud is ending".to_owned(),
            }),
        }
    }
}

/// Runs invocations for as long as there is a [`Lambda`] to send them.
pub(super) async fn run(
    functions: &LocalFunctions,
    mut invocations: UnboundedReceiver<Invocation>,
) {
    let mut running = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(Invocation { function, event, ended }) = invocations.recv() => running.push(async move {
                // Whoever asked may have hung up meanwhile. What was asked for is done all the same.
                let _ = ended.send(functions.invoke(function, event).await);
            }),
            Some(()) = running.next(), if !running.is_empty() => {}
            else => return,
        }
    }
}
