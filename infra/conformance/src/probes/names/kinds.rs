//! What an order's name may hold and somebody may have thought of forbidding: no letter, digit or hyphen, and some that are
//! not ASCII, one of them outside the basic plane.

/// All of it.
pub(super) const ODD: &str = "_ .,:;!?@#$%&*+=/\\|~^`'\"<>()[]{} äß日𝄞";
/// In a report.
pub(super) const ODD_WORDS: &str = "punctuation and characters outside ASCII";

/// Its kinds, each with its name in a report. The space is before a letter: a name may not be refused for how it ends.
pub(super) const KINDS: [(&str, &str); 5] = [
    (" x", "spaces"),
    ("_.,:/()", "usual punctuation"),
    (";!?@#$%&*+=\\|~^`'\"<>[]{}", "other punctuation"),
    ("äß日", "letters outside ASCII"),
    ("𝄞", "characters outside the basic plane"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hosted_connection::ConnectionName;

    use super::super::LONGEST;
    use super::*;
    use crate::making::Style;

    #[test]
    fn the_names_are_such_that_an_order_may_have_them() {
        let run = "0123456789ab";
        for style in [Style::Plain, Style::Long(LONGEST), Style::With(ODD)] {
            let name = style.name(run, 12);
            assert!(ConnectionName::parse(&name).is_ok(), "{name}");
            assert!(name.starts_with("conformance-0123456789ab-12"), "{name}");
        }
        let longest = Style::Long(LONGEST).name(run, 3);
        assert_eq!(longest.chars().count(), LONGEST);
        let ascii: Vec<char> = (' '..='~').collect();
        let odd = Style::With(ODD).name(run, 0);
        let missing = ascii.iter().filter(|one| !one.is_alphanumeric());
        let missing: String = missing.filter(|one| !odd.contains(**one)).collect();
        assert_eq!(
            missing, "",
            "every character of ASCII that is no letter and no digit"
        );
    }

    #[test]
    fn every_character_is_of_one_kind() {
        let of_kinds = KINDS.iter().flat_map(|(characters, _)| characters.chars());
        let mut of_kinds: Vec<char> = of_kinds.filter(|one| *one != 'x').collect();
        let all: BTreeSet<char> = ODD.chars().collect();
        of_kinds.sort_unstable();
        assert_eq!(of_kinds, Vec::from_iter(all));
    }
}
