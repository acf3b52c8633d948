//! UTF-7 (RFC 2152).

/// Decodes; the flag says that every shift was well-formed. What is no shift stands for itself: `C++`, `1 + 1`.
pub(super) fn decode(bytes: &[u8]) -> (String, bool) {
    let text = String::from_utf8_lossy(bytes);
    let mut decoded = String::with_capacity(text.len());
    let mut sound = bytes.is_ascii();
    let mut rest: &str = &text;
    while let Some((before, behind)) = rest.split_once('+') {
        decoded.push_str(before);
        let length = behind.bytes().take_while(|byte| value(*byte).is_some()).count();
        let (shifted, after) = behind.split_at(length);
        let closed = after.strip_prefix('-');
        rest = closed.unwrap_or(after);
        if shifted.is_empty() && closed.is_some() {
            decoded.push('+');
        } else if let Some(characters) = characters(shifted) {
            decoded.push_str(&characters);
        } else {
            decoded.push('+');
            decoded.push_str(shifted);
            rest = after;
            sound = false;
        }
    }
    decoded.push_str(rest);
    (decoded, sound)
}

/// The characters of a shift: whole units of UTF-16, and less than a unit of zeros behind them.
fn characters(shifted: &str) -> Option<String> {
    let (mut bits, mut count, mut units) = (0_u32, 0_u8, Vec::with_capacity(shifted.len() * 6 / 16));
    for value in shifted.bytes().filter_map(value) {
        bits = (bits << 6 | u32::from(value)) & 0x3f_ffff;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push((bits >> count) as u16);
        }
    }
    let is_padding = count < 6 && bits & ((1 << count) - 1) == 0;
    if units.is_empty() || !is_padding {
        return None;
    }
    char::decode_utf16(units).collect::<Result<_, _>>().ok()
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes).0
    }

    #[test]
    fn blanks_stay_beside_and_between_shifts() {
        assert_eq!(text(b"Le r+AOk-seau est coup+AOk-."), "Le réseau est coupé.");
        assert_eq!(text(b"+AMk-t+AOk- +AOA- +AMk-vry"), "Été à Évry");
        assert_eq!(text(b"+AOk +AOk, fin"), "é é, fin");
        assert_eq!(text(b"+AOkAIADp-"), "é é");
    }

    #[test]
    fn a_plus_stands_for_itself() {
        assert_eq!(decode(b"1 +- 1 = 2"), ("1 + 1 = 2".to_owned(), true));
        assert_eq!(decode(b"C++ et 1 + 1"), ("C++ et 1 + 1".to_owned(), false));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_decoded(bytes: Vec<u8>) {
            decode(&bytes);
        }

        #[test]
        fn what_was_shifted_comes_back(text in "[a-zé日😀 ]{1,20}", after in "[ a-z]{0,5}") {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let shifted = format!("+{}-{after}", data_encoding::BASE64_NOPAD.encode(&units));
            proptest::prop_assert_eq!(decode(shifted.as_bytes()), (format!("{text}{after}"), true));
        }
    }
}
