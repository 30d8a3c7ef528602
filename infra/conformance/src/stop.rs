//! Somebody has had enough: nothing more is made, and what was made is deleted.

use std::time::Duration;

use tokio::sync::watch;

/// Tells a run to stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Whether to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// A pair of the two.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Has the run make nothing more.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    pub(crate) fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits, unless there is a reason not to.
    pub(crate) async fn sleep(&mut self, time: Duration) {
        let stopped = async {
            // Without a stopper nobody will ever stop it.
            if self.0.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = stopped => {}
            () = tokio::time::sleep(time) => {}
        }
    }
}
