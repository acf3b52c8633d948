//! The one door for decoded text: what comes out may stand in a header, a log, a terminal or a database.
//!
//! CR, LF, NUL, other controls, bidirectional marks (they show a text in another order than it is read, Unicode TR 36)
//! and invisible characters go. Clean text is borrowed, not copied.

use std::borrow::Cow;

/// One line: line breaks, tabs and controls become blanks, runs of them one; ends trimmed.
pub fn line(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.bytes().all(|b| matches!(b, 0x20..=0x7e)) {
        return Cow::Borrowed(trimmed);
    }
    let odd = |c: char| c.is_control() || is_line_break(c) || is_invisible(c);
    if !trimmed.contains(odd) {
        return Cow::Borrowed(trimmed);
    }
    let mut clean = String::with_capacity(trimmed.len());
    let mut previous = '\0';
    for c in trimmed.chars() {
        if c.is_control() || is_line_break(c) {
            if !clean.is_empty() && !clean.ends_with(' ') {
                clean.push(' ');
            }
        } else if !is_invisible(c) || joins(c, previous) {
            clean.push(c);
        }
        previous = c;
    }
    while clean.ends_with(char::is_whitespace) {
        clean.pop();
    }
    Cow::Owned(clean)
}

/// Several lines: line ends of any kind become `\n`, tabs stay, other controls go.
pub fn text(text: &str) -> Cow<'_, str> {
    let Some(first) = first_odd(text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut clean = String::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut kept_from = 0;
    let mut at = first;
    while at < bytes.len() {
        match first_odd(&bytes[at..]) {
            Some(length) => at += length,
            None => break,
        }
        let Some(c) = text[at..].chars().next() else { break };
        let end = at + c.len_utf8();
        let replacement = match c {
            // Ruby's mail encodes the CR of each CRLF and writes another.
            '\r' if bytes[end..].starts_with(b"\n") || bytes[end..].starts_with(b"\r\n") => Some(""),
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some("\n"),
            '\u{b}' | '\u{c}' => Some(" "),
            c if c.is_control() => Some(""),
            c if is_invisible(c) && !joins(c, text[..at].chars().next_back().unwrap_or('\0')) => Some(""),
            _ => None,
        };
        if let Some(replacement) = replacement {
            clean.push_str(&text[kept_from..at]);
            clean.push_str(replacement);
            kept_from = end;
        }
        at = end;
    }
    if kept_from == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[kept_from..]);
    Cow::Owned(clean)
}

/// Whether a character is one of those that reorder text or cannot be seen.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Joiners belong to emoji and to Persian and Indic scripts: they stay behind anything but ASCII.
pub(super) fn joins(c: char, previous: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}') && !previous.is_ascii() && !is_invisible(previous)
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Offset of the first byte that [`text`] could have to change something at; whole chunks are judged at once.
fn first_odd(bytes: &[u8]) -> Option<usize> {
    let (chunks, _) = bytes.as_chunks::<32>();
    let clean =
        chunks.iter().take_while(|chunk| !chunk.iter().fold(false, |odd, &byte| odd | may_be_odd(byte))).count();
    let from = clean * 32;
    bytes[from..].iter().position(|&byte| may_be_odd(byte)).map(|length| from + length)
}

/// Whether a byte (UTF-8) can be the first of what [`text`] changes.
fn may_be_odd(byte: u8) -> bool {
    let control = (byte < 0x20) & (byte != b'\n') & (byte != b'\t') | (byte == 0x7f);
    let lead = (byte == 0xc2) | (byte == 0xd8) | (byte == 0xe1) | (byte == 0xe2) | (byte == 0xef) | (byte == 0xf3);
    control | lead
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_text_is_borrowed() {
        assert!(matches!(line("Imprimante en panne, 3e étage"), Cow::Borrowed(_)));
        assert!(matches!(text("l’imprimante\nest en panne\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_line_cannot_start_a_header_of_its_own() {
        assert_eq!(line("x\r\nBcc: e@x.test\0"), "x Bcc: e@x.test");
        assert_eq!(line(" \u{202e}gnp.exe\u{2028}b "), "gnp.exe b");
    }

    #[test]
    fn a_text_keeps_its_lines_and_nothing_that_a_terminal_obeys() {
        assert_eq!(text("a\r\nb\rc\u{1b}[2Jd\0\te\u{feff}"), "a\nb\nc[2Jd\te");
    }

    #[test]
    fn joined_emoji_stay_whole() {
        let family = "👩\u{200d}👧";
        assert_eq!(line(family), family);
        assert_eq!(text(family), family);
        assert_eq!(line("pay\u{200d}pal"), "paypal");
    }

    proptest::proptest! {
        #[test]
        fn what_comes_out_is_clean(dirty in "\\PC*|[\\x00-\\x7f\u{80}-\u{a0}\u{2000}-\u{2070}é]*") {
            let line = line(&dirty);
            proptest::prop_assert!(!line.chars().any(|c| c.is_control() || is_line_break(c)));
            let text = text(&dirty);
            proptest::prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }
    }
}
