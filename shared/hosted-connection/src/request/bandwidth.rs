//! How much a hosted connection may carry.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::json::Json;
use crate::{Violation, ViolationCode};

/// A bandwidth that AWS sells for hosted connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bandwidth {
    /// `50Mbps`
    Mbps50,
    /// `100Mbps`
    Mbps100,
    /// `200Mbps`
    Mbps200,
    /// `300Mbps`
    Mbps300,
    /// `400Mbps`
    Mbps400,
    /// `500Mbps`
    Mbps500,
    /// `1Gbps`
    Gbps1,
    /// `2Gbps`
    Gbps2,
    /// `5Gbps`
    Gbps5,
    /// `10Gbps`
    Gbps10,
    /// `25Gbps`
    Gbps25,
}

impl Bandwidth {
    pub(crate) const POINTER: &str = "/bandwidth";

    /// Every bandwidth, smallest first.
    pub const ALL: [Self; 11] = [
        Self::Mbps50,
        Self::Mbps100,
        Self::Mbps200,
        Self::Mbps300,
        Self::Mbps400,
        Self::Mbps500,
        Self::Gbps1,
        Self::Gbps2,
        Self::Gbps5,
        Self::Gbps10,
        Self::Gbps25,
    ];

    /// Reads AWS's exact spelling.
    ///
    /// # Errors
    /// `Malformed` for anything else.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        Self::named(text).ok_or_else(|| {
            let message = format!("must be one of {}", Self::ALL.map(Self::as_str).join(", "));
            Violation::new(Self::POINTER, ViolationCode::Malformed, message)
        })
    }

    /// The bandwidth of that name, be it for sale or not: records have it for as long as their connections live.
    pub(crate) fn named(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|bandwidth| bandwidth.as_str() == text)
    }

    /// AWS's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mbps50 => "50Mbps",
            Self::Mbps100 => "100Mbps",
            Self::Mbps200 => "200Mbps",
            Self::Mbps300 => "300Mbps",
            Self::Mbps400 => "400Mbps",
            Self::Mbps500 => "500Mbps",
            Self::Gbps1 => "1Gbps",
            Self::Gbps2 => "2Gbps",
            Self::Gbps5 => "5Gbps",
            Self::Gbps10 => "10Gbps",
            Self::Gbps25 => "25Gbps",
        }
    }

    /// How much that is in Mbps, `25Gbps` being 25,000: what capacity is counted in.
    pub fn mbps(self) -> u32 {
        match self {
            Self::Mbps50 => 50,
            Self::Mbps100 => 100,
            Self::Mbps200 => 200,
            Self::Mbps300 => 300,
            Self::Mbps400 => 400,
            Self::Mbps500 => 500,
            Self::Gbps1 => 1_000,
            Self::Gbps2 => 2_000,
            Self::Gbps5 => 5_000,
            Self::Gbps10 => 10_000,
            Self::Gbps25 => 25_000,
        }
    }

    pub(crate) fn read(value: &Json) -> Result<Self, Violation> {
        Self::parse(value.as_text(Self::POINTER)?)
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Bandwidth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bandwidths_are_those_of_the_contract() {
        let contract =
            "50Mbps 100Mbps 200Mbps 300Mbps 400Mbps 500Mbps 1Gbps 2Gbps 5Gbps 10Gbps 25Gbps";
        assert_eq!(Bandwidth::ALL.map(Bandwidth::as_str).join(" "), contract);
        for text in contract.split(' ') {
            assert_eq!(Bandwidth::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_bandwidth_is_as_many_mbps_as_its_name_says() {
        for bandwidth in Bandwidth::ALL {
            let name = match bandwidth.mbps() {
                mbps if mbps < 1_000 => format!("{mbps}Mbps"),
                mbps => format!("{}Gbps", mbps / 1_000),
            };
            assert_eq!(name, bandwidth.as_str());
        }
        assert_eq!(Bandwidth::Gbps25.mbps(), 25_000);
    }

    #[test]
    fn any_other_spelling_is_malformed() {
        for text in [
            "", "100mbps", "100 Mbps", "1000Mbps", "1gbps", "100", "1Gbps ", "4Gbps",
        ] {
            assert_eq!(
                Bandwidth::parse(text).unwrap_err().code,
                ViolationCode::Malformed,
                "{text:?}"
            );
        }
    }
}
