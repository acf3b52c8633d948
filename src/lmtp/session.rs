//! One conversation with an MTA.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::SemaphorePermit;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::command::{Command, Path, command};
use super::reply::Reply;
use super::text::{End as FinalDot, Text};
use super::{Keeper, NotKept, SMALL_BYTES, Terms};
use crate::mail::{Address, Kept};

/// A command is no longer (RFC 5321 §4.5.3.1.4 asks for 512, and extensions for some more).
const LINE_MAX: usize = 4096;
/// RFC 5321 §4.5.3.1.8 asks for a hundred.
const RECIPIENTS_MAX: usize = 1000;
/// Whoever is wrong so often speaks something else.
const FAULTS_MAX: usize = 20;
/// So much is read at once.
const PIECE_BYTES: usize = 64 << 10;

/// Why a conversation is over.
enum End {
    /// The MTA hung up, or was told goodbye.
    Closed,
    Broken(io::Error),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> End {
        End::Broken(error)
    }
}

/// MAIL and RCPT so far.
struct Envelope {
    /// As MAIL has it; empty for `<>`.
    sender: String,
    recipients: Vec<Address>,
}

struct Session<'a, S, K> {
    stream: BufReader<S>,
    replies: Vec<u8>,
    keeper: &'a K,
    terms: &'a Terms,
    stop: &'a CancellationToken,
    is_greeted: bool,
    envelope: Option<Envelope>,
    faults: usize,
}

/// Speaks with one MTA until it leaves, is silent for too long, or all is to stop: then a text that is on its way may still
/// come to its end, and is kept.
///
/// # Errors
/// The connection broke.
pub async fn converse<S, K>(stream: S, keeper: &K, terms: &Terms, stop: &CancellationToken) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    K: Keeper,
{
    let mut session = Session {
        stream: BufReader::with_capacity(PIECE_BYTES, stream),
        replies: Vec::new(),
        keeper,
        terms,
        stop,
        is_greeted: false,
        envelope: None,
        faults: 0,
    };
    session.say(&Reply { code: 220, text: format!("{} LMTP guichet", terms.name) });
    let end = loop {
        if let Err(end) = session.turn().await {
            break end;
        }
    };
    match end {
        End::Closed => session.flush().await,
        End::Broken(error) => Err(error),
    }
}

/// A line that was asked for.
enum Line {
    Said(String),
    /// Its end is none, or it is too long.
    Unfit(Reply),
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin, K: Keeper> Session<'a, S, K> {
    async fn turn(&mut self) -> Result<(), End> {
        let asked = match self.line().await? {
            Line::Said(line) => command(&line),
            Line::Unfit(reply) => Err(reply),
        };
        match asked {
            Ok(Command::Lhlo) => self.greet(),
            Ok(Command::Mail(_) | Command::Rcpt(_) | Command::Data) if !self.is_greeted => {
                return self.refuse(&Reply::of(503, "5.5.1 LHLO first"));
            }
            Ok(Command::Mail(path)) => return self.mail(path),
            Ok(Command::Rcpt(path)) => return self.rcpt(&path),
            Ok(Command::Data) => return self.data().await,
            Ok(Command::Rset) => {
                self.envelope = None;
                self.say(&Reply::of(250, "2.0.0 OK"));
            }
            Ok(Command::Noop) => self.say(&Reply::of(250, "2.0.0 OK")),
            Ok(Command::Vrfy) => self.say(&Reply::of(252, "2.1.5 RCPT tells")),
            Ok(Command::Quit) => return Err(self.close(&Reply::of(221, "2.0.0 Goodbye"))),
            Err(reply) => return self.refuse(&reply),
        }
        Ok(())
    }

    fn greet(&mut self) {
        self.is_greeted = true;
        self.envelope = None;
        let Terms { name, bytes_max, .. } = self.terms;
        let text = format!("{name}\nPIPELINING\nENHANCEDSTATUSCODES\n8BITMIME\nSMTPUTF8\nSIZE {bytes_max}");
        self.say(&Reply { code: 250, text });
    }

    fn mail(&mut self, Path { path, parameters }: Path) -> Result<(), End> {
        if self.envelope.is_some() {
            return self.refuse(&Reply::of(503, "5.5.1 One mail at a time"));
        }
        for parameter in &parameters {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.to_ascii_uppercase().as_str() {
                "SIZE" => match value.parse::<u64>() {
                    Ok(size) if size > self.terms.bytes_max => {
                        self.say(&too_large());
                        return Ok(());
                    }
                    Ok(_) => {}
                    Err(_) => return self.refuse(&Reply::of(501, "5.5.4 SIZE is a number of bytes")),
                },
                "BODY" if ["7BIT", "8BITMIME"].iter().any(|known| value.eq_ignore_ascii_case(known)) => {}
                "SMTPUTF8" if value.is_empty() => {}
                _ => return self.refuse(&Reply::of(555, "5.5.4 Parameter not known")),
            }
        }
        self.envelope = Some(Envelope { sender: path, recipients: Vec::new() });
        self.say(&Reply::of(250, "2.1.0 OK"));
        Ok(())
    }

    fn rcpt(&mut self, Path { path, parameters }: &Path) -> Result<(), End> {
        let Some(envelope) = &mut self.envelope else {
            return self.refuse(&Reply::of(503, "5.5.1 MAIL first"));
        };
        if !parameters.is_empty() {
            return self.refuse(&Reply::of(555, "5.5.4 Parameter not known"));
        }
        let ours = path.parse::<Address>().ok().filter(|address| self.keeper.is_ours(address));
        // A recipient that is not here is the sender's slip, and no fault of the MTA.
        let reply = match ours {
            Some(_) if envelope.recipients.len() >= RECIPIENTS_MAX => Reply::of(452, "4.5.3 Too many recipients"),
            Some(address) => {
                envelope.recipients.push(address);
                Reply::of(250, "2.1.5 OK")
            }
            None => Reply::of(550, "5.1.1 No desk has this address"),
        };
        self.say(&reply);
        Ok(())
    }

    async fn data(&mut self) -> Result<(), End> {
        let Some(envelope) = self.envelope.take_if(|envelope| !envelope.recipients.is_empty()) else {
            // RFC 2033 §4.2: where no recipient was taken there is nothing to answer for.
            self.say(&Reply::of(503, "5.5.1 No recipient was taken"));
            return Ok(());
        };
        self.say(&Reply::of(354, "Go on, and end with a dot"));
        self.flush().await?;
        let reply = match self.text(&envelope).await? {
            Ok((mail, _large)) => match self.keeper.keep(mail).await {
                Ok(found_by) => Reply { code: 250, text: format!("2.0.0 Taken in, {found_by}") },
                Err(NotKept) => Reply::of(451, "4.3.0 The mail cannot be written down now"),
            },
            Err(refused) => refused,
        };
        // RFC 2033 §4.2: a reply for each recipient that was taken, in their order.
        for recipient in &envelope.recipients {
            let (status, words) = reply.text.split_once(' ').unwrap_or((&reply.text, ""));
            self.say(&Reply { code: reply.code, text: format!("{status} <{recipient}> {words}") });
        }
        Ok(())
    }

    /// The text up to the final dot, with the envelope on top, and the right to have much of it in memory; or why it is not
    /// taken.
    async fn text(&mut self, envelope: &Envelope) -> Result<Result<(Kept, Option<SemaphorePermit<'a>>), Reply>, End> {
        let (terms, stop) = (self.terms, self.stop);
        let mut mail = on_top(envelope);
        let mut text = Text::default();
        let mut large = None;
        let mut refused = None;
        let mut received = 0;
        let too_late = async {
            stop.cancelled().await;
            sleep(terms.last_patience).await;
        };
        let mut too_late = std::pin::pin!(too_late);
        loop {
            if large.is_none() && refused.is_none() && mail.bytes().len() as u64 > SMALL_BYTES {
                let permit = tokio::select! {
                    permit = timeout(terms.patience, terms.large.acquire()) => permit,
                    () = &mut too_late => return Err(self.close(&stopping())),
                };
                match permit {
                    Ok(Ok(permit)) => large = Some(permit),
                    Ok(Err(_)) | Err(_) => refused = Some(Reply::of(452, "4.3.1 Too many large mails at a time")),
                }
            }
            let piece = tokio::select! {
                piece = timeout(terms.patience, self.stream.fill_buf()) => match piece {
                    Ok(piece) => piece?,
                    Err(_) => return Err(self.close(&silent())),
                },
                () = &mut too_late => return Err(self.close(&stopping())),
            };
            if piece.is_empty() {
                return Err(End::Closed);
            }
            let end = text.read(piece, |bytes| {
                received += bytes.len() as u64;
                if refused.is_none() {
                    mail.push(bytes);
                }
            });
            let read = end.map_or(piece.len(), |FinalDot { bytes }| bytes);
            self.stream.consume(read);
            if received > terms.bytes_max {
                refused = Some(too_large());
            }
            if refused.is_some() {
                (mail, large) = (Kept::new(0), None);
            }
            if end.is_some() {
                return Ok(match refused {
                    Some(reply) => Err(reply),
                    None => Ok((mail, large)),
                });
            }
        }
    }

    /// The next line. Replies leave where nothing more has come yet (RFC 2920 §3.2).
    async fn line(&mut self) -> Result<Line, End> {
        if self.stream.buffer().is_empty() {
            self.flush().await?;
        }
        let (terms, stop) = (self.terms, self.stop);
        let read = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            read = timeout(terms.patience, read_line(&mut self.stream)) => Some(read),
        };
        match read {
            Some(Ok(line)) => line?.ok_or(End::Closed),
            Some(Err(_)) => Err(self.close(&silent())),
            None => Err(self.close(&stopping())),
        }
    }

    /// Says what is wrong; whoever is wrong again and again is told goodbye.
    fn refuse(&mut self, reply: &Reply) -> Result<(), End> {
        self.say(reply);
        self.faults += 1;
        if self.faults < FAULTS_MAX { Ok(()) } else { Err(self.close(&Reply::of(421, "4.7.0 Too many faults"))) }
    }

    fn close(&mut self, reply: &Reply) -> End {
        self.say(reply);
        End::Closed
    }

    fn say(&mut self, Reply { code, text }: &Reply) {
        let last = text.lines().count().saturating_sub(1);
        for (at, line) in text.lines().enumerate() {
            let separator = if at == last { ' ' } else { '-' };
            self.replies.extend_from_slice(format!("{code}{separator}{line}\r\n").as_bytes());
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        let stream = self.stream.get_mut();
        let written = timeout(self.terms.patience, async {
            stream.write_all(&self.replies).await?;
            stream.flush().await
        });
        written.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        self.replies.clear();
        Ok(())
    }
}

/// What final delivery adds (RFC 5321 §4.4): who sent it and for whom. It stands above whatever the mail brought along, so that
/// a Return-Path or Delivered-To of the sender's own says nothing. There is no Received of ours: what counts of a mail's way
/// is what the border wrote, and it begins at the top.
fn on_top(envelope: &Envelope) -> Kept {
    // What is too long is refused, and never cut.
    let mut mail = Kept::new(u64::MAX);
    mail.push(format!("Return-Path: <{}>\r\n", envelope.sender).as_bytes());
    for recipient in &envelope.recipients {
        mail.push(format!("Delivered-To: {recipient}\r\n").as_bytes());
    }
    mail
}

/// A line without its end; `None` where the MTA hung up. No more of it is kept than a command may have.
async fn read_line(stream: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Option<Line>> {
    let (mut line, mut length) = (Vec::new(), 0);
    loop {
        let piece = stream.fill_buf().await?;
        if piece.is_empty() {
            return Ok(None);
        }
        let end = memchr::memchr(b'\n', piece);
        let read = end.map_or(piece.len(), |end| end + 1);
        length += read;
        line.extend_from_slice(&piece[..read.min((LINE_MAX + 1).saturating_sub(line.len()))]);
        stream.consume(read);
        if end.is_some() {
            break;
        }
    }
    if length > LINE_MAX {
        return Ok(Some(Line::Unfit(Reply::of(500, "5.5.2 Line too long"))));
    }
    Ok(Some(match line.strip_suffix(b"\r\n") {
        // A sender that the MTA took in another charset is no reason to refuse a mail.
        Some(line) => Line::Said(String::from_utf8_lossy(line).into_owned()),
        None => Line::Unfit(Reply::of(500, "5.5.2 Lines end in CRLF")),
    }))
}

fn too_large() -> Reply {
    Reply::of(552, "5.3.4 The mail is too large")
}

fn silent() -> Reply {
    Reply::of(421, "4.4.2 Nothing was said for too long")
}

fn stopping() -> Reply {
    Reply::of(421, "4.3.2 Stopping")
}

/// Tells an MTA that comes while as many are served as may be.
pub async fn turn_away(mut stream: impl AsyncWrite + Unpin) {
    let told = stream.write_all(b"421 4.3.2 Too many connections\r\n");
    // It comes again, whether it has heard or not.
    let _ = timeout(Duration::from_secs(1), told).await;
}
