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

/// Decodes whole lines of whole quanta, as every encoder writes them, and returns what follows.
fn lines<'e>(mut encoded: &'e [u8], decoded: &mut Vec<u8>) -> &'e [u8] {
    while let Some(end) = memchr::memchr(b'\n', encoded) {
        let line = encoded[..end].strip_suffix(b"\r").unwrap_or(&encoded[..end]);
        if !line.len().is_multiple_of(4) || !quanta_of_line(line, decoded) {
            break;
        }
        encoded = &encoded[end + 1..];
    }
    encoded
}

/// Decodes a line; where it holds anything but quanta nothing is decoded and it says so.
fn quanta_of_line(line: &[u8], decoded: &mut Vec<u8>) -> bool {
    let start = decoded.len();
    decoded.resize(start + line.len() / 4 * 3, 0);
    let mut foreign = 0;
    let value = |byte: u8| u32::from(BASE64[usize::from(byte)]);
    for (&[a, b, c, d], bytes) in line.as_chunks::<4>().0.iter().zip(decoded[start..].as_chunks_mut::<3>().0) {
        let (a, b, c, d) = (value(a), value(b), value(c), value(d));
        foreign |= a | b | c | d;
        let [_, first, second, third] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
        *bytes = [first, second, third];
    }
    if foreign >= 64 {
        decoded.truncate(start);
    }
    foreign < 64
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

/// Quoted-printable: an `=` that starts no escape stands for itself (RFC 2045 §6.7, note 2).
pub(super) fn quoted_printable(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while at < encoded.len() {
        let Some(length) = memchr::memchr(b'=', &encoded[at..]) else {
            decoded.extend_from_slice(&encoded[at..]);
            break;
        };
        decoded.extend_from_slice(&encoded[at..at + length]);
        at += length + 1;
        let rest = &encoded[at..];
        if let Some(byte) = escape(rest) {
            decoded.push(byte);
            at += 2;
        } else if let Some(skip) = soft_break(rest) {
            at += skip;
        } else {
            decoded.push(b'=');
        }
    }
    decoded
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
    }

    proptest::proptest! {
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
