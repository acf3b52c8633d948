//! From an address to a session that is logged in, and no credential in clear where TLS is configured.

use anyhow::{Context, Result, bail, ensure};
use async_imap::imap_proto::{Capability, Outcome, Response, ResponseCode, Status};
use async_imap::{Authenticator, Client, error::Error};
use data_encoding::BASE64;
use secrecy::ExposeSecret;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::exchange::{Failure, Session, describe, said};
use super::guard::Guard;
use super::{Settings, Tls};
use crate::net::{self, Connection, printable};

/// Room for the server's own words and a mail whose size it understated.
const RESPONSE_BYTES_SPARE: u64 = 1024 * 1024;

/// Answers before TLS are short lines.
const CLEAR_BYTES_MAX: u64 = 64 * 1024;

impl Session {
    /// Connects, encrypts and logs in.
    ///
    /// A bad certificate, a server without STARTTLS, answers sent ahead of TLS, and `PREAUTH` (a session that somebody
    /// else opened) are refused. [`Failure::LoginRefused`] is in the error where the server did not like the credentials.
    pub async fn connect(settings: &Settings) -> Result<Session> {
        let limit = settings.exchange_timeout;
        let stream = encrypted(settings).await?;
        let response_bytes_max = settings.message_bytes_max.saturating_mul(2).saturating_add(RESPONSE_BYTES_SPARE);
        let mut client = Client::new(Guard::new(stream, response_bytes_max));
        if settings.tls != Tls::StartTls {
            timeout(limit, greeting(&mut client, settings.tls)).await.context("The server does not greet us")??;
        }
        let session =
            timeout(limit, login(client, settings)).await.context("The server does not answer the login")??;
        Session::new(session, settings.clone()).await
    }
}

async fn encrypted(settings: &Settings) -> Result<Connection> {
    let Settings { host, port, exchange_timeout: limit, .. } = settings;
    if settings.tls == Tls::None {
        return Ok(Box::new(net::connect(host, *port, *limit).await?));
    }
    let tls = net::client_tls(settings.ca_file.as_deref())?;
    let mut stream = net::connect(host, *port, *limit).await?;
    if settings.tls == Tls::StartTls {
        stream = timeout(*limit, start_tls(stream)).await.context("The server does not come to STARTTLS")??;
    }
    Ok(Box::new(net::secure(stream, host, tls, *limit).await?))
}

/// RFC 3501 §6.2.1. What the server says in clear is believed in nothing but that TLS may begin; capabilities are asked
/// for behind it. Answers that came with the last clear one were injected (CVE-2011-0411).
async fn start_tls(stream: TcpStream) -> Result<TcpStream> {
    let mut clear = BufReader::new(stream);
    let greeting = line(&mut clear).await?;
    if !starts_with(&greeting, "* OK") {
        bail!("The server must greet with OK before STARTTLS, and said: {}", printable(&greeting, &[]));
    }
    clear.write_all(b"s STARTTLS\r\n").await.context("Cannot ask for STARTTLS")?;
    let answer = loop {
        let line = line(&mut clear).await?;
        if !line.starts_with("* ") {
            break line;
        }
    };
    if !starts_with(&answer, "s OK") {
        bail!("The server refuses STARTTLS: {}", printable(&answer, &[]));
    }
    if !clear.buffer().is_empty() {
        bail!("Somebody put answers between STARTTLS and TLS: the connection is not trusted");
    }
    Ok(clear.into_inner())
}

async fn line(clear: &mut BufReader<TcpStream>) -> Result<String> {
    let mut line = Vec::new();
    clear.take(CLEAR_BYTES_MAX).read_until(b'\n', &mut line).await.context("The connection was cut before STARTTLS")?;
    ensure!(line.ends_with(b"\n"), "The connection was cut before STARTTLS");
    Ok(String::from_utf8_lossy(&line).into_owned())
}

fn starts_with(line: &str, start: &str) -> bool {
    line.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

async fn greeting(client: &mut Client<Guard>, tls: Tls) -> Result<()> {
    let read = client.read_response().await.map_err(|error| Failure::Lost(describe(&error)))?;
    let response = read.context("The server closed the connection instead of greeting")?;
    match response.parsed() {
        Response::Data { status: Status::Ok, outcome } if tls == Tls::None && is_login_disabled(outcome) => {
            bail!("The server takes no password without TLS (LOGINDISABLED)")
        }
        Response::Data { status: Status::Ok, .. } => Ok(()),
        Response::Data { status: Status::PreAuth, .. } => {
            bail!("The server greets with PREAUTH, as if somebody had logged in already: refused")
        }
        Response::Data { outcome, .. } => bail!("The server refuses the connection: {}", said(outcome)),
        _ => bail!("The server does not greet as IMAP servers do"),
    }
}

fn is_login_disabled(outcome: &Outcome<'_>) -> bool {
    let Some(ResponseCode::Capabilities(offered)) = &outcome.code else { return false };
    offered.iter().any(|one| matches!(one, Capability::Atom(name) if name.eq_ignore_ascii_case("LOGINDISABLED")))
}

/// LOGIN cannot carry what is not ASCII (RFC 3501 §9, `QUOTED-CHAR`), AUTHENTICATE PLAIN can (RFC 4616).
async fn login(client: Client<Guard>, settings: &Settings) -> Result<async_imap::Session<Guard>, Failure> {
    let (user, password) = (&settings.user, settings.password.expose_secret());
    let plain = format!("\0{user}\0{password}");
    let logged_in = if user.is_ascii() && password.is_ascii() {
        client.login(user, password).await
    } else {
        client.authenticate("PLAIN", Plain(&plain)).await
    };
    logged_in.map_err(|(error, _)| match error {
        Error::No(said) | Error::Bad(said) => {
            let quoted = password.replace('\\', "\\\\").replace('"', "\\\"");
            let [bare, quoted] = [password, &quoted].map(|form| form.escape_debug().to_string());
            let coded = [&plain[..], password].map(|form| BASE64.encode(form.as_bytes()));
            let secrets = [&quoted[..], &bare, &coded[0], &coded[1]];
            let words = printable(words_of(&said), &secrets);
            if is_temporary(&words) { Failure::Lost(words) } else { Failure::LoginRefused(words) }
        }
        Error::Validate(_) => Failure::LoginRefused("user or password holds a line break".to_owned()),
        Error::Io(error) => Failure::Lost(describe(&error)),
        _ => Failure::Lost("the server closed it during the login".to_owned()),
    })
}

/// RFC 5530 §3: the server says nothing about the credentials.
fn is_temporary(words: &str) -> bool {
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]"].iter().any(|code| starts_with(words, code))
}

struct Plain<'a>(&'a str);

impl Authenticator for Plain<'_> {
    type Response = String;

    fn process(&mut self, _: &[u8]) -> String {
        self.0.to_owned()
    }
}

/// async-imap hands out a refusal as `code: …, info: Some("…")`, the words escaped as in Rust.
fn words_of(refusal: &str) -> &str {
    refusal.rsplit_once("info: Some(\"").map_or(refusal, |(_, words)| words.trim_end_matches("\")"))
}
