//! What takes a word's place: as many letters or digits, which follow from the word and a secret that is kept nowhere.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Shorter words would meet by chance.
const SHORTEST: usize = 6;
/// Letters and digits of a replacement.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Digits of an address.
const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";

/// The secret of one file.
pub(super) struct Secret([u8; 32]);

impl Secret {
    /// A new one.
    pub(super) fn drawn() -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        Ok(Self(secret))
    }

    /// An account with marks between its digits becomes what it becomes without them.
    pub(super) fn account(&self, written: &str) -> String {
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        let mut replaced = self.digits(&digits).into_bytes().into_iter();
        let same = |byte: u8| match byte.is_ascii_digit() {
            true => replaced.next().unwrap_or(b'0'),
            false => byte,
        };
        written.bytes().map(same).map(char::from).collect()
    }

    /// As many digits, the first of them not 0.
    pub(super) fn digits(&self, digits: &str) -> String {
        let made = self.made(digits, digits.len()).into_iter().enumerate();
        let made = made.map(|(index, byte)| match index {
            0 => b'1' + byte % 9,
            _ => b'0' + byte % 10,
        });
        made.map(char::from).collect()
    }

    /// As many letters and digits, or a few more; the first is a letter.
    pub(super) fn letters(&self, word: &str) -> String {
        let length = word.chars().count().max(SHORTEST);
        let made = self.made(word, length).into_iter().enumerate();
        let made = made.map(|(index, byte)| match index {
            0 => ALPHABET[usize::from(byte % 24)],
            _ => ALPHABET[usize::from(byte % 32)],
        });
        made.map(char::from).collect()
    }

    /// An address of a network or of a device, in the same notation.
    pub(super) fn address(&self, written: &str) -> String {
        if written.contains('.') {
            let octets = self.made(written, 4).into_iter();
            let octets: Vec<_> = octets.map(|octet| octet.to_string()).collect();
            return octets.join(".");
        }
        let mut made = self.made(written, written.len()).into_iter();
        let replaced = written.chars().map(|c| match (c, made.next()) {
            (':', _) | (_, None) => c,
            (_, Some(byte)) => char::from(HEXADECIMAL[usize::from(byte % 16)]),
        });
        replaced.collect()
    }

    /// So many bytes that follow from the word and the secret.
    fn made(&self, word: &str, length: usize) -> Vec<u8> {
        let mut made = Vec::with_capacity(length);
        let mut block = 0_u32;
        while made.len() < length {
            // A key of any length will do.
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
                break;
            };
            mac.update(&block.to_be_bytes());
            mac.update(word.as_bytes());
            made.extend_from_slice(&mac.finalize().into_bytes());
            block += 1;
        }
        made.resize(length, 0);
        made
    }
}
