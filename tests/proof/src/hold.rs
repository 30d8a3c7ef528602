//! Two processes of a story: the first is held before one of its requests, until the second has ended. Whoever was not done tries
//! again.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use local_cloud::{Gate, RequestRecord};
use tokio::sync::Notify;

use crate::run::Run;
use crate::world::World;

/// Between two tries of whoever was not done: leases and settle times are over by then.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
/// Tries after which a story has to be at its end.
pub(crate) const MOST: u32 = 8;

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

/// Plays the acts of both in `world`, where requests go wrong as it was told to, until each is done and every late arrival is over.
/// `act` does an act once, in a process of that name, and says whether nothing more would come of doing it again. `at` as in [`meet`].
pub(crate) async fn play<A: Copy>(
    world: &World,
    at: u64,
    (first, second): (A, A),
    act: impl AsyncFn(&str, A) -> bool,
) -> Run {
    let mut run = Run::default();
    let (first_done, second_done) = meet(world, at, act(FIRST, first), act(SECOND, second)).await;
    run.requests = world.cloud.requests();
    let hits = run.requests.iter().filter_map(|request| {
        let fault = request.fault.as_ref()?;
        Some((fault.kind.to_string(), request.operation.clone()))
    });
    run.hits = hits.collect();
    world.cloud.clear_faults();
    // Whoever was not done tries again, with others between.
    let mut left: Vec<_> = [(first, first_done), (second, second_done)].into();
    for round in 1..=MOST {
        left.retain(|(_, is_done)| !is_done);
        if left.is_empty() {
            break;
        }
        run.deliveries = round;
        tokio::time::sleep(MINUTE).await;
        for (what, is_done) in &mut left {
            *is_done = act(&format!("again-{round}"), *what).await;
        }
        world.track().await;
    }
    if left.iter().any(|(_, is_done)| !is_done) {
        run.violations.push("somebody is never done".into());
    }
    // Long enough for every late arrival; the second run makes good for the first.
    for _ in 0..2 {
        tokio::time::sleep(MINUTE).await;
        world.track().await;
    }
    run
}

/// Operations of both, as long as nothing goes wrong.
pub(crate) async fn operations<A>(
    world: &World,
    at: u64,
    (first, second): (A, A),
    act: impl AsyncFn(&str, A) -> bool,
) -> Vec<String> {
    meet(world, at, act(FIRST, first), act(SECOND, second)).await;
    let requests = world.cloud.requests().into_iter();
    requests.map(|request| request.operation).collect()
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
