//! Claiming a key: the write that comes before every call on Direct Connect.

use aws::failure::CallError;
use aws_sdk_dynamodb::types::AttributeValue;
use transitions::{Given, LeaseWrite, Name, State};

use crate::claim::{Claim, ClaimAnswer, NewClaim, Orphan};
use crate::draft::Brought;
use crate::item::{corrupt, n, s, text};
use crate::lease::{HOLDER, Lease};
use crate::ledger::Ledger;
use crate::new_record::first_record;
use crate::policies::sold;
use crate::policy::PolicyState;
use crate::recognise::Found;
use crate::record::PARENT_ID;
use crate::transact::{Refusals, Write};

impl Ledger {
    /// Claims the order's key and leases its VLAN, in one transaction; or says why not.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn claim(&self, new: NewClaim<'_>) -> Result<ClaimAnswer, CallError> {
        let started_at_ms = self.clock.now_ms();
        let order = new.order;
        // An interconnect and the LAG that it is a member of share their VLANs and their bandwidth.
        let parent = order.request.parent().ok_or_else(|| corrupt(PARENT_ID))?;
        let place = self.place_of(parent).await?;
        let claim = Claim {
            key: order.key.clone(),
            request: order.request.clone(),
            parent: parent.clone(),
            origin: new.first_origin().clone(),
            vlan: new.vlan,
            lease_parent: place.parent,
            token: Self::new_token(),
            attempt: new.attempt(),
            claimed_at_ms: new.claimed_at_ms(started_at_ms),
            call_started_at_ms: started_at_ms,
            unanswered: false,
            counted: place.has_policy,
            passed_over: Vec::new(),
        };
        let name = match new.parked {
            None => Name::Claim,
            Some(_) => Name::ClaimSetAside,
        };
        let parent = &claim.lease_parent;
        let brought = || self.claimed(&new, &claim);
        let draft = || {
            let lease = self.leased(&claim, claim.counted);
            let draft = self.draft(name).record(&claim.key, brought()).lease(
                LeaseWrite::Take,
                parent,
                new.vlan,
                lease,
            );
            if claim.counted {
                draft.policy(parent, sold(&claim))
            } else {
                draft
            }
        };
        match self.commit_until(draft, new.patient_until_ms).await? {
            Write::Done => Ok(ClaimAnswer::Won(claim)),
            Write::Refused(mut refusals) => match refusals.record() {
                None => self.refused_vlan(&claim, refusals),
                Some(refusal) => {
                    let item = refusal.item.ok_or_else(|| self.changed_meanwhile())?;
                    match self.recognise(name, &item, &brought())? {
                        Found::Own(_) => Ok(ClaimAnswer::Won(claim)),
                        Found::Other(record) => {
                            let request = &order.request;
                            let fingerprint = request.fingerprint();
                            let until_ms = new.lease_expires_at_ms;
                            let known =
                                self.replay_or_take_over(record, request, fingerprint, until_ms);
                            Ok(ClaimAnswer::Known(known.await?))
                        }
                    }
                }
            },
        }
    }

    /// The key has no record, but its VLAN is not to be had.
    fn refused_vlan(
        &self,
        claim: &Claim,
        mut refusals: Refusals,
    ) -> Result<ClaimAnswer, CallError> {
        let lease = refusals.lease(&[LeaseWrite::Take]);
        let is_free = lease.is_none();
        match (lease.and_then(|refusal| refusal.item), refusals.policy()) {
            (Some(item), _) if !item.contains_key(HOLDER) => {
                Ok(ClaimAnswer::OrphanOnVlan(Box::new(Orphan {
                    parent: claim.lease_parent.clone(),
                    lease: Lease::from_item(&item)?,
                })))
            }
            (Some(item), _) if text(&item, HOLDER)? != claim.key.as_str() => {
                Ok(ClaimAnswer::VlanTaken)
            }
            (None, Some(refusal)) if is_free => match refusal.item {
                Some(item) => Ok(ClaimAnswer::NotForSale(Box::new(PolicyState::from_item(
                    &item,
                )?))),
                None => Err(self.changed_meanwhile()),
            },
            // Refused by an item that has gone since.
            (_, _) => Err(self.changed_meanwhile()),
        }
    }

    /// What the record of a new claim is made of.
    fn claimed(&self, new: &NewClaim<'_>, claim: &Claim) -> Brought {
        let (token, now_ms) = (&claim.token, claim.call_started_at_ms);
        let what = State::Calling.as_str();
        let mut brought = first_record(new.order, new.origin, new.parked, what, token, now_ms);
        brought.extend([
            (Given::ClaimEnd, n(new.lease_expires_at_ms)),
            (Given::Vlan, n(new.vlan.get())),
        ]);
        if claim.counted {
            brought.push((Given::Counted, AttributeValue::Bool(true)));
        }
        if claim.lease_parent != claim.parent {
            brought.push((Given::LeaseParent, s(claim.lease_parent.as_str())));
        }
        brought
    }
}
