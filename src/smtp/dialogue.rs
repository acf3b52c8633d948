//! Lines out, replies in (RFC 5321 §4.2), each within a limit of time and size.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use crate::net::{Connection, printable};

/// The longest reply, all its lines together. RFC 5321 §4.5.3.1.5 asks for lines of 512.
const REPLY_BYTES_MAX: u64 = 64 * 1024;

/// A relay's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// Three digits.
    pub(super) code: u16,
    /// The text of each line, as it came.
    pub(super) lines: Vec<String>,
}

/// What a reply's first digits mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// 2xx.
    Done,
    /// 3xx.
    GoOn,
    /// 4xx.
    NotNow,
    /// 421: as before, and the relay closes the connection.
    Closing,
    /// 5xx.
    Never,
}

impl Reply {
    pub(super) fn meaning(&self) -> Meaning {
        match self.code {
            421 => Meaning::Closing,
            200..=299 => Meaning::Done,
            300..=399 => Meaning::GoOn,
            500..=599 => Meaning::Never,
            _ => Meaning::NotNow,
        }
    }

    /// Code and text on one printable line.
    pub(super) fn text(&self) -> String {
        self.text_without(&[])
    }

    /// The same without these secrets.
    pub(super) fn text_without(&self, secrets: &[&str]) -> String {
        printable(&format!("{} {}", self.code, self.lines.join(" ")), secrets)
    }
}

/// The connection is of no more use: cut, silent, or unreadable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Lost(pub(super) String);

impl From<io::Error> for Lost {
    fn from(error: io::Error) -> Lost {
        Lost(printable(&format!("the connection was lost: {error}"), &[]))
    }
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

    /// Sends a command, without its line end, and waits for the reply.
    pub(super) async fn ask(&mut self, command: &str) -> Result<Reply, Lost> {
        self.write(format!("{command}\r\n").as_bytes()).await?;
        self.reply().await
    }

    pub(super) async fn reply(&mut self) -> Result<Reply, Lost> {
        let silent = self.silent();
        timeout(self.limit, read_reply(&mut self.stream)).await.map_err(|_| silent)?
    }

    /// The stream itself, and whether more was read from it than was asked for.
    pub(super) fn into_parts(self) -> (S, bool) {
        let has_more = !self.stream.buffer().is_empty();
        (self.stream.into_inner(), has_more)
    }

    fn silent(&self) -> Lost {
        Lost(format!("no answer within {:?}", self.limit))
    }
}

impl Dialogue<Connection> {
    /// The next of several replies to commands that were sent at once.
    pub(super) async fn further_reply(&mut self) -> Result<Reply, Lost> {
        if self.stream.buffer().is_empty() {
            self.stream.get_ref().acknowledge();
        }
        self.reply().await
    }
}

async fn read_reply(stream: impl AsyncBufReadExt + Unpin) -> Result<Reply, Lost> {
    let mut stream = stream.take(REPLY_BYTES_MAX);
    let mut lines = Vec::new();
    let mut line = Vec::with_capacity(80);
    loop {
        line.clear();
        stream.read_until(b'\n', &mut line).await?;
        if !line.ends_with(b"\n") {
            let what = if stream.limit() == 0 { "sent a reply without an end" } else { "closed the connection" };
            return Err(Lost(format!("the relay {what}")));
        }
        let (code, goes_on, text) = parse_line(&line)
            .ok_or_else(|| Lost(printable(&format!("no SMTP reply: {}", String::from_utf8_lossy(&line)), &[])))?;
        lines.push(text);
        if !goes_on {
            return Ok(Reply { code, lines });
        }
    }
}

/// `250-text` goes on, `250 text` and `250` do not.
fn parse_line(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = line.trim_ascii_end();
    let (code, rest) = line.split_at_checked(3)?;
    if !code.iter().all(u8::is_ascii_digit) || !matches!(code[0], b'2'..=b'5') {
        return None;
    }
    let code = str::from_utf8(code).ok()?.parse().ok()?;
    let (separator, text) = rest.split_at(rest.len().min(1));
    if !matches!(separator, b"" | b" " | b"-") {
        return None;
    }
    Some((code, separator == b"-", String::from_utf8_lossy(text).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Result<Reply, Lost> {
        read_reply(bytes).await
    }

    #[tokio::test]
    async fn replies_of_one_and_many_lines_are_read() {
        let reply = read(b"250-a.test hello\r\n250-SIZE 100\r\n250 \xff\r\n").await.unwrap();
        assert_eq!((reply.code, reply.lines.len()), (250, 3));
        assert_eq!(reply.text(), "250 a.test hello SIZE 100 \u{fffd}");
        assert_eq!(read(b"354\n").await.unwrap().meaning(), Meaning::GoOn);
        assert_eq!(read(b"421 bye\r\n").await.unwrap().meaning(), Meaning::Closing);
    }

    #[tokio::test]
    async fn what_is_no_reply_loses_the_connection() {
        for bytes in ["", "250-a\r\n", "25", "hello\r\n", "999 x\r\n", "250x\r\n"] {
            assert!(read(bytes.as_bytes()).await.is_err(), "{bytes:?}");
        }
        let endless = "250-x\r\n".repeat(20_000);
        assert!(read(endless.as_bytes()).await.unwrap_err().0.contains("without an end"));
    }
}
