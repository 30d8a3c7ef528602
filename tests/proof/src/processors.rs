//! Work on all processors at once.

use std::num::NonZero;
use std::thread;

/// Does `work` once for each processor, at the same time, and comes back when all are done.
pub(crate) fn on_each(work: impl Fn() + Sync) {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            if thread::Builder::new().spawn_scoped(scope, &work).is_err() {
                work();
            }
        }
    });
}
