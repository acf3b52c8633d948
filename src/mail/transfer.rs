//! Content transfer encodings (RFC 2045 §6), decoded however damaged they are.

/// Base64: foreign bytes are skipped, padding in mid-text ends a quantum and no more. The flag tells of damage.
pub(super) fn base64(encoded: &[u8]) -> (Vec<u8>, bool) {
    let mut decoded = Vec::with_capacity(encoded.len() / 4 * 3 + 3);
    let (mut bits, mut count, mut damaged) = (0u32, 0u8, false);
    let mut rest = lines(encoded, &mut decoded);
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let value = BASE64[usize::from(byte)];
        if value < 64 {
            bits = bits << 6 | u32::from(value);
            count += 1;
            if count == 4 {
                decoded.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
                (bits, count) = (0, 0);
            }
        } else if byte == b'=' {
            flush(&mut decoded, bits, count);
            (bits, count) = (0, 0);
        } else if !byte.is_ascii_whitespace() {
            damaged = true;
        }
        if count == 0 && byte == b'\n' {
            rest = lines(rest, &mut decoded);
        }
    }
    flush(&mut decoded, bits, count);
    (decoded, damaged || count == 1)
}

/// A text in base64, and what list servers and filters put above and below it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parted<'e> {
    pub(super) above: &'e [u8],
    pub(super) encoded: &'e [u8],
    pub(super) below: &'e [u8],
}

/// Parts base64 from the words around it. What is merely damaged is not parted; what is no base64 at all stands above.
pub(super) fn parted(text: &[u8]) -> Parted<'_> {
    let (mut start, mut has_begun) = (0, false);
    // Behind an empty line or padding base64 may have ended; a word alone cannot be told from it.
    let mut may_end_at = None;
    let mut at = 0;
    while at < text.len() {
        let from = at;
        at = memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |end| from + end + 1);
        let content = text[from..at].trim_ascii();
        if is_words(content) {
            if has_begun {
                let end = may_end_at.unwrap_or(from);
                if !makes_base64(&text[start..end]) {
                    return Parted { above: text, encoded: &[], below: &[] };
                }
                return Parted { above: &text[..start], encoded: &text[start..end], below: &text[end..] };
            }
            start = at;
        } else if content.is_empty() {
            may_end_at = may_end_at.or(Some(at)).filter(|_| has_begun);
        } else {
            if !has_begun && !content.iter().all(|&byte| is_base64(byte)) {
                return Parted { above: &[], encoded: text, below: &[] };
            }
            has_begun = true;
            may_end_at = may_end_at.filter(|_| content.len() < WORD_MAX);
            if content.ends_with(b"=") {
                may_end_at = Some(at);
            }
        }
    }
    Parted { above: &text[..start], encoded: &text[start..], below: &[] }
}

/// Longest line that may be a word in clear though it looks like base64.
const WORD_MAX: usize = 40;

/// Whether a line holds what no encoder writes and no damage makes: blanks between words, an address, a ruled line.
fn is_words(line: &[u8]) -> bool {
    // Asked of all bytes, without an early end, which is fastest.
    if line.iter().fold(true, |all, &byte| all & is_base64(byte)) {
        return false;
    }
    let is_ruled = line.len() >= 2 && !line.iter().any(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte));
    let is_link = memchr::memmem::find(line, b"://").is_some() || memchr::memchr(b'@', line).is_some();
    line.contains(&b' ') || !line.is_ascii() || is_ruled || is_link
}

/// Whether these lines are base64 rather than a word or two: whole quanta, or lines longer than words.
fn makes_base64(lines: &[u8]) -> bool {
    let characters = lines.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
    characters.is_multiple_of(4) || lines.split(|&byte| byte == b'\n').any(|line| line.len() >= WORD_MAX)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'+') | (byte == b'/') | (byte == b'=')
}

/// Decodes whole lines of whole quanta, as every encoder writes them, and returns what follows.
fn lines<'e>(mut encoded: &'e [u8], decoded: &mut Vec<u8>) -> &'e [u8] {
    // A line is mostly as long as the one before.
    let mut length = 0;
    loop {
        if encoded.get(length) != Some(&b'\n') || !quanta_of_line(&encoded[..length], decoded) {
            match memchr::memchr(b'\n', encoded) {
                Some(found) if quanta_of_line(&encoded[..found], decoded) => length = found,
                _ => return encoded,
            }
        }
        encoded = &encoded[length + 1..];
    }
}

/// Decodes a line; where it holds anything but quanta nothing is decoded and it says so.
fn quanta_of_line(line: &[u8], decoded: &mut Vec<u8>) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (quanta, rest) = line.as_chunks::<4>();
    if !rest.is_empty() {
        return false;
    }
    let start = decoded.len();
    decoded.resize(start + quanta.len() * 3, 0);
    let mut seen = 0;
    let [first, second, third, fourth] = &QUANTA;
    let at = usize::from;
    for (&[a, b, c, d], bytes) in quanta.iter().zip(decoded[start..].as_chunks_mut::<3>().0) {
        let bits = first[at(a)] | second[at(b)] | third[at(c)] | fourth[at(d)];
        seen |= bits;
        let [_, first, second, third] = bits.to_be_bytes();
        *bytes = [first, second, third];
    }
    if seen >= FOREIGN {
        decoded.truncate(start);
    }
    seen < FOREIGN
}

fn flush(decoded: &mut Vec<u8>, bits: u32, count: u8) {
    match count {
        2 => decoded.push((bits >> 4) as u8),
        3 => decoded.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => {}
    }
}

const BASE64: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [255u8; 256];
    let mut value = 0;
    while value < 64 {
        table[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    table
};

/// Stands for a byte that is no base64, beside the 24 bits of a quantum.
const FOREIGN: u32 = 1 << 31;

/// The bits of each character at each of the four places of a quantum.
static QUANTA: [[u32; 256]; 4] = {
    let mut table = [[FOREIGN; 256]; 4];
    let mut byte = 0;
    while byte < 256 {
        let mut place = 0;
        while place < 4 && BASE64[byte] < 64 {
            table[place][byte] = (BASE64[byte] as u32) << (18 - 6 * place);
            place += 1;
        }
        byte += 1;
    }
    table
};

/// Quoted-printable: an `=` that starts no escape stands for itself (RFC 2045 §6.7, note 2).
pub(super) fn quoted_printable(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut at = 0;
    let mut stood_for_itself = false;
    while at < encoded.len() {
        let Some(length) = memchr::memchr(b'=', &encoded[at..]) else {
            decoded.extend_from_slice(&encoded[at..]);
            break;
        };
        decoded.extend_from_slice(&encoded[at..at + length]);
        at += length + 1;
        let rest = &encoded[at..];
        // The last of a line of them, ruled in clear below an encoded text.
        let is_ruled = stood_for_itself && length == 0;
        stood_for_itself = false;
        if let Some(byte) = escape(rest) {
            decoded.push(byte);
            at += 2;
        } else if let Some(skip) = soft_break(rest).filter(|_| !is_ruled) {
            at += skip;
        } else {
            decoded.push(b'=');
            stood_for_itself = true;
        }
    }
    decoded
}

/// Percent escapes (RFC 3986 §2.1); what is no UTF-8 behind them is U+FFFD.
pub(super) fn percent(escaped: &str) -> String {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let escaped = escape(behind).filter(|_| byte == b'%');
        bytes.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The byte of two hexadecimal digits.
pub(super) fn escape(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let [high, low, ..] = digits else { return None };
    Some((digit(*high)? << 4 | digit(*low)?) as u8)
}

/// Blanks and the line end behind an `=` at the end of a line.
fn soft_break(rest: &[u8]) -> Option<usize> {
    let blanks = rest.iter().take(80).take_while(|b| matches!(b, b' ' | b'\t')).count();
    match &rest[blanks..] {
        [] => Some(blanks),
        [b'\r', b'\n', ..] => Some(blanks + 2),
        [b'\n' | b'\r', ..] => Some(blanks + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_base64_loses_only_what_is_damaged() {
        assert_eq!(base64(b"SGVs\r\nbG8="), (b"Hello".to_vec(), false));
        assert_eq!(base64(b"SGVs!bG8"), (b"Hello".to_vec(), true));
        assert_eq!(base64(b"SGk=SGk="), (b"HiHi".to_vec(), false));
    }

    #[test]
    fn quoted_printable_reads_on_behind_what_is_no_escape() {
        assert_eq!(quoted_printable(b"a==3D=\r\nb=zz= \n=C3=A9="), "a==b=zzé".as_bytes());
        assert_eq!(quoted_printable(b"fin=\n.\n=====\nListe\n"), b"fin.\n=====\nListe\n");
    }

    fn read(text: &str) -> [String; 3] {
        let Parted { above, encoded, below } = parted(text.as_bytes());
        [above, &base64(encoded).0, below].map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
    }

    #[test]
    fn what_stands_in_clear_around_base64_is_told_from_it() {
        assert_eq!(read("Qm9u\nam91cg==\n\n-- \nListe du service\n"), ["", "Bonjour", "-- \nListe du service"]);
        assert_eq!(read("Qm9uam91cg==\n_______\nListe\n"), ["", "Bonjour", "_______\nListe"]);
        assert_eq!(
            read("Qm9uam91\r\n\r\nListe\r\nhttps://liste.test\r\n"),
            ["", "Bonjou", "Liste\r\nhttps://liste.test"]
        );
        assert_eq!(read("Qm9uam91\nSent by list@a.test\n"), ["", "Bonjou", "Sent by list@a.test"]);
        assert_eq!(read("CAUTION: external mail\n\nQm9uam91cg==\n"), ["CAUTION: external mail", "Bonjour", ""]);
        assert_eq!(read("Qm9u\n\nam91cg==\n\nListe du service\n"), ["", "Bonjour", "Liste du service"]);
        assert_eq!(read("Le poste 3\nest noir.\n"), ["Le poste 3\nest noir.", "", ""]);
        assert_eq!(read("Bonjour\nle poste 3 est noir.\n"), ["Bonjour\nle poste 3 est noir.", "", ""]);
        assert_eq!(read("SGVs!bG8h\n\nSGk="), ["", "Hello!Hi", ""]);
        assert_eq!(read("Qm9u\n\nam91cg==\n"), ["", "Bonjour", ""]);
    }

    proptest::proptest! {
        #[test]
        fn parting_loses_nothing(text in "([A-Za-z0-9+/]{0,50}={0,2}|[a-z -]{0,10}|https://a.test|\r?\n|\n\n)*") {
            let Parted { above, encoded, below } = parted(text.as_bytes());
            proptest::prop_assert_eq!([above, encoded, below].concat(), text.as_bytes());
        }

        #[test]
        fn base64_alone_is_not_parted(bytes: Vec<u8>) {
            let written = data_encoding::BASE64_MIME.encode(&bytes);
            let parted = parted(written.as_bytes());
            proptest::prop_assert_eq!((parted.above.len(), parted.below.len()), (0, 0));
        }

        #[test]
        fn any_bytes_decode_to_no_more_than_they_were(bytes: Vec<u8>) {
            proptest::prop_assert!(base64(&bytes).0.len() <= bytes.len());
            proptest::prop_assert!(quoted_printable(&bytes).len() <= bytes.len());
        }

        #[test]
        fn base64_reads_what_was_written(bytes: Vec<u8>) {
            let written = data_encoding::BASE64_MIME.encode(&bytes);
            proptest::prop_assert_eq!(base64(written.as_bytes()), (bytes, false));
        }
    }
}
