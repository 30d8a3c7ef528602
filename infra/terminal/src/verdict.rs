//! How a command that could be carried out has ended.

use std::process::ExitCode;

/// How a command that could be carried out has ended. One that could not ends with 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should: 0.
    Good,
    /// With something that somebody should look at: 1.
    Bad,
}

impl Verdict {
    /// Good, if that holds.
    #[must_use]
    pub fn good_if(holds: bool) -> Self {
        if holds { Self::Good } else { Self::Bad }
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Good => Self::SUCCESS,
            Verdict::Bad => Self::FAILURE,
        }
    }
}
