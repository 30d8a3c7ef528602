//! Many deliveries at once: side by side where they may be, in order where they must be.

mod pairs;

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{BoxFuture, Shared, join_all};
use futures_util::{FutureExt, StreamExt, stream};

use crate::attempt::{Attempt, Budget, Decision, Settled};
use crate::brake::Brake;
use crate::failure::Failure;
use crate::look::Looks;
use crate::returned::Returned;
use crate::vlan::Choices;
use crate::{Allocator, Answer, Deadline, Delivery, publish, validate};

/// Lanes that run at the same time. A batch of ten runs whole; larger ones must not flood Direct Connect.
const CONCURRENCY: usize = 16;

/// Whoever is delivered again looks for itself: what it needs to see may have landed a moment ago.
static OWN_LOOKS: Looks = Looks::own();

/// What becomes of the deliveries of a lane, by their indices.
type Run<'a> = BoxFuture<'a, Vec<(usize, Decision)>>;

/// Deliveries that must run one after the other, as indices into the batch.
struct Lane {
    /// FIFO: after one that has to come again, none of the later ones is done either.
    ordered: bool,
    deliveries: Vec<usize>,
}

pub(crate) async fn run(
    allocator: &Allocator,
    deliveries: Vec<Delivery>,
    deadline: Deadline,
) -> Vec<Answer> {
    let budget = Budget::new(allocator.aws.clock.now_ms(), deadline);
    let batch = Batch {
        allocator,
        deliveries: &deliveries,
        choices: Choices::default(),
        returned: Returned::default(),
        brake: Brake::new(&allocator.aws),
        budget,
    };
    let lanes = lanes(&deliveries);
    let mut decided: Vec<(usize, Decision)> = stream::iter(batch.runs(&lanes))
        .buffer_unordered(CONCURRENCY)
        .concat()
        .await;
    decided.sort_by_key(|(index, _)| *index);
    let decisions = decided
        .into_iter()
        .map(|(index, decision)| traced(decision, &deliveries[index]))
        .collect();
    let left_ms = budget
        .publish_by_ms
        .saturating_sub(allocator.aws.clock.now_ms());
    let mut answers =
        publish::publish(&allocator.aws, decisions, Duration::from_millis(left_ms)).await;
    keep_order(&lanes, &mut answers);
    answers
}

fn traced(mut decision: Decision, delivery: &Delivery) -> Decision {
    if let Ok(settled) = &mut decision
        && let Some(publication) = &mut settled.publication
    {
        publication.trace.clone_from(&delivery.trace);
    }
    decision
}

/// FIFO: what was not published comes again, and so must everything behind it in its group.
fn keep_order(lanes: &[Lane], answers: &mut [Answer]) {
    for lane in lanes.iter().filter(|lane| lane.ordered) {
        let mut returned = false;
        for &index in &lane.deliveries {
            if returned && answers[index].is_final() {
                answers[index] = after_a_returned_one().into();
            }
            returned |= !answers[index].is_final();
        }
    }
}

fn after_a_returned_one() -> Failure {
    let detail = "An earlier message of the same group has to be delivered again first.".to_owned();
    Failure::Transient {
        code: hosted_connection::Code::Unavailable,
        detail,
        retry_after_s: 1,
    }
}

/// One lane per FIFO message group; without groups one per key; what has no key runs alone.
fn lanes(deliveries: &[Delivery]) -> Vec<Lane> {
    let mut lanes: BTreeMap<(u8, String), Lane> = BTreeMap::new();
    for (index, delivery) in deliveries.iter().enumerate() {
        let name = match (&delivery.group, &delivery.order) {
            (Some(group), _) => (0, group.clone()),
            (None, Ok(order)) => (1, order.key.to_string()),
            (None, Err(_)) => (2, index.to_string()),
        };
        let ordered = delivery.group.is_some();
        lanes
            .entry(name)
            .or_insert_with(|| Lane {
                ordered,
                deliveries: Vec::new(),
            })
            .deliveries
            .push(index);
    }
    lanes.into_values().collect()
}

struct Batch<'a> {
    allocator: &'a Allocator,
    deliveries: &'a [Delivery],
    choices: Choices,
    returned: Returned,
    brake: Brake,
    budget: Budget,
}

impl Batch<'_> {
    /// Boxed, because an order's future is 24 KB and would be moved three times. Collected, because a future that maps over
    /// references as it goes is not `Send` to the compiler, and the runtime's concurrent mode wants it so.
    fn runs<'a>(&'a self, lanes: &'a [Lane]) -> Vec<Run<'a>> {
        let Some(turns) = pairs::turns(lanes, self.deliveries) else {
            return lanes
                .iter()
                .map(|lane| self.run_lane(lane).boxed())
                .collect();
        };
        let mut runs: Vec<Shared<Run<'a>>> = Vec::with_capacity(turns.len());
        for turn in turns {
            let earlier: Vec<_> = turn.after.iter().map(|turn| runs[*turn].clone()).collect();
            let lane = &lanes[turn.lane];
            runs.push(self.run_after(earlier, lane).boxed().shared());
        }
        runs.into_iter().map(FutureExt::boxed).collect()
    }

    /// Whoever waits for an earlier run carries it on itself, so it does not matter how many run at the same time.
    async fn run_after(
        &self,
        earlier: Vec<Shared<Run<'_>>>,
        lane: &Lane,
    ) -> Vec<(usize, Decision)> {
        join_all(earlier).await;
        let decided = self.run_lane(lane).await;
        for (index, decision) in &decided {
            if let (Err(_), Ok(order)) = (decision, &self.deliveries[*index].order) {
                self.returned.note(&order.key);
            }
        }
        decided
    }

    async fn run_lane(&self, lane: &Lane) -> Vec<(usize, Decision)> {
        let mut decided: Vec<(usize, Decision)> = Vec::with_capacity(lane.deliveries.len());
        let mut returned = false;
        for &index in &lane.deliveries {
            let held = self.deliveries[index].held.as_deref();
            let decision = match (held, self.same_order(&decided, index)) {
                _ if returned && lane.ordered => Err(after_a_returned_one()),
                (Some(failure), _) => Err(failure.clone()),
                (None, Some(decision)) => decision,
                (None, None) => self.decide(&self.deliveries[index]).await,
            };
            returned |= decision.is_err();
            decided.push((index, decision));
        }
        decided
    }

    /// The decision on an equal order earlier in the lane.
    fn same_order(&self, decided: &[(usize, Decision)], index: usize) -> Option<Decision> {
        let order = self.deliveries[index].order.as_ref().ok()?;
        let same = |earlier: usize| {
            self.deliveries[earlier]
                .order
                .as_ref()
                .is_ok_and(|other| other == order)
        };
        decided
            .iter()
            .find(|(earlier, _)| same(*earlier))
            .map(|(_, decision)| decision.clone())
            .map(|decision| decision.map(Settled::again))
    }

    async fn decide(&self, delivery: &Delivery) -> Decision {
        let aws = &self.allocator.aws;
        let order = match &delivery.order {
            Ok(order) => order,
            Err(invalid) => {
                return Ok(validate::reject(
                    invalid,
                    &delivery.origin,
                    aws.clock.timestamp(),
                ));
            }
        };
        // Ten orders more would hear the same, and keep others from being heard.
        if self.brake.is_on() {
            return Err(Failure::throttled());
        }
        let answered = &self.allocator.answered;
        let attempt = Attempt {
            aws,
            rules: &self.allocator.rules,
            order,
            origin: &delivery.origin,
            looks: &OWN_LOOKS,
            choices: &self.choices,
            returned: &self.returned,
            chosen: &self.allocator.chosen,
            ground: &self.allocator.ground,
            may_be_known: delivery.comes_again || answered.has(&order.key),
            budget: self.budget,
        };
        let decision = attempt.isolated(pin!(attempt.decide())).await;
        if decision.is_ok() {
            answered.note(&order.key);
        }
        decision
    }
}
