//! Bandwidths that were asked for on the command line, one after the other. Larger ones are not tried unasked: a 10 Gbps
//! port would have to have room for them.

use assumptions::Assumption::Bandwidths;
use assumptions::{Seen, Verdict};

use crate::making::{Came, Style};
use crate::session::{Halt, Session};
use crate::setup::BANDWIDTH;

impl Session<'_> {
    pub(super) async fn bandwidths(&mut self) -> Result<(), Halt> {
        let parent = self.parent().to_owned();
        // The connections so far are of it.
        let mut seen = Seen {
            accepted: vec![BANDWIDTH.as_str().to_owned()],
            ..Seen::default()
        };
        let tried = self.setup.bandwidths.clone();
        if tried.is_empty() {
            seen.why = Some("no other bandwidth was tried; --bandwidths names some".to_owned());
        }
        for bandwidth in tried {
            self.tell("trying a bandwidth");
            let name = bandwidth.as_str().to_owned();
            let Some(vlan) = self.next_vlan() else {
                seen.why = Some(format!("--vlans has no VLAN left for {name}"));
                break;
            };
            match self.make_on(&parent, vlan, bandwidth, Style::Plain).await? {
                Came::Made(living) => {
                    seen.accepted.push(name);
                    // It may be much of what the parent has; whatever comes of it, it is in the file.
                    if let Err(no) = self.delete(&living).await? {
                        return Err(Halt::Stuck(format!("a connection was not deleted: {no}")));
                    }
                }
                Came::Refused(no) => {
                    seen.refused.push(name);
                    (seen.status, seen.code, seen.message) = (no.status, no.code, Some(no.message));
                }
                Came::Unsure(no) => {
                    seen.why = Some(format!("{name} was neither accepted nor refused: {no}"))
                }
            }
        }
        let verdict = match (seen.refused.is_empty(), &seen.why) {
            (false, _) => Verdict::DoesNotHold,
            (true, Some(_)) => Verdict::NotKnown,
            (true, None) => Verdict::Holds,
        };
        self.findings.settle(Bandwidths, verdict, seen);
        Ok(())
    }
}
