//! Commands out, replies in (RFC 5321 §4.2), each within a limit of time and size.

use std::fmt::Display;
use std::io;
use std::time::Duration;

use lettre::transport::smtp::response::Response;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use crate::net::{Connection, printable};

/// The longest reply, all its lines together. RFC 5321 §4.5.3.1.5 asks for lines of 512.
const REPLY_BYTES_MAX: u64 = 64 * 1024;

/// The connection is of no more use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The relay said 421, and closes it.
    Closing(Response),
    /// It is cut, as said here.
    Cut(String),
    /// Nothing came for so long.
    Silent(Duration),
    /// What came is no reply.
    Unreadable(String),
}

impl Lost {
    /// What was said or happened, on one printable line without these secrets.
    pub(super) fn text(self, secrets: &[&str]) -> String {
        match self {
            Lost::Closing(reply) => text(&reply, secrets),
            Lost::Cut(what) => printable(&what, secrets),
            Lost::Silent(limit) => format!("the relay did not answer within {limit:?}"),
            Lost::Unreadable(line) => printable(&format!("no SMTP reply: {line}"), secrets),
        }
    }
}

impl From<io::Error> for Lost {
    fn from(error: io::Error) -> Lost {
        Lost::Cut(format!("the connection was lost: {error}"))
    }
}

/// Code and text of a reply on one printable line, without these secrets.
pub(super) fn text(reply: &Response, secrets: &[&str]) -> String {
    let lines: Vec<_> = reply.message().collect();
    printable(&format!("{} {}", reply.code(), lines.join(" ")), secrets)
}

/// One side of a dialogue.
#[derive(Debug)]
pub(super) struct Dialogue<S> {
    stream: BufReader<S>,
    limit: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    pub(super) fn new(stream: S, limit: Duration) -> Dialogue<S> {
        Dialogue { stream: BufReader::new(stream), limit }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Lost> {
        timeout(self.limit, async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        })
        .await
        .map_err(|_| self.silent())??;
        Ok(())
    }

    /// Sends a command, with its line end, and waits for the reply.
    pub(super) async fn ask(&mut self, command: impl Display) -> Result<Response, Lost> {
        self.write(command.to_string().as_bytes()).await?;
        self.reply().await
    }

    pub(super) async fn reply(&mut self) -> Result<Response, Lost> {
        let reply = timeout(self.limit, read_reply(&mut self.stream)).await.map_err(|_| self.silent())??;
        if u16::from(reply.code()) == 421 { Err(Lost::Closing(reply)) } else { Ok(reply) }
    }

    /// The stream itself, and whether more was read from it than was asked for.
    pub(super) fn into_parts(self) -> (S, bool) {
        let has_more = !self.stream.buffer().is_empty();
        (self.stream.into_inner(), has_more)
    }

    fn silent(&self) -> Lost {
        Lost::Silent(self.limit)
    }
}

impl Dialogue<Connection> {
    /// The next of several replies to commands that were sent at once.
    pub(super) async fn further_reply(&mut self) -> Result<Response, Lost> {
        if self.stream.buffer().is_empty() {
            self.stream.get_ref().acknowledge();
        }
        self.reply().await
    }
}

async fn read_reply(stream: impl AsyncBufReadExt + Unpin) -> Result<Response, Lost> {
    let mut stream = stream.take(REPLY_BYTES_MAX);
    let mut texts = Vec::new();
    let mut line = Vec::with_capacity(80);
    loop {
        line.clear();
        stream.read_until(b'\n', &mut line).await?;
        if !line.ends_with(b"\n") {
            return Err(match line.is_empty() && stream.limit() > 0 {
                true => Lost::Cut("the relay closed the connection".to_owned()),
                false => Lost::Unreadable(String::from_utf8_lossy(&line).into_owned()),
            });
        }
        let line = String::from_utf8_lossy(&line);
        let (reply, goes_on) = parse_line(&line).ok_or_else(|| Lost::Unreadable(line.clone().into_owned()))?;
        texts.extend(reply.message().map(str::to_owned));
        if !goes_on {
            return Ok(Response::new(reply.code(), texts));
        }
    }
}

/// One line of a reply, and whether more follow: `250-text` goes on, `250 text` and `250` do not. lettre's parser wants
/// CRLF, a space, and the digits of RFC 5321 §4.2. Relays end in LF too, leave out the space, and refuse with 571, of
/// which the first digit counts (§4.3.2): it is read as 550.
fn parse_line(line: &str) -> Option<(Response, bool)> {
    let (code, rest) = line.trim_ascii_end().split_at_checked(3)?;
    let goes_on = rest.starts_with('-');
    let text = if rest.is_empty() { rest } else { rest.strip_prefix(['-', ' '])? };
    let strict = match code.as_bytes() {
        [first, b'6'..=b'9', b'0'..=b'9'] => format!("{}50 {code} {text}\r\n", char::from(*first)),
        _ => format!("{code} {text}\r\n"),
    };
    Some((strict.parse().ok()?, goes_on))
}

#[cfg(test)]
mod tests {
    use lettre::transport::smtp::response::Severity;

    use super::*;

    async fn read(bytes: &[u8]) -> Result<Response, Lost> {
        read_reply(bytes).await
    }

    #[tokio::test]
    async fn replies_of_one_and_many_lines_are_read() {
        let reply = read(b"250-a.test hello\r\n250-SIZE 100\r\n250 \xff\r\n").await.unwrap();
        assert_eq!(reply.message().collect::<Vec<_>>(), ["a.test hello", "SIZE 100", "\u{fffd}"]);
        assert_eq!(text(&reply, &[]), "250 a.test hello SIZE 100 \u{fffd}");
        assert_eq!(read(b"354\n").await.unwrap().code().severity, Severity::PositiveIntermediate);
    }

    #[tokio::test]
    async fn the_first_digit_counts_and_the_last_line() {
        for (bytes, severity, said) in [
            ("571 5.7.1 no\r\n", Severity::PermanentNegativeCompletion, "550 571 5.7.1 no"),
            ("499\r\n", Severity::TransientNegativeCompletion, "450 499"),
            ("250-a\r\n550 b\r\n", Severity::PermanentNegativeCompletion, "550 a b"),
        ] {
            let reply = read(bytes.as_bytes()).await.unwrap();
            assert_eq!((reply.code().severity, text(&reply, &[]).as_str()), (severity, said));
        }
    }

    #[tokio::test]
    async fn a_relay_that_says_421_closes() {
        let (side, mut relay) = tokio::io::duplex(100);
        relay.write_all(b"421 bye\r\n").await.unwrap();
        let reply = Dialogue::new(side, Duration::from_secs(20)).reply().await;
        assert!(matches!(reply, Err(Lost::Closing(reply)) if text(&reply, &[]) == "421 bye"));
    }

    #[tokio::test]
    async fn what_is_no_reply_loses_the_connection() {
        for bytes in ["", "250-a\r\n", "25", "hello\r\n", "999 x\r\n", "250x\r\n", "56x y\r\n", "2\u{e9}\r\n"] {
            assert!(read(bytes.as_bytes()).await.is_err(), "{bytes:?}");
        }
        let endless = "250-x\r\n".repeat(20_000);
        assert!(matches!(read(endless.as_bytes()).await, Err(Lost::Unreadable(_))));
    }
}
