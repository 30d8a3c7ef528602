//! Things that go wrong on purpose: which request is hit ([`Selector`]), and what happens to it ([`FaultKind`]).
//! Nothing here is random. The same faults on the same order of requests do the same, and each has a text form
//! that a command line and a replay line can carry.

mod armed;
mod text;

use std::time::Duration;

pub use text::FaultSyntax;

pub(crate) use armed::Armed;

/// One thing that goes wrong, once unless [`always`](Self::always).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// Which request it happens to.
    pub selector: Selector,
    /// Whether it goes on happening to every later request that the selector's operation and worker cover.
    pub always: bool,
}

/// What happens to a request. *Applied* means that the service has done what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// No connection: certainly not applied, and the sender can know it.
    RefuseBefore,
    /// The connection breaks after sending. Not applied, but the sender cannot know it.
    ResetBefore,
    /// The service's own throttling error; not applied.
    Throttle,
    /// Any error answer; not applied.
    Error {
        /// HTTP status.
        status: u16,
        /// The error's code, such as `AccessDeniedException`.
        code: String,
    },
    /// 500 before anything was done.
    ServerErrorBefore,
    /// 500 after everything was done.
    ApplyThen500,
    /// `DirectConnectServerException`, which comes as HTTP 400, before anything was done.
    ServerExceptionBefore,
    /// `DirectConnectServerException`, which comes as HTTP 400, after everything was done.
    ApplyThenServerException,
    /// `DirectConnectClientException`, which comes as HTTP 400, before anything was done.
    ClientExceptionBefore,
    /// `DirectConnectClientException`, which comes as HTTP 400, after everything was done: the service's front end tries
    /// again by itself, and the answer is the second try's.
    ApplyThenClientException,
    /// `DirectConnectClientException` for a request that carries a `nextToken`, which is not applied. A request without
    /// one is not hit, though it is counted.
    ExpiredPageToken,
    /// The connection breaks after everything was done.
    ApplyThenReset,
    /// The answer's body ends halfway.
    ApplyThenCutBody,
    /// 200 with nothing in it.
    ApplyThenEmptyBody,
    /// 200 with `{}`: whatever it should list, or name, is not there.
    ApplyThenWithoutList,
    /// Never an answer; not applied.
    HangBefore,
    /// Never an answer; applied.
    ApplyThenHang,
    /// Applied and answered, but only after this long. Giving up meanwhile does not call it back.
    Delay(Duration),
    /// The connection breaks at once, and the request is applied after this long.
    LandLate(Duration),
    /// The sender's process dies before the request is applied ([`Cloud::run_until_killed`](crate::Cloud::run_until_killed)).
    KillBefore,
    /// The sender's process dies right after the request was applied.
    ApplyThenKill,
    /// PutEvents takes all entries but these (counted from 0), which fail with `ThrottlingException`.
    PartialPutEvents(Vec<usize>),
}

/// Which request a fault hits. Counted from the injection, or the last
/// [`reset_counters`](crate::Cloud::reset_counters), from 1, and only among the worker's when one is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Only requests sent with this tag.
    pub worker: Option<String>,
    /// Which of them.
    pub target: Target,
}

/// Which of a worker's, or of all, requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The k-th, whatever it is.
    Request(u64),
    /// The n-th of an operation.
    Nth(String, u64),
    /// Any of an operation.
    Any(String),
}

impl Fault {
    /// `kind` on the `k`-th request, counted from 1.
    pub fn on_request(kind: FaultKind, k: u64) -> Self {
        Self::new(kind, Target::Request(k))
    }

    /// `kind` on the `n`-th request of `operation`, counted from 1.
    pub fn on_nth(kind: FaultKind, operation: impl Into<String>, n: u64) -> Self {
        Self::new(kind, Target::Nth(operation.into(), n))
    }

    /// `kind` on the next request of `operation`; with [`always`](Self::always), on every one.
    pub fn on(kind: FaultKind, operation: impl Into<String>) -> Self {
        Self::new(kind, Target::Any(operation.into()))
    }

    /// Only for requests sent with this tag.
    #[must_use]
    pub fn for_worker(mut self, worker: impl Into<String>) -> Self {
        self.selector.worker = Some(worker.into());
        self
    }

    /// Not only once, but from the selected request on.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.always = true;
        self
    }

    fn new(kind: FaultKind, target: Target) -> Self {
        Self {
            kind,
            selector: Selector {
                worker: None,
                target,
            },
            always: false,
        }
    }
}
