//! Modified UTF-7, the form of folder names on the wire (RFC 3501 §5.1.3).

use data_encoding::{BASE64_NOPAD, Encoding, Specification};
use std::sync::LazyLock;

pub(super) use crate::imap::modified_utf7 as encode;

/// Base64 with `,` for `/`, lenient about trailing bits.
static BASE64: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification: Specification = BASE64_NOPAD.specification();
    specification.symbols.pop();
    specification.symbols.push(',');
    specification.check_trailing_bits = false;
    specification.encoding().unwrap_or(BASE64_NOPAD)
});

/// `None` where the name is not well-formed.
pub(super) fn decode(wire: &str) -> Option<String> {
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
