//! Holds every request until it is let through.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use local_cloud::{Gate, RequestRecord};
use tokio::sync::oneshot;

/// A gate whose requests land one by one, as somebody else decides.
#[derive(Debug, Default, Clone)]
pub(crate) struct Turnstile(Arc<Mutex<Vec<Waiting>>>);

/// A request on the wire.
#[derive(Debug)]
struct Waiting {
    sequence: u64,
    worker: String,
    operation: String,
    pass: oneshot::Sender<()>,
}

/// What is known of a request on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OnTheWire {
    pub(crate) sequence: u64,
    pub(crate) worker: String,
    pub(crate) operation: String,
}

impl Turnstile {
    /// All that waits, in the order in which it was sent.
    pub(crate) fn waiting(&self) -> Vec<OnTheWire> {
        let mut waiting: Vec<_> = self
            .lock()
            .iter()
            .map(|w| OnTheWire {
                sequence: w.sequence,
                worker: w.worker.clone(),
                operation: w.operation.clone(),
            })
            .collect();
        waiting.sort_by_key(|request| request.sequence);
        waiting
    }

    /// Lets one land.
    pub(crate) fn let_through(&self, sequence: u64) {
        let mut waiting = self.lock();
        if let Some(index) = waiting
            .iter()
            .position(|request| request.sequence == sequence)
        {
            let request = waiting.swap_remove(index);
            // Nobody is there any more only when the runtime is being torn down.
            let _ = request.pass.send(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for Turnstile {
    fn pass<'a>(
        &'a self,
        request: &'a RequestRecord,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        let (pass, passed) = oneshot::channel();
        self.lock().push(Waiting {
            sequence: request.sequence,
            worker: request.worker.clone(),
            operation: request.operation.clone(),
            pass,
        });
        Box::pin(async move {
            let _ = passed.await;
        })
    }
}
