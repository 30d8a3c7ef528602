//! The query of a URL.

use percent_encoding::percent_decode_str;

/// The pairs of a raw query, decoded as forms are: `+` is a space, what is not UTF-8 is replaced. A name without `=` has
/// an empty value.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn names_and_values_are_decoded_and_repeated_names_kept_in_order() {
        for (query, expected) in [
            ("", vec![]),
            ("&&", vec![]),
            ("state=allocated", vec![("state", "allocated")]),
            ("a=1&b=2&a=3", vec![("a", "1"), ("b", "2"), ("a", "3")]),
            (
                "a%20b=c%26d%3D&e+f=%2B+%C3%A9",
                vec![("a b", "c&d="), ("e f", "+ é")],
            ),
            ("dryRun&x==", vec![("dryRun", ""), ("x", "=")]),
            ("a=%ff%zz%", vec![("a", "\u{fffd}%zz%")]),
        ] {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            assert_eq!(pairs(query), expected, "{query}");
        }
    }
}
