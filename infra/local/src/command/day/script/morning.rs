//! The morning: orders are placed, by queue and by HTTP, with faults and without.

use local_cloud::{Fault, FaultKind};
use serde_json::json;

use super::Expected::{Allocated, Found, Rejected, Replayed, Returned};
use super::{
    Act, INTERCONNECT, LAG, Order, SECOND_INTERCONNECT, Scene, again, order, request, scene,
};

/// The whole morning.
pub(super) fn scenes() -> Vec<Scene> {
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
            "policy",
            Act::SetPolicy {
                parent: SECOND_INTERCONNECT,
                policy: json!({"bandwidthLimitMbps": 1000}),
            },
        ),
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
