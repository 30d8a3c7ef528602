//! Following all parents, side by side and each by itself: no error, panic or hanging call of one keeps the others from
//! being followed.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use allocation::{Brake, Look, Looks};
use aws::direct_connect::{Parents, ReadError};
use aws::failure::{CallError, Cause};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use hosted_connection::ParentConnection;
use ledger::Turn;

use super::Tracker;
use super::report::Report;
use super::turns;
use crate::follow::Followed;

/// Parents that are followed at the same time, at most. AWS does not say how many calls it allows.
const SIDE_BY_SIDE: usize = 8;
/// A run begins with one parent, and dares one more at a time with each that has ended. So a run that is throttled from
/// the start asks once. A parent that takes longer than this does not hold the others up.
const DARE_MORE_AFTER: Duration = Duration::from_secs(1);
/// Where a run that found no turn begins moves on by one in this time.
const ANYWHERE_MS: u64 = 60_000;
/// Kept back for writing whose turn it is.
const TURN_RESERVE: Duration = Duration::from_millis(500);

/// How following one parent ended.
enum End {
    Followed(Followed),
    Failed(CallError),
    Panicked,
    /// The run's time is over.
    CutShort,
}

impl Tracker {
    /// Follows as many parents as there is time for until `end_ms`, those first whose turn it is.
    pub(super) async fn follow_parents(&self, report: &mut Report, looks: &Looks, end_ms: u64) {
        let parents = match looks.parents(&self.aws).await {
            Ok(parents) => parents,
            Err(error) => {
                // How many there are is not known, but that none was followed is.
                report.left_out = 1;
                report.fail("the list of parents", &error);
                return;
            }
        };
        let found = self.turn(report).await;
        let anywhere = usize::try_from(self.aws.clock.now_ms() / ANYWHERE_MS).unwrap_or_default();
        let next = found.as_ref().and_then(|turn| turn.next.as_ref());
        let order = turns::in_order(parents.ids().cloned().collect(), next, anywhere);
        let reserve_ms = u64::try_from(TURN_RESERVE.as_millis()).unwrap_or_default();
        let until_ms = end_ms.saturating_sub(reserve_ms);
        let ends = self
            .follow_side_by_side(looks, &parents, &order, until_ms)
            .await;
        let mut had = BTreeSet::new();
        report.left_out = order.len();
        for (index, end) in ends {
            if !is_cut_short(&end) {
                had.insert(index);
            }
            note(report, &order[index], end);
        }
        let followed = &mut report.followed;
        if let Err(error) = self.follower.follow_moved(followed, &parents).await {
            report.fail("connections that were moved", &error);
        }
        let next = turns::next(&order, &had);
        self.pass_turn(report, next, found.as_ref()).await;
    }

    /// A turn that cannot be read is none: it is a matter of fairness, not of truth.
    async fn turn(&self, report: &mut Report) -> Option<Turn> {
        match self.aws.ledger.turn().await {
            Ok(turn) => turn,
            Err(error) => {
                report.fail("whose turn it is", &error);
                None
            }
        }
    }

    async fn pass_turn(
        &self,
        report: &mut Report,
        next: Option<&ParentConnection>,
        found: Option<&Turn>,
    ) {
        let ledger = &self.aws.ledger;
        let passing = async {
            match (next, found) {
                (Some(next), found) => ledger.set_turn(next, found).await,
                (None, Some(found)) => ledger.forget_turn(found).await,
                (None, None) => Ok(()),
            }
        };
        match tokio::time::timeout(TURN_RESERVE, passing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => report.fail("whose turn is next", &error),
            Err(_) => tracing::warn!("writing whose turn is next took too long"),
        }
    }

    /// Begins with `parents` one after the other until Direct Connect or the table throttles, or the time is over. All that
    /// was begun with is in the answer, by its place among them.
    async fn follow_side_by_side(
        &self,
        looks: &Looks,
        account: &Parents,
        parents: &[ParentConnection],
        until_ms: u64,
    ) -> Vec<(usize, End)> {
        let brake = Brake::new(&self.aws);
        let mut waiting = parents.iter().enumerate();
        let mut running = FuturesUnordered::new();
        let mut ends = Vec::new();
        let mut width = 1;
        loop {
            while running.len() < width && !brake.is_on() && self.aws.clock.now_ms() < until_ms {
                let Some((index, parent)) = waiting.next() else {
                    break;
                };
                running.push(self.follow_alone(looks, account, index, parent, until_ms));
            }
            match tokio::time::timeout(DARE_MORE_AFTER, running.next()).await {
                Ok(None) => return ends,
                Ok(Some((index, end))) => {
                    if is_throttled(&end) {
                        brake.pull();
                    }
                    ends.push((index, end));
                }
                Err(_) => {}
            }
            width = (width + 1).min(SIDE_BY_SIDE);
        }
    }

    async fn follow_alone(
        &self,
        looks: &Looks,
        account: &Parents,
        index: usize,
        parent: &ParentConnection,
        until_ms: u64,
    ) -> (usize, End) {
        let left_ms = until_ms.saturating_sub(self.aws.clock.now_ms());
        let patience = Duration::from_millis(left_ms);
        let following = tokio::time::timeout(patience, self.follow_one(looks, account, parent));
        let end = match AssertUnwindSafe(following).catch_unwind().await {
            Ok(Ok(Ok(followed))) => End::Followed(followed),
            Ok(Ok(Err(error))) => End::Failed(error),
            Ok(Err(_)) => End::CutShort,
            Err(_) => End::Panicked,
        };
        (index, end)
    }

    async fn follow_one(
        &self,
        looks: &Looks,
        account: &Parents,
        parent: &ParentConnection,
    ) -> Result<Followed, CallError> {
        let lag = match account.lag_of(parent) {
            Some(lag) => Some((lag.clone(), looks.of(&self.aws, lag).await)),
            None => None,
        };
        let look = match looks.of(&self.aws, parent).await {
            Ok(look) => look,
            Err(ReadError::Failed(error)) => return Err(error),
            // A member whose connections are shown under its LAG, or a LAG that is not one for hosted connections.
            Err(ReadError::Refused(_)) => Look::empty(self.aws.clock.now_ms()),
        };
        let lag = match lag {
            None => None,
            Some((lag, Ok(look))) => Some((lag, look)),
            Some((lag, Err(ReadError::Refused(_)))) => Some((lag, Look::empty(look.began_at_ms))),
            Some((_, Err(ReadError::Failed(error)))) => return Err(error),
        };
        self.follower.follow(parent, &look, lag.as_ref()).await
    }
}

/// Whether it was for reasons of the run, so that the next one has to begin with it again.
fn is_cut_short(end: &End) -> bool {
    matches!(end, End::CutShort) || is_throttled(end)
}

fn is_throttled(end: &End) -> bool {
    matches!(end, End::Failed(error) if error.cause == Cause::Throttled)
}

fn note(report: &mut Report, parent: &ParentConnection, end: End) {
    match end {
        End::Followed(followed) => {
            report.left_out -= 1;
            report.followed.push((parent.clone(), followed));
        }
        End::Failed(error) => report.fail(parent.as_str(), &error),
        End::Panicked => report
            .failures
            .push(format!("{parent}: following it panicked")),
        End::CutShort => {}
    }
}
