//! What came in a message that became no request.

use std::fmt;

/// A body as text, as much of it as an event carries along. It may hold anything, so it is for the event alone and never
/// for a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    text: String,
    is_truncated: bool,
}

impl Received {
    /// The most that is kept, in bytes. An event takes 256 KiB, and characters that JSON escapes count six times.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// The longest character of UTF-8.
    const CHARACTER_BYTES: usize = 4;

    /// Keeps the beginning of a body, up to the end of a character. What is no UTF-8 in it is replaced.
    pub fn of(body: &[u8]) -> Self {
        // A character that this cuts in two begins behind the limit.
        let looked_at = body.len().min(Self::MAX_BYTES + Self::CHARACTER_BYTES);
        let mut text = String::from_utf8_lossy(&body[..looked_at]).into_owned();
        let end = text.floor_char_boundary(Self::MAX_BYTES);
        let is_truncated = end < text.len() || looked_at < body.len();
        text.truncate(end);
        Self { text, is_truncated }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there was more.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(body: &[u8]) -> (usize, bool) {
        let received = Received::of(body);
        (received.text().len(), received.is_truncated())
    }

    #[test]
    fn what_is_8_kib_or_less_is_kept_whole() {
        assert_eq!(Received::of(b"no JSON").text(), "no JSON");
        assert_eq!(kept(b""), (0, false));
        assert_eq!(kept(&[b'a'; 8192]), (8192, false));
        assert_eq!(kept("ä".repeat(4096).as_bytes()), (8192, false));
    }

    #[test]
    fn what_is_more_is_cut_at_the_end_of_a_character() {
        assert_eq!(kept(&[b'a'; 8193]), (8192, true));
        for (character, bytes) in [("ä", 8190), ("中", 8190), ("😀", 8188)] {
            let body = format!("a{}", character.repeat(5000));
            let received = Received::of(body.as_bytes());
            assert!(body.starts_with(received.text()), "{character}");
            assert!(received.is_truncated() && received.text().len() > bytes);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_do_not_grow_beyond_the_limit() {
        assert_eq!(Received::of(b"a\xffb").text(), "a\u{fffd}b");
        assert_eq!(kept(&[0xff; 8192]), (8190, true));
        assert_eq!(kept(&[0xff; 100_000]), (8190, true));
    }

    #[test]
    fn it_is_not_shown_where_it_might_be_logged() {
        let shown = format!("{:?}", Received::of(b"customer"));
        assert_eq!(shown, "Received(8 bytes)");
    }
}
