//! The console: parents and their VLANs, orders and their stories, events, dead letters and figures, as one page in a browser.
//!
//! It stands in two homes. Beside the local cloud ([`Bench`]) it also breaks things on purpose; against AWS it reads with the
//! operator's own credentials, and changes something only when it was started for that. It has no rules of its own: what it
//! shows is what the ledger, Direct Connect and the story of an order say, and what it does, the functions' own code does.
//!
//! Modules in reading order: what is known; how it is kept fresh; what is shown; what can be done; how it is served.

mod bench;
mod home;

mod about;
mod parent;
mod snapshot;

mod keeper;
mod live;

mod drawings;
mod figures;
mod letters;
mod map;
mod order;
mod orders;
mod page;
mod parts;
mod steps;
mod texts;
mod watch;

mod actions;
mod breaking;
mod confirm;

mod answer;
mod guard;
mod routes;

pub use bench::{Bench, Door};
pub use guard::Hosts;
pub use home::{Home, QueueUrls};
pub use keeper::Keeper;
pub use routes::{Console, belongs};

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::serve::ListenerExt;
use keeper::Thread;
use tokio::net::TcpListener;

/// The console of a home: what answers its requests, and what keeps its knowledge fresh and has to be run beside it.
#[must_use]
pub fn open(home: Home, hosts: Hosts) -> (Console, Keeper) {
    let home = Arc::new(home);
    let (live, publisher) = live::channel();
    let keeper = Keeper::new(home.clone(), publisher, live.clone());
    (Console::new(home, live, hosts), keeper)
}

/// Serves the console of a home on its own, until the future is dropped.
///
/// # Errors
/// The listener fails.
pub async fn serve(listener: TcpListener, home: Home, hosts: Hosts) -> io::Result<Infallible> {
    let (console, keeper) = open(home, hosts);
    let mut reading = Thread::of(keeper)?;
    // News are short: none waits for another to fill a packet.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let serving = async { axum::serve(listener, console.router()).await };
    tokio::select! {
        served = serving => Err(served.err().unwrap_or_else(|| io::ErrorKind::ConnectionAborted.into())),
        error = reading.ended() => Err(error),
    }
}
