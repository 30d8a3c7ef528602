//! What is sent this day, and what has to come of it.

mod afternoon;
mod evening;
mod morning;
mod noon;

use local_cloud::{Cloud, CloudError, Fault, HostedConnection, Parent};
use serde_json::{Value, json};

/// Something that happens, with a fault or without.
pub(super) struct Scene {
    /// How the orders arrive, in a few words.
    pub(super) caption: &'static str,
    /// What goes wrong on the way.
    pub(super) fault: Option<Fault>,
    pub(super) act: Act,
}

/// What happens in a scene.
pub(super) enum Act {
    /// Somebody sets what may be sold on a parent.
    SetPolicy { parent: &'static str, policy: Value },
    /// They are sent to the queue, which delivers them as one batch.
    Send {
        orders: Vec<Order>,
        /// Lambda's word that they are done never reaches the queue, so that they come again.
        deletion_lost: bool,
    },
    /// The visibility timeout passes, and what is still in the queue comes again. In which order, nobody knows.
    ComeAgain(Vec<Again>),
    /// One comes by HTTP.
    Post(Order),
    /// Somebody asks over HTTP what an order would come to.
    Forecast(Order),
    /// Customers and AWS do something to connections, about which nobody is told; then the track function runs.
    Track {
        meanwhile: Vec<(&'static str, Switch)>,
        changes: Vec<Again>,
    },
    /// The connection of an order is given back, over HTTP.
    Release(Again),
    /// Connections that somebody made by hand before get a record.
    Adopt(Vec<ByHand>),
}

/// What somebody else does to a connection.
pub(super) type Switch = fn(&Cloud, &str) -> Result<(), CloudError>;

/// A connection that was made without this product.
pub(super) struct ByHand {
    /// What it is to be known under.
    pub(super) key: &'static str,
    pub(super) vlan: u16,
    pub(super) bandwidth: &'static str,
    pub(super) name: &'static str,
}

/// An order as it is sent. Not always a good one.
pub(super) struct Order {
    /// Sent as header or message attribute.
    pub(super) key: Option<&'static str>,
    pub(super) body: String,
    pub(super) expected: Expected,
}

/// An order of which something more becomes.
pub(super) struct Again {
    pub(super) key: &'static str,
    pub(super) expected: Expected,
}

/// What has to become of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A new connection.
    Allocated,
    /// A new connection whose answer is lost and which is found by looking.
    Found,
    /// The first answer once more.
    Replayed,
    /// A final no, for this reason.
    Rejected(&'static str),
    /// Back to the queue: nothing has been applied.
    Returned,
    /// Whether it is done, or a final no, is not known before the settle time is over.
    NotKnownYet,
    /// The first answer once more, and that the connection was released since.
    ReplayedAsReleased,
    /// A new connection, if it were an order.
    WouldBeAllocated,
    /// A final no, if it were an order.
    WouldBeRejected(&'static str),
    /// The connection is in this state now, which is published.
    Changed(&'static str),
    /// The connection is gone, and its VLAN is free.
    Released,
    /// As before: it is gone already.
    ReleasedBefore,
    /// What may be sold is settled.
    PolicySet,
    /// The connection has a record, as if it had been ordered.
    Adopted,
}

/// The owner of every connection.
const OWNER: &str = "111122223333";
pub(super) const INTERCONNECT: &str = "dxcon-ffabc123";
const SECOND_INTERCONNECT: &str = "dxcon-ffabc456";
const LAG: &str = "dxlag-ffabc789";

/// The interconnects and LAGs of this day.
pub(super) fn parents() -> Vec<Parent> {
    let mut parents = Parent::defaults();
    parents.extend(noon::parents());
    parents
}

/// The whole day.
pub(super) fn day() -> Vec<Scene> {
    let mut scenes = morning::scenes();
    scenes.extend(noon::scenes());
    scenes.extend(afternoon::scenes());
    scenes.extend(evening::scenes());
    scenes
}

fn scene(caption: &'static str, act: Act) -> Scene {
    Scene {
        caption,
        fault: None,
        act,
    }
}

impl Scene {
    fn with(self, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..self
        }
    }
}

fn order(key: &'static str, request: Value, expected: Expected) -> Order {
    Order {
        key: Some(key),
        body: request.to_string(),
        expected,
    }
}

fn again(key: &'static str, expected: Expected) -> Again {
    Again { key, expected }
}

impl ByHand {
    /// The connection as somebody would have ordered it.
    pub(super) fn request(&self) -> Value {
        request(INTERCONNECT, self.bandwidth, self.name, Some(self.vlan))
    }

    /// Makes it, and has its owner confirm it.
    ///
    /// # Errors
    /// The cloud does not take it.
    pub(super) fn make(&self, cloud: &Cloud) -> Result<HostedConnection, CloudError> {
        let made =
            cloud.insert_connection(INTERCONNECT, self.vlan, OWNER, self.bandwidth, self.name)?;
        cloud.set_state(&made.id, "available")?;
        Ok(made)
    }
}

fn request(parent: &str, bandwidth: &str, name: &str, vlan: Option<u16>) -> Value {
    let mut request = json!({
        "connectionId": parent,
        "ownerAccount": OWNER,
        "bandwidth": bandwidth,
        "connectionName": name,
    });
    if let Some(vlan) = vlan {
        request["vlan"] = json!(vlan);
    }
    request
}
