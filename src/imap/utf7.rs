//! Modified UTF-7, the form of folder names on the wire (RFC 3501 §5.1.3).

use std::sync::LazyLock;

use data_encoding::{BASE64_NOPAD, Encoding, Specification};

/// Base64 with `,` for `/`, lenient about trailing bits.
static BASE64: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification: Specification = BASE64_NOPAD.specification();
    specification.symbols.pop();
    specification.symbols.push(',');
    specification.check_trailing_bits = false;
    specification.encoding().unwrap_or(BASE64_NOPAD)
});

/// A folder's name as servers write it.
pub fn encode(name: &str) -> String {
    let mut wire = String::with_capacity(name.len() + 8);
    let mut shifted: Vec<u8> = Vec::new();
    let mut utf16 = [0; 2];
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            unshift(&mut shifted, &mut wire);
            wire.push(c);
            if c == '&' {
                wire.push('-');
            }
        } else {
            shifted.extend(c.encode_utf16(&mut utf16).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    unshift(&mut shifted, &mut wire);
    wire
}

fn unshift(shifted: &mut Vec<u8>, wire: &mut String) {
    if !shifted.is_empty() {
        wire.push('&');
        wire.push_str(&BASE64.encode(shifted));
        wire.push('-');
        shifted.clear();
    }
}

/// The name of a folder as a server writes it; `None` where that is not well-formed.
pub fn decode(wire: &str) -> Option<String> {
    if !wire.is_ascii() {
        return None;
    }
    let mut name = String::new();
    let mut rest = wire;
    while let Some((plain, shifted)) = rest.split_once('&') {
        name.push_str(plain);
        let (encoded, after) = shifted.split_once('-')?;
        rest = after;
        if encoded.is_empty() {
            name.push('&');
            continue;
        }
        let bytes = BASE64.decode(encoded.as_bytes()).ok()?;
        let units: Vec<u16> =
            bytes.chunks(2).map(|pair| pair.iter().fold(0, |unit, &b| unit << 8 | u16::from(b))).collect();
        name.push_str(&String::from_utf16(&units).ok()?);
    }
    name.push_str(rest);
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_rfc_3501_shows() {
        assert_eq!(encode("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
        assert_eq!(decode("Trait&AOk-s & co"), None);
        assert_eq!(decode("Trait&AOk-s &- co").as_deref(), Some("Traités & co"));
    }

    proptest::proptest! {
        #[test]
        fn every_name_survives_the_wire(name: String) {
            let wire = encode(&name);
            proptest::prop_assert!(wire.bytes().all(|b| matches!(b, b' '..=b'~')));
            proptest::prop_assert_eq!(decode(&wire), Some(name));
        }
    }
}
