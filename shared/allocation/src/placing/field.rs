//! The candidates of one order: what is known of each, which is the best, and why the others are not.

use std::collections::BTreeMap;

use aws::direct_connect::ReadError;
use hosted_connection::{Candidate, ParentConnection, Ranked, Room, Share, Shortlist, Site};

use super::Stop;
use crate::attempt::Attempt;
use crate::policy;
use crate::vlan::Choice;

/// Parents without a policy whose leases are read to rank them, at most: of several that are not known, the best of a few is
/// nearly the best of all, and an order must not cost more where there are more parents.
const MOST_READ: usize = 4;

/// The candidates of one order.
pub(super) struct Field {
    open: BTreeMap<ParentConnection, Runner>,
    /// Of how many the choice is.
    of: usize,
    refused: Vec<Candidate>,
    /// Whether one of those refused only did not show what is on it.
    may_pass: bool,
    reads_left: usize,
}

/// One candidate.
struct Runner {
    site: Site,
    sellable_mbps: Option<u64>,
    /// What is used of it; none where that is not known, which is taken for nothing until it is.
    used_mbps: Option<i64>,
    choice: Option<Choice>,
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
        };
        let now_ms = attempt.now_ms();
        for site in sites {
            let state = policies.get(&site.id);
            let request = &attempt.order.request;
            if let Some(rejection) = state.and_then(|state| policy::rejection(request, state)) {
                field.refuse(rejection.of_candidate(&site.id));
                continue;
            }
            let runner = Runner {
                site: site.clone(),
                sellable_mbps: state.and_then(|state| state.policy.sellable_mbps()),
                used_mbps: match state {
                    Some(state) => Some(state.sold_mbps),
                    None => attempt.ground.used(&site.id, now_ms),
                },
                choice: None,
            };
            field.open.insert(site.id.clone(), runner);
        }
        Ok(field)
    }

    /// The best candidate that is left. What has to be known of it is read first, and may make another one the best.
    pub(super) async fn pick(&mut self, attempt: &Attempt<'_>) -> Result<Option<Pick>, Stop> {
        loop {
            let Some(best) = self.best(attempt) else {
                return Ok(None);
            };
            let Some(runner) = self.open.get_mut(&best.id) else {
                return Ok(None);
            };
            let needs_vlan = attempt.order.request.vlan.is_none() && runner.choice.is_none();
            let is_unknown = runner.used_mbps.is_none() && self.reads_left > 0;
            if !needs_vlan && !is_unknown {
                let why = why(&best, self.of);
                return Ok(Some(Pick { id: best.id, why }));
            }
            if runner.used_mbps.is_none() {
                self.reads_left = self.reads_left.saturating_sub(1);
            }
            match runner.read(attempt, needs_vlan).await {
                Ok(()) => {}
                Err(ReadError::Refused(message)) => {
                    self.may_pass = true;
                    self.refuse(Candidate::refused(&best.id, &message));
                }
                Err(ReadError::Failed(error)) => return Err(Stop::Park(error)),
            }
        }
    }

    /// The best by what is known; one whose use is not known only as long as more may be read.
    fn best(&self, attempt: &Attempt<'_>) -> Option<Ranked> {
        let mbps = attempt.order.request.bandwidth.mbps();
        let ranked = |known_only: bool| {
            let rooms = self
                .open
                .values()
                .filter(|runner| !known_only || runner.used_mbps.is_some())
                .map(|runner| {
                    let selling = attempt.ground.being_sold(&runner.site.id);
                    (&runner.site.id, runner.room(selling))
                });
            Ranked::best_first(rooms, mbps).into_iter().next()
        };
        let known_only = self.reads_left == 0;
        ranked(known_only).or_else(|| ranked(false))
    }

    /// What there is to choose VLANs from on a candidate.
    pub(super) fn choice(&mut self, id: &ParentConnection) -> Option<&mut Choice> {
        self.open.get_mut(id)?.choice.as_mut()
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

impl Runner {
    fn room(&self, selling_mbps: i64) -> Room {
        let used_mbps = self.used_mbps.unwrap_or_default() + selling_mbps;
        Room::of(&self.site, self.sellable_mbps, used_mbps)
    }

    /// Reads what is used of the parent; with a look at it, where a VLAN has to be chosen as well.
    async fn read(&mut self, attempt: &Attempt<'_>, needs_vlan: bool) -> Result<(), ReadError> {
        let (aws, ground, id) = (attempt.aws, attempt.ground, &self.site.id);
        let used_mbps = if needs_vlan {
            let survey = ground.survey(aws, attempt.rules, id).await?;
            self.choice = Some(survey.choice);
            survey.used_mbps
        } else {
            let view = aws.ledger.parent(id).await?;
            let used_mbps = super::used_mbps(&view, &[]);
            ground.learn(id, used_mbps, attempt.now_ms());
            used_mbps
        };
        // What a policy counts is what its condition goes by.
        self.used_mbps.get_or_insert(used_mbps);
        Ok(())
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
