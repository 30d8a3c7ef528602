//! The safeguards' names on the command line.

use clap::builder::{PossibleValue, PossibleValuesParser};
use proof::Sabotage;

/// All names, with what it means to do without.
pub(super) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        Sabotage::ALL
            .map(|safeguard| PossibleValue::new(safeguard.name()).help(safeguard.without())),
    )
}
