//! What tracking has noted of the parent before a story begins, and what was done by hand since.

use hosted_connection::{Vlan, VlanRange, VlanSet};
use serde_json::json;

use crate::manner::Manner;
use crate::orders::{BY_HAND, PARENT};
use crate::world::World;

/// VLANs that are free by memory.
const FREE: std::ops::RangeInclusive<u16> = 200..=203;

/// Has the world remember that only those are free; where that is wrong, `somebody` has connections on all of them.
pub(crate) fn remember(world: &World, manner: Manner, somebody: &str) {
    note(world, PARENT);
    if manner == Manner::Misremembered {
        use_by_hand(world, PARENT, somebody);
    }
}

/// Notes, as tracking does, that only those are free on a parent, and that no bandwidth of it is used.
pub(crate) fn note(world: &World, parent: &str) {
    let mut in_use = VlanSet::of_range(VlanRange::default());
    in_use.subtract(&FREE.filter_map(Vlan::new).collect());
    let now_ms = json!({"N": world.now_ms().to_string()});
    let note = json!({
        "pk": {"S": format!("parent#{parent}")},
        "sk": {"S": "seen"},
        "vlansInUse": {"B": base64(&in_use.to_bytes())},
        "lookedAtMs": now_ms,
        "usedMbps": {"N": "0"},
        "usedAtMs": now_ms,
    });
    // It is an item of the table: anything else would show as a look in every story.
    let _ = world.cloud.import_items(vec![note]);
}

/// Somebody has used all of them since.
pub(crate) fn use_by_hand(world: &World, parent: &str, somebody: &str) {
    let cloud = &world.cloud;
    let _ = cloud.insert_connections(parent, FREE, somebody, "50Mbps", BY_HAND);
}

fn base64(bytes: &[u8]) -> String {
    aws_smithy_types::base64::encode(bytes)
}
