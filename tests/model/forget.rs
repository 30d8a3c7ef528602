//! What nothing depends on any more is forgotten, so that worlds that differ only in that are one.

use transitions::{Given, Name};

use crate::given::Protocol;
use crate::world::{Age, Attempt, Claim, Next, Record, Why, World};
use crate::writing::{Brought, Value, brought_late, brought_with, taking_over};

impl Protocol {
    pub(crate) fn forget(&self, world: &mut World) {
        let writes_are_fenced = self.is_fenced && self.safeguards.record_first;
        for attempt in world.workers.iter_mut().flatten() {
            attempt.forget(writes_are_fenced);
        }
        let Some(record) = &mut world.record else {
            return;
        };
        if !record.is_open() {
            record.call_started = Age::SETTLED;
        }
        for worker in &mut world.workers {
            worker.take_if(|attempt| self.is_in_vain(attempt, record));
        }
        // The token, the start and the state that it goes by do not come back.
        world
            .late
            .take_if(|late| !self.lets(late.name, Some(record), &brought_late(late, Some(record))));
        // Nobody looks any more, nor calls.
        if writes_are_fenced && record.outcome().is_some() {
            world.joined = false;
            world.in_transition = false;
        }
    }

    /// Whether all that an attempt can do next is refused, now and later: then it ends as if its delivery came only now.
    fn is_in_vain(&self, attempt: &Attempt, record: &Record) -> bool {
        let lets = |name, brought: &Brought| self.lets(name, Some(record), brought);
        let mut brought = brought_with(&attempt.claim, Some(record));
        match attempt.next {
            Next::Claim { parked: true, .. } => ![Name::ClaimSetAside, Name::RejectSetAside]
                .into_iter()
                .any(|name| lets(name, &brought)),
            Next::Claim { parked: false, .. } => {
                ![Name::Claim, Name::RejectUnclaimed, Name::SetAside]
                    .into_iter()
                    .any(|name| lets(name, &brought))
            }
            // Who left the record in another state than was read may bring that back, as long as it is open.
            Next::TakeOver(seen) => {
                let name = taking_over(seen);
                brought.push((Given::SeenState, Value::State(seen)));
                let as_read = Record {
                    state: seen,
                    ..record.clone()
                };
                let may_come_back = record.is_open() && self.lets(name, Some(&as_read), &brought);
                !(lets(name, &brought) || may_come_back)
            }
            _ => false,
        }
    }
}

impl Attempt {
    /// Forgets what the next step does not go by, so that worlds that differ only in that are one.
    fn forget(&mut self, writes_are_fenced: bool) {
        let times_matter = matches!(
            self.next,
            Next::TakeOver(_)
                | Next::Call
                | Next::Await
                | Next::Look(Why::TookOver)
                | Next::LookAround {
                    why: Why::TookOver,
                    ..
                }
                | Next::Decide {
                    why: Why::TookOver,
                    ..
                }
        );
        if !times_matter {
            self.claim.call_started = Age::SETTLED;
        }
        if matches!(self.next, Next::Publish(_) | Next::Mark(_)) {
            self.claim = Claim::NONE;
        }
        let sends = match self.next {
            Next::Call => self.claim.call_started.in_send_window(),
            Next::Claim { .. }
            | Next::TakeOver(_)
            | Next::Await
            | Next::Publish(_)
            | Next::Mark(_) => true,
            Next::Look(_)
            | Next::LookAround { .. }
            | Next::Decide { .. }
            | Next::MoveToOtherVlan
            | Next::LeaveUnresolved
            | Next::LeaveWaiting
            | Next::Record(_) => false,
        };
        // All that an overtaken attempt can still do is to look, and to have a write refused.
        if writes_are_fenced && !self.claim.owns && !sends {
            self.next = Next::LeaveWaiting;
            self.claim = Claim::NONE;
        }
        // Of a start that is the record's, its owner knows.
        if writes_are_fenced && !self.claim.owns {
            self.claim.knows_start = false;
        }
    }
}
