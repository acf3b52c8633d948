//! A living connection to the relay: greeting, EHLO, STARTTLS, AUTH.

use std::io;
use std::iter::once;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS, Mechanism};
use lettre::transport::smtp::commands::{Auth, Ehlo, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, ServerInfo};
use lettre::transport::smtp::response::{Response, Severity};
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::dialogue::{Dialogue, Lost, text};
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

/// What the relay offers in its answer to EHLO: what lettre knows, and what it does not keep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    known: ServerInfo,
    /// RFC 2920.
    pub(super) pipelining: bool,
    /// RFC 1870; `Some(0)` is no limit.
    pub(super) size: Option<usize>,
    /// All mechanisms of AUTH, those unknown to us too.
    pub(super) auth: Vec<String>,
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
        let Extensions { known, auth: offered, .. } = &self.extensions;
        if offered.is_empty() {
            return Ok(());
        }
        let Some(mechanism) = known.get_auth_mechanism(DEFAULT_MECHANISMS) else {
            let offered = net::printable(&offered.join(" "), &[]);
            return Err(Failure::LoginRefused(format!("it offers neither PLAIN nor LOGIN, but {offered}")));
        };
        let password = password.expose_secret();
        let command = |mechanism, challenge: Option<&str>| {
            let credentials = Credentials::new(user.clone(), password.to_owned());
            let command = Auth::new(mechanism, credentials, challenge.map(str::to_owned));
            command.map(|command| command.to_string()).map_err(|error| Failure::LoginRefused(error.to_string()))
        };
        let plain = command(Mechanism::Plain, None)?;
        let login = command(Mechanism::Login, None)?;
        let coded_user = command(Mechanism::Login, Some("Username:"))?;
        let coded_password = command(Mechanism::Login, Some("Password:"))?;
        let (first, answers) =
            if mechanism == Mechanism::Plain { (&plain, vec![]) } else { (&login, vec![&coded_user, &coded_password]) };
        let secrets = [password, plain.trim_start_matches("AUTH PLAIN ").trim_end(), coded_password.trim_end()];
        let reply = self.authenticate(first, &answers).await.map_err(|lost| no_link(lost, &secrets))?;
        let text = text(&reply, &secrets);
        match reply.code().severity {
            Severity::PositiveCompletion => Ok(()),
            Severity::TransientNegativeCompletion => Err(Failure::Refused(text)),
            Severity::PositiveIntermediate | Severity::PermanentNegativeCompletion => Err(Failure::LoginRefused(text)),
        }
    }

    /// Answers each challenge, whatever its words; any other reply is the end already.
    async fn authenticate(&mut self, first: &str, answers: &[&String]) -> Result<Response, Lost> {
        let mut reply = self.dialogue.ask(first).await?;
        for answer in answers {
            if reply.code().severity != Severity::PositiveIntermediate {
                break;
            }
            reply = self.dialogue.ask(answer).await?;
        }
        Ok(reply)
    }
}

/// RFC 3207. What the relay says in clear is believed in nothing but that TLS may begin. Replies that came with the last
/// clear one were injected (CVE-2011-0411).
async fn start_tls(tcp: TcpStream, settings: &Settings) -> Result<TcpStream, Failure> {
    let mut clear = Dialogue::new(tcp, settings.timeout);
    greeting(&mut clear).await?;
    if !hello(&mut clear, &settings.helo).await?.offers(Extension::StartTls) {
        return Err(Failure::Insecure("it does not offer STARTTLS".to_owned()));
    }
    let reply = clear.ask(Starttls).await?;
    if reply.code().severity != Severity::PositiveCompletion {
        return Err(Failure::Insecure(format!("it refuses STARTTLS: {}", text(&reply, &[]))));
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
    let command = Ehlo::new(ClientId::Domain(helo.to_owned()));
    accepted(dialogue.ask(command).await?).map(|reply| Extensions::of(&reply))
}

fn accepted(reply: Response) -> Result<Response, Failure> {
    let is_done = reply.code().severity == Severity::PositiveCompletion;
    if is_done { Ok(reply) } else { Err(Failure::Refused(text(&reply, &[]))) }
}

impl Extensions {
    /// The first line names the relay, each other one an extension (RFC 5321 §4.1.1.1). lettre wants a name, upper case,
    /// AUTH LOGIN where old relays write AUTH=LOGIN, and panics at a line of blanks.
    fn of(reply: &Response) -> Extensions {
        let lines = reply.message().skip(1).map(|line| line.to_ascii_uppercase().replace('=', " "));
        let lines = lines.filter(|line| !line.trim().is_empty());
        let strict = Response::new(reply.code(), once("relay".to_owned()).chain(lines).collect());
        let known = ServerInfo::from_response(&strict).unwrap_or_default();
        let mut extensions = Extensions { known, ..Extensions::default() };
        for line in strict.message().skip(1) {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("PIPELINING") => extensions.pipelining = true,
                Some("SIZE") => extensions.size = Some(words.next().and_then(|most| most.parse().ok()).unwrap_or(0)),
                Some("AUTH") => extensions.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        extensions
    }

    pub(super) fn offers(&self, extension: Extension) -> bool {
        self.known.supports_feature(extension)
    }
}

fn unreachable(error: &anyhow::Error) -> Failure {
    Failure::Unreachable(net::printable(&format!("{error:#}"), &[]))
}

fn no_link(lost: Lost, secrets: &[&str]) -> Failure {
    match lost {
        Lost::Closing(_) => Failure::Refused(lost.text(secrets)),
        Lost::Cut(_) => Failure::Unreachable(lost.text(secrets)),
    }
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Failure {
        no_link(lost, &[])
    }
}
