//! The evening: connections that were made by hand before are adopted, and then are an order's like all others.

use super::Expected::{Released, Replayed};
use super::{Act, ByHand, Scene, again, order, scene};

/// The whole evening.
pub(super) fn scenes() -> Vec<Scene> {
    let (frankfurt, zurich) = (
        by_hand("customer-42", 201, "100Mbps", "Northwind Frankfurt"),
        by_hand("customer-43", 202, "50Mbps", "Northwind Zurich"),
    );
    let same = frankfurt.request();
    vec![
        scene("operator adopt", Act::Adopt(vec![frankfurt, zurich])),
        scene("HTTP", Act::Post(order("customer-42", same, Replayed))),
        scene(
            "HTTP, release",
            Act::Release(again("customer-43", Released)),
        ),
    ]
}

fn by_hand(key: &'static str, vlan: u16, bandwidth: &'static str, name: &'static str) -> ByHand {
    ByHand {
        key,
        vlan,
        bandwidth,
        name,
    }
}
