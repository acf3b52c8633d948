//! A stream that refuses answers which would harm their reader.
//!
//! async-imap makes room for a literal when it is announced, for up to 512 MiB, and its parser calls itself for each
//! parenthesis. So literals (RFC 3501 §4.3) and nesting are followed on the way, and what is beyond the limits ends the
//! connection before the parser sees it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, BufWriter, ReadBuf};

use crate::net::{Connection, printable};

/// The longest answer, literals aside.
const LINE_BYTES_MAX: usize = 256 * 1024;

/// The deepest nesting. Nothing that is asked for nests deeper than three.
const NESTING_MAX: usize = 30;

/// See the module. Writes are gathered until the flush, because async-imap writes a command in four pieces.
#[derive(Debug)]
pub(super) struct Guard {
    stream: BufWriter<Connection>,
    watch: Watch,
}

impl Guard {
    pub(super) fn new(stream: Connection, response_bytes_max: u64) -> Guard {
        Guard { stream: BufWriter::new(stream), watch: Watch { response_bytes_max, ..Watch::default() } }
    }

    /// How many bytes were read so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.watch.bytes_read
    }

    /// The server's words, if it said good-bye: not every reader of the stream hears them.
    pub(super) fn good_bye(&self) -> Option<&str> {
        self.watch.good_bye.as_deref()
    }
}

/// Follows the answers of a server, knowing no more of their grammar than where literals are.
#[derive(Debug, Default)]
struct Watch {
    response_bytes_max: u64,
    bytes_read: u64,
    /// Bytes of the literal in hand that are still to come.
    literal_left: u64,
    /// Bytes of all literals of the answer in hand.
    response_bytes: u64,
    /// The line in hand goes on with an answer, after a literal.
    continued: bool,
    /// Parentheses that are open in the answer in hand.
    nesting: usize,
    line: Vec<u8>,
    /// What the server said when it said good-bye (RFC 3501 §7.1.5).
    good_bye: Option<String>,
}

impl Watch {
    fn see(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.bytes_read += bytes.len() as u64;
        while !bytes.is_empty() {
            if self.literal_left > 0 {
                let skipped = usize::try_from(self.literal_left).unwrap_or(usize::MAX).min(bytes.len());
                self.literal_left -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            let end = bytes.iter().position(|&byte| byte == b'\n').map(|at| at + 1);
            let (now, later) = bytes.split_at(end.unwrap_or(bytes.len()));
            self.line.extend_from_slice(now);
            bytes = later;
            self.nest(now)?;
            if self.line.len() > LINE_BYTES_MAX {
                return Err(too_large("the server sends a line without an end".to_owned()));
            }
            if end.is_some() {
                self.end_line()?;
            }
        }
        Ok(())
    }

    fn nest(&mut self, bytes: &[u8]) -> io::Result<()> {
        for byte in bytes {
            match byte {
                b'(' => self.nesting += 1,
                b')' => self.nesting = self.nesting.saturating_sub(1),
                _ => {}
            }
            if self.nesting > NESTING_MAX {
                return Err(too_large("the server nests its answer too deep".to_owned()));
            }
        }
        Ok(())
    }

    fn end_line(&mut self) -> io::Result<()> {
        let announced = if !self.continued && is_status(&self.line) { None } else { announced(&self.line) };
        let said = self.line.get(..5).filter(|start| !self.continued && start.eq_ignore_ascii_case(b"* BYE"));
        if said.is_some() {
            self.good_bye = Some(printable(String::from_utf8_lossy(&self.line[5..]).trim(), &[]));
        }
        self.line.clear();
        self.continued = announced.is_some();
        self.literal_left = announced.unwrap_or(0);
        if announced.is_none() {
            self.nesting = 0;
        }
        self.response_bytes = announced.map_or(0, |bytes| self.response_bytes.saturating_add(bytes));
        if self.response_bytes > self.response_bytes_max {
            return Err(too_large(format!("the server announces an answer of {} bytes", self.response_bytes)));
        }
        Ok(())
    }
}

fn too_large(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The size in a literal's announcement, `{size}` at the end of a line.
fn announced(line: &[u8]) -> Option<u64> {
    let digits = line.strip_suffix(b"}\r\n")?;
    let digits = &digits[digits.iter().rposition(|&byte| byte == b'{')? + 1..];
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX))
}

/// The rest of such a line is text for people, and `{9}` in it announces nothing (RFC 3501 §7.1, §7.5).
fn is_status(line: &[u8]) -> bool {
    let mut words = line.split(|&byte| byte == b' ');
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default().trim_ascii_end().to_ascii_uppercase();
    first.starts_with(b"+") || matches!(&second[..], b"OK" | b"NO" | b"BAD" | b"BYE" | b"PREAUTH")
}

impl AsyncRead for Guard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        Poll::Ready(self.watch.see(&buffer.filled()[before..]))
    }
}

impl AsyncWrite for Guard {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(answers: &str, piece: usize) -> io::Result<()> {
        let mut watch = Watch { response_bytes_max: 100, ..Watch::default() };
        answers.as_bytes().chunks(piece).try_for_each(|bytes| watch.see(bytes))
    }

    #[test]
    fn too_large_answers_are_refused_however_they_arrive() {
        let body = "y".repeat(60);
        for piece in [1, 2, 3, 7, 1000] {
            let good = format!(
                "* OK {{500}}\r\n* 1 FETCH (BODY[] {{60}}\r\n{body})\r\n* 2 FETCH (BODY[] {{60}}\r\n{body})\r\n"
            );
            assert!(seen(&good, piece).is_ok());
            assert!(seen("* OK hi\r\n* 1 FETCH (BODY[] {500000000}\r\n", piece).is_err());
            assert!(seen("* 1 FETCH (BODY[] {99999999999999999999999}\r\n", piece).is_err());
            assert!(seen("* OK {80}\r\n* 1 FETCH (BODY[] {500000000}\r\n", piece).is_err());
            assert!(seen("+ {80}\r\n* 1 FETCH (BODY[] {500000000}\r\n", piece).is_err());
            let two = format!("* 1 FETCH (BODY[HEADER] {{60}}\r\n{body} BODY[TEXT] {{60}}\r\n{body})\r\n");
            assert!(seen(&two, piece).is_err());
            assert!(seen("* 1 FETCH (BODY[HEADER] {2}\r\nab NO {500000000}\r\n", piece).is_err());
        }
        assert!(seen(&"x".repeat(LINE_BYTES_MAX + 1), 4096).is_err());
    }

    #[test]
    fn deep_nesting_is_refused_before_the_line_ends() {
        assert!(seen(&format!("* 1 FETCH (BODYSTRUCTURE {}", "(".repeat(100)), 7).is_err());
        let brackets = "((".repeat(20);
        let calm = format!("* 1 FETCH (FLAGS ())\r\n* 2 FETCH (BODY[] {{40}}\r\n{brackets})\r\n").repeat(100);
        assert!(seen(&calm, 7).is_ok());
    }

    #[test]
    fn what_a_mail_holds_announces_nothing() {
        let mail = "Subject: x\r\n\r\n{500000000}\r\n";
        assert!(seen(&format!("* 1 FETCH (BODY[] {{{}}}\r\n{mail})\r\n* OK\r\n", mail.len()), 5).is_ok());
    }
}
