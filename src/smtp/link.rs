//! A living connection to the relay: greeting, EHLO, STARTTLS, AUTH.

use std::iter::once;
use std::time::Duration;

use data_encoding::BASE64;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS, Mechanism};
use lettre::transport::smtp::commands::{Auth, Ehlo, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, ServerInfo};
use lettre::transport::smtp::response::{Response, Severity};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::dialogue::{Dialogue, Lost, text};
use super::refusal::{About, Stage, about};
use super::{Settings, Tls};
use crate::net::{self, Connection, Moment, Obstacle, Pass, Server, TokenMechanism, What};

/// A connection that letters may be handed over on.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) dialogue: Dialogue<Connection>,
    pub(super) extensions: Extensions,
    /// A transaction was begun and not ended.
    pub(super) must_reset: bool,
    /// MAIL, RCPT and DATA of the next letter, which the relay has already.
    pub(super) begun: Option<String>,
}

/// What the relay offers in its answer to EHLO: what lettre knows, and what it does not keep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    known: ServerInfo,
    /// `PIPELINING`, RFC 2920: several commands may be sent before the first answer.
    pub(super) pipelining: bool,
    /// `SIZE`, RFC 1870: bytes of a letter at most; `Some(0)` is no limit.
    pub(super) size: Option<usize>,
    /// All mechanisms of AUTH, those unknown to us too.
    auth: Vec<String>,
}

impl Link {
    /// Connects, encrypts and logs in. A token that was good before and is refused is exchanged for another one, once.
    pub(super) async fn open(settings: &Settings) -> Result<Link, Obstacle> {
        let Some(login) = &settings.login else { return Link::open_with(settings, None).await };
        let pass = login.pass().await?;
        match Link::open_with(settings, Some((&login.user, &pass))).await {
            Err(obstacle) if matches!(obstacle.what(), What::TokenRefused(_)) && login.refused(&pass).await => {
                let pass = login.pass().await?;
                Link::open_with(settings, Some((&login.user, &pass))).await
            }
            opened => opened,
        }
    }

    async fn open_with(settings: &Settings, shown: Option<(&str, &Pass)>) -> Result<Link, Obstacle> {
        let (server, limit) = (settings.server(), settings.timeout);
        let tcp = net::connect(&server, limit).await?;
        let stream: Connection = match settings.tls {
            Tls::None => Box::new(tcp),
            Tls::Implicit => Box::new(net::secure(tcp, &server, limit).await?),
            Tls::StartTls => {
                let tcp = start_tls(tcp, settings, &server).await?;
                Box::new(net::secure(tcp, &server, limit).await?)
            }
        };
        let mut dialogue = Dialogue::new(stream, limit);
        if settings.tls != Tls::StartTls {
            greeting(&mut dialogue, &server, limit).await?;
        }
        let no = |what| Obstacle::new(&server, what);
        let extensions = hello(&mut dialogue, &settings.helo).await.map_err(no)?;
        let mut link = Link { dialogue, extensions, must_reset: false, begun: None };
        if let Some((user, pass)) = shown {
            link.login(user, pass, &server).await.map_err(no)?;
        }
        Ok(link)
    }

    /// Shows who we are, by what the relay offers.
    async fn login(&mut self, user: &str, pass: &Pass, server: &Server) -> Result<(), What> {
        if !self.extensions.offer_a_login() {
            // Many a relay takes letters from our address without one; where it does not, it says so to the letter.
            return Ok(());
        }
        let said = match pass {
            Pass::Password(_) => self.extensions.said_of_password(user, pass),
            Pass::Token(_) => self.extensions.said_of_token(user, pass, server),
        };
        let (first, answers) = said?;
        let secrets = pass.secrets(user, server);
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let reply = self.authenticate(&first, &answers).await.map_err(|lost| no_link(lost, Moment::Login, &secrets))?;
        let text = text(&reply, &secrets);
        match (reply.code().severity, pass) {
            (Severity::PositiveCompletion, _) => Ok(()),
            _ if about(&text, Stage::Login) == About::Quota => Err(What::QuotaReached(text)),
            (Severity::TransientNegativeCompletion, _) => Err(What::LoginPutOff(text)),
            // RFC 4954 §6: encryption is required.
            _ if reply.has_code(538) => Err(What::LoginNeedsTls),
            (_, Pass::Password(_)) => Err(What::LoginRefused(text)),
            (_, Pass::Token(_)) => Err(What::TokenRefused(text)),
        }
    }

    /// Answers each challenge, whatever its words; any other reply is the end already.
    async fn authenticate(&mut self, first: &str, answers: &[String]) -> Result<Response, Lost> {
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
async fn start_tls(tcp: TcpStream, settings: &Settings, server: &Server) -> Result<TcpStream, Obstacle> {
    let no = |what| Obstacle::new(server, what);
    let mut clear = Dialogue::new(tcp, settings.timeout);
    greeting(&mut clear, server, settings.timeout).await?;
    if !hello(&mut clear, &settings.helo).await.map_err(no)?.offers(Extension::StartTls) {
        return Err(no(What::NoStartTls));
    }
    let reply = clear.ask(Starttls).await.map_err(|lost| no(no_link(lost, Moment::Tls, &[])))?;
    if reply.code().severity != Severity::PositiveCompletion {
        return Err(no(What::StartTlsRefused(text(&reply, &[]))));
    }
    let (tcp, has_more) = clear.into_parts();
    if has_more { Err(no(What::Injected)) } else { Ok(tcp) }
}

async fn greeting<S: AsyncRead + AsyncWrite + Unpin>(
    dialogue: &mut Dialogue<S>,
    server: &Server,
    limit: Duration,
) -> Result<(), Obstacle> {
    let reply = match net::greeted(server, limit, dialogue.reply()).await? {
        Ok(reply) => reply,
        Err(Lost::Unreadable(line)) => return Err(net::unlike(server, line.as_bytes())),
        Err(lost) => return Err(Obstacle::new(server, no_link(lost, Moment::Greeting, &[]))),
    };
    // FTP servers greet so, too.
    let words = text(&reply, &[]);
    match reply.code().severity {
        Severity::PositiveCompletion if net::is_like(server, words.as_bytes()) => Ok(()),
        Severity::PositiveCompletion => Err(net::unlike(server, words.as_bytes())),
        Severity::TransientNegativeCompletion => Err(Obstacle::new(server, What::NotNow(words))),
        Severity::PositiveIntermediate | Severity::PermanentNegativeCompletion => {
            Err(Obstacle::new(server, What::Unwelcome(words)))
        }
    }
}

async fn hello<S: AsyncRead + AsyncWrite + Unpin>(dialogue: &mut Dialogue<S>, helo: &str) -> Result<Extensions, What> {
    let command = Ehlo::new(ClientId::Domain(helo.to_owned()));
    let reply = dialogue.ask(command).await.map_err(|lost| no_link(lost, Moment::Login, &[]))?;
    match reply.code().severity {
        Severity::PositiveCompletion => Ok(Extensions::of(&reply)),
        Severity::TransientNegativeCompletion => Err(What::NotNow(text(&reply, &[]))),
        Severity::PositiveIntermediate | Severity::PermanentNegativeCompletion => {
            Err(What::HelloRefused(text(&reply, &[])))
        }
    }
}

impl Extensions {
    pub(super) fn offer_a_login(&self) -> bool {
        !self.auth.is_empty()
    }

    /// AUTH by password, and what answers its challenges.
    fn said_of_password(&self, user: &str, pass: &Pass) -> Result<(String, Vec<String>), What> {
        let Some(mechanism) = self.known.get_auth_mechanism(DEFAULT_MECHANISMS) else {
            return Err(self.no_mechanism());
        };
        let command = |mechanism, challenge: Option<&str>| {
            let credentials = Credentials::new(user.to_owned(), pass.secret().to_owned());
            let command = Auth::new(mechanism, credentials, challenge.map(str::to_owned));
            command.map(|command| command.to_string()).map_err(|_| What::LoginUnwritable)
        };
        Ok(match mechanism {
            Mechanism::Plain => (command(Mechanism::Plain, None)?, Vec::new()),
            _ => {
                let answers =
                    [Some("Username:"), Some("Password:")].map(|challenge| command(Mechanism::Login, challenge));
                (command(Mechanism::Login, None)?, answers.into_iter().collect::<Result<_, _>>()?)
            }
        })
    }

    /// AUTH by token; a relay that refuses it says why first, and wants an answer to that (RFC 7628 §3.2.3).
    fn said_of_token(&self, user: &str, pass: &Pass, server: &Server) -> Result<(String, Vec<String>), What> {
        let offers = |name: &str| self.auth.iter().any(|offered| offered.eq_ignore_ascii_case(name));
        let Some(mechanism) = TokenMechanism::among(offers) else { return Err(self.no_mechanism()) };
        let coded = |text: &str| BASE64.encode(text.as_bytes());
        let message = coded(&pass.bearing(mechanism, user, server));
        Ok((
            format!("AUTH {} {message}\r\n", mechanism.name()),
            vec![format!("{}\r\n", coded(mechanism.acknowledgement()))],
        ))
    }

    fn no_mechanism(&self) -> What {
        What::NoMechanism(net::printable(&self.auth.join(" "), &[]))
    }

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

fn no_link(lost: Lost, moment: Moment, secrets: &[&str]) -> What {
    match lost {
        Lost::Closing(_) => What::NotNow(lost.text(secrets)),
        Lost::Silent(_) => What::Silent(moment),
        Lost::Cut(_) => What::Cut(moment),
        Lost::Unreadable(_) => What::OutOfOrder(lost.text(secrets)),
    }
}
