//! The answer to a caller whose hosted connection exists.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::{Connection, IdempotencyKey, ParentConnection};

/// Where a hosted connection that was allocated stands with us, whatever state Direct Connect gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptStatus {
    /// It was allocated, and nothing is known to have ended it.
    Allocated,
    /// Its deletion was asked for; Direct Connect still shows it.
    Releasing,
    /// It is gone, and its VLAN is free.
    Released,
}

impl ReceiptStatus {
    /// Every status, in the order in which an order goes through them.
    pub const ALL: [Self; 3] = [Self::Allocated, Self::Releasing, Self::Released];

    /// The status as it is written in receipts: `allocated`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allocated => "allocated",
            Self::Releasing => "releasing",
            Self::Released => "released",
        }
    }
}

impl fmt::Display for ReceiptStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ReceiptStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What the caller gets for an order that was allocated: then, on every replay, and for its release.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The caller's order id.
    pub idempotency_key: IdempotencyKey,
    /// What has become of it since.
    pub status: ReceiptStatus,
    /// The interconnect or LAG; Direct Connect's answer does not name it.
    pub parent_connection_id: ParentConnection,
    /// The hosted connection as Direct Connect returned it.
    pub connection: Connection,
}

impl Receipt {
    /// The receipt as JSON text: the same receipt gives the same bytes.
    pub fn to_json(&self) -> String {
        crate::json::text_of(self)
    }
}

impl Serialize for Receipt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut receipt = serializer.serialize_struct("Receipt", 4)?;
        receipt.serialize_field("idempotencyKey", &self.idempotency_key)?;
        receipt.serialize_field("status", &self.status)?;
        receipt.serialize_field("parentConnectionId", &self.parent_connection_id)?;
        receipt.serialize_field("connection", &self.connection)?;
        receipt.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(status: ReceiptStatus) -> Receipt {
        Receipt {
            idempotency_key: IdempotencyKey::parse("order-1001").unwrap(),
            status,
            parent_connection_id: ParentConnection::parse("dxcon-ffabc123").unwrap(),
            connection: Connection {
                connection_id: Some("dxcon-fgh01abc".into()),
                connection_state: Some("ordering".into()),
                vlan: Some(101),
                ..Connection::default()
            },
        }
    }

    #[test]
    fn a_receipt_is_spelt_as_in_the_contract() {
        assert_eq!(
            receipt(ReceiptStatus::Allocated).to_json(),
            r#"{"idempotencyKey":"order-1001","status":"allocated","parentConnectionId":"dxcon-ffabc123","#.to_owned()
                + r#""connection":{"connectionId":"dxcon-fgh01abc","connectionState":"ordering","vlan":101}}"#
        );
    }

    #[test]
    fn only_the_status_tells_a_release_from_an_allocation() {
        let allocated = receipt(ReceiptStatus::Allocated).to_json();
        for status in [ReceiptStatus::Releasing, ReceiptStatus::Released] {
            let expected = allocated.replace("allocated", status.as_str());
            assert_eq!(receipt(status).to_json(), expected);
        }
    }
}
