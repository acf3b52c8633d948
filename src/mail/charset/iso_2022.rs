//! Seven-bit texts of East Asia: ISO-2022-JP and its family (RFC 1468, 1554, 2237), ISO-2022-KR (RFC 1557), ISO-2022-CN
//! (RFC 1922) and HZ (RFC 1843).
//!
//! encoding_rs knows the sets in their eight-bit forms and, as browsers must, refuses these; its ISO-2022-JP takes one word of a
//! header behind another for an attack. So the shifts are read here, and the pairs behind them there.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS};

const ESCAPE: u8 = 0x1b;
const SHIFT_OUT: u8 = 0x0e;
const SHIFT_IN: u8 = 0x0f;

/// What bytes stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Ascii,
    /// JIS X 0201's katakana, one byte each.
    Katakana,
    /// JIS X 0208, or what contains it.
    Japanese,
    /// JIS X 0212, read by way of EUC-JP.
    JapaneseSupplement,
    /// GB 2312, read as its superset GBK.
    Chinese,
    /// KS X 1001, read by way of EUC-KR.
    Korean,
    /// Pairs that no decoder here knows.
    Unknown,
}

/// Decodes what a charset's plain name (lower case, letters and digits alone) stands for; `None` where it is none of these.
pub(super) fn decode(plain: &str, bytes: &[u8]) -> Option<String> {
    if plain == "hzgb2312" || plain == "hz" {
        return Some(decode_hz(bytes));
    }
    let shifted = match plain.strip_prefix("iso2022")? {
        kr if kr.starts_with("kr") => Set::Korean,
        cn if cn.starts_with("cn") => Set::Chinese,
        jp if jp.starts_with("jp") => Set::Unknown,
        _ => return None,
    };
    Some(decode_escapes(shifted, bytes))
}

/// Whether unnamed text is written so: it switches to one of the sets.
pub(super) fn is_likely(text: &str) -> bool {
    text.contains("\u{1b}$")
}

/// Decodes text of which only the escapes say what it is.
pub(super) fn decode_unnamed(bytes: &[u8]) -> String {
    decode_escapes(Set::Unknown, bytes)
}

fn decode_escapes(shifted_at_first: Set, bytes: &[u8]) -> String {
    let mut out = Output::default();
    // ISO 2022's G0, what Shift Out brings, and whether it is brought.
    let (mut plain, mut shifted, mut is_shifted) = (Set::Ascii, shifted_at_first, false);
    let mut rest = bytes;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            ESCAPE => {
                let Some((designation, length)) = designation(behind) else { continue };
                match designation {
                    Designation::Plain(set) => plain = set,
                    Designation::Shifted(set) => shifted = set,
                    Designation::Nothing => {}
                }
                rest = &behind[length..];
            }
            SHIFT_OUT => is_shifted = true,
            SHIFT_IN => is_shifted = false,
            _ => rest = out.take(if is_shifted { shifted } else { plain }, byte, behind),
        }
    }
    out.finish()
}

/// What an escape sequence says.
enum Designation {
    Plain(Set),
    Shifted(Set),
    /// A set for single shifts, which are not read.
    Nothing,
}

/// The designation behind an escape character, and its length.
fn designation(behind: &[u8]) -> Option<(Designation, usize)> {
    let pairs = |last: u8| match last {
        b'@' | b'B' | b'O' | b'Q' => Some(Set::Japanese),
        b'D' => Some(Set::JapaneseSupplement),
        b'A' | b'E' => Some(Set::Chinese),
        b'C' => Some(Set::Korean),
        b'0'..=b'~' => Some(Set::Unknown),
        _ => None,
    };
    match behind {
        [b'(', b'I', ..] => Some((Designation::Plain(Set::Katakana), 2)),
        [b'(', b'0'..=b'~', ..] => Some((Designation::Plain(Set::Ascii), 2)),
        [b'$', b'(', last, ..] => Some((Designation::Plain(pairs(*last)?), 3)),
        [b'$', b')', last, ..] => Some((Designation::Shifted(pairs(*last)?), 3)),
        [b'$', b'*' | b'+', b'0'..=b'~', ..] => Some((Designation::Nothing, 3)),
        [b'$', last @ (b'@' | b'A' | b'B'), ..] => Some((Designation::Plain(pairs(*last)?), 2)),
        [b'.' | b'&', b'0'..=b'~', ..] => Some((Designation::Nothing, 2)),
        _ => None,
    }
}

/// HZ: `~{` begins pairs of GB 2312 and `~}` ends them, `~~` is a tilde, and a tilde before a line end joins the lines.
fn decode_hz(bytes: &[u8]) -> String {
    let mut out = Output::default();
    let mut set = Set::Ascii;
    let mut rest = bytes;
    while let Some((&byte, behind)) = rest.split_first() {
        (set, rest) = match (byte, behind) {
            (b'~', [b'{', after @ ..]) if set == Set::Ascii => (Set::Chinese, after),
            (b'~', [b'}', after @ ..]) => (Set::Ascii, after),
            (b'~', [b'~', after @ ..]) if set == Set::Ascii => {
                out.take(Set::Ascii, b'~', after);
                (set, after)
            }
            (b'~', [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) if set == Set::Ascii => (set, after),
            // A line ends in ASCII, whatever was forgotten.
            (b'\r' | b'\n', _) => (Set::Ascii, out.take(Set::Ascii, byte, behind)),
            _ => (set, out.take(set, byte, behind)),
        };
    }
    out.finish()
}

/// Text, and a run of one set that is not yet decoded.
#[derive(Default)]
struct Output {
    text: String,
    run: Vec<u8>,
    encoding: Option<&'static Encoding>,
}

impl Output {
    /// Takes a byte of a set, and its second one from `behind`, of which it returns what is left.
    fn take<'b>(&mut self, set: Set, byte: u8, behind: &'b [u8]) -> &'b [u8] {
        let is_graphic = |byte: u8| matches!(byte, 0x21..=0x7e);
        let encoding = match set {
            _ if !is_graphic(byte) => None,
            Set::Ascii => None,
            Set::Katakana => Some(SHIFT_JIS),
            Set::Japanese | Set::JapaneseSupplement => Some(EUC_JP),
            Set::Chinese => Some(GBK),
            Set::Korean => Some(EUC_KR),
            Set::Unknown => return self.unknown(behind),
        };
        if encoding != self.encoding {
            self.flush();
            self.encoding = encoding;
        }
        if encoding.is_none() {
            self.text.push(if byte.is_ascii() { char::from(byte) } else { char::REPLACEMENT_CHARACTER });
            return behind;
        }
        if set == Set::Katakana {
            self.run.push(byte | 0x80);
            return behind;
        }
        let Some((&second, after)) = behind.split_first().filter(|(second, _)| is_graphic(**second)) else {
            self.flush();
            self.text.push(char::REPLACEMENT_CHARACTER);
            return behind;
        };
        if set == Set::JapaneseSupplement {
            self.run.push(0x8f);
        }
        self.run.extend([byte | 0x80, second | 0x80]);
        after
    }

    fn unknown<'b>(&mut self, behind: &'b [u8]) -> &'b [u8] {
        self.flush();
        self.text.push(char::REPLACEMENT_CHARACTER);
        behind.get(1..).filter(|_| matches!(behind[0], 0x21..=0x7e)).unwrap_or(behind)
    }

    fn flush(&mut self) {
        if let Some(encoding) = self.encoding {
            self.text.push_str(&encoding.decode_without_bom_handling(&self.run).0);
        }
        self.run.clear();
    }

    fn finish(mut self) -> String {
        self.flush();
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_header_follow_each_other() {
        let words = b"\x1b$B%W%j\x1b(B\x1b$B%s%?!<\x1b(B no. 3";
        assert_eq!(decode("iso2022jp", words).as_deref(), Some("プリンター no. 3"));
        // A client that splits a header within a shift.
        assert_eq!(decode("iso2022jp", b"\x1b$B%W%j%s%?!<\x1b(B").as_deref(), Some("プリンター"));
        assert_eq!(decode("iso2022jp", b"\x1b(I6E\x1b(J\\").as_deref(), Some("\u{ff76}\u{ff85}\\"));
    }

    #[test]
    fn the_wider_japanese_sets_are_read() {
        assert_eq!(decode("iso2022jp2", b"\x1b$ADc\x1b$(C0!\x1b(B").as_deref(), Some("你가"));
        assert_eq!(decode("iso2022jp1", b"\x1b$(D0!\x1b(B").as_deref(), Some("丂"));
        assert_eq!(decode("iso2022jp3", b"\x1b$(Q%W\x1b(B").as_deref(), Some("プ"));
    }

    #[test]
    fn korean_and_chinese_shift_out_and_in() {
        assert_eq!(decode("iso2022kr", b"\x1b$)C\x0eGA80EM\x0f 3\n\x0e0m@e\x0f").as_deref(), Some("프린터 3\n고장"));
        assert_eq!(decode("iso2022kr", b"\x0e0m@e\x0f").as_deref(), Some("고장"));
        assert_eq!(decode("iso2022cn", b"\x1b$)A\x0eDc:C\x0f!").as_deref(), Some("你好!"));
    }

    #[test]
    fn hz_reads_its_tildes() {
        assert_eq!(decode("hzgb2312", b"~{Dc:C~} ~~1, a~\nb\n~{Dc\nok").as_deref(), Some("你好 ~1, ab\n你\nok"));
    }

    #[test]
    fn what_has_no_decoder_is_told() {
        assert_eq!(decode("iso2022cn", b"\x1b$)G\x0eDc:C\x0f!").as_deref(), Some("\u{fffd}\u{fffd}!"));
        assert_eq!(decode("iso2022jp", b"\x1b$B%\x1b(Ba").as_deref(), Some("\u{fffd}a"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_decoded(bytes: Vec<u8>) {
            for plain in ["iso2022jp", "iso2022kr", "iso2022cn", "hzgb2312"] {
                let decoded = decode(plain, &bytes).expect("one of these");
                proptest::prop_assert!(decoded.len() <= bytes.len() * 3);
            }
        }

        #[test]
        fn pairs_and_escapes_in_any_order_are_decoded(text in "(\x1b\\$B|\x1b\\$\\)C|\x1b\\(B|\x0e|\x0f|~\\{|~\\}|~|[ -~]|\n)*") {
            for plain in ["iso2022jp", "iso2022kr", "hzgb2312"] {
                decode(plain, text.as_bytes());
            }
        }

        #[test]
        fn ascii_stays_ascii(text in "[ -}\n]*") {
            proptest::prop_assert_eq!(decode("iso2022jp", text.as_bytes()), Some(text.clone()));
            proptest::prop_assert_eq!(decode("hzgb2312", text.as_bytes()), Some(text));
        }
    }
}
