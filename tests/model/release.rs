//! The release of a connection, as a machine of its own: a wish on the record, Direct Connect, which deletes or refuses, and
//! lists that lag behind. It follows `shared/lifecycle/src/release.rs` by hand; what it writes, it writes by the table of transitions.

use std::sync::LazyLock;

use stateright::{Model, Property};
use transitions::{Attribute, Changing, Fact, Given, Name, State, Table, holds, play};

use crate::search::Told;
use crate::world::Age;

pub(crate) const TRUE_RELEASE: &str = "what is told as released does not live";
pub(crate) const TRUE_REFUSAL: &str = "what is told as refused is not deleted afterwards";
pub(crate) const ENDED: &str = "from anywhere, asking again and again brings it to its end";
pub(crate) const CAN_RELEASE: &str = "a connection can be released after a refusal";
pub(crate) const CAN_REFUSE: &str = "a release can be refused";

/// All that must never be otherwise.
pub(crate) const PROMISES: [&str; 3] = [TRUE_RELEASE, TRUE_REFUSAL, ENDED];

/// Assumptions and safeguards of the release.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Releasing {
    /// (a): lists show within the settle time what has happened.
    pub(crate) lists_catch_up: bool,
    /// And that time runs from when the request was sent, however late it landed.
    pub(crate) counted_from_sending: bool,
    /// (b1): a request lands within the settle time or never.
    pub(crate) requests_settle: bool,
    /// A connection that is not shown on its parent is looked for on all others.
    pub(crate) looks_everywhere: bool,
    /// A refusal counts only for a look that began after the settle time.
    pub(crate) refusal_settles: bool,
    /// A new connection that is not shown is not gone.
    pub(crate) new_ones_are_waited_for: bool,
    /// While a refusal settles, nothing is sent.
    pub(crate) asks_once: bool,
    /// What may be written, if it is not what production writes by.
    pub(crate) table: Option<&'static Table>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::default);

impl Releasing {
    pub(crate) const ALL: Self = Self {
        lists_catch_up: true,
        counted_from_sending: true,
        requests_settle: true,
        looks_everywhere: true,
        refusal_settles: true,
        new_ones_are_waited_for: true,
        asks_once: true,
        table: None,
    };
}

/// A connection, as it is or as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Connection {
    Living,
    Deleting,
    /// Not shown any more, or not yet.
    Nowhere,
}

/// What the record says of the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Hash)]
pub(crate) enum Wish {
    None,
    Wanted,
    /// Wanted, and Direct Connect refused it that long ago.
    Refused(Age),
    /// Told as refused: nothing has changed.
    Withdrawn,
    Released,
}

/// What an attempt does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Next {
    /// Send DeleteConnection, or find that a refusal is being looked into.
    Delete,
    Look(Answer),
    /// Its parent does not show it: look on the others.
    LookElsewhere(Look),
    Record(Look),
}

/// What a look was for, and what it has shown so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Look {
    answer: Answer,
    listed: Connection,
    /// Whether the settle time of an earlier refusal was over when the look began.
    settled: bool,
    /// Whether lists need not have shown the connection yet.
    is_new: bool,
}

/// How Direct Connect was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Accepted,
    Refused,
    /// It refused before, which is on the record.
    RefusedBefore,
}

/// Everything there is. One attempt at a time; what it leaves on the wire may land later.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    connection: Connection,
    listed: Connection,
    /// How long the list has been behind.
    behind: Age,
    /// Since it was allocated.
    allocated: Age,
    /// Whether it is on another parent than the record says.
    moved: bool,
    wish: Wish,
    attempt: Option<Next>,
    /// A deletion for whose answer nobody waits.
    stray: Option<Age>,
    refused_once: bool,
}

/// Whatever can happen in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// Somebody asks, or the sweeper goes on.
    Ask,
    /// The attempt's next request is answered as it should be.
    Step,
    /// Direct Connect refuses to delete.
    Refuse,
    /// It deletes, repeats that by itself, and answers with the refusal of the repetition.
    DeleteTwice,
    /// The request is on the wire, and its sender is gone.
    LeaveOnTheWire,
    /// The attempt is killed, or something cannot be read.
    Stop,
    LandStray,
    EndDeletion,
    Move,
    CatchUp,
    Tick,
}

impl Model for Releasing {
    type State = World;
    type Action = Happening;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            connection: Connection::Living,
            listed: Connection::Nowhere,
            behind: Age::NEW,
            allocated: Age::NEW,
            moved: false,
            wish: Wish::None,
            attempt: None,
            stray: None,
            refused_once: false,
        }]
    }

    fn actions(&self, world: &World, happenings: &mut Vec<Happening>) {
        happenings.extend([
            Happening::Move,
            Happening::EndDeletion,
            Happening::CatchUp,
            Happening::Tick,
            Happening::LandStray,
        ]);
        match world.attempt {
            None => happenings.push(Happening::Ask),
            Some(next) => {
                happenings.extend([Happening::Step, Happening::Stop]);
                if next == Next::Delete && self.sends(world) {
                    happenings.extend([
                        Happening::Refuse,
                        Happening::DeleteTwice,
                        Happening::LeaveOnTheWire,
                    ]);
                }
            }
        }
    }

    fn next_state(&self, world: &World, happening: Happening) -> Option<World> {
        let mut next = world.clone();
        self.happen(&mut next, happening);
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(TRUE_RELEASE, |_, world: &World| {
                world.wish != Wish::Released || world.connection != Connection::Living
            }),
            Property::always(TRUE_REFUSAL, |_, world: &World| {
                world.wish != Wish::Withdrawn || world.connection == Connection::Living
            }),
            Property::always(ENDED, ends),
            Property::sometimes(CAN_RELEASE, |_, world: &World| {
                world.wish == Wish::Released && world.refused_once
            }),
            Property::sometimes(CAN_REFUSE, |_, world: &World| world.wish == Wish::Withdrawn),
        ]
    }
}

impl Releasing {
    fn sends(&self, world: &World) -> bool {
        !(self.asks_once && matches!(world.wish, Wish::Refused(_)))
    }

    fn happen(&self, world: &mut World, happening: Happening) {
        match happening {
            Happening::Ask => {
                if matches!(world.wish, Wish::None | Wish::Withdrawn) {
                    self.write(world, Wish::Wanted);
                }
                world.attempt = (world.wish != Wish::Released).then_some(Next::Delete);
            }
            Happening::Step => self.step(world),
            Happening::Refuse => world.refuse(),
            Happening::DeleteTwice => {
                world.delete(Age::NEW);
                world.refuse();
            }
            Happening::LeaveOnTheWire => {
                world.stray = Some(Age::NEW);
                world.attempt = None;
            }
            Happening::Stop => world.attempt = None,
            Happening::LandStray => {
                if let Some(age) = world.stray.take() {
                    world.delete(if self.counted_from_sending {
                        age
                    } else {
                        Age::NEW
                    });
                }
            }
            Happening::EndDeletion => {
                if world.connection == Connection::Deleting {
                    world.becomes(Connection::Nowhere);
                }
            }
            Happening::Move => world.moved = true,
            Happening::CatchUp => world.catch_up(),
            Happening::Tick => self.tick(world),
        }
    }

    fn tick(&self, world: &mut World) {
        world.allocated.tick();
        if let Wish::Refused(age) = &mut world.wish {
            age.tick();
        }
        if let Some(age) = &mut world.stray {
            age.tick();
            if self.requests_settle && age.is_settled() {
                world.stray = None;
            }
        }
        if world.listed != world.connection {
            world.behind.tick();
            if self.lists_catch_up && world.behind.is_settled() {
                world.catch_up();
            }
        }
    }

    fn step(&self, world: &mut World) {
        let Some(next) = world.attempt else {
            return;
        };
        world.attempt = match next {
            Next::Delete if !self.sends(world) => Some(Next::Look(Answer::RefusedBefore)),
            Next::Delete => {
                world.delete(Age::NEW);
                Some(Next::Look(Answer::Accepted))
            }
            Next::Look(answer) => {
                let listed = if world.moved {
                    Connection::Nowhere
                } else {
                    world.listed
                };
                let look = Look {
                    answer,
                    listed,
                    settled: matches!(world.wish, Wish::Refused(age) if age.is_settled()),
                    is_new: !world.allocated.is_settled(),
                };
                Some(match listed {
                    Connection::Nowhere => Next::LookElsewhere(look),
                    Connection::Living | Connection::Deleting => Next::Record(look),
                })
            }
            Next::LookElsewhere(mut look) => {
                if world.moved && self.looks_everywhere {
                    look.listed = world.listed;
                }
                Some(Next::Record(look))
            }
            Next::Record(look) => {
                self.write(world, self.conclude(world.wish, look));
                None
            }
        };
    }

    /// Writes the lifecycle, by the table. The revision that was seen is the record's: there is one attempt at a time.
    fn write(&self, world: &mut World, wish: Wish) {
        let name = match wish {
            Wish::Wanted | Wish::Refused(_) => Name::FollowUnfinished,
            Wish::None | Wish::Withdrawn => Name::FollowSettled,
            Wish::Released => Name::FollowGone,
        };
        let Some(write) = self.table.unwrap_or(&TABLE)[name].record else {
            return;
        };
        // Of an order that is allocated and told.
        let found = |attribute| match attribute {
            Attribute::State => Some(Value::State(State::Allocated)),
            Attribute::Published => Some(Value::Yes),
            Attribute::Token => Some(Value::Token),
            _ => None,
        };
        let given = |given| match given {
            Given::SeenRevision => Some(Value::Zero),
            // Nobody forgets an order's record.
            Given::Token => Some(Value::Token),
            Given::Lifecycle => Some(Value::Lifecycle(wish)),
            _ => None,
        };
        if holds(write.condition, &found, &given) {
            play(&write.change, &found, &given, |_, value| {
                if let Some(Value::Lifecycle(wish)) = value {
                    world.wish = wish;
                }
            });
        }
    }

    /// What the record says after that look.
    fn conclude(&self, wish: Wish, look: Look) -> Wish {
        let is_refused = look.answer != Answer::Accepted;
        match look.listed {
            Connection::Living if is_refused && (look.settled || !self.refusal_settles) => {
                Wish::Withdrawn
            }
            Connection::Living if look.answer == Answer::Refused && wish == Wish::Wanted => {
                Wish::Refused(Age::NEW)
            }
            Connection::Nowhere if is_refused && look.is_new && self.new_ones_are_waited_for => {
                wish
            }
            Connection::Nowhere => Wish::Released,
            Connection::Living | Connection::Deleting => wish,
        }
    }
}

impl World {
    /// A deletion lands that was sent that long ago.
    fn delete(&mut self, age: Age) {
        if self.connection == Connection::Living {
            self.becomes(Connection::Deleting);
            self.behind = age;
        }
    }

    /// Lists show by now what was before, at the latest.
    fn becomes(&mut self, state: Connection) {
        self.listed = self.connection;
        self.connection = state;
        self.behind = Age::NEW;
    }

    fn catch_up(&mut self) {
        self.listed = self.connection;
        self.behind = Age::NEW;
    }

    fn refuse(&mut self) {
        self.refused_once = true;
        self.attempt = Some(Next::Look(Answer::Refused));
    }
}

/// The value of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Value {
    State(State),
    Token,
    Yes,
    Zero,
    Lifecycle(Wish),
}

impl Fact for Value {
    fn state(state: State) -> Self {
        Self::State(state)
    }

    fn yes() -> Self {
        Self::Yes
    }

    fn zero() -> Self {
        Self::Zero
    }
}

impl Changing for Value {
    // Nobody brings what would be added.
    fn plus(self, _: Self) -> Self {
        self
    }

    fn minus(self, _: Self) -> Self {
        self
    }
}

/// Nothing goes wrong any more: is there an end to it?
fn ends(releasing: &Releasing, world: &World) -> bool {
    let mut world = world.clone();
    for _ in 0..50 {
        if matches!(world.wish, Wish::None | Wish::Withdrawn | Wish::Released) {
            return true;
        }
        let happening = if world.attempt.is_some() {
            Happening::Step
        } else if world.connection == Connection::Deleting {
            Happening::EndDeletion
        } else if world.listed != world.connection {
            Happening::CatchUp
        } else if matches!(world.wish, Wish::Refused(age) if !age.is_settled())
            || !world.allocated.is_settled()
        {
            Happening::Tick
        } else {
            Happening::Ask
        };
        releasing.happen(&mut world, happening);
    }
    false
}

impl Told for World {
    fn told(&self) -> String {
        let Self {
            connection,
            listed,
            moved,
            wish,
            attempt,
            stray,
            ..
        } = self;
        let moved = if *moved { " elsewhere" } else { "" };
        format!(
            "{connection:?}{moved}, listed {listed:?} | {wish:?} | {attempt:?} | on the wire: {stray:?}"
        )
    }
}
