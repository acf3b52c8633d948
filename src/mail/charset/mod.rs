//! Bytes to text, whatever the mail says or fails to say about its charset.

mod iso_2022;
mod utf7;
mod wide;

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_8859_15, UTF_8, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;

/// How a text stands to the charset that its mail names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is in it, or says itself what it is in: UTF-8, a byte order mark.
    Sound,
    /// It is not, or nothing is named: what it is in is a guess.
    Guessed,
    /// Nobody knows the name.
    Unknown,
}

/// Decodes bytes of a declared charset.
pub(super) fn decode<'a>(label: Option<&str>, bytes: &'a [u8]) -> (Cow<'a, str>, Fit) {
    if let Some((form, length)) = wide::mark(bytes) {
        return (Cow::Owned(form.decode(&bytes[length..]).0), Fit::Sound);
    }
    // RFC 2231 §5: the language behind `*` is no part of the name.
    let label = label.map(|label| label.split('*').next().unwrap_or(label).trim()).filter(|label| !label.is_empty());
    let plain = label.map(plain).unwrap_or_default();
    if let Some(form) = wide::Form::named(&plain) {
        return decode_wide(form, bytes);
    }
    if let Some(form) = wide::Form::by_zeros(bytes) {
        return (Cow::Owned(form.decode(bytes).0), Fit::Guessed);
    }
    let Some(label) = label.filter(|label| !is_ascii(label)) else { return judged(bytes) };
    if !bytes.is_ascii() && is_seven_bit(&plain) {
        return (guessed(bytes), Fit::Guessed);
    }
    // RFC 1642's name is the one that Exchange writes into its reports.
    if plain == "utf7" || plain == "unicode11utf7" {
        let (text, is_sound) = utf7::decode(bytes);
        return (Cow::Owned(text), if is_sound { Fit::Sound } else { Fit::Guessed });
    }
    if let Some(text) = iso_2022::decode(&plain, bytes) {
        return (Cow::Owned(text), Fit::Sound);
    }
    if let Some(text) = ascii(bytes).filter(|text| iso_2022::is_likely(text)) {
        return (Cow::Owned(iso_2022::decode_unnamed(text.as_bytes())), Fit::Guessed);
    }
    match known(label) {
        Some(encoding) if encoding == UTF_8 => judged(bytes),
        // What is not ASCII and yet well-formed UTF-8 was never written in Latin-1: relays relabel it.
        Some(encoding) if is_western(encoding) && is_multibyte_utf8(bytes) => (decode_utf8(bytes), Fit::Guessed),
        Some(encoding) => match encoding.decode_without_bom_handling(bytes) {
            (_, true) if is_multibyte_utf8(bytes) => (decode_utf8(bytes), Fit::Guessed),
            (text, _) => (text, Fit::Sound),
        },
        None => match [label, &plain].iter().find_map(|name| charset_decoder(name.as_bytes())) {
            Some(decoder) => (Cow::Owned(decoder(bytes)), Fit::Sound),
            None => (decode_undeclared(bytes), Fit::Unknown),
        },
    }
}

/// Decodes bytes of which nothing is said: UTF-8 where it is UTF-8, else ISO-2022 by its escapes, else what they look like.
pub(super) fn decode_undeclared(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if iso_2022::is_likely(text) => Cow::Owned(iso_2022::decode_unnamed(bytes)),
        Ok(text) => Cow::Borrowed(text.trim_start_matches('\u{feff}')),
        Err(_) => decode_utf8(bytes),
    }
}

/// As [`decode_undeclared`], and whether they had to be guessed.
fn judged(bytes: &[u8]) -> (Cow<'_, str>, Fit) {
    let fit = if std::str::from_utf8(bytes).is_ok() { Fit::Sound } else { Fit::Guessed };
    (decode_undeclared(bytes), fit)
}

/// Wide text; where the bytes are those of readable text in ASCII or UTF-8, that is what they are.
fn decode_wide(form: wide::Form, bytes: &[u8]) -> (Cow<'_, str>, Fit) {
    let is_readable = |text: &str| !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c'));
    match std::str::from_utf8(bytes) {
        Ok(text) if is_readable(text) => (
            Cow::Borrowed(text.trim_start_matches('\u{feff}')),
            if text.is_empty() { Fit::Sound } else { Fit::Guessed },
        ),
        _ if is_text_of_bytes(bytes) => (decode_utf8(bytes), Fit::Guessed),
        _ => {
            let (text, is_guess) = form.decode(bytes);
            (Cow::Owned(text), if is_guess { Fit::Guessed } else { Fit::Sound })
        }
    }
}

/// Whether bytes are those of a Western text: mostly ASCII, and no control character, as wide text holds them at once.
fn is_text_of_bytes(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(GUESS_MAX)];
    let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
    !start.iter().any(is_control) && start.iter().filter(|byte| byte.is_ascii()).count() * 4 >= start.len() * 3
}

/// UTF-8; a line of which more is broken than right was never UTF-8, and is read as what it looks like. Servers put their
/// footers, in a charset of their own, below a text.
fn decode_utf8(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let is_broken = |line: &&[u8]| std::str::from_utf8(line).is_err();
    let broken: Vec<u8> = bytes.split_inclusive(|&byte| byte == b'\n').filter(is_broken).flatten().copied().collect();
    let encoding = likely(&broken);
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let lossy = String::from_utf8_lossy(line);
        let holes = lossy.chars().filter(|&c| c == '\u{fffd}').count();
        let right = lossy.chars().filter(|&c| !c.is_ascii()).count() - holes;
        if holes > right && is_broken(&line) {
            text.push_str(&encoding.decode_without_bom_handling(line).0);
        } else {
            text.push_str(&lossy);
        }
    }
    Cow::Owned(text)
}

/// Eight-bit bytes that are called a charset of seven bits: UTF-8, or whatever East Asian text they look like.
fn guessed(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    detected(&bytes[..bytes.len().min(GUESS_MAX)], bytes.len() <= GUESS_MAX).decode_without_bom_handling(bytes).0
}

fn ascii(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii())
}

fn is_seven_bit(plain: &str) -> bool {
    plain == "utf7" || plain == "unicode11utf7" || plain == "hzgb2312" || plain.starts_with("iso2022")
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
    detected(start, start.len() == bytes.len())
}

fn detected(start: &[u8], is_whole: bool) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(start, is_whole);
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

/// Decodes bytes of a code page of Windows.
pub(super) fn decode_codepage(number: u32, bytes: &[u8]) -> Cow<'_, str> {
    let label = match number {
        20127 => "us-ascii".to_owned(),
        20866 => "koi8-r".to_owned(),
        21866 => "koi8-u".to_owned(),
        28591..=28606 => format!("iso-8859-{}", number - 28590),
        10000 => "macintosh".to_owned(),
        _ => format!("cp{number}"),
    };
    match decode(Some(&label), bytes) {
        (_, Fit::Unknown) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        (text, _) => text,
    }
}

/// encoding_rs knows the labels of the web; mail also writes `utf8`, `cp-1252`, `x-windows-1252`, `latin-1`.
fn known(label: &str) -> Option<&'static Encoding> {
    let found = Encoding::for_label_no_replacement(label.as_bytes());
    if found.is_some() {
        return found;
    }
    let plain = plain(label);
    if let Some(number) = plain.strip_prefix("cp").or(plain.strip_prefix("windows")).or(plain.strip_prefix("win")) {
        let label = match number {
            "932" => "shift_jis".to_owned(),
            "936" => "gbk".to_owned(),
            "949" | "51949" => "euc-kr".to_owned(),
            "950" => "big5".to_owned(),
            "51932" => "euc-jp".to_owned(),
            "54936" => "gb18030".to_owned(),
            "65001" => "utf-8".to_owned(),
            _ => format!("windows-{number}"),
        };
        return Encoding::for_label_no_replacement(label.as_bytes());
    }
    if let Some(number) = plain.strip_prefix("iso8859").or(plain.strip_prefix("8859")) {
        return Encoding::for_label_no_replacement(format!("iso-8859-{number}").as_bytes());
    }
    let alias = match &*plain {
        "ms932" => "shift_jis",
        "euccn" => "gbk",
        "euckr" | "uhc" | "ms949" => "euc-kr",
        "ms950" | "big5eten" => "big5",
        "eucjp" | "eucjpms" | "eucjpwin" => "euc-jp",
        plain if plain.ends_with("utf8") || plain.starts_with("utf8") => "utf-8",
        plain => plain,
    };
    Encoding::for_label_no_replacement(alias.as_bytes())
}

/// Lower case, letters and digits alone, without the `x-` and `cs` of unregistered names and aliases.
fn plain(label: &str) -> String {
    let plain: String = label.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let plain = plain.strip_prefix("cs").or(plain.strip_prefix('x')).unwrap_or(&plain);
    match plain {
        // DOS; what box-drawing characters differ, letters do not.
        "cp437" | "ibm437" | "437" | "cp858" | "ibm858" | "ibm00858" => "cp850".to_owned(),
        // Microsoft's numbers of seven-bit and of wide charsets.
        "cp50220" | "cp50221" | "cp50222" => "iso2022jp".to_owned(),
        "cp50225" => "iso2022kr".to_owned(),
        "cp50227" | "cp50229" => "iso2022cn".to_owned(),
        "cp52936" => "hzgb2312".to_owned(),
        "cp65000" => "utf7".to_owned(),
        "cp1200" => "utf16le".to_owned(),
        "cp1201" => "utf16be".to_owned(),
        "cp12000" => "utf32le".to_owned(),
        "cp12001" => "utf32be".to_owned(),
        plain => plain.to_owned(),
    }
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
            assert_eq!(decode(Some(label), b"\xe9"), (Cow::Borrowed("é"), Fit::Sound), "{label}");
        }
        for label in ["cp932", "MS932", "x-sjis"] {
            assert_eq!(decode(Some(label), b"\x83v\x83\x8a"), ("プリ".into(), Fit::Sound), "{label}");
        }
        for label in ["euckr", "cp949", "UHC", "eucjp", "cp950", "euc-cn", "utf8mb4", "en_US.UTF-8", "cp-437"] {
            assert_eq!(decode(Some(label), b"x"), ("x".into(), Fit::Sound), "{label}");
        }
        assert_eq!(decode(Some("utf-7"), b"caf+AOk-").0, "café");
        assert_eq!(decode(Some("cp850"), b"\x82").0, "é");
        assert_eq!(decode(Some("klingon"), b"x").1, Fit::Unknown);
    }

    #[test]
    fn a_label_that_the_bytes_deny_is_not_believed() {
        for label in ["utf-16", "UTF-16LE", "utf-16be", "utf-32", "ucs-2"] {
            let said = ("L'écran est noir.".into(), Fit::Guessed);
            assert_eq!(decode(Some(label), "L'écran est noir.".as_bytes()), said, "{label}");
        }
        assert_eq!(decode(Some("utf-16"), b"L'\xe9cran est noir.").0, "L'écran est noir.");
        assert_eq!(decode(Some("iso-8859-1"), b"\x1b$B%W%j\x1b(B"), ("プリ".into(), Fit::Guessed));
        for label in [Some("utf-16le"), Some("utf-8"), Some("iso-8859-1"), None] {
            assert_eq!(decode(label, b"\xfe\xff\0N\0o\0i\0r"), ("Noir".into(), Fit::Sound), "{label:?}");
        }
        assert_eq!(decode(Some("us-ascii"), b"N\0o\0i\0r\0"), ("Noir".into(), Fit::Guessed));
        assert_eq!(decode(Some("shift_jis"), "écran déjà noir".as_bytes()), ("écran déjà noir".into(), Fit::Guessed));
    }

    #[test]
    fn eight_bits_in_a_charset_of_seven_are_guessed() {
        let korean = encoding_rs::EUC_KR.encode("프린터가 고장났습니다. 빨리 와 주세요.").0.into_owned();
        assert_eq!(
            decode(Some("iso-2022-kr"), &korean),
            ("프린터가 고장났습니다. 빨리 와 주세요.".into(), Fit::Guessed)
        );
        assert_eq!(decode(Some("utf-7"), "réseau".as_bytes()), ("réseau".into(), Fit::Guessed));
    }

    #[test]
    fn a_footer_in_a_charset_of_its_own_spoils_no_line_above_it() {
        let bytes = [&b"L'\xc3\xa9cran\n"[..], b"Liste priv\xe9e du b\xe2timent\n"].concat();
        assert_eq!(decode(Some("utf-8"), &bytes), ("L'écran\nListe privée du bâtiment\n".into(), Fit::Guessed));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_under_any_name_are_text(bytes: Vec<u8>, label in "utf-?(7|8|16|16le|32)|iso-2022-(jp|kr|cn)|hz|big5|x") {
            decode(Some(&label), &bytes);
            decode(None, &bytes);
        }
    }
}
