//! How many times a parent's bandwidth may be sold.

use serde::{Serialize, Serializer};

use crate::json::Json;
use crate::{Violation, ViolationCode};

const HUNDREDTHS_IN_ONE: u16 = 100;

/// A ratio of 0.1 to 100 with at most 2 decimals, kept in hundredths: whether one more connection fits must not hang on
/// how a float was rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OversubscriptionRatio {
    hundredths: u16,
}

impl OversubscriptionRatio {
    pub(super) const POINTER: &str = "/oversubscriptionRatio";

    /// So many Mbps, rounded down.
    pub(super) fn times(self, mbps: u32) -> u64 {
        u64::from(mbps) * u64::from(self.hundredths) / u64::from(HUNDREDTHS_IN_ONE)
    }

    pub(super) fn read(value: &Json) -> Result<Self, Violation> {
        let refuse = |code, message: &str| Err(Violation::new(Self::POINTER, code, message));
        let number = match value {
            Json::Integer(number) => *number as f64,
            Json::Fraction(number) => *number,
            Json::Null | Json::Bool | Json::String(_) | Json::List(_) | Json::Object(_) => {
                return Err(value.wrong_type(Self::POINTER, "a number"));
            }
        };
        if !(0.1..=100.0).contains(&number) {
            return refuse(ViolationCode::OutOfRange, "must be 0.1 to 100");
        }
        // At most 10,000 now, so the cast loses nothing but the sign of zero.
        let ratio = Self {
            hundredths: (number * f64::from(HUNDREDTHS_IN_ONE)).round() as u16,
        };
        // Division and reading are both rounded to the nearest float, so a number of two decimals is met exactly, and
        // every other that a float can tell from it is not.
        if ratio.as_f64() == number {
            Ok(ratio)
        } else {
            refuse(ViolationCode::Malformed, "must have at most 2 decimals")
        }
    }

    /// The ratio in a stored policy, whatever the rules for policies are by now. The cast keeps to what there can be.
    pub(super) fn from_stored(number: f64) -> Self {
        Self {
            hundredths: (number * f64::from(HUNDREDTHS_IN_ONE)).round() as u16,
        }
    }

    fn as_f64(self) -> f64 {
        f64::from(self.hundredths) / f64::from(HUNDREDTHS_IN_ONE)
    }
}

impl Default for OversubscriptionRatio {
    /// 1: what is there may be sold once.
    fn default() -> Self {
        Self {
            hundredths: HUNDREDTHS_IN_ONE,
        }
    }
}

impl Serialize for OversubscriptionRatio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.hundredths.is_multiple_of(HUNDREDTHS_IN_ONE) {
            serializer.serialize_u16(self.hundredths / HUNDREDTHS_IN_ONE)
        } else {
            serializer.serialize_f64(self.as_f64())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<OversubscriptionRatio, ViolationCode> {
        OversubscriptionRatio::read(&Json::parse(text.as_bytes()).unwrap())
            .map_err(|violation| violation.code)
    }

    #[test]
    fn every_ratio_of_two_decimals_is_kept_exactly_and_written_as_it_was_read() {
        for hundredths in 10..=10_000u16 {
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let ratio = read(&text).unwrap();
            assert_eq!(ratio.hundredths, hundredths, "{text}");
            let shortest = text.trim_end_matches('0').trim_end_matches('.');
            assert_eq!(crate::json::text_of(&ratio), shortest);
            assert_eq!(read(shortest), Ok(ratio));
        }
    }

    #[test]
    fn anything_else_is_refused_for_what_it_is() {
        use ViolationCode::{Malformed, OutOfRange, WrongType};
        let cases = [
            ("0", OutOfRange),
            ("-0", OutOfRange),
            ("0.09", OutOfRange),
            ("0.0999999", OutOfRange),
            ("-1.5", OutOfRange),
            ("101", OutOfRange),
            ("100.01", OutOfRange),
            ("1e300", OutOfRange),
            ("99999999999999999999", OutOfRange),
            ("1.005", Malformed),
            ("0.101", Malformed),
            ("99.999", Malformed),
            ("1.4999999999999998", Malformed),
            ("1.5000000000000002", Malformed),
            (r#""1.5""#, WrongType),
            ("null", WrongType),
            ("[1.5]", WrongType),
        ];
        for (text, code) in cases {
            assert_eq!(read(text), Err(code), "{text}");
        }
        assert_eq!(read("15e-1"), read("1.5"));
    }

    #[test]
    fn a_product_is_exact_and_rounded_down() {
        let times = |text: &str, mbps| read(text).unwrap().times(mbps);
        assert_eq!(times("1.5", 10_000), 15_000);
        assert_eq!(times("0.1", 9), 0);
        assert_eq!(times("0.29", 100), 29);
        assert_eq!(times("1.15", 101), 116);
        assert_eq!(times("100", u32::MAX), 429_496_729_500);
    }
}
