//! Work on all processors at once.

use std::num::NonZero;
use std::thread;

/// Stories are played in builds without optimisation, whose futures need more than the two megabytes that a thread has.
const STACK_BYTES: usize = 16 << 20;

/// Does `work` once for each processor, at the same time, and comes back when all are done.
pub(crate) fn on_each(work: impl Fn() + Sync) {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            if thread.spawn_scoped(scope, &work).is_err() {
                work();
            }
        }
    });
}
