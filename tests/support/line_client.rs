//! The least client of a protocol of lines: what a test says and hears without any of our own code.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A TCP connection to a server on loopback. Every wait ends after a minute.
pub(crate) struct LineClient {
    stream: BufReader<TcpStream>,
}

impl LineClient {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens on the port.
    pub(crate) fn connect(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.set_write_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Whether the server on this port greets with a line that begins like this.
    pub(crate) fn is_greeted(port: u16, greeting: &str) -> bool {
        Self::connect(port).and_then(|mut client| client.line()).is_ok_and(|line| line.starts_with(greeting))
    }

    /// The next line, without its end; empty when the server has hung up.
    ///
    /// # Errors
    /// The connection broke or stood still.
    pub(crate) fn line(&mut self) -> std::io::Result<String> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line)?;
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// Says one line and hears its answer: see [`LineClient::hear`].
    pub(crate) fn say(&mut self, line: &str, expected: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes());
        self.hear(expected)
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("the server takes what the test sends");
    }

    /// The next line that begins with `expected`. What may stand before it, IMAP's `* …` and SMTP's `250-…`, is passed
    /// over; anything else ends the test.
    pub(crate) fn hear(&mut self, expected: &str) -> String {
        let mut passed = Vec::new();
        loop {
            let line = self.line().unwrap_or_else(|error| panic!("waited for '{expected}': {error}; heard {passed:?}"));
            if line.starts_with(expected) {
                return line;
            }
            let is_passed_over = line.starts_with("* ") || line.as_bytes().get(3) == Some(&b'-');
            assert!(is_passed_over, "waited for '{expected}', heard '{line}' after {passed:?}");
            passed.push(line);
        }
    }
}
