//! Folder names as arguments of commands: modified UTF-7 in a quoted string.

use super::failure::Failure;
use super::utf7;

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
    Ok(format!("\"{}\"", utf7::encode(name).replace('\\', "\\\\").replace('"', "\\\"")))
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
