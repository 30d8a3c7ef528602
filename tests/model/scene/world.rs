//! What a scene consists of: two places for a VLAN, what the table and Direct Connect say of them, and who is at work.

use transitions::State;

use super::Scene;
use super::items::{Lease, Moving, Policy, Record};
use super::placing::{Claim, PLACED, Passed};
use super::request::Request;

pub(crate) const ONE_RECORD: &str = "no connection has two records";
pub(crate) const ONE_LEASE: &str =
    "a record has the lease of its connection, one more while that is moved, and nobody else's";
pub(crate) const COUNTED: &str = "what is counted is what lives, is open or is kept free";
pub(crate) const ONE_CONNECTION: &str = "a key that has a connection gets no other";
pub(crate) const KEPT: &str =
    "nothing final, owed or asked for is overwritten, taken back or forgotten";
pub(crate) const TOLD_FIRST: &str = "no event counts as published that is not";
pub(crate) const BOTH_EVENTS: &str = "no event counts as paid that is not published";
pub(crate) const ONE_FACT: &str = "each fact has one event, and each event its fact";
pub(crate) const MOVED_ONCE: &str = "no move is told that was none";
pub(crate) const VLAN_KEPT: &str =
    "a VLAN on which something of ours lives, or is to be moved, is not free";
pub(crate) const STAYS: &str =
    "an order keeps its parent and VLAN while a call of it may land, or has landed";
pub(crate) const ENDED: &str =
    "from anywhere, tracking alone brings everything to its end and tells it";

/// All that must never be otherwise.
pub(crate) const PROMISES: [&str; 12] = [
    ONE_RECORD,
    ONE_LEASE,
    COUNTED,
    ONE_CONNECTION,
    KEPT,
    TOLD_FIRST,
    BOTH_EVENTS,
    ONE_FACT,
    MOVED_ONCE,
    VLAN_KEPT,
    STAYS,
    ENDED,
];

/// Tokens that are known at the same time.
const TOKENS: usize = 16;
/// Those who are at work at the same time.
pub(crate) const ACTORS: usize = 4;

/// A connection, at one of the two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Connection {
    Nowhere,
    Living(u8),
    /// Still listed, as deleted.
    Deleted(u8),
}

/// Who is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    /// Adopts what is shown at a place, under a key.
    Adopt {
        key: u8,
        home: u8,
    },
    Forget {
        key: u8,
    },
    /// A delivery of the order by place, or the sweeper with it.
    Place,
    /// A delivery of an order, or the sweeper with it.
    Order {
        key: u8,
        at: u8,
    },
    Release {
        key: u8,
    },
    Move {
        key: u8,
        to: u8,
    },
    /// Tracking, of one record's connection.
    Follow {
        key: u8,
    },
    /// Tracking, of what a record has left to do.
    Finish {
        key: u8,
    },
    /// Tracking, of the note that a connection without a record is on the VLAN.
    Note {
        at: u8,
    },
    /// A person ends a quarantine with that connection.
    ResolveAdopted {
        key: u8,
        connection: u8,
    },
    /// With a no.
    ResolveRejected {
        key: u8,
    },
}

/// What somebody does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum At {
    Idle,
    /// Reads the record once more.
    Read,
    Send(Request, Then),
    /// Publishes the first event of the record of that token.
    Publish(u8),
    /// Publishes what the record owes, as it was read.
    PublishOwed(Record),

    /// An adopter looks at the place whose leases it has read,
    Look {
        before: [Option<Lease>; 2],
    },
    /// reads those of the other place again,
    ReadElsewhere {
        before: [Option<Lease>; 2],
        shown: u8,
    },
    /// and then the records.
    Judge {
        before: [Option<Lease>; 2],
        after: Option<Lease>,
        shown: u8,
    },
    /// An adopter that was refused asks who has the lease.
    AskHolder {
        shown: u8,
    },

    /// An order's attempt calls Direct Connect,
    Call(u8),
    /// and looks at the place.
    Reconcile {
        token: u8,
        open: bool,
    },

    /// So does that of an order by place,
    PlacedCall(Claim),
    /// which looks after a refusal, and after a call that may have taken effect.
    PlacedLook {
        claim: Claim,
        was_refused: bool,
    },
    /// It has passed a parent over, and reads the record.
    PassedOver {
        token: u8,
        passed: Passed,
    },

    /// A mover looks before it begins,
    LookAround(Record),
    /// asks Direct Connect,
    Associate(Record),
    /// and looks where the connection is. Tracking does so too, and who finds a move that is open before asking once more.
    Whereabouts {
        seen: Record,
        asked: bool,
        had_no_effect: bool,
    },

    Delete(Record),
    LookForDeleted(Record),

    /// Tracking has looked at the first place, and looks at the other one,
    LookAtSecond {
        first: Option<bool>,
    },
    /// reads the leases of the one that showed the connection,
    Sort {
        place: u8,
        deleted: bool,
    },
    /// and looks once more at what no lease explains.
    Confirm {
        place: u8,
    },
    /// It has seen the connection there, or that it is deleted.
    Seen {
        place: u8,
        deleted: bool,
    },
    /// It has seen what is on the VLAN.
    Noted {
        shown: Option<u8>,
    },

    /// Who ends a quarantine has looked,
    Check(Record),
    /// and knows that nobody has the connection, which is there.
    Settle {
        seen: Record,
        place: u8,
    },
}

/// What comes of a request's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Then {
    End,
    /// The record of the request's fresh token, or of its token, owes its event.
    Tell,
    /// An adoption of what was shown.
    Adopted {
        shown: u8,
    },
    /// The stale note is gone: now the adoption.
    AdoptNow {
        shown: u8,
    },
    Claimed,
    /// The same of an order by place, which may have been set aside with that token.
    PlacedClaimed {
        parked: Option<u8>,
        passed: Passed,
    },
    PlacedTaken,
    PlacedBegun(Claim),
    PlacedRejected,
    PassedOver(Passed),
    /// An attempt goes on with a look.
    ReconcileOn,
    Begun,
    Moved(Record),
    Amended(Record, Amend),
    Resolved,
}

/// What is made of a lifecycle, and of whatever somebody else made of it meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Amend {
    AskRelease,
    Gone,
    Repeat,
    NoteAnew,
    GiveUp { keeps: bool },
    Pay(u8),
}

/// Somebody at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Actor {
    pub(crate) role: Role,
    /// How often it may still begin.
    pub(crate) runs: u8,
    pub(crate) at: At,
}

/// Everything there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct World {
    pub(crate) records: [Option<Record>; 2],
    pub(crate) leases: [Option<Lease>; 2],
    pub(crate) policies: [Policy; 2],
    /// The two places are two VLANs of one parent, and not one VLAN on two parents.
    pub(crate) is_one_parent: bool,
    /// The key 0 is an order by place, and the first connection is what it makes.
    pub(crate) is_placed: bool,
    /// The first was there before, the second is the order's, and the third is somebody else's.
    pub(crate) connections: [Connection; 3],
    pub(crate) actors: [Option<Actor>; ACTORS],
    /// A write of somebody who is gone.
    pub(crate) late: Option<Request>,
    /// An order's call that is on the wire, with what it makes and where, and a request to move the first connection.
    pub(crate) call: Option<(u8, u8)>,
    pub(crate) association: Option<u8>,
    /// What may still go wrong: a write that comes late, an answer that gets lost, a call that stays on the wire, and what a person
    /// does by hand.
    pub(crate) may: May,
    /// By token, the sequences of what is to be told, and of what was published.
    pub(crate) facts: [u8; TOKENS],
    pub(crate) told: [u8; TOKENS],
    /// Moves that took place and are not recorded.
    pub(crate) arrivals: i8,
    pub(crate) moved_by_hand: bool,
    pub(crate) forgotten: bool,
    pub(crate) broken: Option<&'static str>,
}

/// What may still happen, each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct May {
    pub(crate) be_late: bool,
    pub(crate) be_lost: bool,
    pub(crate) stay_on_wire: bool,
    pub(crate) delete: bool,
    pub(crate) move_by_hand: bool,
    /// Somebody else's connection comes.
    pub(crate) occupy: bool,
    /// The first parent has no more room.
    pub(crate) fill: bool,
    /// A parent cannot be read.
    pub(crate) be_unread: bool,
    /// Direct Connect repeats an order's call by itself.
    pub(crate) be_repeated: bool,
}

impl World {
    /// Nothing, at two places with a policy each that has room for more than is there.
    pub(crate) const EMPTY: Self = Self {
        records: [None; 2],
        leases: [None; 2],
        policies: [Policy { sold: 0, limit: 2 }; 2],
        is_one_parent: false,
        is_placed: false,
        connections: [Connection::Nowhere; 3],
        actors: [None; ACTORS],
        late: None,
        call: None,
        association: None,
        may: May {
            be_late: false,
            be_lost: false,
            stay_on_wire: false,
            delete: false,
            move_by_hand: false,
            occupy: false,
            fill: false,
            be_unread: false,
            be_repeated: false,
        },
        facts: [0; TOKENS],
        told: [0; TOKENS],
        arrivals: 0,
        moved_by_hand: false,
        forgotten: false,
        broken: None,
    };

    pub(crate) fn record(&self, key: u8) -> Option<Record> {
        self.records[usize::from(key)]
    }

    pub(crate) fn lease(&self, at: u8) -> Option<Lease> {
        self.leases[usize::from(at)]
    }

    /// The parent, as the place of its policy.
    pub(crate) fn parent_of(&self, at: u8) -> u8 {
        if self.is_one_parent { 0 } else { at }
    }

    /// What lives there.
    pub(crate) fn living_at(&self, at: u8) -> Option<u8> {
        (0..3).find(|id| self.connections[usize::from(*id)] == Connection::Living(at))
    }

    pub(crate) fn connection(&self, id: u8) -> Connection {
        self.connections[usize::from(id)]
    }

    /// The record that has the connection as its own.
    pub(crate) fn owner_of(&self, id: u8) -> Option<u8> {
        (0..2).find(|key| {
            let record = self.record(*key);
            record.and_then(|record| record.connection()) == Some(id)
        })
    }

    /// The connection gets there, unless the VLAN is taken.
    pub(crate) fn arrive(&mut self, id: u8, at: u8) -> bool {
        let lives = matches!(self.connection(id), Connection::Living(_));
        if !lives || self.living_at(at).is_some() {
            return false;
        }
        self.connections[usize::from(id)] = Connection::Living(at);
        self.arrivals += 1;
        true
    }

    /// The same, because somebody has asked for it: its VLAN is kept free there.
    pub(crate) fn arrive_as_asked(&mut self, id: u8, at: u8) -> bool {
        let is_there = self.arrive(id, at);
        let holder = self.lease(at).and_then(|lease| lease.holder);
        // What is moved by hand at the same time may come back when nobody expects it any more.
        if is_there && !self.moved_by_hand && holder != self.owner_of(id) {
            self.broken = Some(VLAN_KEPT);
        }
        is_there
    }

    pub(crate) fn delete(&mut self, id: u8) {
        if let Connection::Living(at) = self.connection(id) {
            self.connections[usize::from(id)] = Connection::Deleted(at);
        }
    }

    /// Something happened that has to be told.
    pub(crate) fn fact(&mut self, token: u8, sequence: u8) {
        let facts = &mut self.facts[usize::from(token)];
        if *facts & (1 << sequence) != 0 {
            self.broken = Some(ONE_FACT);
        }
        *facts |= 1 << sequence;
    }

    /// An event goes out.
    pub(crate) fn tell(&mut self, token: u8, sequence: u8) {
        if self.facts[usize::from(token)] & (1 << sequence) == 0 {
            self.broken = Some(ONE_FACT);
        }
        self.told[usize::from(token)] |= 1 << sequence;
    }

    pub(crate) fn is_told(&self, token: u8, sequence: u8) -> bool {
        self.told[usize::from(token)] & (1 << sequence) != 0
    }

    /// A token that nobody has.
    pub(crate) fn fresh(&self) -> u8 {
        let used = self.used();
        let free = (1..TOKENS).find(|token| used & (1 << token) == 0);
        free.and_then(|token| u8::try_from(token).ok())
            .unwrap_or_default()
    }

    /// The tokens that somebody knows, each a bit.
    fn used(&self) -> u32 {
        let mut used = 0_u32;
        let mut add = |token: u8| used |= 1 << token;
        self.records.iter().flatten().for_each(|one| add(one.token));
        let sent = self
            .actors
            .iter()
            .flatten()
            .filter_map(|actor| actor.at.sent());
        for request in sent.chain(self.late) {
            add(request.token);
            add(request.fresh);
        }
        for actor in self.actors.iter().flatten() {
            if let Some(token) = actor.at.token() {
                add(token);
            }
        }
        used
    }

    /// Forgets what nothing depends on any more, and sorts those who do the same.
    pub(crate) fn tidy(&mut self) {
        let used = self.used();
        for token in 0..TOKENS {
            if used & (1 << token) == 0 {
                if self.facts[token] & !self.told[token] != 0 {
                    self.broken = Some(ONE_FACT);
                }
                (self.facts[token], self.told[token]) = (0, 0);
            }
        }
        let done = |actor: &Actor| actor.at == At::Idle && actor.runs == 0;
        for actor in &mut self.actors {
            actor.take_if(|actor| done(actor));
        }
        self.actors.sort_unstable();
    }

    /// What the key is to hold: a place for its connection, and one where that is to go.
    fn expected(&self, key: u8) -> [bool; 2] {
        let mut expected = [false; 2];
        let Some(record) = self.record(key) else {
            return expected;
        };
        let is_open = !record.is_final();
        let lives = record.state == State::Allocated && !record.life().gone;
        if is_open || lives {
            expected[usize::from(record.at)] = record.has_vlan;
        }
        if let Some(moving) = record.life().moving {
            expected[usize::from(moving.to)] = true;
        }
        expected
    }

    pub(crate) fn has_one_record_each(&self) -> bool {
        let [one, other] = [0, 1].map(|key| self.record(key).and_then(|one| one.connection()));
        one.is_none() || one != other
    }

    pub(crate) fn leases_are_right(&self) -> bool {
        (0..2).all(|key| {
            let holds = self.leases.map(|lease| {
                let holder = lease.and_then(|lease| lease.holder);
                holder == Some(key)
            });
            holds == self.expected(key)
        })
    }

    pub(crate) fn counts_are_right(&self) -> bool {
        (0..2).all(|place| {
            let here = (0..2).filter(|at| self.parent_of(*at) == place);
            let counted: i8 = here
                .map(|at| i8::from(self.lease(at).is_some_and(|lease| lease.counted)))
                .sum();
            self.policies[usize::from(place)].sold == counted
        })
    }

    /// Where a connection that an order may have made lives, its VLAN is leased: to a record, or as nobody's.
    pub(crate) fn keeps_vlans(&self) -> bool {
        (0..2).all(|at| {
            let is_placed = |id: u8| self.is_placed && id == PLACED;
            let is_ours = |id: u8| id == 1 || is_placed(id) || self.owner_of(id).is_some();
            let lives = self.living_at(at).is_some_and(is_ours);
            !lives || self.lease(at).is_some() || self.arrivals > 0
        })
    }
}

impl At {
    /// The request that is on its way.
    pub(crate) fn sent(&self) -> Option<Request> {
        match self {
            Self::Send(request, _) => Some(*request),
            _ => None,
        }
    }

    fn token(&self) -> Option<u8> {
        match self {
            Self::Publish(token) | Self::Call(token) => Some(*token),
            Self::Reconcile { token, .. } | Self::PassedOver { token, .. } => Some(*token),
            Self::PlacedCall(claim) | Self::PlacedLook { claim, .. } => Some(claim.token),
            Self::PublishOwed(seen)
            | Self::LookAround(seen)
            | Self::Associate(seen)
            | Self::Whereabouts { seen, .. }
            | Self::Delete(seen)
            | Self::LookForDeleted(seen)
            | Self::Check(seen)
            | Self::Settle { seen, .. } => Some(seen.token),
            _ => None,
        }
    }
}

impl Actor {
    pub(crate) const fn new(role: Role, runs: u8) -> Option<Self> {
        Some(Self {
            role,
            runs,
            at: At::Idle,
        })
    }
}

impl Scene {
    /// The settle times of all calls are over, for every copy too that somebody has read.
    pub(crate) fn settle(world: &mut World) {
        world.visit(&mut |record| record.settled = true, &mut |moving| {
            moving.settled = true;
        });
    }
}

impl World {
    /// A number that no call to move a connection has.
    pub(crate) fn next_call(&self) -> u8 {
        let mut latest = 0;
        let mut copy = *self;
        copy.visit(&mut |_| {}, &mut |moving| latest = latest.max(moving.call));
        latest + 1
    }

    /// Every record and every move that is written or that somebody has read.
    fn visit(&mut self, record: &mut dyn FnMut(&mut Record), moving: &mut dyn FnMut(&mut Moving)) {
        let mut both = |one: &mut Record| {
            record(one);
            if let Some(open) = one.life.as_mut().and_then(|life| life.moving.as_mut()) {
                moving(open);
            }
        };
        self.records.iter_mut().flatten().for_each(&mut both);
        for actor in self.actors.iter_mut().flatten() {
            if let Some(seen) = actor.at.seen_mut() {
                both(seen);
            }
        }
        let sent = self.actors.iter_mut().flatten();
        let sent = sent.filter_map(|actor| actor.at.sent_mut());
        for request in sent.chain(self.late.iter_mut()) {
            if let Some(open) = request.life.as_mut().and_then(|life| life.moving.as_mut()) {
                moving(open);
            }
        }
    }
}

impl At {
    fn sent_mut(&mut self) -> Option<&mut Request> {
        match self {
            Self::Send(request, _) => Some(request),
            _ => None,
        }
    }

    /// The record that was read.
    fn seen_mut(&mut self) -> Option<&mut Record> {
        match self {
            Self::Send(_, Then::Moved(seen) | Then::Amended(seen, _))
            | Self::PublishOwed(seen)
            | Self::LookAround(seen)
            | Self::Associate(seen)
            | Self::Whereabouts { seen, .. }
            | Self::Delete(seen)
            | Self::LookForDeleted(seen)
            | Self::Check(seen)
            | Self::Settle { seen, .. } => Some(seen),
            _ => None,
        }
    }
}
