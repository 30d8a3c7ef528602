//! The probes, in the order in which they are carried out: first those that make nothing, then one connection that is
//! deleted before any more are made, and then the others.

mod again;
mod alone;
mod associate;
mod bandwidths;
mod first;
mod lag;
mod names;
mod pages;

use crate::making::{Came, Living, Style};
use crate::session::{Halt, Session};
use crate::words::No;

/// What the probes hand on to each other.
#[derive(Debug, Default)]
struct Hands {
    /// Connections that live, and have been shown.
    living: Vec<Living>,
    /// The refusal of a VLAN that is in use, until it is known that others are not refused meanwhile.
    duplicate: Option<No>,
}

impl Session<'_> {
    /// Carries all of them out.
    pub(crate) async fn probe(&mut self) -> Result<(), Halt> {
        let mut hands = Hands::default();
        self.alone().await?;
        let first = self.first().await?;
        self.again(&first, &mut hands).await?;
        self.duplicate(&mut hands).await?;
        self.names(&mut hands).await?;
        self.lag_members(&mut hands).await?;
        self.bandwidths().await?;
        self.associate(&hands).await?;
        self.pages(hands).await
    }

    /// A connection as any, to see whether what was refused just now was refused for what it is about.
    async fn control(&mut self, vlan: u16, hands: &mut Hands) -> Result<bool, Halt> {
        match self.make(vlan, Style::Plain).await? {
            Came::Made(living) => {
                self.keep(living, hands).await?;
                Ok(true)
            }
            Came::Refused(_) | Came::Unsure(_) => Ok(false),
        }
    }
}
