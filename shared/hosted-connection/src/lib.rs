//! The domain of hosted connections: what an order says, what became of it, and how that is told.
//!
//! Every field of a request is parsed once into a type that cannot be wrong; everything that is wrong with a request
//! is found in one pass. The crate also spells the answers: receipts, rejections, problems and events.
//!
//! It refuses to know AWS's SDKs, an async runtime, or the time: what it needs of those is handed in as values.

mod body;
mod foreign;
mod key_source;
mod order;
mod release_request;
mod request;

mod invalid_request;
mod received;

mod json;
mod report;
mod shorthand;
mod violation;

mod caller;
mod choice;
mod parent_policy;

mod claim_token;
mod fingerprint;

mod connection;
mod kept;
mod order_status;
mod outcome;
mod receipt;
mod rejection;

mod code;
mod problem;

mod correlation_id;
mod event;
mod origin;
mod timestamp;

pub use body::MAX_BODY_BYTES;
pub use caller::{Caller, CallerFault, Callers, Identity, Permit, Principal};
pub use choice::{
    Apart, Availability, Candidate, CandidateCode, Ranked, Room, Share, Shortlist, Site,
};
pub use claim_token::ClaimToken;
pub use code::{Code, UnknownCode};
pub use connection::{Connection, MacSecKey, RateLimiterStatus};
pub use correlation_id::CorrelationId;
pub use event::{DetailType, Event, Known, Move, Packed, StateChange, difference, differing};
pub use fingerprint::{Fingerprint, NotAFingerprint};
pub use invalid_request::InvalidRequest;
pub use key_source::{KeyAttribute, KeySource};
pub use order::Order;
pub use order_status::OrderStatus;
pub use origin::{Origin, Via};
pub use outcome::Outcome;
pub use parent_policy::ParentPolicy;
pub use problem::Problem;
pub use receipt::{Receipt, ReceiptStatus};
pub use received::Received;
pub use rejection::Rejection;
pub use release_request::ReleaseRequest;
pub use request::{
    AllocationRequest, Among, Bandwidth, ConnectionName, DiverseBy, DiverseFrom, IdempotencyKey,
    NotAVlanRange, OwnerAccount, ParentConnection, Placement, Scope, Tag, Tags, Target, Vlan,
    VlanRange, VlanSet,
};
pub use shorthand::Shorthand;
pub use timestamp::Timestamp;
pub use violation::{Violation, ViolationCode};
