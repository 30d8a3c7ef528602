//! AWS on a laptop for hosted connections: Direct Connect's partner side, DynamoDB, EventBridge and SQS, with faults.
//!
//! One fake [`Cloud`], two ways in: in-process as the SDKs' HTTP client ([`Cloud::http_client`]), and over HTTP
//! ([`Cloud::serve`]). Both go through the same pipeline ([`Cloud::handle`]), where [`Fault`]s strike. The same seed
//! and the same order of requests give the same ids, the same faults and the same answers.
//!
//! It knows nothing of the code it tests: no type of ours crosses over, only what is on the wire.

mod builder;
mod cloud;
mod error;
mod site;
mod switches;

mod aside;
mod clock;
mod connector;
mod control;
mod faults;
mod gate;
mod kills;
mod pipeline;
mod reply;
mod request;
mod serve;
mod witness;

mod direct_connect;
mod dynamodb;
mod event_bus;
mod sqs;

mod random;
mod state;
mod template;

pub use builder::{Builder, OF_PORTS};
pub use clock::Clock;
pub use cloud::Cloud;
pub use direct_connect::{
    ArnAccount, ErrorAnswer, HostedConnection, LagMembers, Pages, Parent, ParentKind, Progress, Tag,
};
pub use error::CloudError;
pub use event_bus::BusEvent;
pub use faults::{Fault, FaultKind, FaultSyntax, Selector, Target};
pub use gate::Gate;
pub use reply::Reply;
pub use request::{RequestRecord, Service, Units};
pub use serve::{Body, Route};
pub use sqs::{DeadLetter, Queue, QueueSettings};
pub use state::DataLock;
pub use switches::{Heading, SWITCHES, Switch, SwitchError, Values};
pub use witness::{Outcome, Script, Witness};
