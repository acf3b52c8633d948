//! From an address to a session that is logged in, and no credential in clear where TLS is configured.

use async_imap::{Authenticator, Client, error::Error};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::exchange::{Session, describe};
use super::failure::Failure;
use super::guard::Guard;
use super::put_off::is_throttled;
use super::{Settings, Tls};
use crate::net::{self, Connection, Moment, Obstacle, Pass, Server, TokenMechanism, What, printable};

/// Room for the server's own words and a mail whose size it understated.
const RESPONSE_BYTES_SPARE: u64 = 1024 * 1024;

/// A greeting, and answers before TLS, are short lines.
const LINE_BYTES_MAX: u64 = 8 * 1024;

impl Session {
    /// Connects, encrypts and logs in.
    ///
    /// A bad certificate, a server without STARTTLS, answers sent ahead of TLS, and `PREAUTH` (a session that somebody
    /// else opened) are refused. Whatever stands in the way is a [`Failure::Barred`]. A token that was good before and is
    /// refused is exchanged for another one, once.
    pub async fn connect(settings: &Settings) -> Result<Session, Failure> {
        let pass = settings.login.pass().await?;
        match Session::connect_with(settings, &pass).await {
            Err(Failure::Barred(obstacle))
                if matches!(obstacle.what(), What::TokenRefused(_)) && settings.login.refused(&pass).await =>
            {
                let pass = settings.login.pass().await?;
                Session::connect_with(settings, &pass).await
            }
            connected => connected,
        }
    }

    async fn connect_with(settings: &Settings, pass: &Pass) -> Result<Session, Failure> {
        let (server, limit) = (settings.server(), settings.exchange_timeout);
        let mut stream = greeted(settings, &server).await?;
        let response_bytes_max = settings.message_bytes_max.saturating_mul(2).saturating_add(RESPONSE_BYTES_SPARE);
        let no = |what| Failure::from(Obstacle::new(&server, what));
        let logged_in = timeout(limit, async {
            let mechanism = match pass {
                Pass::Password(_) => None,
                Pass::Token(_) => Some(token_mechanism(&mut stream).await?),
            };
            let client = Client::new(Guard::new(stream, response_bytes_max));
            match mechanism {
                None => log_in(client, &settings.login.user, pass, &server).await,
                Some(mechanism) => log_in_bearing(client, &settings.login.user, pass, mechanism, &server).await,
            }
        });
        let logged_in = logged_in.await.map_err(|_| no(What::Silent(Moment::Login)))?;
        Session::new(logged_in.map_err(no)?, settings.clone()).await
    }
}

/// A connection on which a login may be sent: encrypted as configured, the greeting read.
async fn greeted(settings: &Settings, server: &Server) -> Result<Connection, Obstacle> {
    let limit = settings.exchange_timeout;
    let mut stream = net::connect(server, limit).await?;
    let mut stream: Connection = match settings.tls {
        Tls::None => Box::new(stream),
        Tls::Implicit => Box::new(net::secure(stream, server, limit).await?),
        Tls::StartTls => {
            stream = start_tls(stream, server, settings).await?;
            return Ok(Box::new(net::secure(stream, server, limit).await?));
        }
    };
    let greeting = net::greeted(server, limit, line(&mut stream)).await?;
    accept(&greeting, server)?;
    let takes_no_login = greeting.to_ascii_uppercase().split(['[', ']', ' ']).any(|word| word == "LOGINDISABLED");
    if settings.tls == Tls::None && takes_no_login {
        return Err(Obstacle::new(server, What::LoginNeedsTls));
    }
    Ok(stream)
}

/// RFC 3501 §6.2.1. What the server says in clear is believed in nothing but that TLS may begin; capabilities are asked
/// for behind it. Answers that came with the last clear one were injected (CVE-2011-0411).
async fn start_tls(stream: TcpStream, server: &Server, settings: &Settings) -> Result<TcpStream, Obstacle> {
    let no = |what| Obstacle::new(server, what);
    let limit = settings.exchange_timeout;
    let mut clear = BufReader::new(stream);
    let greeting = net::greeted(server, limit, line(&mut clear)).await?;
    accept(&greeting, server)?;
    let asked = async {
        let _ = clear.write_all(b"s STARTTLS\r\n").await;
        loop {
            let line = line(&mut clear).await;
            if !line.starts_with("* ") {
                break line;
            }
        }
    };
    let answer = timeout(limit, asked).await.map_err(|_| no(What::Silent(Moment::Tls)))?;
    if answer.is_empty() {
        return Err(no(What::Cut(Moment::Tls)));
    }
    if !starts_with(&answer, "s OK") {
        return Err(no(if starts_with(&answer, "s BAD") {
            What::NoStartTls
        } else {
            What::StartTlsRefused(printable(answer.trim_start_matches("s "), &[]))
        }));
    }
    if !clear.buffer().is_empty() {
        return Err(no(What::Injected));
    }
    Ok(clear.into_inner())
}

/// A line; what came of it where it was cut or is too long. Byte by byte: what follows it is not ours to read.
async fn line(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut stream = BufReader::with_capacity(1, stream).take(LINE_BYTES_MAX);
    let mut line = Vec::new();
    // A cut leaves no line end, and the reader of the line sees that.
    let _ = stream.read_until(b'\n', &mut line).await;
    String::from_utf8_lossy(&line).into_owned()
}

/// RFC 3501 §7.1: OK, PREAUTH or BYE.
fn accept(greeting: &str, server: &Server) -> Result<(), Obstacle> {
    let words = || printable(greeting.get(6..).unwrap_or_default(), &[]);
    let what = match greeting {
        _ if !greeting.ends_with('\n') => return Err(net::unlike(server, greeting.as_bytes())),
        _ if starts_with(greeting, "* OK") => return Ok(()),
        _ if starts_with(greeting, "* PREAUTH") => What::LoggedInAlready,
        _ if starts_with(greeting, "* BYE") => turned_away(words()),
        _ => return Err(net::unlike(server, greeting.as_bytes())),
    };
    Err(Obstacle::new(server, what))
}

fn turned_away(words: String) -> What {
    if is_throttled(&words) { What::Throttled(words) } else { What::NotNow(words) }
}

fn starts_with(line: &str, start: &str) -> bool {
    line.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// LOGIN cannot carry what is not ASCII (RFC 3501 §9, `QUOTED-CHAR`), AUTHENTICATE PLAIN can (RFC 4616).
async fn log_in(
    client: Client<Guard>,
    user: &str,
    pass: &Pass,
    server: &Server,
) -> Result<async_imap::Session<Guard>, What> {
    let password = pass.secret();
    let logged_in = if user.is_ascii() && password.is_ascii() {
        client.login(user, password).await
    } else {
        client.authenticate("PLAIN", Messages::new([pass.plain(user)])).await
    };
    logged_in.map_err(|(error, client)| not_logged_in(&error, client.get_ref().good_bye(), user, pass, server))
}

/// AUTHENTICATE with a token (RFC 7628 §3).
async fn log_in_bearing(
    client: Client<Guard>,
    user: &str,
    pass: &Pass,
    mechanism: TokenMechanism,
    server: &Server,
) -> Result<async_imap::Session<Guard>, What> {
    let messages = [pass.bearing(mechanism, user, server), mechanism.acknowledgement().to_owned()];
    let logged_in = client.authenticate(mechanism.name(), Messages::new(messages)).await;
    logged_in.map_err(|(error, client)| match not_logged_in(&error, client.get_ref().good_bye(), user, pass, server) {
        What::LoginRefused(words) => What::TokenRefused(words),
        other => other,
    })
}

/// Which of the mechanisms that take a token the server offers.
async fn token_mechanism(stream: &mut Connection) -> Result<TokenMechanism, What> {
    let cut = |_| What::Cut(Moment::Login);
    stream.write_all(b"c CAPABILITY\r\n").await.map_err(cut)?;
    stream.flush().await.map_err(cut)?;
    let mut offered = Vec::new();
    loop {
        let line = line(stream).await;
        if let Some(capabilities) = line.strip_prefix("* CAPABILITY ") {
            offered.extend(
                capabilities
                    .split_whitespace()
                    .filter_map(|word| word.strip_prefix("AUTH="))
                    .map(str::to_ascii_uppercase),
            );
        }
        if !line.ends_with('\n') {
            return Err(What::Cut(Moment::Login));
        }
        if !line.starts_with("* ") {
            break;
        }
    }
    let mechanism = TokenMechanism::among(|name| offered.iter().any(|one| one == name));
    mechanism.ok_or_else(|| What::NoMechanism(printable(&offered.join(" "), &[])))
}

/// `good_bye` is what the server said as it hung up.
fn not_logged_in(error: &Error, good_bye: Option<&str>, user: &str, pass: &Pass, server: &Server) -> What {
    match error {
        Error::No(said) | Error::Bad(said) => {
            let secret = pass.secret();
            let quoted = secret.replace('\\', "\\\\").replace('"', "\\\"");
            let forms = [secret, &quoted].map(|form| form.escape_debug().to_string());
            let secrets = pass.secrets(user, server);
            let secrets: Vec<&str> = forms.iter().rev().chain(&secrets).map(String::as_str).collect();
            refused(printable(words_of(said), &secrets))
        }
        Error::Validate(_) => What::LoginUnwritable,
        Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => What::LoginPutOff(describe(error)),
        _ => good_bye.map_or(What::Cut(Moment::Login), |words| turned_away(words.to_owned())),
    }
}

/// RFC 5530 §3: some refusals say nothing about the credentials.
fn refused(words: String) -> What {
    let has = |code: &str| starts_with(&words, code);
    // LIMIT is about connections here; in other commands it may be about anything.
    if has("[LIMIT]") || !has("[AUTHENTICATIONFAILED]") && is_throttled(&words) {
        What::Throttled(words)
    } else if has("[INUSE]") {
        What::InUse(words)
    } else if ["[UNAVAILABLE]", "[SERVERBUG]"].into_iter().any(has) {
        What::LoginPutOff(words)
    } else if has("[PRIVACYREQUIRED]") {
        What::LoginNeedsTls
    } else {
        What::LoginRefused(words)
    }
}

/// What is said at each challenge in turn, the last one again and again.
struct Messages {
    messages: std::vec::IntoIter<String>,
    last: String,
}

impl Messages {
    fn new(messages: impl IntoIterator<Item = String>) -> Messages {
        Messages { messages: messages.into_iter().collect::<Vec<_>>().into_iter(), last: String::new() }
    }
}

impl Authenticator for Messages {
    type Response = String;

    fn process(&mut self, _: &[u8]) -> String {
        if let Some(next) = self.messages.next() {
            self.last = next;
        }
        self.last.clone()
    }
}

/// async-imap hands out a refusal as `code: …, info: Some("…")`, the words escaped as in Rust.
fn words_of(refusal: &str) -> &str {
    refusal.rsplit_once("info: Some(\"").map_or(refusal, |(_, words)| words.trim_end_matches("\")"))
}
