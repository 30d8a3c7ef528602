//! A request to the table: the writes of one transition on record, leases and policies, all of them or none.

use transitions::{Given as G, LeaseWrite, Name, PolicyWrite, State};

use super::Scene;
use super::items::{Life, Record, Value, fits, number, written};
use super::world::{BOTH_EVENTS, KEPT, MOVED_ONCE, ONE_CONNECTION, TOLD_FIRST, World};

/// A write on a lease, and what it brings of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OnLease {
    pub(crate) at: u8,
    pub(crate) write: LeaseWrite,
    pub(crate) connection: Option<u8>,
    pub(crate) counted: bool,
}

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Request {
    pub(crate) name: Name,
    pub(crate) key: u8,
    /// State, token and revision of the record as it was read, or the attempt's own token.
    pub(crate) state: State,
    pub(crate) token: u8,
    pub(crate) revision: u8,
    pub(crate) fresh: u8,
    /// The start of the order's call as it was read, and of the one that begins.
    pub(crate) start: u8,
    pub(crate) now: u8,
    pub(crate) life: Option<Life>,
    pub(crate) outcome: Option<u8>,
    /// The place of the VLAN that the record is to have.
    pub(crate) at: u8,
    pub(crate) leases: [Option<OnLease>; 2],
    pub(crate) policies: [Option<(u8, PolicyWrite, i8)>; 2],
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All of it is written, now or by an earlier try.
    Done,
    /// The record is not as it has to be.
    Record,
    /// A lease or a policy is not.
    Lease,
}

impl Request {
    /// A write on the record of `key` as it was read.
    pub(crate) fn on(name: Name, key: u8, seen: &Record) -> Self {
        Self {
            name,
            key,
            state: seen.state,
            token: seen.token,
            revision: seen.revision(),
            fresh: 0,
            start: seen.start,
            now: 0,
            life: None,
            outcome: seen.outcome,
            at: seen.at,
            leases: [None; 2],
            policies: [None; 2],
        }
    }

    /// A write on the lifecycle of `key` as it was read.
    pub(crate) fn follow(key: u8, seen: &Record, life: Life) -> Self {
        let name = if life.is_unfinished() {
            Name::FollowUnfinished
        } else if life.gone {
            Name::FollowGone
        } else {
            Name::FollowSettled
        };
        Self {
            life: Some(life),
            ..Self::on(name, key, seen)
        }
    }

    pub(crate) fn with(mut self, lease: OnLease) -> Self {
        let free = self.leases.iter_mut().find(|lease| lease.is_none());
        if let Some(free) = free {
            *free = Some(lease);
        }
        self
    }

    pub(crate) fn counting(mut self, place: u8, write: PolicyWrite, more: i8) -> Self {
        let free = self.policies.iter_mut().find(|policy| policy.is_none());
        if let Some(free) = free {
            *free = Some((place, write, more));
        }
        self
    }

    /// Frees what the key holds at `at`, as the world has it counted now.
    pub(crate) fn free(self, world: &World, at: u8) -> Self {
        let counted = world.lease(at).is_some_and(|lease| lease.counted);
        let write = match counted {
            true => LeaseWrite::FreeCounted,
            false => LeaseWrite::FreeUncounted,
        };
        let freed = self.with(OnLease {
            at,
            write,
            connection: None,
            counted: false,
        });
        match counted {
            true => freed.counting(world.parent_of(at), PolicyWrite::GiveBack, -1),
            false => freed,
        }
    }

    fn given(&self, given: G) -> Option<Value> {
        match given {
            G::Token | G::SeenToken => Some(number(self.token)),
            G::FreshToken => Some(number(self.fresh)),
            G::SeenState => Some(Value::State(self.state)),
            G::SeenRevision => Some(number(self.revision)),
            G::NextRevision => Some(number(self.revision + 1)),
            G::Lifecycle => self.life.map(Value::Life),
            G::Outcome => self.outcome.map(number),
            G::Vlan | G::Place | G::LeaseParent | G::Parent => Some(number(self.at)),
            G::Origin => Some(number(u8::from(self.name == Name::Adopt))),
            G::Shard => Some(Value::Yes),
            G::Expires => Some(Value::Number(1)),
            G::OldVlan => Some(Value::Number(0)),
            G::SeenStart | G::KeptStart => Some(number(self.start)),
            G::Now => Some(number(self.now)),
            // No retention ends here.
            G::NowSeconds => Some(Value::Number(0)),
            _ => None,
        }
    }
}

impl OnLease {
    fn given(&self, key: u8, given: G) -> Option<Value> {
        match given {
            G::Key => Some(number(key)),
            G::ConnectionId => self.connection.map(number),
            G::CountedMbps => self.counted.then_some(Value::Number(1)),
            G::LeasedAt => Some(Value::Number(0)),
            G::Mbps => Some(Value::Number(1)),
            _ => None,
        }
    }
}

impl Scene {
    /// Makes the request, or finds out why it is not let through.
    pub(crate) fn commit(&self, world: &mut World, request: &Request) -> Answer {
        let mut next = *world;
        let given = |of| request.given(of);
        if let Some(write) = self.table[request.name].record {
            let before = world.record(request.key);
            let Some(after) = written(&write, before, &given) else {
                let is_own = !write.own.is_empty() && fits(write.own, before.as_ref(), &given);
                return if is_own { Answer::Done } else { Answer::Record };
            };
            next.records[usize::from(request.key)] = after;
            next.judge(request, before, after);
        }
        for on in request.leases.iter().flatten() {
            let at = usize::from(on.at);
            let given = |of| on.given(request.key, of);
            let Some(lease) = written(&self.table[on.write], next.leases[at], &given) else {
                return Answer::Lease;
            };
            next.leases[at] = lease;
        }
        for (place, write, more) in request.policies.iter().flatten() {
            let place = usize::from(*place);
            let given = |of| match of {
                G::Mbps => Some(Value::Number(*more)),
                G::Vlan => Some(Value::Number(0)),
                _ => None,
            };
            let policy = Some(next.policies[place]);
            let Some(Some(policy)) = written(&self.table[*write], policy, &given) else {
                return Answer::Lease;
            };
            next.policies[place] = policy;
        }
        *world = next;
        Answer::Done
    }
}

impl World {
    /// What a write on a record means: a fact to be told, or something that must not be.
    fn judge(&mut self, request: &Request, before: Option<Record>, after: Option<Record>) {
        let Some(after) = after else {
            self.judge_forgotten(request, before);
            return;
        };
        let is_put = matches!(
            request.name,
            Name::Claim | Name::SetAside | Name::RejectUnclaimed | Name::Adopt
        );
        if let Some(before) = before {
            if is_put || (before.is_final() && before.state != after.state) {
                self.broken = Some(KEPT);
            }
            let other = before.outcome.is_some() && before.outcome != after.outcome;
            if other && before.state == State::Allocated {
                self.broken = Some(ONE_CONNECTION);
            }
            if after.published && !before.published && !self.is_told(after.token, 0) {
                self.broken = Some(TOLD_FIRST);
            }
        }
        if !is_put && before.is_none() {
            self.broken = Some(KEPT);
        }
        let was_final = before.is_some_and(|before| before.is_final()) && !is_put;
        if after.is_final() && !was_final {
            self.fact(after.token, 0);
        }
        let (old, new) = (
            before.map_or(Life::default(), |before| before.life()),
            after.life(),
        );
        if request.life.is_some() {
            // What was seen of another record was seen of another connection, perhaps.
            if after.token != request.token {
                self.broken = Some(KEPT);
            }
            if new.events < old.events || (old.release && !new.release) || (old.gone && !new.gone) {
                self.broken = Some(KEPT);
            }
            for sequence in old.events + 1..=new.events {
                self.fact(after.token, sequence);
            }
            // What is owed no more has been told.
            let paid = old.owed & !new.owed;
            if paid & !self.told[usize::from(after.token)] != 0 {
                self.broken = Some(BOTH_EVENTS);
            }
        }
        if request.name == Name::Move {
            self.arrivals -= 1;
            if self.arrivals < 0 {
                self.broken = Some(MOVED_ONCE);
            }
        }
    }

    fn judge_forgotten(&mut self, request: &Request, before: Option<Record>) {
        let is_ready = before.is_some_and(|before| {
            let life = before.life();
            // A person had that one forgotten, and not another that the key got since.
            before.token == request.token
                && before.adopted
                && before.published
                && !life.is_unfinished()
                && !life.gone
        });
        if !is_ready {
            self.broken = Some(KEPT);
        }
        self.forgotten = true;
    }
}
