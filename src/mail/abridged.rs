//! A message without the inside of its encoded files, for whoever reads its structure byte by byte.
//!
//! Whole lines are left out where neither a boundary nor a header field can stand: they hold no hyphen, no colon and no blank,
//! and none of them is empty or a folded one. The last of them stays, behind which a part may end.

use std::borrow::Cow;

/// Lines are left out where at least so many bytes stand between two that no Base64 has.
const LONG: usize = 512;

/// A message, abridged.
pub(super) struct Abridged<'m> {
    pub(super) text: Cow<'m, [u8]>,
    cuts: Vec<Cut>,
}

/// A place where lines are left out.
struct Cut {
    /// Where it is in the abridged message.
    at: usize,
    /// Bytes left out up to here, those before other places included.
    left_out: usize,
}

impl<'m> Abridged<'m> {
    /// Abridges a message; most have nothing that is long.
    pub(super) fn of(message: &'m [u8]) -> Abridged<'m> {
        let (mut short, mut cuts, mut copied, mut at) = (Vec::new(), Vec::new(), 0, 0);
        while let Some(window) = message.get(at..at + LONG) {
            if let Some(last) = memchr::memrchr3(b'-', b':', b' ', window) {
                at += last + 1;
                continue;
            }
            let rest = &message[at + LONG..];
            let end = at + LONG + memchr::memchr3(b'-', b':', b' ', rest).unwrap_or(rest.len());
            if let Some((first, last)) = inner_lines(message, at, end) {
                short.extend_from_slice(&message[copied..first]);
                copied = last;
                cuts.push(Cut { at: short.len(), left_out: copied - short.len() });
            }
            at = end;
        }
        if cuts.is_empty() {
            return Abridged { text: Cow::Borrowed(message), cuts };
        }
        short.extend_from_slice(&message[copied..]);
        Abridged { text: Cow::Owned(short), cuts }
    }

    /// Where an offset of the abridged message stands in the whole one: in front of what is left out, where a body begins.
    pub(super) fn place(&self, offset: usize) -> usize {
        let before = self.cuts.partition_point(|cut| cut.at < offset);
        offset + before.checked_sub(1).map_or(0, |last| self.cuts[last].left_out)
    }
}

/// From the second line that begins between two offsets to the last that is not empty, if all of them are neither empty nor
/// folded.
fn inner_lines(message: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
    let behind = |at: usize| Some(at + memchr::memchr(b'\n', &message[at..to])? + 1);
    let first = behind(behind(from)?)?;
    let end = from + message[from..to].trim_ascii_end().len();
    let last = from + memchr::memrchr(b'\n', &message[from..end])? + 1;
    let lines = message.get(first..=last)?;
    // Asked of all bytes, without an early end, which is fastest.
    let pairs = message[first - 1..last].iter().zip(lines);
    let breaks = pairs.fold(0, |breaks, (&before, &byte)| breaks | u8::from((before == b'\n') & (byte <= b' ')));
    (first < last && breaks == 0).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(file: &str) -> String {
        format!("From: a@b.test\n\n--b\nContent-Type: image/png\n\n{file}\n--b\n\nBonjour, voici.\n--b--\n")
    }

    #[test]
    fn the_inside_of_a_file_is_left_out_and_offsets_lead_to_the_whole_message() {
        for line_end in ["\n", "\r\n"] {
            let file = format!("{}{line_end}", "QUJD".repeat(19)).repeat(1_000);
            let whole = message(&[file.as_str(); 2].join("\n--b\nContent-Type: image/png\n\n"));
            let short = Abridged::of(whole.as_bytes());
            assert!(short.text.len() < 1_000, "{}", short.text.len());
            for (at, byte) in short.text.iter().enumerate() {
                assert_eq!(*byte, whole.as_bytes()[short.place(at + 1) - 1]);
            }
            assert_eq!(short.place(short.text.len()), whole.len());
            let body = whole.find(&file).unwrap();
            assert_eq!(short.place(body), body);
        }
    }

    #[test]
    fn what_could_be_structure_stays() {
        let field = format!("{}\n", "a".repeat(76)).repeat(100);
        for text in [
            field.replace("aaa\na", "aaa\n\na"),
            field.replace("\na", "\n\ta"),
            field.replace("\na", "\n-a"),
            field.replace("\na", "\na:"),
            "a".repeat(10_000),
            "\n".repeat(10_000),
        ] {
            assert!(matches!(Abridged::of(message(&text).as_bytes()).text, Cow::Borrowed(_)), "{text:.200}");
        }
    }

    proptest::proptest! {
        #[test]
        fn offsets_lead_to_the_same_bytes(pieces in proptest::collection::vec("(QUJD){18}|-|\n|\t| |[a-z]{1,9}", 0..400)) {
            let whole = pieces.join("\n").repeat(20);
            let short = Abridged::of(whole.as_bytes());
            for (at, byte) in short.text.iter().enumerate() {
                proptest::prop_assert_eq!(*byte, whole.as_bytes()[short.place(at + 1) - 1]);
            }
        }
    }
}
