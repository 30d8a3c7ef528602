//! What the functions log, line by line. In Lambda it is in their log groups.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer,
    fmt::{MakeWriter, layer},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// From here on every line of this level or a more severe one goes to `take`.
pub(crate) fn listen(level: LevelFilter, take: impl Fn(String) + Clone + Send + Sync + 'static) {
    let lines = layer()
        .without_time()
        .with_ansi(false)
        .with_target(false)
        .with_writer(Lines(take));
    // A second call, as in a test process, keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(aws::telemetry::targets(level)))
        .try_init();
}

struct Lines<F>(F);

/// One event at a time, whole.
struct Line<F>(F);

impl<F: Fn(String) + Clone> MakeWriter<'_> for Lines<F> {
    type Writer = Line<F>;

    fn make_writer(&self) -> Line<F> {
        Line(self.0.clone())
    }
}

impl<F: Fn(String)> io::Write for Line<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        (self.0)(line.trim().to_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
