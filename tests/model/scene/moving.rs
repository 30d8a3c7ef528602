//! Moving a connection because a person says so, after `shared/lifecycle/src/mover.rs` and `moving.rs`.

use transitions::{LeaseWrite, Name, PolicyWrite, State};

use super::Scene;
use super::adopting::over;
use super::items::{Life, Moving, Record};
use super::request::{Answer, OnLease, Request};
use super::world::{Amend, At, Connection, Then, World};

impl Scene {
    /// Reads the record.
    pub(crate) fn mover(&self, world: &World, (key, to): (u8, u8)) -> At {
        let Some(record) = world.record(key) else {
            return At::Idle;
        };
        let life = record.life();
        let is_released = life.release && self.flow.released_stay;
        if record.state != State::Allocated || !record.published || life.gone || is_released {
            return At::Idle;
        }
        match life.moving {
            None if record.at == to => At::PublishOwed(record),
            None => At::LookAround(record),
            Some(_) => At::Whereabouts {
                seen: record,
                asked: false,
                had_no_effect: false,
            },
        }
    }

    /// Where the connection is, and what is on its VLAN there.
    pub(crate) fn look_around(&self, world: &World, (key, to): (u8, u8), seen: Record) -> At {
        let Some(id) = seen.connection() else {
            return At::Idle;
        };
        match world.connection(id) {
            Connection::Living(at) if at == to => self.move_lease(world, (key, to), seen),
            Connection::Living(_) if world.living_at(to).is_none() => {
                let mut life = seen.life();
                life.moving = Some(Moving {
                    to,
                    call: world.next_call(),
                    settled: false,
                    unanswered: false,
                });
                let request = Request {
                    life: Some(life),
                    ..Request::on(Name::BeginMove, key, &seen)
                };
                let lease = OnLease {
                    at: to,
                    write: LeaseWrite::Reserve,
                    connection: None,
                    counted: true,
                };
                let parent = world.parent_of(to);
                let request = request.with(lease).counting(parent, PolicyWrite::Sell, 1);
                At::Send(request, Then::Begun)
            }
            Connection::Living(_) | Connection::Deleted(_) | Connection::Nowhere => At::Idle,
        }
    }

    pub(crate) fn begun(&self, world: &World, key: u8, answer: Answer) -> At {
        match (answer, world.record(key)) {
            (Answer::Done, Some(record)) => At::Associate(record),
            (Answer::Record, Some(_)) => At::Read,
            (_, _) => At::Idle,
        }
    }

    /// Direct Connect takes the request to move it, or refuses because the VLAN is taken there. A call that is not sent soon after it
    /// was noted is noted anew.
    pub(crate) fn associate(&self, world: &mut World, key: u8, seen: Record) -> At {
        let is_late = seen.life().moving.is_some_and(|moving| moving.settled);
        if is_late && self.flow.late_calls_are_noted {
            return self.again(world, key, seen, Then::Amended(seen, Amend::NoteAnew));
        }
        let moving = seen.life().moving.zip(seen.connection());
        let is_there = moving.is_some_and(|(moving, id)| {
            world.arrive_as_asked(id, moving.to)
                || world.connection(id) == Connection::Living(moving.to)
        });
        self.associated(seen, !is_there)
    }

    /// It was refused, or there is no answer.
    pub(crate) fn associated(&self, seen: Record, was_refused: bool) -> At {
        let unanswered = seen.life().moving.is_some_and(|moving| moving.unanswered);
        At::Whereabouts {
            seen,
            asked: true,
            had_no_effect: was_refused && !(unanswered && self.flow.unanswered_stay_open),
        }
    }

    /// Ends an open move as far as a look tells.
    pub(crate) fn end_move(
        &self,
        world: &World,
        (key, asks): (u8, bool),
        seen: Record,
        had_no_effect: bool,
    ) -> At {
        let (Some(moving), Some(id)) = (seen.life().moving, seen.connection()) else {
            return At::Idle;
        };
        let given_up = Then::Amended(seen, Amend::GiveUp { keeps: false });
        let give_up = || self.again(world, key, seen, given_up);
        if seen.life().gone {
            return give_up();
        }
        let is_settled = moving.settled || !self.flow.moves_settle;
        match world.connection(id) {
            Connection::Living(at) if at == moving.to => {
                self.move_lease(world, (key, moving.to), seen)
            }
            Connection::Living(_) | Connection::Nowhere if !had_no_effect && !is_settled => {
                match asks {
                    true => self.again(world, key, seen, Then::Amended(seen, Amend::Repeat)),
                    false => At::Idle,
                }
            }
            Connection::Living(_) | Connection::Nowhere | Connection::Deleted(_) => give_up(),
        }
    }

    /// The lease goes along.
    pub(crate) fn move_lease(&self, world: &World, (key, to): (u8, u8), seen: Record) -> At {
        let Some(life) = moved(&seen, to) else {
            return At::Read;
        };
        let Some(id) = seen.connection() else {
            return At::Idle;
        };
        let there = world.lease(to);
        let write = match there {
            Some(lease) if lease.holder == Some(key) => LeaseWrite::Arrive,
            _ => match over(id, there) {
                Some(write) => write,
                // The VLAN is another order's.
                None => return self.taken(world, key, seen),
            },
        };
        let is_new = matches!(write, LeaseWrite::MoveIn | LeaseWrite::MoveInOverUncounted);
        let request = Request {
            life: Some(life),
            at: to,
            ..Request::on(Name::Move, key, &seen)
        };
        let request = request.with(OnLease {
            at: to,
            write,
            connection: Some(id),
            counted: true,
        });
        let request = match is_new {
            true => request.counting(world.parent_of(to), PolicyWrite::Count, 1),
            false => request,
        };
        At::Send(request.free(world, seen.at), Then::Moved(seen))
    }

    fn taken(&self, world: &World, key: u8, seen: Record) -> At {
        match seen.life().moving {
            None => At::Idle,
            Some(_) => {
                let then = Then::Amended(seen, Amend::GiveUp { keeps: true });
                self.again(world, key, seen, then)
            }
        }
    }

    pub(crate) fn moved(&self, world: &World, key: u8, seen: Record, answer: Answer) -> At {
        match (answer, world.record(key)) {
            (Answer::Done, Some(record)) => At::PublishOwed(record),
            // Looked at anew, by what was read of the record.
            (Answer::Lease, _) => {
                let id = seen.connection();
                let place = id.map(|id| world.connection(id));
                match place {
                    Some(Connection::Living(at)) if at != seen.at => {
                        self.move_lease(world, (key, at), seen)
                    }
                    _ => At::Idle,
                }
            }
            (Answer::Record, Some(_)) => At::Read,
            (_, None) => At::Idle,
        }
    }
}

/// The connection is there now, because somebody has moved it.
fn moved(seen: &Record, to: u8) -> Option<Life> {
    let mut life = seen.life();
    // With two places a move that is open is always the one to the other place.
    let ends_it = life.moving.is_none_or(|moving| moving.to == to);
    if life.gone || !ends_it || seen.at == to {
        return None;
    }
    life.moving = None;
    life.owe();
    Some(life)
}
