//! Finishing what nobody may ask for again: the same flow, begun from the record instead of a delivery.

use std::pin::pin;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use hosted_connection::{Code, IdempotencyKey};
use ledger::{Record, State};

use crate::attempt::{Attempt, Budget, Decision};
use crate::brake::Brake;
use crate::failure::Failure;
use crate::look::Looks;
use crate::returned::Returned;
use crate::vlan::Choices;
use crate::{Allocator, Answer, Deadline, publish};

/// Orders whose events are published together.
const PUBLISHED_TOGETHER: usize = 50;
/// Of those, how many are worked on at the same time, and how many such groups.
const SIDE_BY_SIDE: usize = 8;
const GROUPS: usize = 4;

/// What became of an unfinished allocation.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Its key.
    pub key: IdempotencyKey,
    /// Where it stood.
    pub was: State,
    /// When the key was first claimed, in milliseconds since the Unix epoch.
    pub claimed_at_ms: u64,
    /// As for a delivery.
    pub answer: Answer,
}

impl Allocator {
    /// Drives the allocations of `records` to their end, as if each had been delivered again; they share `looks`. Ends
    /// before `deadline`, and begins none while `brake` is on; whatever service throttles one of them puts it on.
    pub async fn finish(
        &self,
        records: Vec<Record>,
        looks: &Looks,
        brake: &Brake,
        deadline: Deadline,
    ) -> Vec<Finished> {
        let run = Run {
            allocator: self,
            looks,
            choices: Choices::default(),
            budget: Budget::new(self.aws.clock.now_ms(), deadline),
            brake,
        };
        let groups: Vec<Vec<Record>> = records
            .chunks(PUBLISHED_TOGETHER)
            .map(<[Record]>::to_vec)
            .collect();
        let run = &run;
        stream::iter(groups)
            .map(|group| run.finish_group(group))
            .buffer_unordered(GROUPS)
            .concat()
            .await
    }
}

struct Run<'a> {
    allocator: &'a Allocator,
    looks: &'a Looks,
    choices: Choices,
    budget: Budget,
    brake: &'a Brake,
}

impl Run<'_> {
    async fn finish_group(&self, records: Vec<Record>) -> Vec<Finished> {
        let aws = &self.allocator.aws;
        let about: Vec<_> = records
            .iter()
            .map(|record| (record.key.clone(), record.state, record.claimed_at_ms))
            .collect();
        let decisions: Vec<Decision> = stream::iter(records)
            .map(|record| self.decide(record))
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        let left_ms = self.budget.publish_by_ms.saturating_sub(aws.clock.now_ms());
        let answers = publish::publish(aws, decisions, Duration::from_millis(left_ms)).await;
        let finished = about.into_iter().zip(answers);
        finished
            .map(|((key, was, claimed_at_ms), answer)| Finished {
                key,
                was,
                claimed_at_ms,
                answer,
            })
            .collect()
    }

    async fn decide(&self, record: Record) -> Decision {
        if self.brake.is_on() {
            return Err(Failure::throttled());
        }
        let (order, origin) = (record.order(), record.origin.clone());
        let returned = Returned::default();
        let attempt = Attempt {
            aws: &self.allocator.aws,
            rules: &self.allocator.rules,
            order: &order,
            origin: &origin,
            looks: self.looks,
            choices: &self.choices,
            returned: &returned,
            chosen: &self.allocator.chosen,
            ground: &self.allocator.ground,
            may_be_known: true,
            budget: self.budget,
        };
        let decision = attempt.isolated(pin!(attempt.finish(record))).await;
        if let Err(Failure::Transient {
            code: Code::Throttled,
            ..
        }) = &decision
        {
            self.brake.pull();
        }
        decision
    }
}
