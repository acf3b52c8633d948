//! Bytes to text, whatever the mail says or fails to say about its charset.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, ISO_8859_15, UTF_8, WINDOWS_1252};

/// Decodes bytes of a declared charset. The flag is false where nobody knows the name.
pub(super) fn decode<'a>(label: Option<&str>, bytes: &'a [u8]) -> (Cow<'a, str>, bool) {
    let Some(label) = label.map(str::trim).filter(|label| !label.is_empty()) else {
        return (decode_undeclared(bytes), true);
    };
    // RFC 2231 §5: the language behind `*` is no part of the name.
    let label = label.split('*').next().unwrap_or(label);
    // RFC 1642's name, which Exchange writes into its reports.
    let label = if label.eq_ignore_ascii_case("unicode-1-1-utf-7") { "utf-7" } else { label };
    if is_ascii(label) {
        return (decode_undeclared(bytes), true);
    }
    match known(label) {
        Some(encoding) if encoding == UTF_8 => (decode_utf8(bytes), true),
        // What is not ASCII and yet well-formed UTF-8 was never written in Latin-1: relays relabel it.
        Some(encoding) if is_western(encoding) && is_multibyte_utf8(bytes) => (decode_utf8(bytes), true),
        Some(encoding) => (encoding.decode_without_bom_handling(bytes).0, true),
        None => match mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes()) {
            Some(decoder) => (Cow::Owned(decoder(bytes)), true),
            None => (decode_undeclared(bytes), false),
        },
    }
}

/// Decodes bytes of which nothing is said: UTF-8 where it is UTF-8, else ISO-2022-JP by its escapes, else what they
/// look like.
pub(super) fn decode_undeclared(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("\u{1b}$") => ISO_2022_JP.decode_without_bom_handling(bytes).0,
        Ok(text) => Cow::Borrowed(text.trim_start_matches('\u{feff}')),
        Err(_) => decode_utf8(bytes),
    }
}

/// UTF-8; where more is broken than right it was never UTF-8, and is read as what it looks like.
fn decode_utf8(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let lossy = String::from_utf8_lossy(bytes);
    let Cow::Owned(text) = &lossy else { return lossy };
    let broken = text.chars().filter(|&c| c == '\u{fffd}').count();
    let right = text.chars().filter(|&c| !c.is_ascii()).count() - broken;
    if broken > right { likely(bytes).decode_without_bom_handling(bytes).0 } else { lossy }
}

/// Bytes that are looked at for a guess.
const GUESS_MAX: usize = 4_096;

/// Windows-1252, which is what clients that declare nothing write; but a text of which most letters are beyond ASCII was
/// not written in a Western language, and its letters tell which it is.
fn likely(bytes: &[u8]) -> &'static Encoding {
    let start = &bytes[..bytes.len().min(GUESS_MAX)];
    let beyond = start.iter().filter(|byte| !byte.is_ascii()).count();
    let letters = start.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if beyond < 6 || beyond < 2 * letters {
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(start, start.len() == bytes.len());
    detector.guess(None, Utf8Detection::Deny)
}

/// Undoes UTF-8 that a relay took for Windows-1252 and encoded again: "DÃ©solÃ©e". A text of which every character
/// beyond ASCII stands in such pairs was never meant so.
pub(super) fn undo_double_encoding(text: Cow<'_, str>) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_suspect = |at: usize| matches!(bytes.get(at + 1), Some(0x83 | 0xa2));
    if !memchr::memchr_iter(0xc3, bytes).any(is_suspect) {
        return text;
    }
    // `à` encoded twice ends in a no-break space, which relays make a plain one.
    let whole = text.replace("Ã ", "Ã\u{a0}");
    let (bytes, _, unmappable) = WINDOWS_1252.encode(&whole);
    if unmappable {
        return text;
    }
    match std::str::from_utf8(&bytes) {
        Ok(decoded) => Cow::Owned(decoded.to_owned()),
        Err(_) => text,
    }
}

fn is_western(encoding: &Encoding) -> bool {
    encoding == WINDOWS_1252 || encoding == ISO_8859_15
}

fn is_multibyte_utf8(bytes: &[u8]) -> bool {
    !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok()
}

fn is_ascii(label: &str) -> bool {
    ["us-ascii", "ascii", "ansi_x3.4-1968", "ansi", "7bit", "8bit", "unknown-8bit", "x-unknown", "default", "none"]
        .iter()
        .any(|name| label.eq_ignore_ascii_case(name))
}

/// The encoding of a label, if it says anything.
pub(super) fn encoding(label: &str) -> Option<&'static Encoding> {
    if is_ascii(label) { None } else { known(label) }
}

/// encoding_rs knows the labels of the web; mail also writes `utf8`, `cp-1252`, `x-windows-1252`, `latin-1`.
fn known(label: &str) -> Option<&'static Encoding> {
    let found = Encoding::for_label_no_replacement(label.as_bytes());
    if found.is_some() {
        return found;
    }
    let plain: String = label.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let plain = plain.strip_prefix("cs").or(plain.strip_prefix('x')).unwrap_or(&plain);
    if let Some(number) = plain.strip_prefix("cp").or(plain.strip_prefix("windows")).or(plain.strip_prefix("win")) {
        return Encoding::for_label_no_replacement(format!("windows-{number}").as_bytes());
    }
    if let Some(number) = plain.strip_prefix("iso8859").or(plain.strip_prefix("8859")) {
        return Encoding::for_label_no_replacement(format!("iso-8859-{number}").as_bytes());
    }
    Encoding::for_label_no_replacement(plain.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_1_that_says_nothing_or_utf_8_is_read_all_the_same() {
        assert_eq!(decode(None, b"caf\xe9 br\xfbl\xe9").0, "café brûlé");
        assert_eq!(decode(Some("utf-8"), b"d\xe9j\xe0 vu").0, "déjà vu");
        assert_eq!(decode(Some("us-ascii"), "déjà".as_bytes()).0, "déjà");
    }

    #[test]
    fn letters_beyond_ascii_tell_of_what_language_they_are() {
        assert_eq!(decode(None, b"\xef\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0").0, "привет, мир");
        assert_eq!(decode(None, b"\xd0\xd2\xc9\xd7\xc5\xd4, \xcd\xc9\xd2").0, "привет, мир");
        assert_eq!(decode(None, b"\xc9t\xe9 \xe0 \xc9vry").0, "Été à Évry");
    }

    #[test]
    fn what_was_encoded_twice_is_decoded_twice() {
        assert_eq!(undo_double_encoding("DÃ©solÃ©e, voilÃ  tout".into()), "Désolée, voilà tout");
        for text in ["désolée Ã©", "château", "", "Ã"] {
            assert_eq!(undo_double_encoding(text.into()), text);
        }
    }

    #[test]
    fn labels_of_old_clients_are_known() {
        for label in ["iso-8859-1", "ISO8859_15", "cp1252", "x-cp1252", "cp-1252", "windows-1252", "Latin-1"] {
            assert_eq!(decode(Some(label), b"\xe9"), (Cow::Borrowed("é"), true), "{label}");
        }
        assert_eq!(decode(Some("utf-7"), b"caf+AOk-").0, "café");
        assert_eq!(decode(Some("cp850"), b"\x82").0, "é");
        assert!(!decode(Some("klingon"), b"x").1);
    }
}
