//! Sets of VLANs with a bit for each: 512 bytes, however many are in it.

use std::fmt;

use super::vlan::{Vlan, VlanRange};

const WORDS: usize = 64;
const BITS: u16 = u64::BITS as u16;

/// A set of VLANs.
#[derive(Clone, PartialEq, Eq)]
pub struct VlanSet(Box<[u64; WORDS]>);

impl VlanSet {
    /// Bytes of [`to_bytes`](Self::to_bytes).
    pub const BYTES: usize = WORDS * 8;

    /// All VLANs of `range`.
    pub fn of_range(range: VlanRange) -> Self {
        range.iter().collect()
    }

    /// Adds a VLAN. What was stored may be a number that is no VLAN of today's; such a one is in no set.
    pub fn insert(&mut self, vlan: Vlan) {
        if let Some((word, bit)) = self.place(vlan) {
            *word |= bit;
        }
    }

    /// Whether the set has that VLAN.
    pub fn contains(&self, vlan: Vlan) -> bool {
        let word = self.0.get(usize::from(vlan.get() / BITS));
        word.is_some_and(|word| word & bit(vlan) != 0)
    }

    /// Adds all VLANs of `other`.
    pub fn add(&mut self, other: &Self) {
        self.each(other, |own, other| own | other);
    }

    /// Takes out all VLANs of `other`.
    pub fn subtract(&mut self, other: &Self) {
        self.each(other, |own, other| own & !other);
    }

    /// Takes out all VLANs that are not in `other`.
    pub fn keep(&mut self, other: &Self) {
        self.each(other, |own, other| own & other);
    }

    /// How many VLANs are in it.
    pub fn len(&self) -> usize {
        self.0.iter().map(ones).sum()
    }

    /// Whether none is in it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The VLAN of that place among those in the set, from 0, smallest first.
    pub fn nth(&self, place: usize) -> Option<Vlan> {
        let mut before = 0;
        for (word, first) in self.0.iter().zip((0_u16..).step_by(usize::from(BITS))) {
            let here = ones(word);
            if place < before + here {
                let mut rest = *word;
                for _ in before..place {
                    // Without its lowest one.
                    rest &= rest - 1;
                }
                let at = u16::try_from(rest.trailing_zeros()).ok()?;
                return Vlan::new(first + at);
            }
            before += here;
        }
        None
    }

    /// The set as bytes: VLAN 1 is the second bit of the first one, counted from the lowest.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// The set that [`to_bytes`](Self::to_bytes) wrote; none if it cannot have written that.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != Self::BYTES {
            return None;
        }
        let mut set = Self::default();
        for (word, bytes) in set.0.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().ok()?);
        }
        let all = Self::of_range(VlanRange::default());
        let mut beyond = set.clone();
        beyond.subtract(&all);
        beyond.is_empty().then_some(set)
    }

    fn each(&mut self, other: &Self, combine: impl Fn(u64, u64) -> u64) {
        for (own, other) in self.0.iter_mut().zip(other.0.iter()) {
            *own = combine(*own, *other);
        }
    }

    fn place(&mut self, vlan: Vlan) -> Option<(&mut u64, u64)> {
        let vlan = Vlan::new(vlan.get())?;
        let word = self.0.get_mut(usize::from(vlan.get() / BITS))?;
        Some((word, bit(vlan)))
    }
}

fn bit(vlan: Vlan) -> u64 {
    1 << (vlan.get() % BITS)
}

fn ones(word: &u64) -> usize {
    usize::try_from(word.count_ones()).unwrap_or_default()
}

impl Default for VlanSet {
    /// None.
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

impl FromIterator<Vlan> for VlanSet {
    fn from_iter<I: IntoIterator<Item = Vlan>>(vlans: I) -> Self {
        let mut set = Self::default();
        vlans.into_iter().for_each(|vlan| set.insert(vlan));
        set
    }
}

impl fmt::Debug for VlanSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} VLANs", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: impl IntoIterator<Item = u16>) -> VlanSet {
        numbers.into_iter().filter_map(Vlan::new).collect()
    }

    fn numbers(set: &VlanSet) -> Vec<u16> {
        (0..)
            .map_while(|place| set.nth(place))
            .map(Vlan::get)
            .collect()
    }

    #[test]
    fn what_is_put_in_is_in_it_smallest_first_and_nothing_else() {
        let some = [4094, 1, 63, 64, 65, 2000];
        let set = set(some);
        assert_eq!(numbers(&set), [1, 63, 64, 65, 2000, 4094]);
        assert_eq!(set.len(), 6);
        for number in 1..=4094 {
            let vlan = Vlan::new(number).unwrap();
            assert_eq!(set.contains(vlan), some.contains(&number), "{number}");
        }
    }

    #[test]
    fn every_vlan_has_its_place() {
        let all = VlanSet::of_range(VlanRange::default());
        assert_eq!(numbers(&all), (1..=4094).collect::<Vec<_>>());
        assert_eq!(all.nth(4094), None);
    }

    #[test]
    fn a_stored_number_that_is_no_vlan_is_in_no_set() {
        for number in [0, 4095, 4096, u16::MAX] {
            let mut set = VlanSet::default();
            set.insert(Vlan::from_stored(number));
            assert!(set.is_empty(), "{number}");
            assert!(!set.contains(Vlan::from_stored(number)), "{number}");
        }
    }

    #[test]
    fn sets_are_added_subtracted_and_cut() {
        let (few, many) = (set([5, 70]), set(60..80));
        let (mut sum, mut rest, mut both) = (few.clone(), many.clone(), few.clone());
        sum.add(&many);
        assert_eq!((sum.len(), sum.nth(0)), (21, Vlan::new(5)));
        rest.subtract(&few);
        assert_eq!(
            (rest.len(), rest.contains(Vlan::new(70).unwrap())),
            (19, false)
        );
        both.keep(&many);
        assert_eq!(numbers(&both), [70]);
    }

    #[test]
    fn bytes_are_read_as_they_were_written_and_others_are_not() {
        for set in [
            set([]),
            set([1, 8, 4094]),
            VlanSet::of_range(VlanRange::default()),
        ] {
            let bytes = set.to_bytes();
            assert_eq!(bytes.len(), VlanSet::BYTES);
            assert_eq!(VlanSet::from_bytes(&bytes), Some(set));
        }
        let mut bytes = set([1]).to_bytes();
        assert_eq!(bytes[0], 0b10);
        assert_eq!(VlanSet::from_bytes(&bytes[..511]), None);
        bytes[0] = 1;
        assert_eq!(VlanSet::from_bytes(&bytes), None, "0 is no VLAN");
    }
}
