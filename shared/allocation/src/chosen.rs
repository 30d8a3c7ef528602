//! Which VLANs this process has chosen by memory: the orders of a process do not meet, whatever tracking has seen of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hosted_connection::{IdempotencyKey, ParentConnection, Vlan};

use crate::vlan::Choice;

/// VLANs that this process has chosen by memory, and when. What is remembered does not have them before tracking has looked
/// again, and orders at the same time must not all choose the same one. Cheap to clone; all clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chosen(Arc<Mutex<BTreeMap<ParentConnection, BTreeMap<Vlan, u64>>>>);

impl Chosen {
    /// A VLAN of `choice`, made by a look that began at `looked_at_ms`, that this process has not chosen since.
    pub(crate) fn choose(
        &self,
        place: &ParentConnection,
        mut choice: Choice,
        looked_at_ms: u64,
        key: &IdempotencyKey,
        now_ms: u64,
    ) -> Option<Vlan> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let chosen = all.entry(place.clone()).or_default();
        // Before that look: whoever has it by now was seen. If a claim took that long, its lease says so.
        chosen.retain(|_, at_ms| *at_ms >= looked_at_ms);
        chosen.keys().for_each(|vlan| choice.exclude(*vlan));
        let vlan = choice.choose(key)?;
        chosen.insert(vlan, now_ms);
        Some(vlan)
    }
}
