//! Whether everything ends by itself once nobody works on it any more and nothing goes wrong: tracking alone, again and again.

use transitions::State;

use super::Scene;
use super::ordering::MADE;
use super::placing::PLACED;
use super::world::{ACTORS, Actor, Connection, May, Role, World};

/// Steps that one of tracking's tasks takes at most.
const STEPS: usize = 12;
/// Runs of tracking.
const RUNS: usize = 5;

/// Whether it does.
pub(crate) fn ends(scene: &Scene, world: &World) -> bool {
    let mut world = World {
        actors: [None; ACTORS],
        late: None,
        call: None,
        association: None,
        may: May::default(),
        ..*world
    };
    for _ in 0..RUNS {
        Scene::settle(&mut world);
        for key in 0..2 {
            if let Some(record) = world.record(key) {
                let at = record.at;
                let role = match world.is_placed && key == PLACED {
                    true => Role::Place,
                    false => Role::Order { key, at },
                };
                run(scene, &mut world, role);
            }
            run(scene, &mut world, Role::Finish { key });
            run(scene, &mut world, Role::Follow { key });
        }
        for at in 0..2 {
            run(scene, &mut world, Role::Note { at });
        }
        if world.broken.is_none() && is_ended(&world) {
            return true;
        }
    }
    false
}

fn run(scene: &Scene, world: &mut World, role: Role) {
    world.actors[0] = Actor::new(role, 1);
    for _ in 0..STEPS {
        scene.step(world, 0);
    }
    world.actors[0] = None;
}

fn is_ended(world: &World) -> bool {
    let told = world.facts == world.told;
    let records = (0..2).all(|key| is_at_its_end(world, key));
    told && records && world.leases_are_right() && world.counts_are_right()
}

fn is_at_its_end(world: &World, key: u8) -> bool {
    let Some(record) = world.record(key) else {
        return true;
    };
    let is_of_a_person = record.state == State::Quarantined || is_away(world, record.at);
    if !record.is_final() {
        return is_of_a_person;
    }
    if record.is_unfinished() || record.indexed {
        return false;
    }
    match record.connection().map(|id| world.connection(id)) {
        Some(Connection::Living(at)) => {
            let is_taken = world
                .lease(at)
                .is_some_and(|lease| lease.holder != Some(key));
            at == record.at || is_taken
        }
        Some(Connection::Deleted(_)) => record.life().gone,
        Some(Connection::Nowhere) | None => true,
    }
}

/// An open order's connection was moved.
fn is_away(world: &World, at: u8) -> bool {
    match world.connection(MADE) {
        Connection::Living(place) => place != at && !world.is_placed,
        Connection::Deleted(_) | Connection::Nowhere => false,
    }
}
