//! How a story is run, and how it went.

use std::panic::resume_unwind;
use std::thread;

use local_cloud::RequestRecord;

/// How a story went.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Invariants that did not hold, in words.
    pub violations: Vec<String>,
    /// Connections that were made for the key, the deleted ones included.
    pub connections: usize,
    /// Whether the record says that the order was rejected.
    pub rejected: bool,
    /// Deliveries until the answer was final.
    pub deliveries: u32,
    /// What really went wrong: fault or step, and the operation that it hit.
    pub hits: Vec<(String, String)>,
    /// How many steps were possible each time a choice was made.
    pub widths: Vec<u8>,
    /// All that was sent until the answer was final, in the order of sending.
    pub requests: Vec<RequestRecord>,
}

/// Stories are played in builds without optimisation, whose futures need more than the two megabytes that a thread has.
const STACK_BYTES: usize = 16 << 20;

/// Runs `story` on a thread and a runtime of its own, whose clock is paused.
///
/// # Panics
/// When the machine gives no thread or no runtime, or the story panics.
#[expect(
    clippy::expect_used,
    reason = "without a thread and a runtime there is nothing to explore with"
)]
pub(crate) fn alone<T: Send, F: Future<Output = T>>(story: impl FnOnce() -> F + Send) -> T {
    let play = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        runtime.expect("a runtime of one thread").block_on(story())
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK_BYTES);
        let thread = thread.spawn_scoped(scope, play).expect("a thread");
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}
