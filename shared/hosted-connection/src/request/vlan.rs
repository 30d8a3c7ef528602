//! The VLAN of a hosted connection on its parent, and ranges to choose one from.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::json::Json;
use crate::{Violation, ViolationCode};

/// An IEEE 802.1Q VLAN: 1 to 4094.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Vlan(u16);

impl Vlan {
    pub(crate) const POINTER: &str = "/vlan";

    /// The smallest VLAN, 1.
    pub const MIN: Self = Self(1);

    /// The largest VLAN, 4094.
    pub const MAX: Self = Self(4094);

    /// The VLAN of that number, if there is one.
    pub fn new(number: u16) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&number)
            .then_some(Self(number))
    }

    /// The VLAN of a record, whatever the rules for callers are by now.
    pub fn from_stored(number: u16) -> Self {
        Self(number)
    }

    /// The number, 1 to 4094.
    pub fn get(self) -> u16 {
        self.0
    }

    pub(crate) fn read(value: &Json) -> Result<Self, Violation> {
        let Json::Integer(number) = value else {
            return Err(value.wrong_type(Self::POINTER, "an integer"));
        };
        u16::try_from(*number)
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| {
                Violation::new(
                    Self::POINTER,
                    ViolationCode::OutOfRange,
                    "must be 1 to 4094",
                )
            })
    }
}

impl fmt::Display for Vlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An unbroken range of VLANs, both ends included. Written `1-4094`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VlanRange {
    first: Vlan,
    last: Vlan,
}

impl VlanRange {
    /// The range from `first` to `last`, unless they are the wrong way round.
    pub fn new(first: Vlan, last: Vlan) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The range in a stored policy, whatever the rules for policies are by now.
    pub(crate) fn from_stored(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        Some(Self {
            first: Vlan(first.parse().ok()?),
            last: Vlan(last.parse().ok()?),
        })
    }

    /// The smallest VLAN of the range.
    pub fn first(self) -> Vlan {
        self.first
    }

    /// The largest VLAN of the range.
    pub fn last(self) -> Vlan {
        self.last
    }

    /// Whether the range has that VLAN.
    pub fn contains(self, vlan: Vlan) -> bool {
        (self.first..=self.last).contains(&vlan)
    }

    /// The VLANs of the range, smallest first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Vlan> {
        (self.first.0..=self.last.0).map(Vlan)
    }
}

impl Default for VlanRange {
    /// Every VLAN.
    fn default() -> Self {
        Self {
            first: Vlan::MIN,
            last: Vlan::MAX,
        }
    }
}

impl fmt::Display for VlanRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl Serialize for VlanRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for VlanRange {
    type Err = NotAVlanRange;

    /// Reads `FIRST-LAST`.
    ///
    /// # Errors
    /// Anything but two VLANs, the smaller one first.
    fn from_str(text: &str) -> Result<Self, NotAVlanRange> {
        let (first, last) = text.split_once('-').ok_or(NotAVlanRange)?;
        Self::new(number(first)?, number(last)?).ok_or(NotAVlanRange)
    }
}

fn number(digits: &str) -> Result<Vlan, NotAVlanRange> {
    // `parse` alone would take a plus sign.
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse()
        .ok()
        .filter(|_| is_plain)
        .and_then(Vlan::new)
        .ok_or(NotAVlanRange)
}

/// The text is no range of VLANs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a VLAN range is FIRST-LAST within 1-4094, such as 100-1999")]
pub struct NotAVlanRange;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vlan_is_1_to_4094() {
        let known: Vec<_> = (0..=u16::MAX)
            .filter_map(Vlan::new)
            .map(Vlan::get)
            .collect();
        assert_eq!(known, (1..=4094).collect::<Vec<_>>());
    }

    #[test]
    fn a_range_is_read_as_it_is_written() {
        for text in ["1-4094", "2-4093", "7-7"] {
            assert_eq!(text.parse::<VlanRange>().unwrap().to_string(), text);
        }
        assert_eq!("1-4094".parse(), Ok(VlanRange::default()));
    }

    #[test]
    fn a_range_holds_both_its_ends_and_nothing_beyond() {
        let range: VlanRange = "10-12".parse().unwrap();
        assert_eq!(
            range.iter().map(Vlan::get).collect::<Vec<_>>(),
            [10, 11, 12]
        );
        let held: Vec<_> = VlanRange::default()
            .iter()
            .filter(|vlan| range.contains(*vlan))
            .map(Vlan::get)
            .collect();
        assert_eq!(held, [10, 11, 12]);
    }

    #[test]
    fn anything_else_is_no_range() {
        for text in [
            "", "-", "1", "1-", "-1", "0-10", "1-4095", "20-10", "+1-2", "1 - 2", "1-2-3", "a-b",
            "1–2",
        ] {
            assert_eq!(text.parse::<VlanRange>(), Err(NotAVlanRange), "{text:?}");
        }
    }
}
