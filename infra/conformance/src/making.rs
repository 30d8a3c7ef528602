//! Makes a connection: one call of AllocateHostedConnection, noted before it is sent, and looked for if its answer does not
//! say what came of it.

use std::time::Duration;

use hosted_connection::{Bandwidth, Connection};

use crate::direct_connect::{Ordered, Shown};
use crate::session::{Halt, Session, pace};
use crate::words::{Kind, No};

/// Calls for one connection at most, where those before certainly had no effect.
const TRIES: u32 = 5;
/// A code that is on no list may be that of something that passes. So often in a row it is a refusal.
const SAME_CODE: u32 = 3;
/// How a connection is called. Each name has the run's id in it, and is given once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// As any.
    Plain,
    /// So many characters long.
    Long(usize),
    /// With these characters at its end.
    With(&'static str),
}

/// A connection that this run has made.
#[derive(Debug, Clone)]
pub(crate) struct Living {
    /// The number of its call in the file.
    pub(crate) call: usize,
    pub(crate) id: String,
    pub(crate) vlan: u16,
    /// When its call was answered; `None` if it was found.
    pub(crate) answered_ms: Option<u64>,
    /// The answer.
    pub(crate) answer: Option<Box<Connection>>,
    /// By what it was refused before it was accepted, or was there all the same.
    pub(crate) after: Option<No>,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) enum Came {
    /// The connection as it was asked for.
    Made(Living),
    /// A refusal, and no connection.
    Refused(No),
    /// Nobody can say.
    Unsure(No),
}

impl Style {
    pub(crate) fn name(self, run: &str, call: usize) -> String {
        let mut name = format!("conformance-{run}-{call}");
        match self {
            Self::Plain => {}
            Self::Long(length) => {
                let missing = length.saturating_sub(name.chars().count());
                name.extend(std::iter::repeat_n('x', missing));
            }
            Self::With(characters) => name.push_str(characters),
        }
        name
    }
}

impl Session<'_> {
    /// Makes a connection of the smallest bandwidth on the parent.
    pub(crate) async fn make(&mut self, vlan: u16, style: Style) -> Result<Came, Halt> {
        let parent = self.parent().to_owned();
        self.make_on(&parent, vlan, crate::setup::BANDWIDTH, style)
            .await
    }

    pub(crate) async fn make_on(
        &mut self,
        parent: &str,
        vlan: u16,
        bandwidth: Bandwidth,
        style: Style,
    ) -> Result<Came, Halt> {
        let (mut same_code, mut last) = (0, No::unknown("not called"));
        for attempt in 1..=TRIES {
            self.go_on()?;
            let ordered = Ordered {
                parent: parent.to_owned(),
                owner: self.setup.owner.as_str().to_owned(),
                vlan,
                bandwidth,
                name: style.name(&self.made.head.run, self.made.entries.len()),
                tagged: style == Style::Plain,
            };
            let at_ms = self.now_ms();
            let call = self.made.call(&ordered.name, vlan, at_ms)?;
            let no = match self.clients.allocate(&ordered).await {
                Ok(answer) => {
                    let after = (same_code > 0).then_some(last);
                    return self.accepted(call, &ordered, answer, after);
                }
                Err(no) => no,
            };
            self.findings.note(&no, Some(call));
            match no.kind {
                Kind::Refused => {
                    self.made.refused(call)?;
                    // AWS may have repeated the call by itself, and answered with the refusal of its own repetition.
                    let seen_ms = self.findings.visible_ms.iter().max().copied();
                    let look_ms = seen_ms.unwrap_or_default().saturating_mul(2);
                    return Ok(match self.seek(call, &ordered, look_ms).await? {
                        Some(found) => Came::Made(Living {
                            after: Some(no),
                            ..found
                        }),
                        None => Came::Refused(no),
                    });
                }
                Kind::Denied => {
                    self.made.refused(call)?;
                    return Err(Halt::Denied(no));
                }
                Kind::Throttled | Kind::Unreached => {
                    self.made.refused(call)?;
                    last = no;
                    self.pause(Duration::from_secs(2) * attempt).await?;
                }
                Kind::Unlisted | Kind::Unknown => {
                    let sure_ms = self.sure_ms();
                    if let Some(found) = self.seek(call, &ordered, sure_ms).await? {
                        return Ok(Came::Made(found));
                    }
                    if no.kind == Kind::Unknown {
                        return Ok(Came::Unsure(no));
                    }
                    same_code = if no.code == last.code {
                        same_code + 1
                    } else {
                        1
                    };
                    if same_code == SAME_CODE {
                        return Ok(Came::Refused(no));
                    }
                    last = no;
                }
            }
        }
        Ok(Came::Unsure(last))
    }

    /// The answer names a connection. It is this run's unless something in it says otherwise.
    fn accepted(
        &mut self,
        call: usize,
        ordered: &Ordered,
        answer: Connection,
        after: Option<No>,
    ) -> Result<Came, Halt> {
        let answered_ms = Some(self.now_ms());
        let id = answer.connection_id.clone().unwrap_or_default();
        let is_known = self.ground.before.contains(&id)
            || self
                .made
                .entries
                .iter()
                .any(|one| one.id.as_ref() == Some(&id));
        if is_known || differs(answer.connection_name.as_deref(), &ordered.name) {
            // Whatever it is, it is not deleted. What the call has made is looked for by its name in the end.
            return Ok(Came::Unsure(No::unknown(
                "the answer names another connection",
            )));
        }
        self.made.id(call, &id)?;
        let vlan = answer.vlan.and_then(|vlan| u16::try_from(vlan).ok());
        let is_as_asked = vlan.is_none_or(|vlan| vlan == ordered.vlan)
            && !differs(answer.owner_account.as_deref(), &ordered.owner)
            && !differs(answer.bandwidth.as_deref(), ordered.bandwidth.as_str());
        if !is_as_asked {
            return Ok(Came::Unsure(No::unknown(
                "the answer is not as it was asked for",
            )));
        }
        Ok(Came::Made(Living {
            call,
            id,
            vlan: ordered.vlan,
            answered_ms,
            answer: Some(Box::new(answer)),
            after,
        }))
    }

    /// Looks for the connection of a call whose answer does not say that there is one, for so long.
    async fn seek(
        &mut self,
        call: usize,
        ordered: &Ordered,
        sure_ms: u64,
    ) -> Result<Option<Living>, Halt> {
        let began_ms = self.now_ms();
        loop {
            if let Ok(shown) = self.look().await?
                && let Some(id) = find(&shown, ordered, self)
            {
                self.made.id(call, &id)?;
                return Ok(Some(Living {
                    call,
                    id,
                    vlan: ordered.vlan,
                    answered_ms: None,
                    answer: None,
                    after: None,
                }));
            }
            let since_ms = self.now_ms().saturating_sub(began_ms);
            if since_ms >= sure_ms {
                return Ok(None);
            }
            self.pause(pace(since_ms)).await?;
        }
    }
}

/// What contradicts; what is left out does not.
fn differs(there: Option<&str>, asked: &str) -> bool {
    there.is_some_and(|there| there != asked)
}

fn find(shown: &Shown, ordered: &Ordered, session: &Session<'_>) -> Option<String> {
    let is_it = |one: &&Connection| one.connection_name.as_ref() == Some(&ordered.name);
    let found = shown.connections.iter().find(is_it)?;
    let id = found.connection_id.clone()?;
    (!session.ground.before.contains(&id)).then_some(id)
}
