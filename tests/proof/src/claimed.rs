//! What an attempt leaves behind that ended in the middle: a claim, or an order in quarantine.

use hosted_connection::{KeySource, Order, Origin};
use ledger::{ClaimAnswer, Ledger, NewClaim};
use serde_json::Value;

use crate::orders::{OWNER, PARENT, request, with_key};
use crate::world::World;

/// How long the claim of such an attempt is its own.
const CLAIM_MS: u64 = 1_000;

/// The order of that key and request.
///
/// # Panics
/// When it is no valid order.
#[must_use]
#[expect(clippy::expect_used, reason = "an order that is none is a broken test")]
pub fn order(key: &str, request: Value) -> Order {
    let text = with_key(key, request).to_string();
    Order::parse(text.as_bytes(), KeySource::Body).expect("it is an order")
}

impl World {
    /// Claims the order's key and the VLAN that it names, for a second.
    ///
    /// # Panics
    /// When the table is not there, or the order names no VLAN.
    #[expect(
        clippy::expect_used,
        reason = "a world that cannot be made is a broken test"
    )]
    pub async fn claim(&self, ledger: &Ledger, order: &Order) -> ClaimAnswer {
        let origin = Origin::Direct {
            request_id: "r-1".into(),
            correlation_id: None,
        };
        let new = NewClaim {
            order,
            parked: None,
            origin: &origin,
            vlan: order.request.vlan.expect("the order names a VLAN"),
            patient_until_ms: 0,
            lease_expires_at_ms: self.aws("claim").clock.now_ms() + CLAIM_MS,
        };
        ledger.claim(new).await.expect("the table is there")
    }

    /// An order for VLAN 101 that is in quarantine: Direct Connect has answered with a connection on `vlan`, of 50 Mbps. Its id.
    ///
    /// # Panics
    /// When a fresh world does not let that be.
    #[expect(
        clippy::expect_used,
        reason = "a world that cannot be made is a broken test"
    )]
    pub async fn quarantined(&self, key: &str, vlan: u16) -> String {
        let aws = self.aws("quarantine");
        let order = order(key, request(Some(101)));
        let claimed = self.claim(&aws.ledger, &order).await;
        let ClaimAnswer::Won(claim) = claimed else {
            return String::new();
        };
        let made = self
            .cloud
            .insert_connection(PARENT, vlan, OWNER, "50Mbps", "customer-42");
        let id = made.expect("the parent has room").id;
        let look = aws.direct_connect.connections(&claim.lease_parent).await;
        let shown = look.expect("the parent is shown").connections;
        let is_it =
            |shown: &&hosted_connection::Connection| shown.connection_id.as_ref() == Some(&id);
        let answer = shown.iter().find(is_it).expect("it was made").clone();
        let at = aws.clock.timestamp();
        let quarantined = aws.ledger.quarantined(&claim, &answer, at).await;
        quarantined.expect("the table is there");
        id
    }
}
