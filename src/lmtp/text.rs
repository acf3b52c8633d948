//! The text of a mail behind DATA: up to the final dot, with leading dots undoubled (RFC 5321 §4.5.2).
//!
//! Only CRLF ends a line. A CR or LF alone is text, and a dot beside one is text too.

/// What has been read of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text {
    at: At,
}

/// Where in the text what was read ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Behind CRLF, or at the very beginning.
    #[default]
    LineBegin,
    /// Behind a dot that begins a line, which is handed on in no case.
    Dot,
    /// Behind that and a CR, which is not handed on yet.
    DotCr,
    Inside,
    Cr,
}

/// The final dot was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// So many of the bytes were of the text and its end. The others are commands.
    pub bytes: usize,
}

impl Text {
    /// Reads on, and hands over what the mail says piece by piece; its end, where these bytes hold it.
    pub fn read(&mut self, bytes: &[u8], mut hand_over: impl FnMut(&[u8])) -> Option<End> {
        let mut from = 0;
        let mut position = 0;
        while let Some(&byte) = bytes.get(position) {
            position += 1;
            self.at = match (self.at, byte) {
                (At::LineBegin, b'.') => {
                    hand_over(&bytes[from..position - 1]);
                    from = position;
                    At::Dot
                }
                (At::Dot, b'\r') => {
                    from = position;
                    At::DotCr
                }
                (At::DotCr, b'\n') => {
                    self.at = At::LineBegin;
                    return Some(End { bytes: position });
                }
                (At::DotCr, _) => {
                    hand_over(b"\r");
                    if byte == b'\r' { At::Cr } else { At::Inside }
                }
                (At::Cr, b'\n') => At::LineBegin,
                (_, b'\r') => At::Cr,
                (At::Inside, _) => {
                    let rest = &bytes[position..];
                    position += memchr::memchr(b'\r', rest).unwrap_or(rest.len());
                    At::Inside
                }
                (At::LineBegin | At::Dot | At::Cr, _) => At::Inside,
            };
        }
        hand_over(&bytes[from..]);
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the mail says, and what stands behind its end.
    fn read(pieces: &[&[u8]]) -> (Vec<u8>, Option<Vec<u8>>) {
        let (mut text, mut said) = (Text::default(), Vec::new());
        for (at, piece) in pieces.iter().enumerate() {
            if let Some(end) = text.read(piece, |bytes| said.extend_from_slice(bytes)) {
                return (said, Some([&piece[end.bytes..], &pieces[at + 1..].concat()].concat()));
            }
        }
        (said, None)
    }

    fn whole(wire: &str) -> (String, Option<String>) {
        let (said, rest) = read(&[wire.as_bytes()]);
        (String::from_utf8(said).unwrap(), rest.map(|rest| String::from_utf8(rest).unwrap()))
    }

    #[test]
    fn a_dot_alone_on_a_line_ends_it_and_others_are_undoubled() {
        let some = |said: &str, rest: &str| (said.to_owned(), Some(rest.to_owned()));
        assert_eq!(whole("a\r\n..b\r\n...\r\n.\r\nQUIT\r\n"), some("a\r\n.b\r\n..\r\n", "QUIT\r\n"));
        assert_eq!(whole(".\r\n"), some("", ""));
        assert_eq!(whole("..\r\n.\r\n"), some(".\r\n", ""));
        assert_eq!(whole("a\r\n.b\r\n.\r\n"), some("a\r\nb\r\n", ""));
    }

    #[test]
    fn no_other_line_end_ends_a_mail() {
        for other_end in
            ["\n.\r\n", "\r\n.\n", "\n.\n", "\r.\r\n", "\r\n.\r", "\r.\r", "\r\r.\r\n", "\r\n.\r\r\n", "\r\n\0.\r\n"]
        {
            let wire = format!("a{other_end}MAIL FROM:<forged@desk.test>\r\n.\r\n");
            let (said, rest) = whole(&wire);
            assert_eq!(rest.as_deref(), Some(""), "{other_end:?}");
            assert!(said.starts_with('a') && said.ends_with("MAIL FROM:<forged@desk.test>\r\n"), "{said:?}");
        }
    }

    proptest! {
        #[test]
        fn every_mail_arrives_as_it_was_however_it_is_cut(
            lines in proptest::collection::vec("[a.\r\n\0]{0,6}", 0..8),
            cuts in proptest::collection::vec(0..60_usize, 0..6),
        ) {
            let mail = lines.iter().map(|line| format!("{line}\r\n")).collect::<String>();
            let stuffed = format!("\r\n{mail}").replace("\r\n.", "\r\n..");
            let wire = format!("{}.\r\nRSET", &stuffed[2..]);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(wire.len())).chain([0, wire.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &wire.as_bytes()[cut[0]..cut[1]]).collect();
            let (said, rest) = read(&pieces);
            prop_assert_eq!(String::from_utf8(said).unwrap(), mail);
            prop_assert_eq!(rest, Some(b"RSET".to_vec()));
        }
    }
}
