//! Folder names on the wire: modified UTF-7 (RFC 3501 §5.1.3) in a quoted string.

use data_encoding::BASE64_NOPAD;

use super::failure::Failure;

/// A folder's name as an IMAP argument, its quotes included.
///
/// # Errors
/// [`Failure::Refused`]: no server has a folder of that name.
pub(super) fn quoted(name: &str) -> Result<String, Failure> {
    if name.is_empty() || name.contains(['\r', '\n', '\0']) {
        return Err(Failure::Refused {
            command: "nothing".to_owned(),
            said: format!("{name:?} is no name of a folder"),
        });
    }
    Ok(format!("\"{}\"", modified_utf7(name).replace('\\', "\\\\").replace('"', "\\\"")))
}

/// The same without quotes, as servers may write a name that needs none (RFC 3501 §5.1.3).
pub fn modified_utf7(name: &str) -> String {
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
        wire.push_str(&BASE64_NOPAD.encode(shifted).replace('/', ","));
        wire.push('-');
        shifted.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_ascii_are_shifted() {
        for (name, wire) in [
            ("INBOX", r#""INBOX""#),
            ("Traités", r#""Trait&AOk-s""#),
            ("Traités-français", r#""Trait&AOk-s-fran&AOc-ais""#),
            ("R&D", r#""R&-D""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("~peter/mail/台北/日本語", r#""~peter/mail/&U,BTFw-/&ZeVnLIqe-""#),
            ("😀", r#""&2D3eAA-""#),
        ] {
            assert_eq!(quoted(name).unwrap(), wire);
        }
        assert!(quoted("a\r\nA2 LOGOUT").is_err());
        assert!(quoted("").is_err());
    }
}
