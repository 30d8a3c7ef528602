//! What can be asked without a connection: the table, the bus, and the list of an id that there is not.

use assumptions::Assumption::{DynamodbAllOld, ParentById, PuteventsPartial};
use assumptions::Seen;

use crate::session::{Halt, Session};
use crate::table::Transacted;
use crate::words::{Kind, No};

impl Session<'_> {
    pub(super) async fn alone(&mut self) -> Result<(), Halt> {
        self.tell("asking the table and the event bus");
        self.table().await;
        self.go_on()?;
        self.bus().await;
        self.go_on()?;
        // Like an id that AWS gives, of nothing that there is.
        let unknown = format!("dxcon-{}", &self.made.head.run[..8]);
        self.id_that_is_no_parent(&unknown).await
    }

    async fn table(&mut self) {
        match self.clients.transact_in_vain().await {
            Ok(Transacted::Refused { with_item }) => {
                let seen = Seen {
                    status: Some(400),
                    code: Some("TransactionCanceledException".into()),
                    ..Seen::default()
                };
                self.findings.holds(DynamodbAllOld, with_item, seen);
            }
            Ok(Transacted::Empty) => {
                let why = "the table is empty, and nothing is written to it; run it again when there is an order";
                self.findings.unknown(DynamodbAllOld, why);
            }
            Ok(Transacted::Accepted) => {
                let why = "DynamoDB says that it has written what no item allows";
                self.findings.unknown(DynamodbAllOld, why);
            }
            Err(no) => {
                self.findings.note(&no, None);
                self.findings
                    .failed(DynamodbAllOld, "the table cannot be asked", &no);
            }
        }
    }

    async fn bus(&mut self) {
        let run = self.made.head.run.clone();
        match self.clients.put_good_and_bad(&run).await {
            Ok(put) => {
                let is_partial = put.failed == 1 && put.is_good_published && put.bad.is_some();
                let (code, message) = put.bad.unzip();
                let seen = Seen {
                    status: Some(200),
                    code,
                    message,
                    ..Seen::default()
                };
                self.findings.holds(PuteventsPartial, is_partial, seen);
            }
            // The request as a whole, for one of its entries.
            Err(no) if no.kind == Kind::Unlisted || is_about_entries(&no) => {
                self.findings.holds(PuteventsPartial, false, no.seen());
            }
            Err(no) => {
                self.findings.note(&no, None);
                self.findings
                    .failed(PuteventsPartial, "the event bus cannot be asked", &no);
            }
        }
    }

    /// The list of an id that is no parent's. Holds when it is refused with a client exception.
    pub(super) async fn id_that_is_no_parent(&mut self, id: &str) -> Result<(), Halt> {
        match self.look_at(id).await? {
            Ok(shown) => {
                let why = format!(
                    "the list of an id that is no parent's was answered, with {} connections",
                    shown.connections.len()
                );
                let seen = crate::findings::because(why);
                self.findings.holds(ParentById, false, seen);
            }
            Err(no) if no.is_client_exception() => self.is_no_parent = Some(no),
            Err(no) if matches!(no.kind, Kind::Unlisted | Kind::Refused) => {
                self.findings.holds(ParentById, false, no.seen());
            }
            Err(no) => {
                let what = "the list of an id that is no parent's was not refused";
                self.findings.failed(ParentById, what, &no);
            }
        }
        Ok(())
    }
}

/// A code by which the service says that it cannot read the request, which is that of a bad entry here.
fn is_about_entries(no: &No) -> bool {
    no.status == Some(400) && matches!(no.code.as_deref(), Some("ValidationException"))
}
