//! A living connection to the relay: greeting, EHLO, STARTTLS, AUTH.

use std::io;

use data_encoding::BASE64;
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::dialogue::{Dialogue, Lost, Meaning, Reply};
use super::{Failure, Settings, Tls};
use crate::net::{self, Connection};

/// A connection that letters may be handed over on.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) dialogue: Dialogue<Connection>,
    pub(super) extensions: Extensions,
    /// A transaction was begun and not ended.
    pub(super) must_reset: bool,
}

/// What the relay offers in its answer to EHLO.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    /// RFC 2920.
    pub(super) pipelining: bool,
    /// RFC 6152.
    pub(super) eight_bit_mime: bool,
    /// RFC 6531.
    pub(super) smtp_utf8: bool,
    /// RFC 1870; `Some(0)` is no limit.
    pub(super) size: Option<u64>,
    /// RFC 3207.
    start_tls: bool,
    /// RFC 4954, in upper case.
    auth: Vec<String>,
}

impl Link {
    pub(super) async fn open(settings: &Settings) -> Result<Link, Failure> {
        let tcp =
            net::connect(&settings.host, settings.port, settings.timeout).await.map_err(|error| unreachable(&error))?;
        let stream: Connection = match settings.tls {
            Tls::None => Box::new(tcp),
            Tls::Implicit => secure(tcp, settings).await?,
            Tls::StartTls => secure(start_tls(tcp, settings).await?, settings).await?,
        };
        let mut dialogue = Dialogue::new(stream, settings.timeout);
        if settings.tls != Tls::StartTls {
            greeting(&mut dialogue).await?;
        }
        let extensions = hello(&mut dialogue, &settings.helo).await?;
        let mut link = Link { dialogue, extensions, must_reset: false };
        link.login(settings).await?;
        Ok(link)
    }

    /// Credentials are used where the relay offers AUTH; a relay on the same host often does not.
    async fn login(&mut self, settings: &Settings) -> Result<(), Failure> {
        let (Some(user), Some(password)) = (&settings.user, &settings.password) else { return Ok(()) };
        let offered = &self.extensions.auth;
        if offered.is_empty() {
            return Ok(());
        }
        let offers = |mechanism: &str| offered.iter().any(|one| one == mechanism);
        let password = password.expose_secret();
        let coded_user = BASE64.encode(user.as_bytes());
        let coded_password = BASE64.encode(password.as_bytes());
        let plain = BASE64.encode(format!("\0{user}\0{password}").as_bytes());
        let reply = if offers("PLAIN") {
            self.dialogue.ask(&format!("AUTH PLAIN {plain}")).await?
        } else if offers("LOGIN") {
            let reply = self.dialogue.ask("AUTH LOGIN").await?;
            let reply = self.answer(reply, &coded_user).await?;
            self.answer(reply, &coded_password).await?
        } else {
            let offered = net::printable(&offered.join(" "), &[]);
            return Err(Failure::LoginRefused(format!("it offers neither PLAIN nor LOGIN, but {offered}")));
        };
        let text = reply.text_without(&[password, &plain, &coded_password]);
        match reply.meaning() {
            Meaning::Done => Ok(()),
            Meaning::NotNow | Meaning::Closing => Err(Failure::Refused(text)),
            Meaning::GoOn | Meaning::Never => Err(Failure::LoginRefused(text)),
        }
    }

    /// Answers a challenge; anything else is the end already.
    async fn answer(&mut self, challenge: Reply, answer: &str) -> Result<Reply, Lost> {
        if challenge.meaning() == Meaning::GoOn { self.dialogue.ask(answer).await } else { Ok(challenge) }
    }
}

/// RFC 3207. What the relay says in clear is believed in nothing but that TLS may begin. Replies that came with the last
/// clear one were injected (CVE-2011-0411).
async fn start_tls(tcp: TcpStream, settings: &Settings) -> Result<TcpStream, Failure> {
    let mut clear = Dialogue::new(tcp, settings.timeout);
    greeting(&mut clear).await?;
    if !hello(&mut clear, &settings.helo).await?.start_tls {
        return Err(Failure::Insecure("it does not offer STARTTLS".to_owned()));
    }
    let reply = clear.ask("STARTTLS").await?;
    if reply.meaning() != Meaning::Done {
        return Err(Failure::Insecure(format!("it refuses STARTTLS: {}", reply.text())));
    }
    let (tcp, has_more) = clear.into_parts();
    if has_more {
        return Err(Failure::Insecure("somebody put replies between STARTTLS and TLS".to_owned()));
    }
    Ok(tcp)
}

async fn secure(tcp: TcpStream, settings: &Settings) -> Result<Connection, Failure> {
    let insecure = |error: anyhow::Error| Failure::Insecure(net::printable(&format!("{error:#}"), &[]));
    let tls = net::client_tls(settings.ca_file.as_deref()).map_err(insecure)?;
    match net::secure(tcp, &settings.host, tls, settings.timeout).await {
        Ok(stream) => Ok(Box::new(stream)),
        // Rather than a cut or silent connection.
        Err(error)
            if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::InvalidData) =>
        {
            Err(insecure(error))
        }
        Err(error) => Err(unreachable(&error)),
    }
}

async fn greeting<S: AsyncRead + AsyncWrite + Unpin>(dialogue: &mut Dialogue<S>) -> Result<(), Failure> {
    accepted(dialogue.reply().await?).map(drop)
}

async fn hello<S: AsyncRead + AsyncWrite + Unpin>(
    dialogue: &mut Dialogue<S>,
    helo: &str,
) -> Result<Extensions, Failure> {
    accepted(dialogue.ask(&format!("EHLO {helo}")).await?).map(|reply| Extensions::of(&reply))
}

fn accepted(reply: Reply) -> Result<Reply, Failure> {
    if reply.meaning() == Meaning::Done { Ok(reply) } else { Err(Failure::Refused(reply.text())) }
}

impl Extensions {
    /// The first line names the relay, each other one an extension (RFC 5321 §4.1.1.1).
    fn of(reply: &Reply) -> Extensions {
        let mut extensions = Extensions::default();
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // Old relays write AUTH=LOGIN.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("PIPELINING") => extensions.pipelining = true,
                Some("8BITMIME") => extensions.eight_bit_mime = true,
                Some("SMTPUTF8") => extensions.smtp_utf8 = true,
                Some("STARTTLS") => extensions.start_tls = true,
                Some("SIZE") => extensions.size = Some(words.next().and_then(|most| most.parse().ok()).unwrap_or(0)),
                Some("AUTH") => extensions.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        extensions
    }
}

fn unreachable(error: &anyhow::Error) -> Failure {
    Failure::Unreachable(net::printable(&format!("{error:#}"), &[]))
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Failure {
        Failure::Unreachable(lost.0)
    }
}
