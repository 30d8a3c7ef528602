//! What becomes of a connection after its allocation: releases, and what tracking sees and ends. After `shared/lifecycle`.

use transitions::State;

use super::Scene;
use super::items::{Item, Life, Record};
use super::request::{Answer, Request};
use super::world::{Amend, At, Connection, Then, World};

impl Scene {
    /// Sends what `then` amends, made from the record as it was found; goes on where nothing is to be written.
    pub(crate) fn again(&self, world: &World, key: u8, found: Record, then: Then) -> At {
        let Then::Amended(_, amend) = then else {
            return At::Idle;
        };
        let is_due = found.state == State::Allocated && found.published;
        let seen = match then {
            Then::Amended(seen, _) => seen,
            _ => found,
        };
        match self
            .amended(world, (&found, &seen), amend)
            .filter(|_| is_due)
        {
            // Somebody else has noted a call.
            None if amend == Amend::NoteAnew => At::Read,
            None => amended_to(found, amend),
            Some(life) => {
                let request = Request::follow(key, &found, life);
                let request = match amend {
                    Amend::Gone => request.free(world, found.at),
                    Amend::GiveUp { keeps: false } => {
                        let to = found.life().moving.map(|moving| moving.to);
                        to.map_or(request, |to| request.free(world, to))
                    }
                    _ => request,
                };
                At::Send(request, Then::Amended(needed(&seen, amend), amend))
            }
        }
    }

    /// What is to be written; none where nothing is.
    fn amended(
        &self,
        world: &World,
        (found, seen): (&Record, &Record),
        amend: Amend,
    ) -> Option<Life> {
        let mut life = found.life();
        match amend {
            Amend::AskRelease => {
                let waits = life.moving.is_some() && self.flow.releases_wait;
                if life.release || waits || life.gone {
                    return None;
                }
                life.release = true;
            }
            Amend::Gone => {
                if life.gone {
                    return None;
                }
                life.gone = true;
                life.owe();
                if life.release {
                    life.owe();
                }
            }
            Amend::Repeat | Amend::NoteAnew => {
                let moving = life.moving.as_mut()?;
                if Some(*moving) != seen.life().moving {
                    return None;
                }
                moving.call = world.next_call();
                moving.settled = false;
                moving.unanswered |= amend == Amend::Repeat;
            }
            Amend::GiveUp { .. } => {
                if life.moving != seen.life().moving {
                    return None;
                }
                life.moving.take()?;
            }
            Amend::Pay(published) => {
                if life.owed & published == 0 {
                    return None;
                }
                life.owed &= !published;
            }
        }
        Some(life)
    }

    /// After such a write.
    pub(crate) fn written(
        &self,
        world: &World,
        key: u8,
        (seen, amend): (Record, Amend),
        answer: Answer,
    ) -> At {
        let Some(found) = world.record(key) else {
            return At::Idle;
        };
        // The key has got another record since.
        if found.token != seen.token {
            return At::Idle;
        }
        match answer {
            Answer::Done => amended_to(found, amend),
            Answer::Record | Answer::Lease => {
                self.again(world, key, found, Then::Amended(seen, amend))
            }
        }
    }

    /// Somebody asks for a release, or goes on with one.
    pub(crate) fn release(&self, world: &World, key: u8) -> At {
        let Some(record) = world.record(key) else {
            return At::Idle;
        };
        if record.state != State::Allocated || !record.published || record.life().gone {
            return At::Idle;
        }
        self.again(world, key, record, Then::Amended(record, Amend::AskRelease))
    }

    /// DeleteConnection, once.
    pub(crate) fn delete(&self, world: &mut World, seen: Record) -> At {
        if let Some(id) = seen.connection() {
            world.delete(id);
        }
        At::LookForDeleted(seen)
    }

    /// A look wherever the account can see.
    pub(crate) fn look_for_deleted(&self, world: &World, key: u8, seen: Record) -> At {
        let place = seen.connection().map(|id| world.connection(id));
        match place {
            Some(Connection::Deleted(_) | Connection::Nowhere) => {
                self.again(world, key, seen, Then::Amended(seen, Amend::Gone))
            }
            Some(Connection::Living(_)) | None => At::Idle,
        }
    }

    /// Whether a place shows the connection, and as deleted.
    pub(crate) fn look_at(&self, world: &World, key: u8, place: u8) -> Option<bool> {
        let id = world.record(key)?.connection()?;
        match world.connection(id) {
            Connection::Living(at) => (at == place).then_some(false),
            Connection::Deleted(at) => (at == place).then_some(true),
            Connection::Nowhere => None,
        }
    }

    /// What no lease of the place explains was moved there. Unless that is noted already, another look comes first: the lease may
    /// have gone since the first one.
    pub(crate) fn sort(&self, world: &World, key: u8, place: u8, deleted: bool) -> At {
        let lease = world.lease(place);
        let is_held = lease.is_some_and(|lease| lease.holder == Some(key));
        let noted = lease.filter(|lease| lease.holder.is_none());
        let id = world.record(key).and_then(|record| record.connection());
        let is_noted = id.is_some() && noted.and_then(|note| note.connection) == id;
        match (deleted, is_held) {
            (false, true) => At::Idle,
            (false, false) if !is_noted && self.flow.orphans_are_confirmed => At::Confirm { place },
            (_, _) => At::Seen { place, deleted },
        }
    }

    /// What tracking makes of where it has seen the connection, after it has read the record.
    pub(crate) fn follow(&self, world: &World, key: u8, place: u8, deleted: bool) -> At {
        let Some(record) = world.record(key) else {
            return At::Idle;
        };
        if record.state != State::Allocated || !record.published {
            return At::Idle;
        }
        if deleted {
            return self.again(world, key, record, Then::Amended(record, Amend::Gone));
        }
        if record.at == place {
            return At::Idle;
        }
        match self.move_lease(world, (key, place), record) {
            At::Read => At::Idle,
            next => next,
        }
    }

    /// What a record has left to do.
    pub(crate) fn finish(&self, world: &World, key: u8) -> At {
        let Some(record) = world.record(key).filter(|record| record.indexed) else {
            return At::Idle;
        };
        let life = record.life();
        if !record.is_final() {
            return At::Idle;
        }
        if !record.published {
            return At::Publish(record.token);
        }
        if life.owed != 0 {
            return At::PublishOwed(record);
        }
        if life.moving.is_some() {
            return At::Whereabouts {
                seen: record,
                asked: true,
                had_no_effect: false,
            };
        }
        match life.release && !life.gone {
            true => At::Delete(record),
            false => At::Idle,
        }
    }

    /// The events are out; the mark says so.
    pub(crate) fn publish_owed(&self, world: &mut World, key: u8, seen: Record) -> At {
        let owed = seen.life().owed;
        if owed == 0 {
            return At::Idle;
        }
        for sequence in 0..8 {
            if owed & (1 << sequence) != 0 {
                world.tell(seen.token, sequence);
            }
        }
        self.again(world, key, seen, Then::Amended(seen, Amend::Pay(owed)))
    }
}

fn amended_to(found: Record, amend: Amend) -> At {
    let life = found.life();
    match amend {
        Amend::AskRelease if life.release && !life.gone => At::Delete(found),
        Amend::Gone => At::PublishOwed(found),
        Amend::Repeat if life.moving.is_some_and(|moving| moving.unanswered) => {
            At::Associate(found)
        }
        Amend::NoteAnew if life.moving.is_some_and(|moving| !moving.settled) => {
            At::Associate(found)
        }
        Amend::Repeat | Amend::NoteAnew => At::Read,
        Amend::AskRelease | Amend::GiveUp { .. } | Amend::Pay(_) => At::Idle,
    }
}

/// What a further try goes by, of the record as it was read.
fn needed(seen: &Record, amend: Amend) -> Record {
    let life = match amend {
        Amend::Repeat | Amend::NoteAnew | Amend::GiveUp { .. } => Some(Life {
            moving: seen.life().moving,
            ..Life::default()
        }),
        Amend::AskRelease | Amend::Gone | Amend::Pay(_) => None,
    };
    Record {
        token: seen.token,
        life,
        ..Record::BLANK
    }
}
