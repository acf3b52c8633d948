//! Bytes in, commands out; and back.
//!
//! Commands are read by imap-codec. Answers are written as text: mails go into the buffer straight from where they lie.

use std::io;

use imap_codec::CommandCodec;
use imap_codec::fragmentizer::{FragmentInfo, Fragmentizer};
use imap_codec::imap_types::IntoStatic;
use imap_codec::imap_types::command::Command;
use imap_codec::imap_types::core::LiteralMode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::demo::server::connection::Stream;

const COMMAND_BYTES_MAX: u32 = 64 * 1024 * 1024;
const OUT_BYTES: usize = 128 * 1024;

pub(super) struct Wire {
    stream: Box<dyn Stream>,
    fragmentizer: Fragmentizer,
    chunk: Vec<u8>,
    out: Vec<u8>,
}

/// What the client sent.
#[derive(Debug)]
pub(super) enum Received {
    Command(Command<'static>),
    /// No command; with its tag, if it has one.
    Malformed(Option<String>),
    /// The stream ended.
    Closed,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        let fragmentizer = Fragmentizer::new(COMMAND_BYTES_MAX);
        Wire { stream, fragmentizer, chunk: vec![0; 16 * 1024], out: Vec::with_capacity(4096) }
    }

    /// What was read beyond the last command is forgotten: it must not reach the encrypted session.
    pub(super) fn into_stream(self) -> Box<dyn Stream> {
        self.stream
    }

    /// The next command; what was written so far is sent before waiting for it. Can be cancelled.
    pub(super) async fn command(&mut self) -> io::Result<Received> {
        if !self.message().await? {
            return Ok(Received::Closed);
        }
        Ok(match self.fragmentizer.decode_message(&CommandCodec::default()) {
            Ok(command) => Received::Command(command.into_static()),
            Err(_) => Received::Malformed(self.fragmentizer.decode_tag().map(|tag| tag.inner().to_owned())),
        })
    }

    /// The next line without its end: a continuation of AUTHENTICATE, or DONE. `None` at the end of the stream. Can be
    /// cancelled.
    pub(super) async fn line(&mut self) -> io::Result<Option<String>> {
        if !self.message().await? {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(self.fragmentizer.message_bytes().trim_ascii_end()).into_owned()))
    }

    /// What will be sent.
    pub(super) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Appends a line; its end is added.
    pub(super) fn say(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        if !self.out.is_empty() {
            self.stream.write_all(&self.out).await?;
            self.out.clear();
            self.out.shrink_to(2 * OUT_BYTES);
            self.stream.flush().await?;
        }
        Ok(())
    }

    /// Sends what was written if it is much.
    pub(super) async fn flush_when_full(&mut self) -> io::Result<()> {
        if self.out.len() < OUT_BYTES { Ok(()) } else { self.flush().await }
    }

    /// Reads until one whole message lies in the fragmentizer; false at the end of the stream.
    async fn message(&mut self) -> io::Result<bool> {
        loop {
            match self.fragmentizer.progress() {
                Some(FragmentInfo::Line { announcement: None, .. }) => return Ok(true),
                Some(FragmentInfo::Line { announcement: Some(literal), .. }) => match literal.mode {
                    LiteralMode::Sync if literal.length < COMMAND_BYTES_MAX => self.say("+ go on"),
                    LiteralMode::Sync => self.refuse_literal(),
                    LiteralMode::NonSync => {}
                },
                Some(FragmentInfo::Literal { .. }) => {}
                None => {
                    self.flush().await?;
                    let length = self.stream.read(&mut self.chunk).await?;
                    if length == 0 {
                        return Ok(false);
                    }
                    self.fragmentizer.enqueue_bytes(&self.chunk[..length]);
                }
            }
        }
    }

    fn refuse_literal(&mut self) {
        let tag = self.fragmentizer.decode_tag().map_or("*".to_owned(), |tag| tag.inner().to_owned());
        self.say(&format!("{tag} NO [TOOBIG] Too large"));
        self.fragmentizer.skip_message();
    }
}
