//! Whose turn it is, where one run does not get through all parents: in the order of their ids, from where the last run
//! stopped, and first of all those whose turn the last run cut short.
//!
//! So nobody waits longer than round-robin needs, and one run more if their turn is cut short, whatever the schedule.

use std::collections::BTreeSet;

use aws::ledger::Turn;
use hosted_connection::ParentConnection;

/// The parents in the order in which a run begins with them.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) parents: Vec<ParentConnection>,
    /// How many of them are there first because the last run cut their turn short.
    again: usize,
}

impl Order {
    /// By what the last run left; where it left nothing, from any place, such as the `anywhere`-th. Runs that are killed
    /// leave nothing, and should not all begin with the same parent.
    pub(super) fn new(
        mut parents: Vec<ParentConnection>,
        turn: Option<&Turn>,
        anywhere: usize,
    ) -> Self {
        parents.sort();
        parents.dedup();
        let mut first = turn.map(|turn| turn.first.clone()).unwrap_or_default();
        first.retain(|parent| parents.binary_search(parent).is_ok());
        let next = turn.and_then(|turn| turn.next.as_ref());
        // The parent itself may be gone by now.
        let begin = next.map_or(anywhere, |next| {
            parents.partition_point(|parent| parent < next)
        });
        if let Some(begin) = begin.checked_rem(parents.len()) {
            parents.rotate_left(begin);
        }
        parents.retain(|parent| !first.contains(parent));
        let again = first.len();
        first.extend(parents);
        Self {
            parents: first,
            again,
        }
    }

    /// What the next run has to know, after this one had `begun` with that many and had to stop at those that are
    /// `cut_short`; nothing when everybody has had their turn.
    ///
    /// A turn is cut short once only, and never that of the run's very first: it had all the time there was. Otherwise a few
    /// whose following never ends in time would take every run's time.
    pub(super) fn after(&self, begun: usize, cut_short: &BTreeSet<usize>) -> Option<Turn> {
        let is_first_next = |index: &usize| {
            let not_begun = *index >= begun;
            not_begun || (cut_short.contains(index) && *index > 0 && *index >= self.again)
        };
        let goes_on = begun.max(self.again);
        let first = (0..goes_on).filter(is_first_next);
        let turn = Turn {
            first: first.map(|index| self.parents[index].clone()).collect(),
            next: self.parents.get(goes_on).cloned(),
        };
        (turn != Turn::default()).then_some(turn)
    }
}

#[cfg(test)]
mod tests;
