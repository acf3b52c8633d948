//! A letter as DATA carries it: lines end in CRLF, and a leading dot is doubled (RFC 5321 §2.3.8, §4.5.2).

use std::borrow::Cow;

/// Pieces of at most about this size are written at once.
const PIECE_BYTES: usize = 64 * 1024;

/// The pieces of a letter. The last one, and no other, holds the final dot.
pub(super) struct Pieces<'a> {
    rest: Option<&'a [u8]>,
}

/// Cuts a letter into pieces.
pub(super) fn pieces(letter: &[u8]) -> Pieces<'_> {
    Pieces { rest: Some(letter) }
}

/// The letter with the line ends that it leaves with.
pub fn as_it_leaves(letter: &[u8]) -> Cow<'_, [u8]> {
    if letter.is_empty() || are_tidy(letter) {
        return Cow::Borrowed(letter);
    }
    let mut lines = Vec::with_capacity(letter.len() + 128);
    let mut rest = letter;
    while !rest.is_empty() {
        let at = lines.len();
        rest = push_line(rest, &mut lines);
        if lines[at..].starts_with(b".") {
            lines.remove(at);
        }
    }
    Cow::Owned(lines)
}

/// One piece on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// More come after it.
    Inner(Vec<u8>),
    /// It ends in the final dot.
    Last(Vec<u8>),
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let rest = self.rest.take()?;
        let (mut lines, rest) = rest.split_at(whole_lines(rest));
        let mut wire = Vec::with_capacity(lines.len() + 128);
        if are_tidy(lines) {
            push_tidy(lines, &mut wire);
        } else {
            while !lines.is_empty() {
                lines = push_line(lines, &mut wire);
            }
        }
        if rest.is_empty() {
            wire.extend_from_slice(b".\r\n");
            return Some(Piece::Last(wire));
        }
        self.rest = Some(rest);
        Some(Piece::Inner(wire))
    }
}

/// How many bytes of whole lines make a piece: all that is left, or what ends before `PIECE_BYTES`, or one longer line.
fn whole_lines(text: &[u8]) -> usize {
    let Some((piece, rest)) = text.split_at_checked(PIECE_BYTES) else { return text.len() };
    let longer = || memchr::memchr(b'\n', rest).map(|end| PIECE_BYTES + end);
    memchr::memrchr(b'\n', piece).or_else(longer).map_or(text.len(), |end| end + 1)
}

/// Whether all these lines end in CRLF, as those of our own letters do: one glance is cheaper than line by line.
fn are_tidy(lines: &[u8]) -> bool {
    let (Some(first), true) = (lines.first(), lines.ends_with(b"\r\n")) else { return false };
    let is_bare = |(byte, next): (&u8, &u8)| (*byte == b'\r') != (*next == b'\n');
    let is_any_bare = lines.iter().zip(&lines[1..]).map(is_bare).fold(false, |any, bare| any | bare);
    !is_any_bare && *first != b'\n'
}

/// Appends lines that end in CRLF; of the few that begin with a dot it is doubled.
fn push_tidy(lines: &[u8], wire: &mut Vec<u8>) {
    if lines.starts_with(b".") {
        wire.push(b'.');
    }
    let mut copied = 0;
    for dot in memchr::memmem::find_iter(lines, b"\n.").map(|at| at + 1) {
        wire.extend_from_slice(&lines[copied..dot]);
        wire.push(b'.');
        copied = dot;
    }
    wire.extend_from_slice(&lines[copied..]);
}

/// Appends the first line and returns what follows it. A bare CR or LF ends a line too, lest a relay that takes it for
/// one finds a final dot that is none.
fn push_line<'a>(rest: &'a [u8], wire: &mut Vec<u8>) -> &'a [u8] {
    let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
    let (line, rest) = rest.split_at(end);
    if line.starts_with(b".") {
        wire.push(b'.');
    }
    wire.extend_from_slice(line);
    wire.extend_from_slice(b"\r\n");
    rest.strip_prefix(b"\r\n").unwrap_or(rest.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wire(letter: &[u8]) -> Vec<u8> {
        pieces(letter)
            .flat_map(|piece| match piece {
                Piece::Inner(bytes) | Piece::Last(bytes) => bytes,
            })
            .collect()
    }

    #[test]
    fn dots_are_doubled_and_lines_ended() {
        assert_eq!(wire(b"a\r\n.b\r\n..\r\n"), b"a\r\n..b\r\n...\r\n.\r\n");
        assert_eq!(wire(b"a"), b"a\r\n.\r\n");
        assert_eq!(wire(b""), b".\r\n");
        assert_eq!(wire(b"\na\r\nb\r\n"), b"\r\na\r\nb\r\n.\r\n");
        assert_eq!(wire(b"a\n.\nb\r.\r\r\n"), b"a\r\n..\r\nb\r\n..\r\n\r\n.\r\n");
    }

    #[test]
    fn only_the_last_piece_ends_the_letter() {
        let letter = b"0123456789\r\n".repeat(20_000);
        let kinds: Vec<_> = pieces(&letter).map(|piece| matches!(piece, Piece::Last(_))).collect();
        assert_eq!(kinds, [false, false, false, true]);
        assert_eq!(wire(&letter).len(), letter.len() + 3);
        let odd = b".\n".repeat(50_000);
        assert_eq!(wire(&odd), [&b"..\r\n".repeat(50_000)[..], b".\r\n"].concat());
        assert_eq!(wire(&[b'x'; 200_000]).len(), 200_005);
    }

    proptest! {
        #[test]
        fn a_relay_reads_the_same_lines(letter in "[a.\r\n]{0,40}") {
            let wire = String::from_utf8(wire(letter.as_bytes())).unwrap();
            let body = wire.strip_suffix(".\r\n").unwrap();
            prop_assert!(!body.starts_with(".\r\n") && !body.contains("\r\n.\r\n"));
            let read: String = body.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            let meant = letter.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
            let meant = if meant.is_empty() || meant.ends_with("\r\n") { meant } else { meant + "\r\n" };
            prop_assert_eq!(as_it_leaves(letter.as_bytes()), read.as_bytes());
            prop_assert_eq!(read, meant);
        }
    }
}
