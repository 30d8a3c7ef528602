//! Ids and tokens from a seed: the same seed and the same order of requests give the same ids.

use serde::{Deserialize, Serialize};

/// The generator, stored as its seed so that persistent state goes on where it stopped and repeats no id.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub(crate) struct Random(fastrand::Rng);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A connection id as Direct Connect gives them: `dxcon-` and eight characters of `a-z0-9`.
    pub(crate) fn connection_id(&mut self) -> String {
        let tail: String = std::iter::repeat_with(|| self.base36()).take(8).collect();
        format!("dxcon-{tail}")
    }

    /// A version 4 UUID: request ids, event ids, message ids.
    pub(crate) fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.0.u128(..).to_be_bytes())
            .into_uuid()
            .to_string()
    }

    fn base36(&mut self) -> char {
        char::from_digit(self.0.u32(0..36), 36).unwrap_or('0')
    }
}

impl From<u64> for Random {
    fn from(seed: u64) -> Self {
        Self::seeded(seed)
    }
}

impl From<Random> for u64 {
    fn from(random: Random) -> Self {
        random.0.get_seed()
    }
}
