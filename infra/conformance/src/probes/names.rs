//! Names as an order may have them: the longest, and one with every kind of character.

use assumptions::Assumption::NameLimits;
use assumptions::{Seen, Verdict};

use super::Hands;
use crate::making::{Came, Style};
use crate::session::{Halt, Session};
use crate::words::No;

const TRIED: [(Style, &str); 2] = [
    (Style::Longest, "100 characters"),
    (Style::Odd, "punctuation and characters outside ASCII"),
];

impl Session<'_> {
    pub(super) async fn names(&mut self, hands: &mut Hands) -> Result<(), Halt> {
        let mut seen = Seen::default();
        let mut refusal = None;
        let mut why = None;
        let mut any_accepted = false;
        for (style, what) in TRIED {
            self.tell("trying names");
            let Some(vlan) = self.next_vlan() else {
                why = Some("--vlans has no VLAN left for it".to_owned());
                break;
            };
            match self.make(vlan, style).await? {
                Came::Made(living) => {
                    seen.accepted.push(what.to_owned());
                    any_accepted = true;
                    self.keep(living, hands).await?;
                }
                // On the same VLAN, with another name.
                Came::Refused(no) => match self.control(vlan, hands).await? {
                    true => {
                        any_accepted = true;
                        seen.refused.push(what.to_owned());
                        refusal = Some(no);
                    }
                    false => why = Some(told("another name was refused as well", &no)),
                },
                Came::Unsure(no) => {
                    why = Some(told("a name was neither accepted nor refused", &no))
                }
            }
        }
        if let Some(refusal) = hands.duplicate.take() {
            self.settle_duplicate(&refusal, any_accepted);
        }
        let verdict = match (&refusal, &why) {
            (Some(_), _) => Verdict::DoesNotHold,
            (None, Some(_)) => Verdict::NotKnown,
            (None, None) => Verdict::Holds,
        };
        let of_refusal = refusal.map(|no| no.seen()).unwrap_or_default();
        let seen = Seen {
            accepted: seen.accepted,
            refused: seen.refused,
            why,
            ..of_refusal
        };
        self.findings.settle(NameLimits, verdict, seen);
        Ok(())
    }
}

fn told(what: &str, no: &No) -> String {
    format!("{what}: {no}")
}
