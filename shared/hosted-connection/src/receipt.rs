//! The answer to a caller whose hosted connection exists.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::{Connection, IdempotencyKey, ParentConnection};

/// What the caller gets for an allocated order, now and on every replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The caller's order id.
    pub idempotency_key: IdempotencyKey,
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
        receipt.serialize_field("status", "allocated")?;
        receipt.serialize_field("parentConnectionId", &self.parent_connection_id)?;
        receipt.serialize_field("connection", &self.connection)?;
        receipt.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_spelt_as_in_the_contract() {
        let receipt = Receipt {
            idempotency_key: IdempotencyKey::parse("order-1001").unwrap(),
            parent_connection_id: ParentConnection::parse("dxcon-ffabc123").unwrap(),
            connection: Connection {
                connection_id: Some("dxcon-fgh01abc".into()),
                connection_state: Some("ordering".into()),
                vlan: Some(101),
                ..Connection::default()
            },
        };
        assert_eq!(
            receipt.to_json(),
            r#"{"idempotencyKey":"order-1001","status":"allocated","parentConnectionId":"dxcon-ffabc123","#.to_owned()
                + r#""connection":{"connectionId":"dxcon-fgh01abc","connectionState":"ordering","vlan":101}}"#
        );
    }
}
