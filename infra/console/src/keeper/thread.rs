//! The keeper on a thread of its own. Thousands of items are read and understood there, while pages are drawn elsewhere.

use std::convert::Infallible;
use std::io;

use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::Keeper;

/// Ends the keeper when it is dropped.
pub(crate) struct Thread {
    _wanted: oneshot::Sender<Infallible>,
    ended: oneshot::Receiver<Infallible>,
}

impl Thread {
    /// Runs the keeper for as long as this is kept.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub(crate) fn of(keeper: Keeper) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (wanted, unwanted) = oneshot::channel::<Infallible>();
        let (running, ended) = oneshot::channel::<Infallible>();
        std::thread::Builder::new()
            .name("console-keeper".to_owned())
            .spawn(move || {
                // Dropped with the thread, whatever ends it.
                let _running = running;
                runtime.block_on(async {
                    tokio::select! {
                        never = keeper.run() => match never {},
                        // Nothing is ever sent: this is the end that is dropped.
                        _ = unwanted => {}
                    }
                });
            })?;
        Ok(Self {
            _wanted: wanted,
            ended,
        })
    }

    /// Done when the keeper has ended by itself, which it does only if it panics.
    pub(crate) async fn ended(&mut self) -> io::Error {
        match (&mut self.ended).await {
            Ok(never) => match never {},
            Err(_) => {
                io::Error::other("the console's reading thread has ended; its panic is told above")
            }
        }
    }
}
