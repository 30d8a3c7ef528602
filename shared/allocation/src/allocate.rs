//! The one call that allocates, and what each of its ends leads to.

use aws::direct_connect::{Allocation, Parents, ReadError, Readiness};
use aws::failure::CallError;
use hosted_connection::{Candidate, Connection, ParentConnection};
use ledger::{Claim, Recorded, VlanSwitch};

use crate::attempt::{Attempt, Decision};
use crate::failure::Failure;
use crate::look::{Look, Looks};
use crate::reconcile::Shown;
use crate::sight::{Sight, is_as_asked, may_be_just_made};
use crate::vlan;

/// A call is sent within this time of the moment noted in its record, or the moment is noted anew: whoever takes over
/// counts the settle time from there.
const SEND_WINDOW_MS: u64 = 1000;

/// What follows a refusal.
#[expect(
    clippy::large_enum_variant,
    reason = "made once per order and moved a few times; a box would be noise"
)]
enum AfterRefusal {
    CallAgain(Claim),
    End(Decision),
}

/// What stood in the way of a call that Direct Connect refused.
enum WhatRefused {
    /// This key's own connection, of an earlier call without an answer.
    Own(Box<Connection>),
    /// Somebody else's connection on the VLAN; with the other ids of the parent's place, where they are known.
    Occupied { aliases: Vec<ParentConnection> },
    /// The parent itself, and for good: it is in use, or gone.
    ThatParent,
    /// The parent that we chose, which cannot have taken the order, as this says: another candidate may.
    Unfit(Candidate),
    /// The state that the parent is in, which passes.
    PassingState,
}

impl Attempt<'_> {
    /// Calls Direct Connect for a claim whose record says `calling`. Sends once; again only after a definite refusal
    /// of a VLAN or a parent that was ours to choose.
    pub(crate) async fn call(&self, mut claim: Claim) -> Decision {
        loop {
            while self.now_ms().saturating_sub(claim.call_started_at_ms) > SEND_WINDOW_MS {
                if let Recorded::Lost(record) = self.aws.ledger.begin_call(&mut claim, None).await?
                {
                    return self.lost(*record);
                }
            }
            let Some(timeout) = self.budget.call_timeout(self.now_ms()) else {
                let waits_for = "no time left in the invocation";
                return self.give_back(&claim, waits_for, Failure::no_time()).await;
            };
            let refusal = match self
                .aws
                .direct_connect
                .allocate(&claim.request, (&claim.parent, claim.vlan), timeout)
                .await
            {
                Allocation::Applied(connection)
                    if is_as_asked(&claim.request, claim.vlan, &connection) =>
                {
                    return self.record_allocated(&claim, *connection, None).await;
                }
                Allocation::Applied(connection) => {
                    return self.quarantine(&claim, &connection).await;
                }
                Allocation::NotApplied(error) => return self.not_applied(&claim, error).await,
                Allocation::Unknown { reason } => {
                    return self.look_after_unknown(&claim, &reason).await;
                }
                Allocation::Refused { message } => message,
            };
            match self.refused(claim, refusal).await {
                AfterRefusal::CallAgain(moved) => claim = moved,
                AfterRefusal::End(decision) => return decision,
            }
        }
    }

    async fn not_applied(&self, claim: &Claim, error: CallError) -> Decision {
        let waits_for = error.message.clone();
        self.give_back(claim, &waits_for, error.into()).await
    }

    /// The record says `waiting` from here on. If it cannot, its lease runs out instead.
    async fn give_back(&self, claim: &Claim, waits_for: &str, failure: Failure) -> Decision {
        match self.aws.ledger.waiting(claim, waits_for).await {
            Ok(Recorded::Done) => Err(failure),
            Ok(Recorded::Lost(record)) => self.lost(*record),
            Err(error) => {
                tracing::warn!(allocation.key = %claim.key, error = %error, "could not give the claim back");
                Err(failure)
            }
        }
    }

    /// Direct Connect said no. Why is not in its words, but in what it shows; and it need not be its last word: AWS may have
    /// repeated our one send, and refused the repetition of what had landed.
    async fn refused(&self, claim: Claim, message: String) -> AfterRefusal {
        // Boxed here and below: what hardly ever happens would make every order's future larger.
        match Box::pin(self.what_refused(&claim)).await {
            Ok(WhatRefused::Own(connection)) => {
                AfterRefusal::End(self.record_adopted(&claim, *connection).await)
            }
            Ok(WhatRefused::Occupied { aliases }) => self.vlan_occupied(claim, &aliases).await,
            Ok(WhatRefused::ThatParent) => {
                AfterRefusal::End(self.record_refusal(&claim, message).await)
            }
            Ok(WhatRefused::Unfit(candidate)) => self.pass_on(claim, candidate).await,
            Ok(WhatRefused::PassingState) => {
                let failure = Failure::parent_in_transition();
                AfterRefusal::End(
                    self.give_back(&claim, "parent in transition", failure)
                        .await,
                )
            }
            Err(reason) => AfterRefusal::End(self.leave_unresolved(&claim, &reason).await),
        }
    }

    /// What stood in the way of a call that was refused. `Err` says why that is not known yet.
    async fn what_refused(&self, claim: &Claim) -> Result<WhatRefused, String> {
        let asked = &claim.parent;
        // What the parent carries besides says whether another one should have the order.
        let only = (!self.chooses_parent()).then_some(claim.vlan);
        let shown = match Look::on(self.aws, asked, only).await {
            Ok(look) => Shown::Listed(look),
            Err(ReadError::Refused(_)) => Shown::Refused,
            Err(ReadError::Failed(error)) => return Err(error.to_string()),
        };
        if let Shown::Listed(look) = &shown {
            let sight = self.sight_on_own(claim, look).await;
            let sight = sight.map_err(|error| error.to_string())?;
            if claim.unanswered {
                self.count_reconciled(&sight);
            }
            if let Some(what) = self.in_the_way(claim, sight, &[])? {
                return Ok(what);
            }
        }
        // Nothing of it is on the parent itself. What else there is costs calls that only a refusal without a reason to be seen
        // costs; what orders share may be older than this call, and would not do.
        let parents = self.aws.direct_connect.parents().await;
        let parents = parents.map_err(|error| error.to_string())?;
        let looks = Looks::own();
        let around = self.look_around(claim, &shown, &parents, &looks).await;
        let around = around.map_err(|error| error.to_string())?;
        if let Some(what) = self.in_the_way(claim, around, &parents.aliases(asked))? {
            return Ok(what);
        }
        let readiness = parents.readiness(asked);
        let why = match readiness {
            Readiness::InTransition => WhatRefused::PassingState,
            Readiness::Ready | Readiness::Gone => {
                let unfit = self.unfit(claim, &shown, &parents, &looks).await;
                match unfit.map_err(|error| error.to_string())? {
                    Some(candidate) => WhatRefused::Unfit(candidate),
                    // That there is no such parent explains its refusal.
                    None if readiness == Readiness::Gone => return Ok(WhatRefused::ThatParent),
                    None => WhatRefused::ThatParent,
                }
            }
        };
        self.is_nowhere_else(claim, &parents, &looks).await?;
        Ok(why)
    }

    /// That no other parent shows what this call may have made: it can have been moved by hand before the first look. `Err`
    /// says where there is one, or that there was no time to look at all of them.
    async fn is_nowhere_else(
        &self,
        claim: &Claim,
        parents: &Parents,
        looks: &Looks,
    ) -> Result<(), String> {
        let looking = self.nothing_elsewhere(claim, parents, looks);
        let patience = self.budget.call_timeout(self.now_ms()).unwrap_or_default();
        let looked = tokio::time::timeout(patience, looking).await;
        looked.map_err(|_| "not all parents could be looked at in time".to_owned())?
    }

    /// What a connection on the claim's VLAN means after a refusal; none when there is no such connection.
    fn in_the_way(
        &self,
        claim: &Claim,
        sight: Sight,
        aliases: &[ParentConnection],
    ) -> Result<Option<WhatRefused>, String> {
        match sight {
            // An earlier call had landed after all, and is what this one ran into.
            Sight::Ours(connection) if claim.unanswered => Ok(Some(WhatRefused::Own(connection))),
            // Chosen because nothing was on it a moment ago, or new enough: this very call may have made it.
            Sight::Ours(connection)
                if self.saw_it_free() || may_be_just_made(&claim.request, &connection) =>
            {
                Err("a refusal beside a connection as asked".into())
            }
            Sight::Unclear => Err("a refusal beside a connection that may be its own".into()),
            // It was there before, however much it looks as asked.
            Sight::Ours(_) | Sight::Foreign => Ok(Some(WhatRefused::Occupied {
                aliases: aliases.to_vec(),
            })),
            Sight::Absent => Ok(None),
        }
    }

    /// Whether the VLAN was chosen by a look just before the call. What was chosen by memory may have been used since.
    fn saw_it_free(&self) -> bool {
        self.chooses_vlan() && self.rules.vlan_memory.is_zero()
    }

    /// Somebody else's connection has the VLAN: a given VLAN is a final no, a chosen one is chosen anew. Not, however,
    /// after a call without an answer: should it land after all, it would be a second connection.
    async fn vlan_occupied(&self, mut claim: Claim, aliases: &[ParentConnection]) -> AfterRefusal {
        if !self.chooses_vlan() && self.chooses_parent() && !claim.unanswered {
            let candidate = Candidate::vlan_in_use(&claim.parent, claim.vlan);
            return self.pass_on(claim, candidate).await;
        }
        if !self.chooses_vlan() || claim.unanswered {
            let rejection = vlan::taken(claim.vlan);
            return AfterRefusal::End(self.record_rejected(&claim, rejection).await);
        }
        match Box::pin(self.choose_anew(&mut claim, aliases)).await {
            Ok(None) => AfterRefusal::CallAgain(claim),
            Ok(Some(decision)) => AfterRefusal::End(decision),
            Err(error) => AfterRefusal::End(self.not_applied(&claim, error).await),
        }
    }

    /// Moves the claim to the next candidate; `candidate` says why it leaves this one.
    async fn pass_on(&self, claim: Claim, candidate: Candidate) -> AfterRefusal {
        match Box::pin(self.next_parent(claim, candidate)).await {
            Ok(claim) => AfterRefusal::CallAgain(claim),
            Err(decision) => AfterRefusal::End(decision),
        }
    }

    /// Moves the claim to another VLAN. `Some` ends the attempt.
    async fn choose_anew(
        &self,
        claim: &mut Claim,
        aliases: &[ParentConnection],
    ) -> Result<Option<Decision>, CallError> {
        let mut choice = match self.choice_for(claim, aliases).await {
            Ok(choice) => choice,
            // It was listed a moment ago.
            Err(ReadError::Refused(_)) => {
                let failure = Failure::parent_in_transition();
                let waiting = self.give_back(claim, "parent in transition", failure);
                return Ok(Some(waiting.await));
            }
            Err(ReadError::Failed(error)) => return Err(error),
        };
        choice.exclude(claim.vlan);
        while let Some(vlan) = choice.choose(&claim.key) {
            match self.aws.ledger.switch_vlan(claim, vlan).await? {
                VlanSwitch::Done => return Ok(None),
                VlanSwitch::VlanTaken => choice.exclude(vlan),
                VlanSwitch::Lost(record) => return Ok(Some(self.lost(*record))),
            }
        }
        let range = self.rules.vlan_range;
        if self.chooses_parent() {
            let candidate = Candidate::no_vlan_available(&claim.parent, range);
            let next = self.next_parent(claim.clone(), candidate);
            return Ok(match Box::pin(next).await {
                Ok(moved) => {
                    *claim = moved;
                    None
                }
                Err(decision) => Some(decision),
            });
        }
        let rejection = vlan::none_available(range);
        Ok(Some(self.record_rejected(claim, rejection).await))
    }
}
