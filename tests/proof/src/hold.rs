//! Two processes of a story: the first is held before one of its requests, until the second has ended.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use local_cloud::{Gate, RequestRecord};
use tokio::sync::Notify;

use crate::world::World;

/// The name of the process that is held.
pub(crate) const FIRST: &str = "first";
/// The name of the other one.
pub(crate) const SECOND: &str = "second";

/// The first acts, and the second does all that it does before the first's request `at`, from 1; when the first has ended, if
/// that is 0. What each comes to.
pub(crate) async fn meet<T>(
    world: &World,
    at: u64,
    first: impl Future<Output = T>,
    second: impl Future<Output = T>,
) -> (T, T) {
    let hold = Hold::before(at);
    world.cloud.set_gate(Some(Arc::new(hold.clone())));
    let beginning = async {
        let done = first.await;
        // Whether or not it came to that request.
        hold.0.reached.notify_one();
        done
    };
    let meeting = async {
        hold.0.reached.notified().await;
        let done = second.await;
        hold.open();
        done
    };
    let done = tokio::join!(beginning, meeting);
    world.cloud.set_gate(None);
    done
}

/// Holds the first process before one of its requests.
#[derive(Debug, Clone)]
struct Hold(Arc<Held>);

#[derive(Debug)]
struct Held {
    /// Requests of it that may still pass.
    left: Mutex<Option<u64>>,
    reached: Notify,
    opened: Notify,
}

impl Hold {
    fn before(at: u64) -> Self {
        Self(Arc::new(Held {
            left: Mutex::new(at.checked_sub(1)),
            reached: Notify::new(),
            opened: Notify::new(),
        }))
    }

    /// Whether a request of the first has to wait.
    fn holds(&self) -> bool {
        let mut left = self.0.left.lock().unwrap_or_else(PoisonError::into_inner);
        match left.as_mut() {
            None => false,
            Some(0) => true,
            Some(more) => {
                *more -= 1;
                false
            }
        }
    }

    fn open(&self) {
        *self.0.left.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.opened.notify_waiters();
    }
}

impl Gate for Hold {
    fn pass<'a>(
        &'a self,
        request: &'a RequestRecord,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            if request.worker != FIRST {
                return;
            }
            let opened = self.0.opened.notified();
            tokio::pin!(opened);
            opened.as_mut().enable();
            if self.holds() {
                self.0.reached.notify_one();
                opened.await;
            }
        })
    }
}
