//! Adopting what was there before, after `shared/adoption`, and forgetting it.

use transitions::{LeaseWrite, Name, PolicyWrite, State};

use super::Scene;
use super::items::{Lease, Record};
use super::request::{Answer, OnLease, Request};
use super::world::{At, Connection, Then, World};

/// What is to become of a connection.
enum Verdict {
    Adopt(Option<Lease>),
    /// A note that says something else is dropped first.
    Drop(Lease),
    Refused,
}

impl Scene {
    /// An adopter begins: it reads the leases of all parents before it looks.
    pub(crate) fn survey(&self, world: &World) -> At {
        let before = match self.flow.reads_leases_before {
            true => world.leases,
            false => [None; 2],
        };
        At::Look { before }
    }

    pub(crate) fn look_to_adopt(&self, world: &World, home: u8, before: [Option<Lease>; 2]) -> At {
        let Some(shown) = world.living_at(home) else {
            return At::Idle;
        };
        // Two VLANs of one parent: its leases are read once.
        match world.is_one_parent || !self.flow.reads_leases_again {
            true => At::Judge {
                before,
                after: None,
                shown,
            },
            false => At::ReadElsewhere { before, shown },
        }
    }

    pub(crate) fn judge(
        &self,
        world: &World,
        (key, home): (u8, u8),
        (before, after): ([Option<Lease>; 2], Option<Lease>),
        shown: u8,
    ) -> At {
        if let Some(record) = world.record(key) {
            return by_key(&record, shown);
        }
        let here = usize::from(home);
        let elsewhere = [before[1 - here], after];
        // Of the other VLAN of one parent nothing is asked.
        let elsewhere = elsewhere.iter().flatten().filter(|_| !world.is_one_parent);
        let at_home = before[here].into_iter().map(|lease| (lease, true));
        for (lease, is_here) in at_home.chain(elsewhere.map(|lease| (*lease, false))) {
            if let Some(verdict) = self.held(world, lease, is_here, shown) {
                return self.next(world, (key, home), shown, verdict);
            }
        }
        let note = before[here].filter(|lease| lease.holder.is_none());
        let verdict = claimable(world, note, shown);
        self.next(world, (key, home), shown, verdict)
    }

    /// What a lease that a key holds says of the connection.
    fn held(&self, world: &World, lease: Lease, is_here: bool, shown: u8) -> Option<Verdict> {
        let holder = lease.holder?;
        let Some(record) = world.record(holder) else {
            let is_others = lease.connection.is_some_and(|noted| noted != shown);
            return (is_here || !is_others).then_some(Verdict::Refused);
        };
        match record.connection() {
            Some(own) if own == shown => Some(Verdict::Refused),
            Some(_) => is_here.then_some(Verdict::Refused),
            // Not final: it may be that order's own connection.
            None => self.flow.open_orders_are_let_be.then_some(Verdict::Refused),
        }
    }

    fn next(&self, world: &World, (key, home): (u8, u8), shown: u8, verdict: Verdict) -> At {
        match verdict {
            Verdict::Refused => At::Idle,
            Verdict::Adopt(seen) => adopt(world, (key, home), shown, seen),
            Verdict::Drop(stale) => {
                At::Send(drop_note(world, home, stale), Then::AdoptNow { shown })
            }
        }
    }

    /// After the transaction.
    pub(crate) fn adopted(
        &self,
        world: &World,
        key: u8,
        request: &Request,
        shown: u8,
        answer: Answer,
    ) -> At {
        match (answer, world.record(key)) {
            (Answer::Done, _) => At::Publish(request.fresh),
            (Answer::Record, Some(found)) => by_key(&found, shown),
            (Answer::Record, None) => At::Idle,
            (Answer::Lease, _) => At::AskHolder { shown },
        }
    }

    /// The lease is not as it was seen.
    pub(crate) fn ask_holder(&self, world: &World, (key, home): (u8, u8), shown: u8) -> At {
        let found = world.lease(home);
        let verdict = found
            .and_then(|lease| self.held(world, lease, true, shown))
            .unwrap_or_else(|| match found {
                Some(lease) if lease.holder.is_some() => Verdict::Adopt(None),
                note => claimable(world, note, shown),
            });
        self.next(world, (key, home), shown, verdict)
    }

    /// The stale note is gone, or changed; the transaction finds out.
    pub(crate) fn adopt_now(&self, world: &World, (key, home): (u8, u8), shown: u8) -> At {
        adopt(world, (key, home), shown, None)
    }

    /// Reads the record that is to be forgotten.
    pub(crate) fn forget(&self, world: &World, key: u8) -> At {
        let Some(record) = world.record(key) else {
            return At::Idle;
        };
        let life = record.life();
        if !record.adopted || life.release || life.gone || record.is_unfinished() {
            return At::Idle;
        }
        let request = Request::on(Name::Forget, key, &record).with(OnLease {
            at: record.at,
            write: LeaseWrite::Disown,
            connection: record.outcome,
            counted: false,
        });
        At::Send(request, Then::End)
    }

    /// Tracking has looked at a place, and reads its leases.
    pub(crate) fn note(&self, world: &World, at: u8, shown: Option<u8>) -> At {
        let owner = |id: u8| world.owner_of(id).is_some();
        let request = match (world.lease(at), shown) {
            (None, Some(id)) if !owner(id) => note_orphan(at, id),
            (Some(lease), _) if lease.holder.is_none() && lease.connection != shown => {
                drop_note(world, at, lease)
            }
            (Some(lease), _) if !lease.counted => blank(Name::CountLease)
                .with(OnLease {
                    at,
                    write: LeaseWrite::Count,
                    connection: None,
                    counted: true,
                })
                .counting(world.parent_of(at), PolicyWrite::Count, 1),
            (None | Some(_), _) => return At::Idle,
        };
        At::Send(request, Then::End)
    }
}

/// What the record that the key has already says.
fn by_key(record: &Record, shown: u8) -> At {
    match record.connection() == Some(shown) && !record.published {
        true => At::Publish(record.token),
        false => At::Idle,
    }
}

fn claimable(world: &World, note: Option<Lease>, shown: u8) -> Verdict {
    let Some(lease) = note else {
        return Verdict::Adopt(None);
    };
    match lease.connection {
        Some(noted) if noted == shown => Verdict::Adopt(Some(lease)),
        Some(noted) if matches!(world.connection(noted), Connection::Living(_)) => Verdict::Refused,
        Some(_) | None => Verdict::Drop(lease),
    }
}

/// How a VLAN is leased that the connection is on already, where its lease is as it was seen.
pub(crate) fn over(id: u8, there: Option<Lease>) -> Option<LeaseWrite> {
    let Some(lease) = there else {
        return Some(LeaseWrite::MoveIn);
    };
    if lease.holder.is_some() || lease.connection != Some(id) {
        return None;
    }
    Some(match lease.counted {
        true => LeaseWrite::MoveInOverCounted,
        false => LeaseWrite::MoveInOverUncounted,
    })
}

fn adopt(world: &World, (key, home): (u8, u8), shown: u8, seen: Option<Lease>) -> At {
    let Some(write) = over(shown, seen) else {
        return At::AskHolder { shown };
    };
    let request = Request {
        fresh: world.fresh(),
        outcome: Some(shown),
        at: home,
        key,
        ..blank(Name::Adopt)
    };
    let request = request.with(OnLease {
        at: home,
        write,
        connection: Some(shown),
        counted: true,
    });
    let request = match write {
        LeaseWrite::MoveInOverCounted => request,
        _ => request.counting(world.parent_of(home), PolicyWrite::Count, 1),
    };
    At::Send(request, Then::Adopted { shown })
}

fn drop_note(world: &World, at: u8, note: Lease) -> Request {
    let write = match note.counted {
        true => LeaseWrite::ForgetCounted,
        false => LeaseWrite::ForgetUncounted,
    };
    let request = blank(Name::ForgetOrphan).with(OnLease {
        at,
        write,
        connection: note.connection,
        counted: false,
    });
    match note.counted {
        true => request.counting(world.parent_of(at), PolicyWrite::GiveBack, -1),
        false => request,
    }
}

fn note_orphan(at: u8, id: u8) -> Request {
    blank(Name::NoteOrphan).with(OnLease {
        at,
        write: LeaseWrite::NoteOrphan,
        connection: Some(id),
        counted: false,
    })
}

/// A request that goes by no record.
pub(crate) fn blank(name: Name) -> Request {
    Request {
        name,
        key: 0,
        state: State::Waiting,
        token: 0,
        revision: 0,
        fresh: 0,
        start: 0,
        now: 0,
        life: None,
        outcome: None,
        at: 0,
        leases: [None; 2],
        policies: [None; 2],
    }
}
