//! How the scenes begin.

use transitions::{Name, State};

use super::items::{Item, Lease, Policy, Record};
use super::ordering::MADE;
use super::request::Request;
use super::world::{Actor, Connection, May, Role, World};

/// How a scene may begin.
pub(crate) type Begins = fn() -> Vec<World>;

/// The scenes, each with who is in it.
pub(crate) const SCENES: [(&str, Begins); 21] = [
    ("two adopters, one key", two_adopters),
    ("two adopters, two keys, beside tracking", two_keys),
    (
        "an adopter beside an order on the VLAN",
        adopter_beside_order,
    ),
    (
        "an adopter beside an order with its key",
        adopter_beside_its_order,
    ),
    (
        "an adopter beside a deletion by hand",
        adopter_beside_deletion,
    ),
    ("an adopter beside a release", adopter_beside_release),
    ("forgotten and adopted again", forgotten_and_adopted_again),
    ("a move beside a release", move_beside_release),
    (
        "a move beside an order on the VLAN there",
        move_beside_order,
    ),
    ("two moves to one place", two_moves),
    ("two moves to two places", there_and_back),
    (
        "a move by hand beside a move by command",
        by_hand_beside_command,
    ),
    (
        "a move by hand beside an order on the VLAN there",
        by_hand_beside_order,
    ),
    ("an adopter beside a move", adopter_beside_move),
    (
        "an adopter beside an open order's move by hand",
        adopter_beside_open_order,
    ),
    ("a quarantine that two people end", quarantine),
    (
        "a quarantine ended beside an adopter and an order",
        quarantine_beside_adopter,
    ),
    (
        "a lease that tracking counts while it is written",
        counted_meanwhile,
    ),
    (
        "an order by place beside an order on the first parent",
        placed_beside_order,
    ),
    ("two deliveries of an order by place", two_placed),
    (
        "an order by place whose call has no answer",
        placed_unanswered,
    ),
];

const THERE: World = World {
    connections: [
        Connection::Living(0),
        Connection::Nowhere,
        Connection::Nowhere,
    ],
    ..World::EMPTY
};

fn with(world: World, actors: [Option<Actor>; 4]) -> World {
    World { actors, ..world }
}

fn may(world: World, may: May) -> World {
    World { may, ..world }
}

/// A record that has the first connection, and is told.
fn known(world: World, key: u8, adopted: bool) -> World {
    let mut world = world;
    world.records[usize::from(key)] = Some(Record {
        state: State::Allocated,
        token: 1,
        has_vlan: true,
        adopted,
        outcome: Some(0),
        published: true,
        settled: true,
        ..Record::BLANK
    });
    world.leases[0] = Some(Lease {
        holder: Some(key),
        connection: Some(0),
        counted: true,
    });
    world.policies[0].sold = 1;
    (world.facts[1], world.told[1]) = (1, 1);
    world
}

/// The same, from before there was a policy.
fn uncounted(world: World) -> World {
    let mut world = world;
    if let Some(lease) = &mut world.leases[0] {
        lease.counted = false;
    }
    world.policies[0].sold = 0;
    world
}

/// The first connection as it may be noted: not at all, not counted, counted, or with another one's note.
fn noted() -> Vec<World> {
    let note = |connection, counted| {
        let mut world = THERE;
        world.leases[0] = Some(Lease {
            holder: None,
            connection: Some(connection),
            counted,
        });
        world.policies[0].sold = i8::from(counted);
        world
    };
    vec![
        THERE,
        note(0, false),
        note(0, true),
        note(1, false),
        note(1, true),
    ]
}

const LATE: May = May {
    be_late: true,
    be_lost: true,
    ..NOTHING
};
const NOTHING: May = World::EMPTY.may;
const ON_WIRE: May = May {
    stay_on_wire: true,
    ..NOTHING
};
const DELETED: May = May {
    be_lost: true,
    delete: true,
    stay_on_wire: false,
    ..ON_WIRE
};
const BY_HAND: May = May {
    move_by_hand: true,
    ..ON_WIRE
};

fn two_adopters() -> Vec<World> {
    let adopter = Actor::new(Role::Adopt { key: 1, home: 0 }, 2);
    let one = |world| may(with(world, [adopter, adopter, None, None]), LATE);
    noted().into_iter().map(one).collect()
}

fn two_keys() -> Vec<World> {
    let adopter = |key| Actor::new(Role::Adopt { key, home: 0 }, 1);
    let note = Actor::new(Role::Note { at: 0 }, 2);
    let one = |world| {
        may(
            with(world, [adopter(0), adopter(1), note, None]),
            May {
                be_lost: false,
                ..LATE
            },
        )
    };
    noted().into_iter().map(one).collect()
}

fn adopter_beside_order() -> Vec<World> {
    let adopter = Actor::new(Role::Adopt { key: 1, home: 0 }, 1);
    let order = Actor::new(Role::Order { key: 0, at: 0 }, 2);
    let note = Actor::new(Role::Note { at: 0 }, 1);
    let one = |world| {
        may(
            with(world, [adopter, order, note, None]),
            May {
                be_lost: false,
                stay_on_wire: true,
                ..DELETED
            },
        )
    };
    vec![one(THERE), one(World::EMPTY)]
}

fn adopter_beside_its_order() -> Vec<World> {
    let adopter = Actor::new(Role::Adopt { key: 0, home: 0 }, 2);
    let order = Actor::new(Role::Order { key: 0, at: 0 }, 2);
    let one = |world| may(with(world, [adopter, order, None, None]), LATE);
    vec![one(THERE), one(World::EMPTY)]
}

fn adopter_beside_deletion() -> Vec<World> {
    let adopter = Actor::new(Role::Adopt { key: 1, home: 0 }, 2);
    let follow = Actor::new(Role::Follow { key: 1 }, 1);
    let note = Actor::new(Role::Note { at: 0 }, 1);
    let finish = Actor::new(Role::Finish { key: 1 }, 1);
    let one = |world| may(with(world, [adopter, follow, note, finish]), DELETED);
    noted().into_iter().map(one).collect()
}

fn adopter_beside_release() -> Vec<World> {
    let adopter = Actor::new(Role::Adopt { key: 1, home: 0 }, 1);
    let release = |key| Actor::new(Role::Release { key }, 2);
    let finish = |key| Actor::new(Role::Finish { key }, 1);
    let forget = Actor::new(Role::Forget { key: 1 }, 1);
    let own = with(THERE, [adopter, release(1), finish(1), forget]);
    // Somebody else's order made it, and releases it.
    let others = with(
        known(THERE, 0, false),
        [adopter, release(0), finish(0), None],
    );
    vec![may(own, May::default()), may(others, LATE)]
}

fn forgotten_and_adopted_again() -> Vec<World> {
    let adopter = Actor::new(Role::Adopt { key: 1, home: 0 }, 2);
    let forget = Actor::new(Role::Forget { key: 1 }, 2);
    let finish = Actor::new(Role::Finish { key: 1 }, 1);
    // A put that is repeated after its record was forgotten is left out: DynamoDB knows the repetition by its token.
    let late = May {
        be_lost: false,
        ..LATE
    };
    let once = Actor::new(Role::Forget { key: 1 }, 1);
    let release = Actor::new(Role::Release { key: 1 }, 1);
    vec![
        may(with(THERE, [adopter, forget, finish, None]), late),
        may(with(THERE, [adopter, once, release, None]), late),
    ]
}

fn move_beside_release() -> Vec<World> {
    let mover = Actor::new(Role::Move { key: 0, to: 1 }, 2);
    let release = Actor::new(Role::Release { key: 0 }, 1);
    let finish = Actor::new(Role::Finish { key: 0 }, 1);
    let world = known(THERE, 0, false);
    vec![may(with(world, [mover, release, finish, None]), ON_WIRE)]
}

fn move_beside_order() -> Vec<World> {
    let mover = Actor::new(Role::Move { key: 0, to: 1 }, 2);
    let order = Actor::new(Role::Order { key: 1, at: 1 }, 1);
    let finish = Actor::new(Role::Finish { key: 0 }, 1);
    let world = known(THERE, 0, false);
    vec![may(with(world, [mover, order, finish, None]), ON_WIRE)]
}

fn two_moves() -> Vec<World> {
    let mover = Actor::new(Role::Move { key: 0, to: 1 }, 1);
    let finish = Actor::new(Role::Finish { key: 0 }, 1);
    let world = known(THERE, 0, false);
    let late = May {
        be_late: true,
        be_lost: true,
        ..ON_WIRE
    };
    vec![
        may(with(world, [mover, mover, finish, None]), ON_WIRE),
        may(with(world, [mover, mover, None, None]), late),
    ]
}

fn there_and_back() -> Vec<World> {
    let mover = |to| Actor::new(Role::Move { key: 0, to }, 1);
    let world = known(THERE, 0, false);
    vec![may(
        with(world, [mover(1), mover(0), None, None]),
        May {
            be_late: true,
            ..ON_WIRE
        },
    )]
}

fn by_hand_beside_command() -> Vec<World> {
    let mover = Actor::new(Role::Move { key: 0, to: 1 }, 1);
    let follow = Actor::new(Role::Follow { key: 0 }, 2);
    let finish = Actor::new(Role::Finish { key: 0 }, 1);
    let world = known(THERE, 0, false);
    vec![may(with(world, [mover, follow, finish, None]), BY_HAND)]
}

fn by_hand_beside_order() -> Vec<World> {
    let order = Actor::new(Role::Order { key: 1, at: 1 }, 1);
    let follow = Actor::new(Role::Follow { key: 0 }, 2);
    let note = Actor::new(Role::Note { at: 1 }, 1);
    let finish = Actor::new(Role::Finish { key: 0 }, 1);
    let world = known(THERE, 0, false);
    vec![may(with(world, [order, follow, note, finish]), BY_HAND)]
}

fn adopter_beside_move() -> Vec<World> {
    let adopter = Actor::new(Role::Adopt { key: 1, home: 1 }, 1);
    let follow = Actor::new(Role::Follow { key: 0 }, 1);
    let note = Actor::new(Role::Note { at: 1 }, 1);
    let mover = Actor::new(Role::Move { key: 0, to: 1 }, 1);
    let world = known(THERE, 0, false);
    vec![
        may(with(world, [adopter, follow, note, None]), BY_HAND),
        may(with(world, [adopter, mover, note, None]), ON_WIRE),
    ]
}

fn adopter_beside_open_order() -> Vec<World> {
    let adopter = Actor::new(Role::Adopt { key: 1, home: 1 }, 1);
    let order = Actor::new(Role::Order { key: 0, at: 0 }, 1);
    vec![may(
        with(World::EMPTY, [adopter, order, None, None]),
        BY_HAND,
    )]
}

/// An order on the first of two VLANs of a parent, which Direct Connect has answered with a connection on one of them.
fn quarantined(at: u8) -> World {
    let mut world = World {
        is_one_parent: true,
        connections: [
            Connection::Living(at),
            Connection::Nowhere,
            Connection::Nowhere,
        ],
        policies: [Policy { sold: 1, limit: 2 }; 2],
        ..World::EMPTY
    };
    world.policies[1].sold = 0;
    world.records[0] = Some(Record {
        state: State::Quarantined,
        token: 1,
        has_vlan: true,
        indexed: true,
        outcome: Some(0),
        ..Record::BLANK
    });
    world.leases[0] = Some(Lease {
        holder: Some(0),
        connection: None,
        counted: true,
    });
    world
}

/// Tracking counts a lease from before the policy while it goes, or is kept.
fn counted_meanwhile() -> Vec<World> {
    let follow = Actor::new(Role::Follow { key: 0 }, 2);
    let note = Actor::new(Role::Note { at: 0 }, 1);
    let adopt = Actor::new(
        Role::ResolveAdopted {
            key: 0,
            connection: 0,
        },
        1,
    );
    let reject = Actor::new(Role::ResolveRejected { key: 0 }, 1);
    let followed = with(
        uncounted(known(THERE, 0, false)),
        [follow, note, None, None],
    );
    let orphan = with(noted()[1], [note, note, None, None]);
    let mut worlds = vec![
        may(followed, DELETED),
        may(followed, BY_HAND),
        may(orphan, DELETED),
    ];
    for at in [0, 1] {
        let world = uncounted(quarantined(at));
        worlds.push(with(world, [adopt, reject, note, None]));
    }
    worlds
}

fn quarantine() -> Vec<World> {
    let adopt = Actor::new(
        Role::ResolveAdopted {
            key: 0,
            connection: 0,
        },
        2,
    );
    let reject = Actor::new(Role::ResolveRejected { key: 0 }, 2);
    let mut worlds = Vec::new();
    for at in [0, 1] {
        let world = may(with(quarantined(at), [adopt, reject, None, None]), LATE);
        worlds.push(world);
        // A write of the attempt comes late.
        for name in [
            Name::Quarantine,
            Name::RecordAllocated,
            Name::RecordRejected,
        ] {
            let late = world.records[0].map(|record| Request::on(name, 0, &record));
            worlds.push(World { late, ..world });
        }
    }
    // A call may still land on the order's VLAN: whoever frees that has to know.
    for alone in [reject, adopt] {
        let alone = may(with(quarantined(1), [alone, None, None, None]), LATE);
        worlds.push(World {
            call: Some((MADE, 0)),
            ..alone
        });
    }
    worlds
}

fn quarantine_beside_adopter() -> Vec<World> {
    let adopt = Actor::new(
        Role::ResolveAdopted {
            key: 0,
            connection: 0,
        },
        1,
    );
    let adopter = |home| Actor::new(Role::Adopt { key: 1, home }, 1);
    let order = Actor::new(Role::Order { key: 1, at: 1 }, 1);
    let note = Actor::new(Role::Note { at: 1 }, 2);
    let reject = Actor::new(Role::ResolveRejected { key: 0 }, 1);
    vec![
        may(with(quarantined(1), [adopt, adopter(1), note, None]), LATE),
        may(
            with(quarantined(0), [adopt, adopter(0), reject, None]),
            LATE,
        ),
        may(
            with(quarantined(1), [adopt, order, note, None]),
            May::default(),
        ),
    ]
}

/// An order by place may go to either parent.
const PLACED: World = World {
    is_placed: true,
    ..World::EMPTY
};

/// Each of them goes wrong in another world, so that each can be searched to its end.
fn placed_beside_order() -> Vec<World> {
    let place = Actor::new(Role::Place, 1);
    let order = Actor::new(Role::Order { key: 1, at: 0 }, 1);
    let world = with(PLACED, [place, order, None, None]);
    let late = May {
        be_late: true,
        ..NOTHING
    };
    let lost = May {
        be_lost: true,
        occupy: true,
        ..NOTHING
    };
    let filling = May {
        fill: true,
        be_unread: true,
        be_repeated: true,
        ..NOTHING
    };
    [late, lost, filling].map(|wrong| may(world, wrong)).into()
}

fn two_placed() -> Vec<World> {
    let place = Actor::new(Role::Place, 1);
    let world = with(PLACED, [place, place, None, None]);
    let filling = May {
        fill: true,
        be_unread: true,
        ..NOTHING
    };
    vec![may(world, filling)]
}

fn placed_unanswered() -> Vec<World> {
    let place = |runs| Actor::new(Role::Place, runs);
    let late = May {
        be_late: true,
        ..NOTHING
    };
    vec![
        may(with(PLACED, [place(1), place(1), None, None]), ON_WIRE),
        may(with(PLACED, [place(2), None, None, None]), late),
    ]
}
