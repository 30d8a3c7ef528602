//! Marking outcomes as published.

use futures_util::{StreamExt, stream};
use hosted_connection::IdempotencyKey;
use transitions::{Given, Name, State};

use crate::RETENTION;
use crate::draft::Draft;
use crate::item::n;
use crate::ledger::Ledger;
use crate::transact::Write;
use aws::failure::CallError;

/// A key whose outcome's event is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The key.
    pub key: IdempotencyKey,
    /// The state whose event it was.
    pub state: State,
}

/// Actions that one transaction takes. Source: TransactWriteItems API reference.
const MAX_ACTIONS: usize = 100;

/// Marks that are written at the same time when each has to be written alone.
const SIDE_BY_SIDE: usize = 8;

impl Ledger {
    /// Marks all of `published`, many to a call; with it a rejected record's retention starts.
    ///
    /// # Errors
    /// When some stay unmarked, with why the first of them does. Their events will be published again, which is allowed.
    pub async fn mark_published(&self, published: &[Published]) -> Result<(), CallError> {
        let mut unmarked = Ok(());
        for marks in published.chunks(MAX_ACTIONS) {
            unmarked = unmarked.and(self.mark_group(marks).await);
        }
        unmarked
    }

    /// One transaction for all of `marks`; where that fails, one write for each. A transaction fails when one record has
    /// gone or moved on, and when the records together are larger than 4 MB, as 25 of 160 KB are. It
    /// would fail for ever, so no reason keeps a record from being marked alone.
    async fn mark_group(&self, marks: &[Published]) -> Result<(), CallError> {
        let together = self.mark_together(marks).await;
        if marks.len() == 1 {
            return together.map(|_| ());
        }
        match together {
            Ok(Write::Done) => return Ok(()),
            Ok(Write::Refused(_)) => {}
            Err(error) => {
                tracing::warn!(error = %error, "published events could not be marked together");
            }
        }
        let alone = marks.chunks(1).map(|mark| self.mark_together(mark));
        // Collected first: a future that maps over references as it goes is not `Send` to the compiler.
        let alone: Vec<_> = alone.collect();
        let marked: Vec<Result<Write, CallError>> = stream::iter(alone)
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        marked.into_iter().try_for_each(|marked| marked.map(|_| ()))
    }

    async fn mark_together(&self, marks: &[Published]) -> Result<Write, CallError> {
        let Some((first, others)) = marks.split_first() else {
            return Ok(Write::Done);
        };
        let draft = || {
            let mut draft = self.mark(first);
            for mark in others {
                draft = draft.together_with(self.mark(mark));
            }
            draft
        };
        self.commit(draft).await
    }

    fn mark(&self, published: &Published) -> Draft<'_> {
        let name = match published.state {
            State::Rejected => Name::MarkRejected,
            // Only outcomes have events, and the transition does not come from another state.
            State::Allocated
            | State::Calling
            | State::Unresolved
            | State::Waiting
            | State::Quarantined => Name::MarkAllocated,
        };
        let expires = self.clock.now_ms() / 1000 + RETENTION.as_secs();
        self.draft(name)
            .record(&published.key, vec![(Given::Expires, n(expires))])
    }
}
