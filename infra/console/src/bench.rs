//! The local cloud, as far as the console breaks it and looks behind it.

use std::{future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use local_cloud::{Cloud, Queue};

/// The way in for everything that is not the console's: the functions behind their API, and the track function.
pub type Door = Arc<
    dyn Fn(http::Request<Bytes>) -> Pin<Box<dyn Future<Output = http::Response<Bytes>> + Send>>
        + Send
        + Sync,
>;

/// A local cloud, and the ways to it.
#[derive(Clone)]
pub struct Bench {
    /// The cloud.
    pub cloud: Cloud,
    /// Where orders are sent as messages.
    pub orders: Queue,
    /// Where requests are sent.
    pub door: Door,
}
