//! The first connection: made, shown, deleted, and watched while it goes. Before it is known to be deletable no other is
//! made.

use assumptions::Assumption::{
    AllocateVisible, Bandwidths, DeletedListed, ListCurrent, OrderingDeletable, ParentById,
    TagsHidden,
};
use assumptions::{Seen, Times, Verdict};
use hosted_connection::Connection;

use super::Hands;
use crate::anonymous;
use crate::deleting::Going;
use crate::look::Watched;
use crate::making::{Came, Living, Style};
use crate::session::{Halt, Session};
use crate::words::{Kind, No};

/// The first connection, which is gone.
#[derive(Debug)]
pub(super) struct First {
    pub(super) vlan: u16,
    /// When its going was shown; `None` if it was not.
    pub(super) over_at_ms: Option<u64>,
}

impl Session<'_> {
    pub(super) async fn first(&mut self) -> Result<First, Halt> {
        let Some(vlan) = self.next_vlan() else {
            return Err(Halt::Stuck("there is no VLAN".to_owned()));
        };
        self.tell("making the first connection");
        let living = match self.make(vlan, Style::Plain).await? {
            Came::Made(living) => living,
            Came::Refused(no) | Came::Unsure(no) => {
                let what = "the first connection, of 50Mbps, could not be made";
                self.findings.failed(Bandwidths, what, &no);
                self.findings.failed(AllocateVisible, what, &no);
                return Err(Halt::Stuck(format!("{what}: {no}")));
            }
        };
        let listed = self.shown(&living).await?;
        let shows_tags = listed.tags.as_ref().is_some_and(|tags| !tags.is_empty());
        let seen = Seen {
            listed: Some(shows_tags),
            members: Some(anonymous::members(&listed)),
            ..Seen::default()
        };
        self.findings.holds(TagsHidden, !shows_tags, seen);
        self.id_that_is_no_parent(&living.id).await?;
        if let Some(no) = self.is_no_parent.take() {
            self.findings.holds(ParentById, true, no.seen());
        }
        self.first_members = living.answer.as_deref().map(anonymous::members);
        self.tell("deleting it, and watching it go");
        let accepted_ms = match self.delete(&living).await? {
            Ok(accepted_ms) => accepted_ms,
            Err(no) => return Err(self.not_deletable(&no)),
        };
        let going = match self.watch_going(&living, accepted_ms).await? {
            Ok(going) => going,
            Err(no) => {
                let why = format!("the list cannot be read: {no}");
                return Err(Halt::Stuck(why));
            }
        };
        self.gone(&living, &going)?;
        Ok(First {
            vlan,
            over_at_ms: going.over_at_ms,
        })
    }

    /// Waits until the connection is shown, and keeps it.
    pub(super) async fn keep(&mut self, living: Living, hands: &mut Hands) -> Result<(), Halt> {
        self.shown(&living).await?;
        hands.living.push(living);
        Ok(())
    }

    /// What the list shows of a connection; the probes end if it never does.
    async fn shown(&mut self, living: &Living) -> Result<Connection, Halt> {
        match self.watch(&living.id, living.answered_ms).await? {
            Watched::Shown(listed) => Ok(*listed),
            Watched::NotShown { is_sure } => {
                let why = "a connection was not shown as long as --wait-seconds says";
                if !is_sure {
                    let why = format!("{why}, in lists of several pages");
                    self.findings.unknown(AllocateVisible, why.clone());
                    return Err(Halt::Stuck(why));
                }
                Err(Halt::Stuck(why.to_owned()))
            }
            Watched::Unread(no) => {
                let why = format!("the parent's list cannot be read: {no}");
                self.findings.unknown(AllocateVisible, why.clone());
                Err(Halt::Stuck(why))
            }
        }
    }

    fn not_deletable(&mut self, no: &No) -> Halt {
        let what = "a connection that nobody has confirmed was not deleted";
        match no.kind {
            Kind::Refused | Kind::Unlisted => {
                self.findings.holds(OrderingDeletable, false, no.seen());
            }
            Kind::Throttled | Kind::Denied | Kind::Unreached | Kind::Unknown => {
                self.findings.failed(OrderingDeletable, what, no);
            }
        }
        Halt::Stuck(format!("{what} ({no}), so no more were made"))
    }

    fn gone(&mut self, living: &Living, going: &Going) -> Result<(), Halt> {
        let wait_ms = self.setup.wait_ms();
        let times = match going.over_ms {
            Some(ms) => Times::of(&[ms], None),
            None => Times::of(&[], Some(wait_ms)),
        };
        let seen = Seen {
            times,
            states: going.states.clone(),
            ..Seen::default()
        };
        // Accepted is not done: only what is shown says so.
        match going.current_ms {
            Some(_) => self.findings.holds(OrderingDeletable, true, seen),
            None => self.findings.settle(
                OrderingDeletable,
                Verdict::NotKnown,
                Seen {
                    why: Some("the deletion was accepted, and never shown".to_owned()),
                    ..seen
                },
            ),
        }
        match going.listed {
            Some(listed) => {
                let seen = Seen {
                    listed: Some(listed),
                    states: going.states.clone(),
                    ..Seen::default()
                };
                self.findings.holds(DeletedListed, listed, seen);
            }
            None => {
                let why = "the connection was neither `deleted` nor left out as long as --wait-seconds says";
                self.findings.unknown(DeletedListed, why);
            }
        }
        if going.over_ms.is_some() {
            self.made.gone(living.call)?;
        }
        Ok(())
    }

    /// What the times say, when all are measured.
    pub(crate) fn settle_times(&mut self) {
        let visible = Times::of(&self.findings.visible_ms, self.findings.not_visible_ms);
        if let Some(times) = visible {
            let at_once = times.max_ms == 0 && times.longer_than_ms.is_none();
            let seen = Seen {
                times: Some(times),
                members: self.first_members.take(),
                ..Seen::default()
            };
            self.findings.holds(AllocateVisible, at_once, seen);
        }
        let current = Times::of(&self.findings.current_ms, self.findings.not_current_ms);
        if let Some(times) = current {
            let settle = self.clients.settings.rules.settle.as_millis();
            let settle_ms = u64::try_from(settle).unwrap_or(u64::MAX);
            let seen = Seen {
                times: Some(times),
                ..Seen::default()
            };
            match times.longer_than_ms {
                // Whether the list is old, or the deletion has done nothing, is not known.
                Some(_) => {
                    let why =
                        "a deletion that was accepted was not shown as long as --wait-seconds says";
                    let seen = Seen {
                        why: Some(why.to_owned()),
                        ..seen
                    };
                    self.findings.settle(ListCurrent, Verdict::NotKnown, seen);
                }
                None => {
                    let is_current = times.max_ms <= settle_ms;
                    self.findings.holds(ListCurrent, is_current, seen);
                }
            }
        }
    }
}
