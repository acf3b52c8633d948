//! Bodies as they travel: RFC 2045 §6, line ends as CRLF, 7 bits.

use std::borrow::Cow;

/// Longest line of a quoted-printable body without its soft break (RFC 2045 §6.7).
const QUOTED_COLUMNS: usize = 75;
/// Longest line of a text that travels as it is (RFC 5322 §2.1.1).
const PLAIN_COLUMNS: usize = 78;

/// How a text travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TransferEncoding {
    SevenBit,
    QuotedPrintable,
    Base64,
}

impl TransferEncoding {
    /// The lightest one that carries the text.
    pub(super) fn of(text: &str) -> Self {
        let foreign = foreign_bytes(text.as_bytes());
        if foreign == 0 && text.split('\n').all(|line| line.len() <= PLAIN_COLUMNS) {
            TransferEncoding::SevenBit
        } else if foreign * 3 > text.len() {
            TransferEncoding::Base64
        } else {
            TransferEncoding::QuotedPrintable
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            TransferEncoding::SevenBit => "7bit",
            TransferEncoding::QuotedPrintable => "quoted-printable",
            TransferEncoding::Base64 => "base64",
        }
    }
}

/// How many bytes are not ASCII, counted in bytes as long as these cannot overflow: so the compiler counts many at once.
fn foreign_bytes(text: &[u8]) -> usize {
    text.chunks(255).map(|chunk| usize::from(chunk.iter().map(|byte| byte >> 7).sum::<u8>())).sum()
}

/// The lines of a text, as [`str::split`] gives them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]).map(move |end| {
        let line = &text[start..end];
        start = end + 1;
        line
    })
}

/// Writes a tidy text, with a line end behind it.
pub(super) fn write(out: &mut Vec<u8>, text: &str, encoding: TransferEncoding) {
    let lines = lines(text.strip_suffix('\n').unwrap_or(text));
    out.reserve(text.len() * 5 / 4);
    match encoding {
        TransferEncoding::SevenBit => lines.for_each(|line| {
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\r\n");
        }),
        TransferEncoding::QuotedPrintable => lines.for_each(|line| write_quoted_line(out, line.as_bytes())),
        TransferEncoding::Base64 => {
            let crlf = lines.collect::<Vec<_>>().join("\r\n");
            out.extend_from_slice(base64_lines(crlf.as_bytes()).as_bytes());
        }
    }
}

/// Reads a body that [`write()`] wrote, line ends as LF.
pub(super) fn read(bytes: &[u8], encoding: &str) -> Option<String> {
    let decoded = match encoding {
        "base64" => {
            let digits: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            data_encoding::BASE64.decode(&digits).ok()?
        }
        "quoted-printable" => read_quoted(bytes)?,
        _ => bytes.to_vec(),
    };
    Some(String::from_utf8(decoded).ok()?.replace("\r\n", "\n"))
}

fn read_quoted(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut read = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'=' {
            read.push(*byte);
        } else if let Some(behind) = rest.strip_prefix(b"\r\n") {
            rest = behind;
        } else {
            let (digits, behind) = rest.split_at_checked(2)?;
            read.push(data_encoding::HEXUPPER.decode(digits).ok()?.first().copied()?);
            rest = behind;
        }
    }
    Some(read)
}

/// Base64 in lines of 76 columns, each with its line end (RFC 2045 §6.8).
pub(super) fn base64_lines(bytes: &[u8]) -> String {
    data_encoding::BASE64_MIME.encode(bytes)
}

/// The text without control characters other than tab and line feed, line ends as LF, without heaps of empty lines.
pub(super) fn tidy(text: &str) -> String {
    let text = match memchr::memchr(b'\r', text.as_bytes()) {
        Some(_) => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        None => Cow::Borrowed(text),
    };
    let has_control = has_control(text.as_bytes());
    let mut tidy = String::with_capacity(text.len() + 1);
    let mut empty_lines = 0;
    for line in lines(&text) {
        let line = if line.ends_with(|c: char| c.is_ascii_graphic()) { line } else { line.trim_end() };
        empty_lines = if line.is_empty() { empty_lines + 1 } else { 0 };
        if empty_lines > 1 || (line.is_empty() && tidy.is_empty()) {
            continue;
        }
        if has_control {
            tidy.extend(line.chars().filter(|c| !c.is_control() || *c == '\t'));
        } else {
            tidy.push_str(line);
        }
        tidy.push('\n');
    }
    tidy.truncate(tidy.trim_end().len());
    tidy.push('\n');
    tidy
}

/// C0, DEL or C1, which is C2 80 to C2 9F in UTF-8; tabs and line feeds are welcome. Without branches: nearly every text is
/// looked at in vain.
fn has_control(text: &[u8]) -> bool {
    let is_ascii_control = |byte: u8| (byte < b' ') & (byte != b'\t') & (byte != b'\n') | (byte == 0x7f);
    let (control, lead) = text
        .iter()
        .fold((false, false), |(control, lead), byte| (control | is_ascii_control(*byte), lead | (*byte == 0xc2)));
    control || lead && memchr::memchr_iter(0xc2, text).any(|at| text.get(at + 1).is_some_and(|next| *next < 0xa0))
}

fn write_quoted_line(out: &mut Vec<u8>, line: &[u8]) {
    let mut column = 0;
    let mut rest = line;
    loop {
        // As much as stands for itself is copied at once.
        let room = &rest[..rest.len().min(QUOTED_COLUMNS - column)];
        let run = run_length(room);
        out.extend_from_slice(&rest[..run]);
        rest = &rest[run..];
        column += run;
        let Some((byte, behind)) = rest.split_first() else { break };
        let is_plain = STANDS_FOR_ITSELF[usize::from(*byte)];
        if is_plain || column + 3 > QUOTED_COLUMNS {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        if !is_plain {
            write_quoted_byte(out, *byte);
            column += 3;
            rest = behind;
        }
    }
    // White space at the end of a line is lost on the way (RFC 2045 §6.7 (3)).
    if let Some(space @ (b' ' | b'\t')) = line.last().copied() {
        out.pop();
        if column + 2 > QUOTED_COLUMNS {
            out.extend_from_slice(b"=\r\n");
        }
        write_quoted_byte(out, space);
    }
    out.extend_from_slice(b"\r\n");
}

/// How many bytes at the start stand for themselves; sixteen are looked at together.
fn run_length(bytes: &[u8]) -> usize {
    let stands = |byte: u8| (b' '..=b'~').contains(&byte) & (byte != b'=');
    let (blocks, _) = bytes.as_chunks::<16>();
    let plain = blocks.iter().take_while(|block| block.iter().fold(true, |all, byte| all & stands(*byte))).count() * 16;
    let odd = bytes[plain..].iter().position(|byte| !STANDS_FOR_ITSELF[usize::from(*byte)]);
    odd.map_or(bytes.len(), |at| plain + at)
}

/// Which bytes quoted-printable writes as themselves (RFC 2045 §6.7, rules 2 and 3).
static STANDS_FOR_ITSELF: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        table[byte as usize] = byte != b'=';
        byte += 1;
    }
    table[b'\t' as usize] = true;
    table
};

fn write_quoted_byte(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(&[b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str, encoding: TransferEncoding) -> String {
        let mut out = Vec::new();
        write(&mut out, text, encoding);
        String::from_utf8(out).unwrap()
    }

    fn unquoted(written: &str) -> Vec<u8> {
        let joined = written.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = joined.as_bytes();
        while let Some((byte, behind)) = rest.split_first() {
            if *byte == b'=' {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&behind[..2]).unwrap(), 16).unwrap());
                rest = &behind[2..];
            } else {
                bytes.push(*byte);
                rest = behind;
            }
        }
        bytes
    }

    #[test]
    fn the_lightest_encoding_is_chosen() {
        assert_eq!(TransferEncoding::of("plain\ntext\n"), TransferEncoding::SevenBit);
        assert_eq!(TransferEncoding::of("déjà vu, encore une fois"), TransferEncoding::QuotedPrintable);
        assert_eq!(TransferEncoding::of(&"long ".repeat(40)), TransferEncoding::QuotedPrintable);
        assert_eq!(TransferEncoding::of("日本語の手紙"), TransferEncoding::Base64);
    }

    #[test]
    fn empty_lines_at_both_ends_and_in_heaps_fall_away() {
        assert_eq!(tidy("\n\n\na \r\n\n\n\nb\x1b[31m\r\n\n"), "a\n\nb[31m\n");
    }

    proptest! {
        #[test]
        fn quoted_printable_reads_back(text in "[a-zé= \t\n😀]{0,300}") {
            let written = written(&text, TransferEncoding::QuotedPrintable);
            prop_assert!(written.lines().all(|line| line.len() <= 76));
            prop_assert!(!written.contains(" \r\n") && !written.contains("\t\r\n"));
            let expected = text.strip_suffix('\n').unwrap_or(&text).replace('\n', "\r\n") + "\r\n";
            prop_assert_eq!(unquoted(&written), expected.as_bytes());
        }
    }
}
