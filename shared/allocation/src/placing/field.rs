//! The candidates of one order: what is known of each, which is the best, and why the others are not.

use std::collections::BTreeMap;

use aws::direct_connect::ReadError;
use hosted_connection::{Candidate, ParentConnection, Ranked, Share, Shortlist, Site};

use super::Stop;
use super::runner::{Missing, Runner, Vlans};
use crate::attempt::Attempt;
use crate::memory::Remembered;
use crate::vlan::{Choice, spread};

/// Parents without a policy that are read to rank them, at most: an order must not cost ever more where there are more parents.
const MOST_READ: usize = 10;
/// The last so many of them are picked by the order's key. Whoever begins by knowing nothing would read the same ones each
/// time, and the others would never get an order.
const BY_KEY: usize = 4;
/// Parents that it is asked at once what tracking noted of: as many as one BatchGetItem takes.
const MOST_RECALLED: usize = 100;

/// The candidates of one order.
pub(super) struct Field {
    open: BTreeMap<ParentConnection, Runner>,
    /// Of how many the choice is.
    of: usize,
    refused: Vec<Candidate>,
    /// Whether one of those refused only did not show what is on it.
    may_pass: bool,
    reads_left: usize,
    /// Whether what tracking noted has been asked for.
    has_recalled: bool,
}

/// The candidate to try.
pub(super) struct Pick {
    pub(super) id: ParentConnection,
    /// Why that one, for people.
    pub(super) why: String,
}

impl Field {
    /// The candidates of `list`, without those that were `passed_over`.
    pub(super) async fn of(
        attempt: &Attempt<'_>,
        list: &Shortlist,
        passed_over: &[Candidate],
    ) -> Result<Self, Stop> {
        let was_passed_over =
            |site: &&Site| passed_over.iter().any(|one| one.connection_id == site.id);
        let sites = list.open.iter().filter(|site| !was_passed_over(site));
        let sites: Vec<_> = sites.collect();
        let ids = sites.iter().map(|site| site.id.clone()).collect();
        let policies = attempt.ground.policies(attempt.aws, ids).await;
        let policies = policies.map_err(Stop::Park)?;
        let mut field = Self {
            open: BTreeMap::new(),
            of: sites.len(),
            refused: passed_over.to_vec(),
            may_pass: false,
            reads_left: MOST_READ,
            has_recalled: false,
        };
        for site in sites {
            match Runner::new(attempt, site, &policies) {
                Ok(runner) => {
                    field.open.insert(site.id.clone(), runner);
                }
                Err(candidate) => field.refuse(candidate),
            }
        }
        Ok(field)
    }

    /// The best candidate that is left. What has to be known of it is read first, and may make another one the best.
    pub(super) async fn pick(&mut self, attempt: &Attempt<'_>) -> Result<Option<Pick>, Stop> {
        loop {
            let Some(best) = self.best(attempt) else {
                return Ok(None);
            };
            let may_read = self.reads_left > 0;
            let Some(runner) = self.open.get_mut(&best.id) else {
                return Ok(None);
            };
            match runner.missing(attempt, may_read) {
                Missing::Nothing => {
                    let why = why(&best, self.of);
                    return Ok(Some(Pick { id: best.id, why }));
                }
                Missing::Memory => self.recall(attempt, &best.id).await?,
                Missing::Look => {
                    if runner.used.is_none() {
                        self.reads_left = self.reads_left.saturating_sub(1);
                    }
                    match runner.read(attempt).await {
                        Ok(()) => {}
                        Err(ReadError::Refused(message)) => {
                            self.may_pass = true;
                            self.refuse(Candidate::refused(&best.id, &message));
                        }
                        Err(ReadError::Failed(error)) => return Err(Stop::Park(error)),
                    }
                }
            }
        }
    }

    /// Recalls what tracking noted of `best`, and of others whose use is not known.
    async fn recall(&mut self, attempt: &Attempt<'_>, best: &ParentConnection) -> Result<(), Stop> {
        let mut wanted = vec![best.clone()];
        // Of those whose use is known only where what was noted of another one has just changed the ranking: it may be newer, and
        // they are not to be asked for one by one.
        let others = self.ranked(attempt, |runner| {
            let is_wanted = runner.used.is_none() || self.has_recalled;
            is_wanted && matches!(runner.vlans, Vlans::Unasked)
        });
        let others = others.into_iter().map(|ranked| ranked.id);
        wanted.extend(others.filter(|id| id != best).take(MOST_RECALLED - 1));
        // Orders that ask for the same at the same time share the answer, whichever is the best for each.
        wanted.sort();
        let memories = attempt.ground.memories(attempt.aws, wanted.clone()).await;
        let memories = memories.map_err(Stop::Park)?;
        self.has_recalled = true;
        for id in &wanted {
            if let Some(runner) = self.open.get_mut(id) {
                runner.recall(attempt, memories.get(id));
            }
        }
        Ok(())
    }

    /// The best by what is known; one whose use is not known only as long as that may be read.
    fn best(&self, attempt: &Attempt<'_>) -> Option<Ranked> {
        let may_be_read = |runner: &Runner| {
            let is_left_out = self.has_recalled && matches!(runner.vlans, Vlans::Unasked);
            self.reads_left > 0 && !is_left_out
        };
        let known = self.ranked(attempt, |runner| {
            runner.used.is_some() || may_be_read(runner)
        });
        let is_known = |id: &ParentConnection| {
            let runner = self.open.get(id);
            runner.is_some_and(|runner| runner.used.is_some())
        };
        match known.first() {
            None => self.ranked(attempt, |_| true).into_iter().next(),
            Some(best) if self.reads_left > BY_KEY || is_known(&best.id) => Some(best.clone()),
            Some(_) => {
                let unknown: Vec<_> = known.iter().filter(|one| !is_known(&one.id)).collect();
                let place = spread(&attempt.order.key).checked_rem(unknown.len())?;
                unknown.get(place).copied().cloned()
            }
        }
    }

    fn ranked(&self, attempt: &Attempt<'_>, of: impl Fn(&Runner) -> bool) -> Vec<Ranked> {
        let runners = self.open.values().filter(|runner| of(runner));
        let rooms = runners.map(|runner| (runner.id(), runner.room(attempt.ground)));
        Ranked::best_first(rooms, attempt.order.request.bandwidth.mbps())
    }

    /// What there is to choose VLANs from on a candidate, by a look.
    pub(super) fn choice(&mut self, id: &ParentConnection) -> Option<&mut Choice> {
        match &mut self.open.get_mut(id)?.vlans {
            Vlans::Seen(choice) => Some(choice),
            Vlans::Unasked | Vlans::Unknown | Vlans::Remembered(_) => None,
        }
    }

    /// What there is to choose VLANs from on a candidate, by what tracking noted.
    pub(super) fn remembered(&self, id: &ParentConnection) -> Option<&Remembered> {
        match &self.open.get(id)?.vlans {
            Vlans::Remembered(remembered) => Some(remembered),
            Vlans::Unasked | Vlans::Unknown | Vlans::Seen(_) => None,
        }
    }

    /// What tracking noted of a candidate's VLANs will not do.
    pub(super) fn forget(&mut self, id: &ParentConnection) {
        if let Some(runner) = self.open.get_mut(id) {
            runner.vlans = Vlans::Unknown;
        }
    }

    /// A candidate is out of the question.
    pub(super) fn refuse(&mut self, candidate: Candidate) {
        self.open.remove(&candidate.connection_id);
        self.refused.push(candidate);
    }

    /// Why each of them is, and whether that may pass.
    pub(super) fn into_refused(self) -> (Vec<Candidate>, bool) {
        (self.refused, self.may_pass)
    }
}

fn why(best: &Ranked, of: usize) -> String {
    format!(
        "chosen {}: {} free after the order, the most of {of} {}",
        best.id,
        words(best.share),
        if of == 1 { "candidate" } else { "candidates" }
    )
}

/// `90.00 % (9000 of 10000 Mbps)`
fn words(share: Share) -> String {
    match share.ten_thousandths() {
        None => "an unknown share is".to_owned(),
        Some(parts) => format!(
            "{}.{:02} % ({} of {} Mbps) are",
            parts / 100,
            (parts % 100).abs(),
            share.free_mbps,
            share.of_mbps
        ),
    }
}
