//! A LAG and its members: under which ids the connections are shown, and whether a member's id can be allocated on.

use assumptions::Assumption::LagMembers;
use assumptions::{Seen, Shown, Verdict};

use super::Hands;
use crate::making::{Came, Style};
use crate::session::{Halt, Session};
use crate::setup::BANDWIDTH;

impl Session<'_> {
    pub(super) async fn lag_members(&mut self, hands: &mut Hands) -> Result<(), Halt> {
        if !self.setup.is_about_a_lag() {
            return Ok(());
        }
        let Some(known) = hands.living.first().map(|living| living.id.clone()) else {
            return Ok(());
        };
        let Some(member) = self.ground.places.get(1).cloned() else {
            // It was shown under the LAG's id: otherwise nothing would have come so far.
            let why = "the LAG has no member that is an interconnect of this account";
            let seen = crate::findings::because(why);
            self.findings.settle(LagMembers, Verdict::Holds, seen);
            return Ok(());
        };
        self.tell("asking for the connections of a member of the LAG");
        let mut seen = Seen::default();
        match self.look_at(member.as_str()).await? {
            Ok(shown) if shown.by_id(&known).is_some() => {
                seen.shown_under_member = Some(Shown::Connections);
            }
            Ok(_) => seen.shown_under_member = Some(Shown::Nothing),
            Err(no) if no.is_client_exception() => seen.shown_under_member = Some(Shown::Refused),
            Err(no) => seen.why = Some(format!("the member's list cannot be read: {no}")),
        }
        match self.next_vlan() {
            None => {
                seen.why = Some("--vlans has no VLAN left to be asked for on a member".to_owned())
            }
            Some(vlan) => match self
                .make_on(member.as_str(), vlan, BANDWIDTH, Style::Plain)
                .await?
            {
                Came::Made(_) => seen.member_sells = Some(true),
                Came::Refused(no) => {
                    seen.member_sells = Some(false);
                    seen = Seen {
                        shown_under_member: seen.shown_under_member,
                        member_sells: seen.member_sells,
                        why: seen.why,
                        ..no.seen()
                    };
                }
                Came::Unsure(no) => {
                    seen.why = Some(format!("whether a member sells is not known: {no}"))
                }
            },
        }
        self.findings.settle(LagMembers, Verdict::Holds, seen);
        Ok(())
    }
}
