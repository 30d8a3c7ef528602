//! Tells the function's own time from the embedded cloud's: in one process, both are only computing.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
        http_client_fn,
    },
    orchestrator::HttpRequest,
};
use tokio::time::Instant;

/// Time spent behind HTTP clients.
#[derive(Debug, Clone, Default)]
pub(super) struct Stopwatch(Arc<AtomicU64>);

impl Stopwatch {
    /// The same client, watched.
    pub(super) fn on(&self, client: SharedHttpClient) -> SharedHttpClient {
        let stopwatch = self.clone();
        http_client_fn(move |settings, components| {
            SharedHttpConnector::new(Watched {
                connector: client.http_connector(settings, components),
                stopwatch: stopwatch.clone(),
            })
        })
    }

    /// All of it so far.
    pub(super) fn total(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    fn add(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or_default();
        self.0.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Watched {
    connector: SharedHttpConnector,
    stopwatch: Stopwatch,
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (call, stopwatch) = (self.connector.call(request), self.stopwatch.clone());
        HttpConnectorFuture::new(async move {
            let mut call = pin!(call);
            // Only while it runs: what it waits for meanwhile is somebody else's time.
            std::future::poll_fn(|context| {
                let started = Instant::now();
                let polled = call.as_mut().poll(context);
                stopwatch.add(started.elapsed());
                polled
            })
            .await
        })
    }
}
