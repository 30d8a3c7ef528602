//! How far a story of several workers may stray from one worker doing all of it at once.

use std::fmt;

/// What may happen in a story of several workers, at most.
///
/// Within its bounds a story does whatever there is to do: a dead worker's requests, for one, land at any step that is
/// left, or after everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Deliveries of the order at once.
    pub workers: u8,
    /// Turns to another worker although the last one could have gone on.
    pub turns: u8,
    /// Processes killed.
    pub kills: u8,
    /// Pauses longer than a lease, in which every process that runs ends at its deadline.
    pub pauses: u8,
}

impl Bounds {
    pub(crate) const fn new(workers: u8, turns: u8, kills: u8, pauses: u8) -> Self {
        Self {
            workers,
            turns,
            kills,
            pauses,
        }
    }

    /// Reads back the words that `Display` writes.
    pub(crate) fn from_words([workers, turns, kills, pauses]: [&str; 4]) -> Option<Self> {
        let number = |word: &str, name: &str| word.strip_prefix(name)?.parse().ok();
        Some(Self {
            workers: number(workers, "workers=")?,
            turns: number(turns, "turns=")?,
            kills: number(kills, "kills=")?,
            pauses: number(pauses, "pauses=")?,
        })
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            workers,
            turns,
            kills,
            pauses,
        } = self;
        write!(
            f,
            "workers={workers} turns={turns} kills={kills} pauses={pauses}"
        )
    }
}
