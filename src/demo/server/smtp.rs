//! The embedded SMTP server: a submission server and a receiving server in one (RFC 5321, RFC 6409).
//!
//! Who logs in may write under any name and is vouched for (`dmarc=pass`); a mail from outside comes with `dmarc=none`.

use std::io;

use data_encoding::BASE64;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio_rustls::TlsAcceptor;

use crate::lmtp::{Path, Text, path};
use crate::mail::{Address, ReturnPath};

use super::connection::{Connection, Stream};
use super::delivery::{Delivery, Verdict};
use super::mishap::{Mishaps, SizeLimit, SmtpMishap, SmtpMoment};
use super::post::{Post, Residence, Submission};

const MAIL_BYTES_MAX: usize = 50 * 1024 * 1024;

/// Speaks with one client until it leaves.
pub(super) async fn serve(connection: Connection, post: Post, mishaps: Mishaps) -> io::Result<()> {
    let mut session = Session::new(connection, post, mishaps);
    let mut end = match session.greet().await {
        Ok(()) => session.commands().await,
        Err(end) => end,
    };
    loop {
        end = match end {
            End::Closed => return session.flush().await,
            End::Cut => return Ok(()),
            End::Io(error) => return Err(error),
            End::StartTls => {
                session = session.encrypt().await?;
                session.commands().await
            }
        };
    }
}

struct Session {
    stream: BufReader<Box<dyn Stream>>,
    starttls: Option<TlsAcceptor>,
    replies: Vec<u8>,
    post: Post,
    mishaps: Mishaps,
    user: Option<Address>,
    envelope: Option<Envelope>,
}

/// MAIL and RCPT so far.
struct Envelope {
    return_path: ReturnPath,
    parameters: Vec<String>,
    recipients: Vec<(Address, Vec<String>)>,
}

/// A reply line.
struct Reply(u16, String);

/// Why a conversation is over.
enum End {
    /// A mishap: no further byte leaves.
    Cut,
    /// The client left or was told to: the replies so far are still sent.
    Closed,
    /// The session goes on in another, encrypted one.
    StartTls,
    Io(io::Error),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        End::Io(error)
    }
}

impl Session {
    fn new(Connection { stream, starttls }: Connection, post: Post, mishaps: Mishaps) -> Self {
        let stream = BufReader::new(stream);
        Session { stream, starttls, replies: Vec::new(), post, mishaps, user: None, envelope: None }
    }

    /// The session that follows STARTTLS: nothing that was said in the clear counts in it (RFC 3207 §4.2).
    async fn encrypt(mut self) -> io::Result<Session> {
        self.flush().await?;
        let connection = Connection { stream: self.stream.into_inner(), starttls: self.starttls };
        Ok(Session::new(connection.encrypt().await?, self.post, self.mishaps))
    }

    async fn greet(&mut self) -> Result<(), End> {
        match self.mishaps.at_smtp(|moment| *moment == SmtpMoment::Connect) {
            None => {}
            Some(SmtpMishap::Reply(code, text)) => {
                self.say(&Reply(code, text));
                return Err(End::Closed);
            }
            Some(SmtpMishap::Drop | SmtpMishap::AcceptThenDrop) => return Err(End::Cut),
            Some(SmtpMishap::Stall) => stall().await,
            Some(SmtpMishap::Insert(text)) => self.replies.extend_from_slice(text.as_bytes()),
        }
        let name = self.post.authserv_id().to_owned();
        self.say(&Reply(220, format!("{name} ESMTP")));
        Ok(())
    }

    async fn commands(&mut self) -> End {
        loop {
            let obeyed = match self.line().await {
                Ok(Some(line)) => self.obey(&line).await,
                Ok(None) => Err(End::Closed),
                Err(end) => Err(end),
            };
            if let Err(end) = obeyed {
                return end;
            }
        }
    }

    async fn obey(&mut self, line: &str) -> Result<(), End> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let argument = argument.trim();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.at(SmtpMoment::Hello, Self::ehlo).await,
            "HELO" => self.at(SmtpMoment::Hello, |session| reply(250, session.post.authserv_id())).await,
            "STARTTLS" if self.may_start_tls() => self.start_tls().await,
            "AUTH" if self.mishaps.hides("AUTH") => self.answer(&reply(502, "5.5.1 Command not known")),
            "AUTH" if self.may_start_tls() => self.answer(&reply(538, "5.7.11 STARTTLS first")),
            "AUTH" => self.auth(argument).await,
            "MAIL" => self.at(SmtpMoment::Mail, |session| session.mail(argument)).await,
            "RCPT" => self.rcpt(argument).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.envelope = None;
                self.answer(&reply(250, "OK"))
            }
            "NOOP" => self.answer(&reply(250, "OK")),
            "VRFY" => self.answer(&reply(252, "Send a mail and see")),
            "QUIT" => {
                self.say(&reply(221, "Bye"));
                Err(End::Closed)
            }
            _ => self.answer(&reply(500, "Command not known")),
        }
    }

    /// Carries out a command, unless a mishap stands in its way.
    async fn at(&mut self, moment: SmtpMoment, act: impl FnOnce(&mut Self) -> Reply) -> Result<(), End> {
        let mishap = self.mishaps.at_smtp(|other| *other == moment);
        self.under(mishap, act).await
    }

    async fn under(&mut self, mishap: Option<SmtpMishap>, act: impl FnOnce(&mut Self) -> Reply) -> Result<(), End> {
        match mishap {
            None => {
                let reply = act(self);
                self.answer(&reply)
            }
            Some(SmtpMishap::Reply(code, text)) => self.answer(&Reply(code, text)),
            Some(SmtpMishap::Drop) => Err(End::Cut),
            Some(SmtpMishap::AcceptThenDrop) => {
                act(self);
                Err(End::Cut)
            }
            Some(SmtpMishap::Insert(text)) => {
                let reply = act(self);
                self.answer(&reply)?;
                self.replies.extend_from_slice(text.as_bytes());
                Ok(())
            }
            Some(SmtpMishap::Stall) => self.stall().await,
        }
    }

    fn ehlo(&mut self) -> Reply {
        self.envelope = None;
        let most = match self.mishaps.size_limit() {
            Some(SizeLimit::Announced(most)) => most,
            Some(SizeLimit::Kept(_)) | None => MAIL_BYTES_MAX,
        };
        let size = format!("SIZE {most}");
        let last = if self.may_start_tls() { "STARTTLS" } else { "AUTH PLAIN LOGIN" };
        let keywords = ["PIPELINING", &size, "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", last];
        let mut lines = vec![self.post.authserv_id()];
        let shown = |keyword: &&str| !keyword.split(' ').next().is_some_and(|name| self.mishaps.hides(name));
        lines.extend(keywords.into_iter().filter(shown));
        reply(250, &lines.join("\n"))
    }

    fn may_start_tls(&self) -> bool {
        self.starttls.is_some() && !self.mishaps.hides("STARTTLS")
    }

    async fn start_tls(&mut self) -> Result<(), End> {
        match self.mishaps.at_smtp(|moment| *moment == SmtpMoment::StartTls) {
            Some(SmtpMishap::Reply(code, text)) => self.answer(&Reply(code, text)),
            mishap => {
                self.under(mishap, |_| reply(220, "2.0.0 Go on")).await?;
                Err(End::StartTls)
            }
        }
    }

    /// AUTH PLAIN and AUTH LOGIN (RFC 4954).
    async fn auth(&mut self, argument: &str) -> Result<(), End> {
        let (mechanism, initial) = argument.split_once(' ').unwrap_or((argument, ""));
        let credentials = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let response = if initial.is_empty() { self.challenge("").await? } else { base64(initial) };
                response.and_then(|response| plain_credentials(&response))
            }
            "LOGIN" => {
                let user = if initial.is_empty() { self.challenge("Username:").await? } else { base64(initial) };
                let password = self.challenge("Password:").await?;
                user.zip(password)
            }
            _ => return self.answer(&reply(504, "5.5.4 Mechanism not known")),
        };
        self.at(SmtpMoment::Auth, |session| session.log_in(credentials)).await
    }

    fn log_in(&mut self, credentials: Option<(String, String)>) -> Reply {
        let Some((user, password)) = credentials else { return reply(501, "5.5.2 Cannot read the credentials") };
        self.user = self.post.log_in(&user, &password);
        match self.user {
            Some(_) => reply(235, "2.7.0 Welcome"),
            None => reply(535, "5.7.8 Wrong user or password"),
        }
    }

    async fn challenge(&mut self, text: &str) -> Result<Option<String>, End> {
        self.say(&Reply(334, BASE64.encode(text.as_bytes())));
        let line = self.line().await?.ok_or(End::Closed)?;
        Ok(base64(&line))
    }

    fn mail(&mut self, argument: &str) -> Reply {
        if self.envelope.is_some() {
            return reply(503, "5.5.1 One mail at a time");
        }
        let Some(Path { path, parameters }) = path(argument, "FROM:") else {
            return reply(501, "5.5.4 MAIL FROM:<address>");
        };
        let return_path = match path.as_str() {
            "" => ReturnPath::Null,
            path => match path.parse() {
                Ok(address) => ReturnPath::Path(address),
                Err(_) => return reply(553, "5.1.7 Not an address"),
            },
        };
        let size = parameters.iter().find_map(|parameter| parameter.strip_prefix("SIZE=")?.parse::<usize>().ok());
        if size.is_some_and(|size| size > MAIL_BYTES_MAX) {
            return reply(552, "5.3.4 Too large");
        }
        self.envelope = Some(Envelope { return_path, parameters, recipients: Vec::new() });
        reply(250, "2.1.0 OK")
    }

    async fn rcpt(&mut self, argument: &str) -> Result<(), End> {
        let Some(Path { path, parameters }) = path(argument, "TO:") else {
            return self.answer(&reply(501, "5.5.4 RCPT TO:<address>"));
        };
        let Ok(recipient) = path.parse::<Address>() else {
            return self.answer(&reply(553, "5.1.3 Not an address"));
        };
        let mishap = self.mishaps.at_smtp(|moment| match moment {
            SmtpMoment::Recipient => true,
            SmtpMoment::RecipientIs(other) => other.is(&recipient),
            _ => false,
        });
        self.under(mishap, |session| session.add_recipient(recipient, parameters)).await
    }

    fn add_recipient(&mut self, recipient: Address, parameters: Vec<String>) -> Reply {
        let residence = self.post.residence(&recipient);
        let Some(envelope) = &mut self.envelope else { return reply(503, "5.5.1 MAIL first") };
        if residence == Residence::UnknownUser {
            return reply(550, "5.1.1 No such user here");
        }
        envelope.recipients.push((recipient, parameters));
        reply(250, "2.1.5 OK")
    }

    async fn data(&mut self) -> Result<(), End> {
        if self.envelope.as_ref().is_none_or(|envelope| envelope.recipients.is_empty()) {
            return self.answer(&reply(503, "5.5.1 RCPT first"));
        }
        match self.mishaps.at_smtp(|moment| *moment == SmtpMoment::Data) {
            None => {}
            Some(SmtpMishap::Reply(code, text)) => return self.answer(&Reply(code, text)),
            Some(SmtpMishap::Drop | SmtpMishap::AcceptThenDrop) => return Err(End::Cut),
            Some(SmtpMishap::Stall) => self.stall().await?,
            Some(SmtpMishap::Insert(text)) => self.replies.extend_from_slice(text.as_bytes()),
        }
        self.say(&reply(354, "Go on, end with a dot"));
        let text = self.text().await?;
        let envelope = self.envelope.take();
        self.at(SmtpMoment::EndOfData, |session| session.accept(text, envelope)).await
    }

    fn accept(&mut self, text: Option<Vec<u8>>, envelope: Option<Envelope>) -> Reply {
        let kept = |text: &Vec<u8>| match self.mishaps.size_limit() {
            Some(SizeLimit::Announced(most) | SizeLimit::Kept(most)) => text.len() <= most,
            None => true,
        };
        let Some(text) = text.filter(kept) else { return reply(552, "5.3.4 Too large") };
        let Some(envelope) = envelope else { return reply(503, "5.5.1 MAIL first") };
        let verdict = if self.user.is_some() { Verdict::Pass } else { Verdict::None };
        let delivery = Delivery::of(&text).with_verdict(verdict).with_return_path(envelope.return_path.clone());
        let submission = Submission {
            authenticated: self.user.clone(),
            return_path: envelope.return_path,
            parameters: envelope.parameters,
            recipients: envelope.recipients,
            raw: text.into(),
        };
        tracing::debug!(recipients = submission.recipients.len(), bytes = submission.raw.len(), "Accepted a mail");
        self.post.submit(submission, &delivery);
        reply(250, "2.0.0 Accepted")
    }

    /// The text up to the final dot; `None` if it is too large.
    async fn text(&mut self) -> Result<Option<Vec<u8>>, End> {
        self.flush().await?;
        let (mut reading, mut text) = (Text::default(), Vec::new());
        let mut large = false;
        loop {
            let piece = self.stream.fill_buf().await?;
            if piece.is_empty() {
                return Err(End::Closed);
            }
            let end = reading.read(piece, |bytes| text.extend_from_slice(bytes));
            let read = end.map_or(piece.len(), |end| end.bytes);
            self.stream.consume(read);
            if text.len() > MAIL_BYTES_MAX {
                large = true;
                text.clear();
            }
            if end.is_some() {
                return Ok((!large).then_some(text));
            }
        }
    }

    async fn line(&mut self) -> Result<Option<String>, End> {
        // Replies to pipelined commands leave together (RFC 2920 §3.2).
        if self.stream.buffer().is_empty() {
            self.flush().await?;
        }
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(line.trim_ascii_end()).into_owned()))
    }

    fn answer(&mut self, reply: &Reply) -> Result<(), End> {
        self.say(reply);
        if reply.0 == 421 { Err(End::Closed) } else { Ok(()) }
    }

    fn say(&mut self, Reply(code, text): &Reply) {
        let last = text.lines().count().saturating_sub(1);
        for (at, line) in text.lines().enumerate() {
            let separator = if at == last { ' ' } else { '-' };
            self.replies.extend_from_slice(format!("{code}{separator}{line}\r\n").as_bytes());
        }
        if text.is_empty() {
            self.replies.extend_from_slice(format!("{code} \r\n").as_bytes());
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.stream.get_mut().write_all(&self.replies).await?;
        self.replies.clear();
        self.stream.get_mut().flush().await
    }

    async fn stall(&mut self) -> Result<(), End> {
        self.flush().await?;
        stall().await;
        Err(End::Cut)
    }
}

/// Says nothing until the server is stopped.
async fn stall() {
    std::future::pending::<()>().await;
}

fn reply(code: u16, text: &str) -> Reply {
    Reply(code, text.to_owned())
}

fn base64(text: &str) -> Option<String> {
    String::from_utf8(BASE64.decode(text.trim().as_bytes()).ok()?).ok()
}

/// `authorisation NUL user NUL password` (RFC 4616).
pub(super) fn plain_credentials(response: &str) -> Option<(String, String)> {
    let mut fields = response.split('\0').skip(1);
    Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Pieces that commands are made of.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let known = [
            "EHLO x\r\n",
            "MAIL FROM:<a@b.test>\r\n",
            "MAIL FROM:<>\r\n",
            "RCPT TO:<a@desk.test>\r\n",
            "DATA\r\n",
            ".\r\n",
            "..\n",
            "RSET\r\n",
            "AUTH PLAIN",
            "AUTH LOGIN x\r\n",
            "MAIL FR\u{e9}M:<",
            "\r\n",
            "*\r\n",
            " SIZE=",
            "=",
        ];
        prop_oneof![9 => proptest::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec()), 1 => any::<Vec<u8>>()]
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_and_every_accepted_mail_arrives(pieces in proptest::collection::vec(piece(), 0..40)) {
            let post = Post::new("mx.desk.test");
            post.add_account(&"a@desk.test".parse().unwrap(), "secret");
            let (connection, mut client) = Connection::pair();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut answers = String::new();
            runtime.block_on(async {
                client.write_all(&pieces.concat()).await.unwrap();
                client.shutdown().await.unwrap();
                let served = serve(connection, post.clone(), Mishaps::default());
                let (served, read) = tokio::join!(served, client.read_to_string(&mut answers));
                served.unwrap();
                read.unwrap();
            });
            prop_assert_eq!(answers.matches("250 2.0.0 Accepted").count(), post.submissions().len());
        }
    }
}
