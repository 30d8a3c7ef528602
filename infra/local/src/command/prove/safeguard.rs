//! The safeguards' names on the command line.

use aws::Safeguard;
use clap::builder::{PossibleValue, PossibleValuesParser};
use proof::Sabotage;

/// In kebab case.
pub(super) fn name(sabotage: Sabotage) -> &'static str {
    let safeguard = match sabotage {
        Sabotage::Inside(safeguard) => safeguard,
        Sabotage::OneParent => return "one-parent",
        Sabotage::RefusalFinal => return "refusal-final",
    };
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
fn without(sabotage: Sabotage) -> &'static str {
    let safeguard = match sabotage {
        Sabotage::Inside(safeguard) => safeguard,
        Sabotage::OneParent => return "no parent but the order's own is looked at",
        Sabotage::RefusalFinal => {
            return "a refusal is final at once, whatever is on the VLAN and whatever state the parent is in";
        }
    };
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
pub(super) fn named(text: &str) -> Result<Sabotage, String> {
    let mut all = Sabotage::ALL.into_iter();
    all.find(|safeguard| name(*safeguard) == text)
        .ok_or_else(|| format!("there is no safeguard `{text}`"))
}

/// All names, with what it means to do without.
pub(super) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        Sabotage::ALL.map(|safeguard| PossibleValue::new(name(safeguard)).help(without(safeguard))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_safeguard_is_found_by_its_own_name() {
        for safeguard in Sabotage::ALL {
            assert_eq!(named(name(safeguard)), Ok(safeguard));
        }
        assert!(named("luck").is_err());
    }
}
