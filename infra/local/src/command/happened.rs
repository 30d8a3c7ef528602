//! What an invocation has done to the cloud: the difference between before and after, seen from outside.

use local_cloud::{BusEvent, Cloud, HostedConnection, RequestRecord};

/// A moment in a cloud's life.
pub(crate) struct Moment {
    connections: usize,
    events: usize,
    requests: usize,
}

/// What is there that was not there before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Happened {
    /// Hosted connections created.
    pub(crate) connections: Vec<HostedConnection>,
    /// Events published.
    pub(crate) events: Vec<BusEvent>,
    /// Calls on AWS.
    pub(crate) requests: Vec<RequestRecord>,
}

impl Moment {
    /// Now.
    pub(crate) fn now(cloud: &Cloud) -> Self {
        Self {
            connections: cloud.connections().len(),
            events: cloud.events().len(),
            requests: cloud.requests().len(),
        }
    }

    /// What has happened since.
    pub(crate) fn since(&self, cloud: &Cloud) -> Happened {
        Happened {
            connections: cloud.connections().split_off(self.connections),
            events: cloud.events().split_off(self.events),
            requests: cloud.requests().split_off(self.requests),
        }
    }
}
