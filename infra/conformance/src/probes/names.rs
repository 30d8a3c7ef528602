//! Names as an order may have them: the longest, and one with every kind of character. Where one is refused, more are tried,
//! until it is known how long a name may be and which kinds of characters it may not have.

mod kinds;

use assumptions::Assumption::NameLimits;
use assumptions::{Seen, Verdict};

use super::Hands;
use crate::making::{Came, Style};
use crate::session::{Halt, Session};
use crate::setup::MOST_MORE_FOR_NAMES;
use crate::words::No;
use kinds::{KINDS, ODD, ODD_WORDS};

/// Characters of the longest name that an order may have.
const LONGEST: usize = 100;

/// What is known of names so far.
#[derive(Debug, Default)]
struct Names {
    seen: Seen,
    /// How the first name was refused that was refused for being what it is.
    refusal: Option<No>,
    why: Option<String>,
    /// Whether any name was accepted.
    any_accepted: bool,
    /// A VLAN on which a name was refused, so that the next one can be tried on it.
    vlan: Option<u16>,
    /// Connections that were made to find out more.
    more: usize,
}

impl Session<'_> {
    pub(super) async fn names(&mut self, hands: &mut Hands) -> Result<(), Halt> {
        let mut names = Names::default();
        let longest = Style::Long(LONGEST);
        self.name(longest, "100 characters", &mut names, hands)
            .await?;
        if names.refusal.is_some() {
            self.longest_name(&mut names).await?;
        }
        self.characters(&mut names, hands).await?;
        if let Some(refusal) = hands.duplicate.take() {
            self.settle_duplicate(&refusal, names.any_accepted);
        }
        let verdict = match (&names.refusal, &names.why) {
            (Some(_), _) => Verdict::DoesNotHold,
            (None, Some(_)) => Verdict::NotKnown,
            (None, None) => Verdict::Holds,
        };
        let of_refusal = names.refusal.map(|no| no.seen()).unwrap_or_default();
        let seen = Seen {
            status: of_refusal.status,
            code: of_refusal.code,
            message: of_refusal.message,
            why: names.why,
            ..names.seen
        };
        self.findings.settle(NameLimits, verdict, seen);
        Ok(())
    }

    /// Tries a name, and where it is refused another one on the same VLAN.
    async fn name(
        &mut self,
        style: Style,
        what: &str,
        names: &mut Names,
        hands: &mut Hands,
    ) -> Result<(), Halt> {
        self.tell("trying names");
        let Some(vlan) = self.next_vlan() else {
            names.why = Some("--vlans has no VLAN left for it".to_owned());
            return Ok(());
        };
        match self.make(vlan, style).await? {
            Came::Made(living) => {
                names.seen.accepted.push(what.to_owned());
                names.any_accepted = true;
                self.keep(living, hands).await?;
            }
            Came::Refused(no) => match self.control(vlan, hands).await? {
                true => {
                    names.any_accepted = true;
                    names.seen.refused.push(what.to_owned());
                    names.refusal.get_or_insert(no);
                }
                false => names.why = Some(told("another name was refused as well", &no)),
            },
            Came::Unsure(no) => {
                names.why = Some(told("a name was neither accepted nor refused", &no));
            }
        }
        Ok(())
    }

    /// The most characters that are accepted, between a usual name's, which are, and the longest's, which are not.
    async fn longest_name(&mut self, names: &mut Names) -> Result<(), Halt> {
        let (mut accepted, mut refused) = (self.length(Style::Plain), LONGEST);
        while refused.saturating_sub(accepted) > 1 {
            let length = accepted.midpoint(refused);
            match self.is_taken(Style::Long(length), names).await? {
                Some(true) => accepted = length,
                Some(false) => refused = length,
                None => break,
            }
        }
        names.seen.longest_name = Some(accepted);
        Ok(())
    }

    /// All kinds of characters in one name, and each kind by itself where that name is refused, or would be for its length.
    async fn characters(&mut self, names: &mut Names, hands: &mut Hands) -> Result<(), Halt> {
        let may_be_long = names.seen.longest_name.unwrap_or(LONGEST);
        if self.length(Style::With(ODD)) <= may_be_long {
            let refused = names.seen.refused.len();
            self.name(Style::With(ODD), ODD_WORDS, names, hands).await?;
            if names.seen.refused.len() == refused {
                return Ok(());
            }
        }
        let mut refused = String::new();
        for (characters, what) in KINDS {
            if self.length(Style::With(characters)) > may_be_long {
                let why = format!("{what}: not tried, because the name would be too long");
                names.why = Some(why);
                continue;
            }
            match self.is_taken(Style::With(characters), names).await? {
                Some(true) => names.seen.accepted.push(what.to_owned()),
                Some(false) => {
                    names.seen.refused.push(what.to_owned());
                    let odd = characters
                        .chars()
                        .filter(|one| !one.is_ascii_alphanumeric());
                    refused.extend(odd);
                }
                None => break,
            }
        }
        names.seen.refused_characters = Some(refused).filter(|refused| !refused.is_empty());
        Ok(())
    }

    /// Whether such a name is accepted; `None` if that cannot be found out. The connection is deleted again at once.
    async fn is_taken(&mut self, style: Style, names: &mut Names) -> Result<Option<bool>, Halt> {
        self.tell("trying names");
        let may_make = names.more < MOST_MORE_FOR_NAMES;
        let vlan = names.vlan.take().filter(|_| may_make);
        let Some(vlan) = vlan.or_else(|| self.vlan_to_spare().filter(|_| may_make)) else {
            let why = "no VLAN was left, or enough connections were made, to try more names";
            names.why = Some(why.to_owned());
            return Ok(None);
        };
        match self.make(vlan, style).await? {
            Came::Made(living) => {
                names.more += 1;
                match self.delete(&living).await? {
                    Ok(_) => Ok(Some(true)),
                    Err(no) => Err(Halt::Stuck(format!("a connection was not deleted: {no}"))),
                }
            }
            // As the first one was. Refused otherwise, it may be for another reason.
            Came::Refused(no)
                if names
                    .refusal
                    .as_ref()
                    .is_some_and(|first| first.code == no.code) =>
            {
                names.vlan = Some(vlan);
                Ok(Some(false))
            }
            Came::Refused(no) | Came::Unsure(no) => {
                names.why = Some(told("more names could not be tried", &no));
                Ok(None)
            }
        }
    }

    /// A VLAN that no later probe needs.
    fn vlan_to_spare(&mut self) -> Option<u16> {
        let needed = self.setup.bandwidths.len() + usize::from(self.setup.is_about_a_lag());
        match self.vlans.len() > needed {
            true => self.next_vlan(),
            false => None,
        }
    }

    /// How long the next name of this kind would be.
    fn length(&self, style: Style) -> usize {
        let name = style.name(&self.made.head.run, self.made.entries.len());
        name.chars().count()
    }
}

fn told(what: &str, no: &No) -> String {
    format!("{what}: {no}")
}
