//! The VLAN of the first connection once more, after its end; and then the VLAN of a connection that lives.

use std::time::Duration;

use assumptions::Assumption::{DuplicateVlanRefused, RefusalCode, VlanFreeAfterDelete};
use assumptions::{Seen, Times};

use super::Hands;
use super::first::First;
use crate::making::{Came, Style};
use crate::session::{Halt, Session};
use crate::words::{CLIENT_EXCEPTION, No};

/// Between two calls for a VLAN that is not free yet.
const PAUSE: Duration = Duration::from_secs(5);

impl Session<'_> {
    pub(super) async fn again(&mut self, first: &First, hands: &mut Hands) -> Result<(), Halt> {
        let Some(over_at_ms) = first.over_at_ms else {
            let why = "the end of the first connection was not shown";
            self.findings.unknown(VlanFreeAfterDelete, why);
            return self.on_a_fresh_vlan(hands).await;
        };
        self.tell("using its VLAN again");
        let mut refusal = match self.make(first.vlan, Style::Plain).await? {
            Came::Made(living) => {
                let seen = Seen {
                    times: Times::of(&[0], None),
                    ..Seen::default()
                };
                match &living.after {
                    None => self.findings.holds(VlanFreeAfterDelete, true, seen),
                    Some(no) => {
                        let what = "whether it was refused for the VLAN before it was accepted";
                        self.findings.failed(VlanFreeAfterDelete, what, no);
                    }
                }
                return self.keep(living, hands).await;
            }
            Came::Unsure(no) => {
                let what = "the VLAN could not be used again";
                self.findings.failed(VlanFreeAfterDelete, what, &no);
                return self.on_a_fresh_vlan(hands).await;
            }
            Came::Refused(no) => no,
        };
        // Refused for the VLAN, or would any be refused now?
        self.on_a_fresh_vlan(hands).await?;
        if hands.living.is_empty() {
            let what = "no other connection was accepted either";
            self.findings.failed(VlanFreeAfterDelete, what, &refusal);
            return Ok(());
        }
        let wait_ms = self.setup.wait_ms();
        let times = loop {
            if self.now_ms().saturating_sub(over_at_ms) > wait_ms {
                break Times::of(&[], Some(wait_ms));
            }
            self.pause(PAUSE).await?;
            match self.make(first.vlan, Style::Plain).await? {
                Came::Made(living) => {
                    let free_ms = living.answered_ms.unwrap_or_else(|| self.now_ms());
                    let free_ms = free_ms.saturating_sub(over_at_ms);
                    self.keep(living, hands).await?;
                    break Times::of(&[free_ms], None);
                }
                Came::Refused(no) | Came::Unsure(no) => refusal = no,
            }
        };
        let seen = Seen {
            times,
            ..refusal.seen()
        };
        self.findings.holds(VlanFreeAfterDelete, false, seen);
        Ok(())
    }

    async fn on_a_fresh_vlan(&mut self, hands: &mut Hands) -> Result<(), Halt> {
        match self.next_vlan() {
            Some(vlan) => self.control(vlan, hands).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// A second connection on the VLAN of one that lives.
    pub(super) async fn duplicate(&mut self, hands: &mut Hands) -> Result<(), Halt> {
        let Some(vlan) = hands.living.last().map(|living| living.vlan) else {
            let why = "there was no living connection whose VLAN could be asked for";
            return Err(Halt::Stuck(why.to_owned()));
        };
        self.tell("asking for a VLAN that is in use");
        match self.make(vlan, Style::Plain).await? {
            Came::Made(living) => {
                let seen = Seen::default();
                self.findings.holds(DuplicateVlanRefused, false, seen);
                let why =
                    "a second use of a VLAN is not refused, so there is no refusal to look at";
                self.findings.unknown(RefusalCode, why);
                self.keep(living, hands).await?;
            }
            Came::Refused(no) => hands.duplicate = Some(no),
            Came::Unsure(no) => {
                let what = "the second use of a VLAN was neither accepted nor refused";
                self.findings.failed(DuplicateVlanRefused, what, &no);
                self.findings.failed(RefusalCode, what, &no);
            }
        }
        Ok(())
    }

    /// The refusal was one of the VLAN if something else was accepted right after it.
    pub(super) fn settle_duplicate(&mut self, refusal: &No, others_are_accepted: bool) {
        if others_are_accepted {
            let is_expected = refusal.code.as_deref() == Some(CLIENT_EXCEPTION);
            self.findings
                .holds(DuplicateVlanRefused, true, refusal.seen());
            self.findings
                .holds(RefusalCode, is_expected, refusal.seen());
        } else {
            let what = "no other connection was accepted after the refusal either";
            self.findings.failed(DuplicateVlanRefused, what, refusal);
            self.findings.failed(RefusalCode, what, refusal);
        }
    }
}
