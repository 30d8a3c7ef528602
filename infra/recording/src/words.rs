//! A text as words and what stands between them.

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Letters and digits.
    Word(&'a str),
    /// An account as people write it: four digits, a mark, four digits, a mark, four digits.
    Account(&'a str),
    /// An address of IPv4 or IPv6, or of a device: `192.0.2.7`, `2001:db8::7`, `00:00:5e:00:53:07`.
    Address(&'a str),
    /// A time as RFC 3339 has it.
    Time(&'a str),
    /// Everything else.
    Between(&'a str),
}

/// The text in parts, which together are the text.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, part): (usize, fn(&str) -> Part<'_>) = if !is_of_a_word(first) {
            let end = rest.find(is_of_a_word).unwrap_or(rest.len());
            (end, |text| Part::Between(text))
        } else if let Some(length) = time(rest) {
            (length, |text| Part::Time(text))
        } else if let Some(length) = address(rest) {
            (length, |text| Part::Address(text))
        } else if let Some(length) = account(rest) {
            (length, |text| Part::Account(text))
        } else {
            let end = rest.find(|c| !is_of_a_word(c)).unwrap_or(rest.len());
            (end, |text| Part::Word(text))
        };
        let (taken, left) = rest.split_at(length);
        parts.push(part(taken));
        rest = left;
    }
    parts
}

/// The per cent sign belongs to a word: what is percent-encoded would fall apart into short numbers otherwise.
fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '%') || !c.is_ascii()
}

/// How long the time is that the text begins with: `2026-01-02T03:04:05`, with a fraction or without, `Z` or an offset.
fn time(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, expected): (&u8, &u8)| match expected {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    };
    if bytes.len() < shape.len() || !bytes.iter().zip(shape).all(fits) {
        return None;
    }
    let mut length = shape.len();
    if bytes.get(length) == Some(&b'.') {
        let digits = bytes[length + 1..].iter();
        let fraction = digits.take_while(|byte| byte.is_ascii_digit()).count();
        length += if (1..=9).contains(&fraction) {
            1 + fraction
        } else {
            0
        };
    }
    match bytes.get(length) {
        Some(b'Z') => length += 1,
        Some(b'+' | b'-') => length += 6,
        Some(_) | None => return None,
    }
    let ends = text
        .get(length..)
        .is_some_and(|rest| !rest.starts_with(is_of_a_word));
    ends.then_some(length)
}

/// How long the account is that the text begins with: `1111-2222-3333`, or with spaces or dots.
fn account(text: &str) -> Option<usize> {
    const LENGTH: usize = 14;
    let written = text.as_bytes().get(..LENGTH)?;
    let is_mark = |index: usize| index == 4 || index == 9;
    let fits = written
        .iter()
        .enumerate()
        .all(|(index, byte)| match is_mark(index) {
            true => matches!(byte, b'-' | b' ' | b'.'),
            false => byte.is_ascii_digit(),
        });
    let ends = text
        .get(LENGTH..)
        .is_some_and(|rest| !rest.starts_with(is_of_a_word));
    (fits && ends).then_some(LENGTH)
}

/// How long the address is that the text begins with.
fn address(text: &str) -> Option<usize> {
    let run = |is_in: fn(char) -> bool| {
        let end = text.find(|c| !is_in(c)).unwrap_or(text.len());
        let (run, rest) = text.split_at(end);
        (!rest.starts_with(is_of_a_word)).then_some(run)
    };
    let with_dots = run(|c| c.is_ascii_digit() || c == '.').filter(|run| {
        let octets: Vec<_> = run.trim_end_matches('.').split('.').collect();
        octets.len() == 4 && octets.iter().all(|octet| octet.parse::<u8>().is_ok())
    });
    // A time of day has two colons.
    let with_colons = run(|c| c.is_ascii_hexdigit() || c == ':').filter(|run| {
        let groups = run.trim_end_matches(':').split(':');
        groups.clone().all(|group| group.len() <= 4)
            && (groups.count() > 3 || run.trim_end_matches(':').contains("::"))
    });
    let marks: &[char] = &['.', ':'];
    let found = with_dots.or(with_colons)?;
    // What ends a sentence is no part of it.
    Some(found.trim_end_matches(marks).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_text_are_the_text() {
        for text in [
            "",
            "VLAN 101 is already in use on dxcon-ffabc123.",
            "arn:aws:directconnect:eu-central-1:111122223333:dxcon/dxcon-ffabc123",
            "1111-2222-3333 at 2026-01-02T03:04:05.678Z",
            "%31%31 ümläut 中文 \u{1f600}",
            "2026-01-02T03:04:05.",
            "1111-2222-33334",
            "from 192.0.2.7. To 2001:db8::7: at 03:04:05",
        ] {
            let all: String = parts(text)
                .into_iter()
                .map(|part| match part {
                    Part::Word(text)
                    | Part::Account(text)
                    | Part::Address(text)
                    | Part::Time(text)
                    | Part::Between(text) => text,
                })
                .collect();
            assert_eq!(all, text);
        }
    }

    #[test]
    fn times_and_accounts_are_told_from_words() {
        use Part::{Account, Between, Time, Word};
        assert_eq!(
            parts("on 2026-01-02T03:04:05.678Z, 1111 2222 3333"),
            [
                Word("on"),
                Between(" "),
                Time("2026-01-02T03:04:05.678Z"),
                Between(", "),
                Account("1111 2222 3333"),
            ]
        );
        assert_eq!(
            parts("2026-01-02T03:04:05+02:00"),
            [Time("2026-01-02T03:04:05+02:00")]
        );
        assert!(!parts("2026-01-02T03:04:05Zacme").contains(&Time("2026-01-02T03:04:05Z")));
        assert!(matches!(parts("1111-2222-33334")[0], Word("1111")));
        assert_eq!(parts("%31%32"), [Word("%31%32")]);
    }

    #[test]
    fn addresses_are_told_from_times_of_day_and_arns() {
        for address in [
            "192.0.2.7",
            "10.0.0.1",
            "2001:db8::7",
            "2001:0:0:0:0:0:0:12",
            "00:00:5e:00:53:07",
        ] {
            let text = format!("({address}/30), {address}.");
            let found = parts(&text);
            let found = found.iter().filter(|part| **part == Part::Address(address));
            assert_eq!(found.count(), 2, "{text}");
        }
        for text in [
            "at 03:04:05",
            "arn:aws:iam::123456789012:user/12:34",
            "1.2.3",
            "999.0.0.1",
            "ae:1",
            "192.0.2.7x",
        ] {
            let found = parts(text);
            let is_address = |part: &Part<'_>| matches!(part, Part::Address(_));
            assert!(!found.iter().any(is_address), "{text}: {found:?}");
        }
    }
}
