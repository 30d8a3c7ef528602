//! What is to become of one connection: adopted, known already, or refused for a reason. Pure.

use std::collections::BTreeMap;

use allocation::{is_living, vlan_of};
use hosted_connection::{
    AllocationRequest, Connection, IdempotencyKey, Order, OwnerAccount, ParentConnection, Vlan,
};
use ledger::{Lease, Record};
use serde_json::json;

use crate::survey::Survey;

/// What is to become of it.
pub(crate) enum Verdict {
    /// It gets a record.
    Adopt(Box<Wish>),
    /// It has one already, with this key.
    Known(Box<Record>),
    /// Another key's record has it.
    KnownAs(IdempotencyKey),
    /// No, for this reason.
    Refused(String),
}

/// What is to be written for a connection.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) order: Order,
    pub(crate) connection: Connection,
    pub(crate) vlan: Vlan,
    /// Its VLAN's lease at home as it was seen.
    pub(crate) lease: Claimable,
}

/// A VLAN's lease that stands in nobody's way.
#[derive(Debug, Clone)]
pub(crate) enum Claimable {
    /// There is none, or a note of this very connection.
    As(Option<Lease>),
    /// A note of a connection that is gone, or one that says something else of this connection: dropped first.
    Stale(Lease),
}

impl Survey {
    /// What is to become of the connection `id`, which is to be known as `key`.
    pub(crate) fn judge(&self, id: &str, key: &IdempotencyKey) -> Verdict {
        let refused = |reason: String| Verdict::Refused(reason);
        let Some(connection) = self.of_id(id) else {
            return refused(self.not_shown());
        };
        if !is_living(connection) {
            let state = connection.connection_state.as_deref().unwrap_or_default();
            return refused(format!("the connection is {state}"));
        }
        if let Some(record) = self.records.get(key) {
            return by_key(record, id);
        }
        let (vlan, request) = match request(&self.parent, connection) {
            Ok(request) => request,
            Err(reason) => return refused(reason),
        };
        if self.unreadable.contains(&vlan) {
            return refused(format!(
                "the lease of VLAN {} cannot be read; `operator doctor` says more",
                vlan.get()
            ));
        }
        let mut note = None;
        for (at, lease) in self.leases.get(&vlan).into_iter().flatten() {
            match &lease.holder {
                Some(holder) => {
                    let held = Held {
                        at,
                        lease,
                        record: self.records.get(holder),
                    };
                    if let Some(verdict) = self.held(holder, &held, id, connection, &request) {
                        return verdict;
                    }
                }
                None if *at == self.home => note = Some(lease),
                None => {}
            }
        }
        match self.claimable(note.cloned(), id, &request) {
            Ok(lease) => Verdict::Adopt(Box::new(Wish {
                order: Order {
                    key: key.clone(),
                    request,
                },
                connection: connection.clone(),
                vlan,
                lease,
            })),
            Err(reason) => refused(reason),
        }
    }

    fn not_shown(&self) -> String {
        let shown = format!(
            "Direct Connect does not show the connection on {}",
            self.parent
        );
        if self.home == self.parent {
            shown
        } else {
            format!("{shown}, which is a member of {}: try that", self.home)
        }
    }

    /// What a lease of the connection's VLAN that a key holds says of the connection; none when it says nothing.
    pub(crate) fn held(
        &self,
        holder: &IdempotencyKey,
        held: &Held<'_>,
        id: &str,
        connection: &Connection,
        request: &AllocationRequest,
    ) -> Option<Verdict> {
        let Held { at, lease, record } = held;
        let vlan = lease.vlan.get();
        let is_here = self.place.contains(*at);
        let noted = lease
            .connection
            .as_ref()
            .map(|note| note.connection_id.as_str());
        let Some(record) = record else {
            return match noted {
                Some(noted) if noted != id => is_here.then(|| leased_for(vlan, at, holder, noted)),
                Some(_) | None => Some(Verdict::Refused(format!(
                    "VLAN {vlan} is leased on {at} by the order {holder}, whose record cannot be read"
                ))),
            };
        };
        let own = record
            .connection()
            .and_then(|connection| connection.connection_id.as_deref());
        if own == Some(id) {
            return Some(Verdict::KnownAs(holder.clone()));
        }
        match own {
            Some(own) => is_here.then(|| leased_for(vlan, at, holder, own)),
            None if is_here || may_be_of(record, connection, request) => {
                Some(Verdict::Refused(format!(
                    "VLAN {vlan} is leased on {at} by the order {holder}, which is not final ({}): it may be that order's own \
                     connection. Try again when the order is final",
                    record.state.as_str()
                )))
            }
            None => None,
        }
    }

    /// What is to be done about the lease at home that nobody holds.
    pub(crate) fn claimable(
        &self,
        note: Option<Lease>,
        id: &str,
        request: &AllocationRequest,
    ) -> Result<Claimable, String> {
        let Some(lease) = note else {
            return Ok(Claimable::As(None));
        };
        let noted = lease
            .connection
            .as_ref()
            .map(|note| note.connection_id.as_str());
        match noted {
            Some(noted) if noted == id && lease.mbps == request.bandwidth.mbps() => {
                Ok(Claimable::As(Some(lease)))
            }
            Some(noted) if noted != id && self.of_id(noted).is_some_and(is_living) => Err(format!(
                "VLAN {} is noted as that of another connection, {noted}, which is shown on it too",
                lease.vlan.get()
            )),
            Some(_) | None => Ok(Claimable::Stale(lease)),
        }
    }
}

/// A lease that a key holds.
pub(crate) struct Held<'a> {
    /// The parent whose VLAN it is.
    pub(crate) at: &'a ParentConnection,
    /// It.
    pub(crate) lease: &'a Lease,
    /// The key's record, if it was read.
    pub(crate) record: Option<&'a Record>,
}

/// What the record that the key has already says.
pub(crate) fn by_key(record: &Record, id: &str) -> Verdict {
    let own = record
        .connection()
        .and_then(|connection| connection.connection_id.as_deref());
    if own == Some(id) {
        return Verdict::Known(Box::new(record.clone()));
    }
    let of = own.map_or_else(String::new, |own| format!(", for connection {own}"));
    Verdict::Refused(format!(
        "the key {} belongs to another order ({}{of})",
        record.key,
        record.state.as_str()
    ))
}

fn leased_for(vlan: u16, at: &ParentConnection, holder: &IdempotencyKey, id: &str) -> Verdict {
    Verdict::Refused(format!(
        "VLAN {vlan} is leased on {at} by the order {holder}, for connection {id}"
    ))
}

/// Whether an order on another parent, which is not final, may have made the connection before somebody moved it here. Owner and
/// bandwidth never change.
fn may_be_of(record: &Record, connection: &Connection, request: &AllocationRequest) -> bool {
    record.request.owner_account == request.owner_account
        && record.request.bandwidth == request.bandwidth
        && record.vlan == vlan_of(connection)
}

/// The request that the connection is as if made by, and its VLAN.
fn request(
    parent: &ParentConnection,
    connection: &Connection,
) -> Result<(Vlan, AllocationRequest), String> {
    let Some(vlan) = vlan_of(connection) else {
        return Err("Direct Connect does not show the connection's VLAN".to_owned());
    };
    let shown = |of: &Option<String>, what: &str| match of.as_deref() {
        None | Some("") => Err(format!(
            "Direct Connect does not show the connection's {what}"
        )),
        Some(text) => Ok(text.to_owned()),
    };
    let owner = shown(&connection.owner_account, "owner")?;
    let bandwidth = shown(&connection.bandwidth, "bandwidth")?;
    let name = shown(&connection.connection_name, "name")?;
    if OwnerAccount::parse(&owner).is_err() {
        return Err(format!("the owner `{owner}` is not an AWS account"));
    }
    let text = json!({
        "connectionId": parent, "ownerAccount": owner, "bandwidth": bandwidth, "connectionName": name, "vlan": vlan,
    });
    let request = AllocationRequest::from_stored_json(&text.to_string());
    let request =
        request.map_err(|_| format!("the bandwidth `{bandwidth}` is none that can be ordered"))?;
    Ok((vlan, request))
}

/// Of connections that are shown on one VLAN the first gets it; who the others are up against.
pub(crate) fn sharing(wishes: &[(usize, Vlan, String)]) -> BTreeMap<usize, String> {
    let mut first: BTreeMap<Vlan, &str> = BTreeMap::new();
    let mut sharing = BTreeMap::new();
    for (index, vlan, id) in wishes {
        match first.get(vlan) {
            Some(other) => {
                let reason = format!(
                    "VLAN {} is shown with another connection, {other}, which is adopted",
                    vlan.get()
                );
                sharing.insert(*index, reason);
            }
            None => {
                first.insert(*vlan, id);
            }
        }
    }
    sharing
}
