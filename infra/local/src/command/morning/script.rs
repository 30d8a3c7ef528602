//! What is sent this morning, and what has to come of it.

use local_cloud::{Fault, FaultKind};
use serde_json::{Value, json};

/// Something that happens, with a fault or without.
pub(super) struct Scene {
    /// How the orders arrive, in a few words.
    pub(super) caption: &'static str,
    /// What goes wrong on the way.
    pub(super) fault: Option<Fault>,
    pub(super) act: Act,
}

/// How orders arrive.
pub(super) enum Act {
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
}

/// An order as it is sent. Not always a good one.
pub(super) struct Order {
    /// Sent as header or message attribute.
    pub(super) key: Option<&'static str>,
    pub(super) body: String,
    pub(super) expected: Expected,
}

/// An order that is delivered once more.
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
}

use Expected::{Allocated, Found, Rejected, Replayed, Returned};

const INTERCONNECT: &str = "dxcon-ffabc123";
const SECOND_INTERCONNECT: &str = "dxcon-ffabc456";
const LAG: &str = "dxlag-ffabc789";

/// The whole morning.
pub(super) fn morning() -> Vec<Scene> {
    let lost_answer = Fault::on(FaultKind::ApplyThenReset, "AllocateHostedConnection");
    let throttled = Fault::on(FaultKind::Throttle, "AllocateHostedConnection");
    let once = |expected| {
        order(
            "order-1006",
            request(SECOND_INTERCONNECT, "200Mbps", "Fabrikam Zurich", Some(106)),
            expected,
        )
    };
    vec![
        scene(
            "queue, batch of 8",
            Act::Send {
                orders: batch(),
                deletion_lost: false,
            },
        ),
        scene("HTTP", Act::Post(once(Allocated))),
        scene(
            "HTTP",
            Act::Post(order(
                "order-1007",
                request(INTERCONNECT, "50Mbps", "Litware", Some(101)),
                Rejected("VlanInUse"),
            )),
        ),
        scene(
            "queue, answer lost",
            Act::Send {
                orders: vec![order(
                    "order-1008",
                    request(INTERCONNECT, "200Mbps", "Contoso backup", Some(108)),
                    Found,
                )],
                deletion_lost: true,
            },
        )
        .with(lost_answer),
        scene(
            "queue, throttled",
            Act::Send {
                orders: vec![order(
                    "order-1009",
                    request(LAG, "50Mbps", "Tailspin", Some(109)),
                    Returned,
                )],
                deletion_lost: false,
            },
        )
        .with(throttled),
        scene(
            "queue, 3 min later",
            Act::ComeAgain(vec![
                again("order-1008", Replayed),
                again("order-1009", Allocated),
            ]),
        ),
        scene("HTTP, asked again", Act::Post(once(Replayed))),
    ]
}

/// Good ones and bad ones in one batch: none may harm its neighbours.
fn batch() -> Vec<Order> {
    let mut first = request(INTERCONNECT, "100Mbps", "Example Corp Frankfurt", Some(101));
    first["tags"] = json!([{"key": "contract", "value": "C-2026-0017"}]);
    let four_faults = json!({"connectionId": INTERCONNECT, "ownerAccount": "12345", "bandwidth": "1 Gbps", "vlan": 4095});
    let unparsable = Order {
        key: None,
        body: "connectionId=dxcon-ffabc123&vlan=105".to_owned(),
        expected: Rejected("InvalidRequest"),
    };
    vec![
        order("order-1001", first.clone(), Allocated),
        order(
            "order-1002",
            request(
                SECOND_INTERCONNECT,
                "500Mbps",
                "Example Corp backup",
                Some(102),
            ),
            Allocated,
        ),
        order(
            "order-1003",
            request(LAG, "1Gbps", "Contoso, any VLAN", None),
            Allocated,
        ),
        order(
            "order-1004",
            request(LAG, "300Mbps", "Contoso primary", Some(104)),
            Allocated,
        ),
        order("order-1001", first, Replayed),
        order(
            "order-1002",
            request(
                SECOND_INTERCONNECT,
                "1Gbps",
                "Example Corp backup",
                Some(102),
            ),
            Rejected("IdempotencyKeyReused"),
        ),
        order("order-1005", four_faults, Rejected("InvalidRequest")),
        unparsable,
    ]
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

fn request(parent: &str, bandwidth: &str, name: &str, vlan: Option<u16>) -> Value {
    let mut request = json!({
        "connectionId": parent,
        "ownerAccount": "111122223333",
        "bandwidth": bandwidth,
        "connectionName": name,
    });
    if let Some(vlan) = vlan {
        request["vlan"] = json!(vlan);
    }
    request
}
