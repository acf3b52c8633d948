//! A server that follows a script, for the tests of both protocols.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What a scripted server does next. At the end of its script it closes the connection.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Sends a text, in which `{tag}` is the first word of the line heard last.
    Say(String),
    /// Reads a line, which must hold this.
    Hear(&'static str),
    /// Reads until the final dot of a letter, which must hold this.
    HearLetter(&'static str),
    /// Reads the literal that the line heard last announced (RFC 3501 §4.3), which must hold this, and the end of the command.
    HearLiteral(&'static str),
    /// Agrees on TLS, or is left by the client.
    Secure,
    /// Reads until the client leaves, and answers nothing.
    Ignore,
}

pub(crate) fn say(text: impl Into<String>) -> Step {
    Step::Say(text.into())
}

pub(crate) fn hear(part: &'static str) -> Step {
    Step::Hear(part)
}

/// A running script.
pub(crate) struct Peer {
    pub(crate) port: u16,
    /// Holds the certificate that [`Step::Secure`] shows.
    pub(crate) ca_file: PathBuf,
    play: JoinHandle<Vec<String>>,
    _folder: TempDir,
}

impl Peer {
    /// Plays one script a connection, on localhost, with a certificate for that name.
    pub(crate) async fn play(scripts: impl IntoIterator<Item = Vec<Step>>) -> Peer {
        Peer::play_as("localhost", scripts).await
    }

    /// The same with a certificate for another name.
    pub(crate) async fn play_as(name: &str, scripts: impl IntoIterator<Item = Vec<Step>>) -> Peer {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scripts: Vec<_> = scripts.into_iter().collect();
        let play = tokio::spawn(async move {
            let mut heard = Vec::new();
            for script in scripts {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let mut side = Side { stream: Some(Box::new(stream)), unread: Vec::new(), heard, tag: String::new() };
                for step in script {
                    side.act(step, &tls).await;
                }
                heard = side.heard;
            }
            heard
        });
        Peer { port, ca_file, play, _folder: folder }
    }

    /// All lines heard, once all scripts are played. Fails where a script was not followed.
    pub(crate) async fn heard(self) -> Vec<String> {
        self.play.await.unwrap()
    }
}

trait Both: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Both for S {}

struct Side {
    stream: Option<Box<dyn Both>>,
    unread: Vec<u8>,
    heard: Vec<String>,
    tag: String,
}

impl Side {
    async fn act(&mut self, step: Step, tls: &ServerConfig) {
        match step {
            Step::Say(text) => {
                let text = text.replace("{tag}", &self.tag);
                // A client that leaves early is some tests' point.
                let _ = self.stream().write_all(text.as_bytes()).await;
                let _ = self.stream().flush().await;
            }
            Step::Hear(part) => {
                let line = self.read_past(b"\r\n").await;
                assert!(line.contains(part), "heard {line:?} instead of {part:?}");
                self.tag = line.split(' ').next().unwrap().to_owned();
                self.heard.push(line);
            }
            Step::HearLetter(part) => {
                let letter = self.read_past(b".\r\n").await;
                assert!(letter.contains(part), "heard {letter:?} instead of {part:?}");
                self.heard.push(letter);
            }
            Step::HearLiteral(part) => {
                let announced = self.heard.last().and_then(|line| line.rsplit_once('{')).unwrap().1;
                let size: usize = announced.trim_end_matches(['}', '+']).parse().unwrap();
                let literal = self.read_so_many(size + 2).await;
                assert!(literal.contains(part) && literal.ends_with("\r\n"), "heard {literal:?} instead of {part:?}");
                self.heard.push(literal);
            }
            Step::Secure => {
                let stream = self.stream.take().unwrap();
                if let Ok(stream) = TlsAcceptor::from(Arc::new(tls.clone())).accept(stream).await {
                    self.stream = Some(Box::new(stream));
                }
            }
            Step::Ignore => {
                let mut buffer = [0; 1024];
                while self.stream().read(&mut buffer).await.is_ok_and(|read| read > 0) {}
            }
        }
    }

    fn stream(&mut self) -> &mut Box<dyn Both> {
        self.stream.as_mut().unwrap()
    }

    async fn read_so_many(&mut self, bytes: usize) -> String {
        while self.unread.len() < bytes {
            let mut unread = std::mem::take(&mut self.unread);
            let read = self.stream().read_buf(&mut unread).await.unwrap_or(0);
            self.unread = unread;
            assert!(read > 0, "the client left within a literal");
        }
        String::from_utf8(self.unread.drain(..bytes).collect()).unwrap()
    }

    /// What comes before `end`; less where the client left.
    async fn read_past(&mut self, end: &[u8]) -> String {
        loop {
            if let Some(at) = self.unread.windows(end.len()).position(|bytes| bytes == end) {
                let text = self.unread.drain(..at + end.len()).take(at).collect();
                return String::from_utf8(text).unwrap();
            }
            let mut unread = std::mem::take(&mut self.unread);
            let read = self.stream().read_buf(&mut unread).await.unwrap_or(0);
            self.unread = unread;
            if read == 0 {
                return String::from_utf8(std::mem::take(&mut self.unread)).unwrap();
            }
        }
    }
}
