//! Records of orders that have no VLAN: rejected before they could have one, or set aside until they can.

use aws::failure::CallError;
use hosted_connection::{Order, Origin, Rejection};
use transitions::{Given, Name, State};

use crate::draft::put_item;
use crate::item::{json, s};
use crate::keys;
use crate::ledger::Ledger;
use crate::new_record::first_record;
use crate::recognise::Found;
use crate::record::Record;
use crate::transact::Write;

impl Ledger {
    /// Records a rejection for a key that has no VLAN: nobody has asked with it before, or it was set aside as `parked`.
    /// Answers with the record; with none when the key has got another one meanwhile, which the next delivery will find.
    ///
    /// # Errors
    /// As [`Ledger::claim`].
    pub async fn reject_unclaimed(
        &self,
        order: &Order,
        origin: &Origin,
        parked: Option<&Record>,
        rejection: &Rejection,
    ) -> Result<Option<Record>, CallError> {
        let name = match parked {
            None => Name::RejectUnclaimed,
            Some(_) => Name::RejectSetAside,
        };
        let (token, now_ms) = (Self::new_token(), self.clock.now_ms());
        let what = State::Rejected.as_str();
        let brought = || {
            let mut brought = first_record(order, origin, parked, what, &token, now_ms);
            brought.push((Given::Outcome, s(json(rejection))));
            brought
        };
        let sets = self
            .sheet
            .transition(name)
            .record
            .map(|write| write.change.sets());
        let item = put_item(
            keys::allocation(&order.key),
            sets.unwrap_or_default(),
            &brought(),
        )?;
        let rejected = Record::from_item(&item)?;
        let draft = || self.draft(name).record(&order.key, brought());
        match self.commit(draft).await? {
            Write::Done => Ok(Some(rejected)),
            Write::Refused(mut refusals) => {
                let Some(item) = refusals.record().and_then(|refusal| refusal.item) else {
                    return Ok(None);
                };
                match self.recognise(name, &item, &brought())? {
                    Found::Own(record) => Ok(Some(record)),
                    Found::Other(_) => Ok(None),
                }
            }
        }
    }

    /// Sets an order aside that nobody has asked with before: what has to be looked at before it can have a VLAN cannot be.
    /// So whoever finds it goes on with it, whatever becomes of its delivery. A key that has a record keeps it.
    ///
    /// # Errors
    /// As [`Ledger::claim`].
    pub async fn park(
        &self,
        order: &Order,
        origin: &Origin,
        waits_for: &str,
    ) -> Result<(), CallError> {
        let (token, now_ms) = (Self::new_token(), self.clock.now_ms());
        let what = State::Waiting.as_str();
        let draft = || {
            let mut brought = first_record(order, origin, None, what, &token, now_ms);
            brought.push((Given::WaitsFor, s(waits_for)));
            self.draft(Name::SetAside).record(&order.key, brought)
        };
        self.commit(draft).await.map(|_| ())
    }
}
