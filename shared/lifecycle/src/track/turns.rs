//! Whose turn it is, where one run does not get through all parents: in the order of their ids, from the first that the last
//! run did not get to.
//!
//! So nobody waits longer than round-robin needs, whatever the schedule; where turns are cut short, what counts of a run
//! is how many it got through in a row.

use std::collections::BTreeSet;

use hosted_connection::ParentConnection;

/// The parents in the order in which a run begins with them: from `next` on, or, where the last run left nothing, from any
/// place, such as the `anywhere`-th. Runs that are killed leave nothing, and should not all begin with the same parent.
pub(super) fn in_order(
    mut parents: Vec<ParentConnection>,
    next: Option<&ParentConnection>,
    anywhere: usize,
) -> Vec<ParentConnection> {
    parents.sort();
    parents.dedup();
    // The parent itself may be gone by now.
    let begin = next.map_or(anywhere, |next| {
        parents.partition_point(|parent| parent < next)
    });
    if let Some(begin) = begin.checked_rem(parents.len()) {
        parents.rotate_left(begin);
    }
    parents
}

/// With whom the next run begins, after a run that gave those of `order` at the places `had` their turn; nobody when all
/// have had theirs.
///
/// The very first of a run has had theirs whatever came of it: there was no more time or patience to be had. Otherwise one
/// parent whose following never ends would be every run's first, and perhaps its last.
pub(super) fn next<'a>(
    order: &'a [ParentConnection],
    had: &BTreeSet<usize>,
) -> Option<&'a ParentConnection> {
    let later = order.iter().enumerate().skip(1);
    let mut waiting = later.filter(|(index, _)| !had.contains(index));
    waiting.next().map(|(_, parent)| parent)
}

#[cfg(test)]
mod tests;
