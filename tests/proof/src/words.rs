//! What violations show, as people write it.

use std::{fmt::Display, time::Duration};

use local_cloud::HostedConnection;

const DAY_S: u64 = 24 * 60 * 60;

/// All of them, or that there is none.
pub(crate) fn listed(all: impl IntoIterator<Item = impl Display>) -> String {
    let all: Vec<_> = all.into_iter().map(|one| one.to_string()).collect();
    match all.is_empty() {
        true => "none".to_owned(),
        false => all.join(", "),
    }
}

/// VLANs, each with its parent.
pub(crate) fn places(places: &[(String, u16)]) -> String {
    listed(
        places
            .iter()
            .map(|(parent, vlan)| format!("VLAN {vlan} of {parent}")),
    )
}

/// Connections, each with its place and state.
pub(crate) fn connections(connections: &[HostedConnection]) -> String {
    listed(connections.iter().map(|one| {
        let (id, vlan, parent, state) = (&one.id, one.vlan, &one.parent, &one.state);
        format!("{id} ({state}) on VLAN {vlan} of {parent}")
    }))
}

/// A time after the answer.
pub(crate) fn later(wait: Duration) -> String {
    match wait.as_secs() {
        0 => "at once".to_owned(),
        seconds => format!("{} days later", seconds / DAY_S),
    }
}
