//! A client that sends lines and shows what comes back.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// What a read shows at the end of the stream.
pub(crate) const CLOSED: &str = "(closed)";

pub(crate) struct Client<S = TcpStream> {
    stream: BufReader<S>,
}

impl Client {
    pub(crate) async fn connect(server: SocketAddr) -> Client {
        Client::new(TcpStream::connect(server).await.unwrap())
    }

    /// Connected to the IMAP server, logged in as support.
    pub(crate) async fn support(server: SocketAddr) -> Client {
        let mut client = Client::connect(server).await;
        client.line().await;
        assert!(client.imap("LOGIN support@desk.test secret").await.ends_with(" Welcome"));
        client
    }

    /// Connected to the IMAP server, with support's INBOX selected.
    pub(crate) async fn inbox(server: SocketAddr) -> Client {
        let mut client = Client::support(server).await;
        assert!(client.imap("SELECT INBOX").await.ends_with("OK [READ-WRITE] Selected"));
        client
    }

    /// Connected to the SMTP server, behind EHLO.
    pub(crate) async fn outside(server: SocketAddr) -> Client {
        let mut client = Client::connect(server).await;
        client.line().await;
        client.smtp("EHLO client.test").await;
        client
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn new(stream: S) -> Self {
        Client { stream: BufReader::new(stream) }
    }

    pub(crate) fn into_stream(self) -> S {
        self.stream.into_inner()
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).await.unwrap();
    }

    /// The next line without its end. A server that is silent for long fails the test instead of hanging it.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), self.stream.read_until(b'\n', &mut line));
        match read.await.expect("the server is silent") {
            Ok(0) | Err(_) => CLOSED.to_owned(),
            Ok(_) => String::from_utf8_lossy(line.trim_ascii_end()).into_owned(),
        }
    }

    /// Sends a tagged command; every line up to its tagged answer, the tag shown as `t`.
    pub(crate) async fn imap(&mut self, command: &str) -> String {
        self.send(&format!("t {command}\r\n")).await;
        self.imap_answer().await
    }

    pub(crate) async fn imap_answer(&mut self) -> String {
        let mut lines = Vec::new();
        loop {
            lines.push(self.line().await);
            if lines.last().is_some_and(|line| line.starts_with("t ") || line == CLOSED) {
                return lines.join("\n");
            }
        }
    }

    /// Sends a command; every line of the reply.
    pub(crate) async fn smtp(&mut self, command: &str) -> String {
        self.send(&format!("{command}\r\n")).await;
        self.smtp_reply().await
    }

    pub(crate) async fn smtp_reply(&mut self) -> String {
        let mut lines = Vec::new();
        loop {
            lines.push(self.line().await);
            if lines.last().is_some_and(|line| line.as_bytes().get(3) != Some(&b'-')) {
                return lines.join("\n");
            }
        }
    }
}
