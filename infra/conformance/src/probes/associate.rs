//! A connection is associated with the parent that it is on, and looked at.

use assumptions::Assumption::AssociateIdempotent;
use assumptions::Seen;
use hosted_connection::Connection;

use super::Hands;
use crate::session::{Halt, Session};
use crate::words::Kind;

impl Session<'_> {
    pub(super) async fn associate(&mut self, hands: &Hands) -> Result<(), Halt> {
        let Some(living) = hands.living.first() else {
            return Ok(());
        };
        self.tell("associating a connection again");
        let what = "the connection cannot be looked at";
        let before = match self.look().await? {
            Ok(shown) => shown.by_id(&living.id).map(told_apart),
            Err(no) => {
                self.findings.failed(AssociateIdempotent, what, &no);
                return Ok(());
            }
        };
        let parent = self.parent().to_owned();
        let answer = self.clients.associate(&living.id, &parent).await;
        let seen = match answer {
            Ok(()) => Seen {
                status: Some(200),
                ..Seen::default()
            },
            Err(no) => {
                self.findings.note(&no, None);
                match no.kind {
                    Kind::Refused => no.seen(),
                    Kind::Unlisted
                    | Kind::Throttled
                    | Kind::Denied
                    | Kind::Unreached
                    | Kind::Unknown => {
                        let what = "whether it had an effect is not known";
                        self.findings.failed(AssociateIdempotent, what, &no);
                        return Ok(());
                    }
                }
            }
        };
        match self.look().await? {
            Ok(shown) => {
                let is_same = before.is_some() && shown.by_id(&living.id).map(told_apart) == before;
                self.findings.holds(AssociateIdempotent, is_same, seen);
            }
            Err(no) => self.findings.failed(AssociateIdempotent, what, &no),
        }
        Ok(())
    }
}

/// What an association might change.
fn told_apart(connection: &Connection) -> (Option<i32>, Option<String>, Option<String>) {
    (
        connection.vlan,
        connection.connection_state.clone(),
        connection.bandwidth.clone(),
    )
}
