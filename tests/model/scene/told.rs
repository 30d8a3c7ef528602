//! A scene in a line, for who reads how something broke.

use std::fmt::Write;

use super::world::World;
use crate::search::Told;

impl Told for World {
    fn told(&self) -> String {
        let mut line = String::new();
        for (key, record) in self.records.iter().enumerate() {
            if let Some(record) = record {
                let life = record.life();
                let _ = write!(
                    line,
                    "{key}: {:?} at {} ({}), connection {:?}, token {}, published {}, indexed {}, revision {}, {life:?} | ",
                    record.state,
                    record.at,
                    if record.has_vlan { "leased" } else { "no VLAN" },
                    record.outcome,
                    record.token,
                    record.published,
                    record.indexed,
                    record.revision(),
                );
            }
        }
        for (at, lease) in self.leases.iter().enumerate() {
            if let Some(lease) = lease {
                let _ = write!(
                    line,
                    "lease {at}: {:?} of {:?}, counted {} | ",
                    lease.connection, lease.holder, lease.counted
                );
            }
        }
        let sold = self.policies.map(|policy| policy.sold);
        let _ = write!(line, "sold {sold:?} | {:?} | ", self.connections);
        for actor in self.actors.iter().flatten() {
            let _ = write!(line, "{:?}: {:?} | ", actor.role, actor.at);
        }
        if let Some(late) = self.late {
            let _ = write!(line, "late: {:?} | ", late.name);
        }
        if let Some(broken) = self.broken {
            let _ = write!(line, "BROKEN: {broken}");
        }
        line
    }
}
