//! The safeguards' names on the command line.

use aws::Safeguard;
use clap::builder::{PossibleValue, PossibleValuesParser};

/// In kebab case.
pub(super) fn name(safeguard: Safeguard) -> &'static str {
    match safeguard {
        Safeguard::Fencing => "fencing",
        Safeguard::SingleSend => "single-send",
        Safeguard::Classification => "classification",
        Safeguard::SettleTime => "settle-time",
        Safeguard::SameVlan => "same-vlan",
        Safeguard::RecordBeforePublish => "record-before-publish",
        Safeguard::AllPages => "all-pages",
        Safeguard::Retention => "retention",
    }
}

/// What goes on while it is broken.
fn without(safeguard: Safeguard) -> &'static str {
    match safeguard {
        Safeguard::Fencing => "an attempt that lost its claim may still write",
        Safeguard::SingleSend => "the SDK repeats AllocateHostedConnection by itself",
        Safeguard::Classification => "every 4xx is a final no",
        Safeguard::SettleTime => "an unanswered call is made again at once",
        Safeguard::SameVlan => "an unanswered call is made again with another VLAN",
        Safeguard::RecordBeforePublish => {
            "the event goes out before the outcome is recorded, and no replay makes up for it"
        }
        Safeguard::AllPages => "only the first page of a parent's connections is read",
        Safeguard::Retention => "the record of a living connection expires",
    }
}

/// The safeguard of this name.
///
/// # Errors
/// There is none.
pub(super) fn named(text: &str) -> Result<Safeguard, String> {
    let mut all = Safeguard::ALL.into_iter();
    all.find(|safeguard| name(*safeguard) == text)
        .ok_or_else(|| format!("there is no safeguard `{text}`"))
}

/// All names, with what it means to do without.
pub(super) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        Safeguard::ALL
            .map(|safeguard| PossibleValue::new(name(safeguard)).help(without(safeguard))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_safeguard_is_found_by_its_own_name() {
        for safeguard in Safeguard::ALL {
            assert_eq!(named(name(safeguard)), Ok(safeguard));
        }
        assert!(named("luck").is_err());
    }
}
