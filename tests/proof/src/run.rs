//! How a story is run, and how it went.

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

/// Runs `story` on a runtime of its own, whose clock is paused.
///
/// # Panics
/// When the machine gives no runtime.
#[expect(
    clippy::expect_used,
    reason = "without a runtime there is nothing to explore with"
)]
pub(crate) fn alone<T>(story: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime of one thread").block_on(story)
}
