//! The end of everything that was made: what is known by its id is deleted, and what may have been made is looked for by
//! its name. Nothing else is touched, whatever it is called.

use std::collections::{BTreeMap, BTreeSet};

use hosted_connection::{Connection, ParentConnection};

use crate::clients::Clients;
use crate::look::is_over;
use crate::made::{Entry, Made};
use crate::session::pace;
use crate::words::{Kind, No};

/// Something that may still be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Its name.
    pub name: String,
    /// Its id, if it is known.
    pub id: Option<String>,
    /// Its VLAN.
    pub vlan: u16,
    /// Why it could not be deleted.
    pub why: String,
}

/// Deletes everything in the file, and waits for it as long as `wait_ms`. What may still be there.
pub(crate) async fn clear(
    clients: &Clients,
    made: &mut Made,
    places: &[ParentConnection],
    wait_ms: u64,
    say: &mut dyn FnMut(&str),
) -> Vec<Left> {
    let mut clearing = Clearing {
        clients,
        wait_ms,
        why: BTreeMap::new(),
        accepted: BTreeSet::new(),
        missed: BTreeMap::new(),
    };
    let began_ms = clients.clock.now_ms();
    loop {
        let is_denied = clearing.round(made, places, say).await;
        let since_ms = clients.clock.now_ms().saturating_sub(began_ms);
        if made.is_empty() || is_denied || since_ms > wait_ms {
            break;
        }
        tokio::time::sleep(pace(since_ms)).await;
    }
    let left = made
        .entries
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.is_gone);
    let left = left.map(|(call, entry)| Left {
        name: entry.name.clone(),
        id: entry.id.clone(),
        vlan: entry.vlan,
        why: clearing
            .why
            .remove(&call)
            .unwrap_or_else(|| "its call was not answered, and may still take effect".to_owned()),
    });
    left.collect()
}

struct Clearing<'r> {
    clients: &'r Clients,
    wait_ms: u64,
    /// Why a call's connection is not gone.
    why: BTreeMap<usize, String>,
    /// Calls whose connection's deletion was accepted.
    accepted: BTreeSet<usize>,
    /// Looks in a row that have not shown a call's connection.
    missed: BTreeMap<usize, u32>,
}

/// What one look at all places has shown.
struct Sight {
    connections: Vec<Connection>,
    /// How many looks in a row have to pass something over before it is not there; never if a list was not read.
    looks: Option<u32>,
}

impl Clearing<'_> {
    /// Looks once, and does what can be done. Whether AWS denies what would have to be done.
    async fn round(
        &mut self,
        made: &mut Made,
        places: &[ParentConnection],
        say: &mut dyn FnMut(&str),
    ) -> bool {
        let sight = match self.sight(places).await {
            Ok(sight) => sight,
            Err(no) => {
                for call in 0..made.entries.len() {
                    self.why
                        .insert(call, format!("the list cannot be read: {no}"));
                }
                return no.kind == Kind::Denied;
            }
        };
        let mut open = 0;
        let mut denied = 0;
        for call in 0..made.entries.len() {
            let entry = made.entries[call].clone();
            if entry.is_gone {
                continue;
            }
            open += 1;
            match self.step(call, entry, &sight, made).await {
                Step::Gone => {
                    // What is not noted is found out again.
                    let _ = made.gone(call);
                    let name = &made.entries[call].name;
                    if made.entries[call].id.is_some() {
                        say(&format!("{name} is deleted"));
                    }
                }
                Step::Wait(why) => {
                    self.why.insert(call, why);
                }
                Step::Denied(no) => {
                    denied += 1;
                    self.why
                        .insert(call, format!("AWS does not allow the deletion: {no}"));
                }
            }
        }
        open > 0 && denied == open
    }

    async fn sight(&self, places: &[ParentConnection]) -> Result<Sight, No> {
        let mut sight = Sight {
            connections: Vec::new(),
            looks: Some(1),
        };
        for (index, place) in places.iter().enumerate() {
            match self.clients.list(place.as_str()).await {
                Ok(shown) => {
                    if shown.pages > 1 {
                        sight.looks = sight.looks.map(|_| 2);
                    }
                    sight.connections.extend(shown.connections);
                }
                // A member of a LAG need not show anything.
                Err(no) if index > 0 && no.kind == Kind::Refused => {}
                Err(no) if index > 0 && no.kind != Kind::Denied => sight.looks = None,
                Err(no) => return Err(no),
            }
        }
        Ok(sight)
    }

    async fn step(
        &mut self,
        call: usize,
        mut entry: Entry,
        sight: &Sight,
        made: &mut Made,
    ) -> Step {
        if entry.id.is_none()
            && let Some(id) = by_name(&entry, sight, &made.head.before, &made.entries)
        {
            let _ = made.id(call, &id);
            entry.id = Some(id);
        }
        let Some(id) = entry.id.clone() else {
            return self.absent(call, &entry, sight);
        };
        let is_it = |one: &&Connection| one.connection_id.as_ref() == Some(&id);
        if sight.connections.iter().any(|one| is_it(&one)) {
            self.missed.remove(&call);
        }
        match sight.connections.iter().find(is_it) {
            Some(found)
                if found
                    .connection_name
                    .as_ref()
                    .is_some_and(|name| *name != entry.name) =>
            {
                Step::Wait(format!(
                    "{id} is shown under another name; it is not touched. If it is the run's, delete it yourself"
                ))
            }
            Some(found) if is_over(found) => Step::Gone,
            Some(_) => self.delete(call, &id).await,
            None if self.accepted.contains(&call) => match self.is_missing(call, sight) {
                true => Step::Gone,
                false => Step::Wait("it is not known whether it is gone".to_owned()),
            },
            None => {
                let step = self.delete(call, &id).await;
                let is_late = self.is_late(&entry);
                match step {
                    // Refused, and not shown for as long as anything takes to be shown: it is not there.
                    Step::Wait(_) if is_late && self.is_missing(call, sight) => Step::Gone,
                    step => step,
                }
            }
        }
    }

    /// Nothing of the call's name is shown.
    fn absent(&mut self, call: usize, entry: &Entry, sight: &Sight) -> Step {
        let is_missing = self.is_missing(call, sight);
        if is_missing && (entry.is_refused || self.is_late(entry)) {
            return Step::Gone;
        }
        Step::Wait("its call was not answered, and may still take effect".to_owned())
    }

    async fn delete(&mut self, call: usize, id: &str) -> Step {
        match self.clients.delete(id).await {
            Ok(()) => {
                self.accepted.insert(call);
                self.missed.remove(&call);
                Step::Wait("its deletion was accepted, and is not shown".to_owned())
            }
            Err(no) if no.kind == Kind::Denied => Step::Denied(no),
            Err(no) => Step::Wait(format!("its deletion is refused, or fails: {no}")),
        }
    }

    fn is_missing(&mut self, call: usize, sight: &Sight) -> bool {
        let missed = self.missed.entry(call).or_default();
        *missed += 1;
        sight.looks.is_some_and(|looks| *missed >= looks)
    }

    /// Whether the call was so long ago that nothing of it can still come.
    fn is_late(&self, entry: &Entry) -> bool {
        self.clients.clock.now_ms() >= entry.at_ms.saturating_add(self.wait_ms)
    }
}

enum Step {
    /// Nothing is left of the call.
    Gone,
    /// Not yet, and why.
    Wait(String),
    /// AWS does not let the caller delete it.
    Denied(No),
}

/// The connection of a call that has no id yet: the name has the run's id in it, and is given once.
fn by_name(
    entry: &Entry,
    sight: &Sight,
    before: &BTreeSet<String>,
    others: &[Entry],
) -> Option<String> {
    let is_it = |one: &&Connection| one.connection_name.as_ref() == Some(&entry.name);
    let found = sight.connections.iter().find(is_it)?;
    let id = found.connection_id.clone()?;
    let is_taken = |other: &Entry| other.id.as_ref() == Some(&id);
    (!before.contains(&id) && !others.iter().any(is_taken)).then_some(id)
}
