//! One request to a web server and its answer (RFC 9110, RFC 9112), on the same way that leads to mail servers: what keeps
//! us from it is an [`Obstacle`], too.

use std::fmt::{Display, Formatter};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, DATE, HOST, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::time::timeout;

use super::{Connection, Moment, Obstacle, Protocol, Server, Tls, What, connect, printable, secure};

/// A longer answer is none of those that are asked for here.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// An address that requests are posted to: `https://host/path`, or `http://` on this machine alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress {
    server: Server,
    uri: Uri,
}

/// What a web server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAnswer {
    /// Its status (RFC 9110 §15).
    pub status: u16,
    /// What time it is for the server.
    pub date: Option<Timestamp>,
    /// At most 256 KiB.
    pub body: Vec<u8>,
}

impl WebAnswer {
    /// RFC 9110 §15.3.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl WebAddress {
    /// Reads an address of the configuration's table `section`; the error says what is wrong with it.
    pub fn parse(text: &str, section: &'static str) -> Result<WebAddress, NoAddress> {
        let uri: Uri = text.parse().map_err(|_| NoAddress::Unreadable)?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(NoAddress::NamesUser);
        }
        let host = uri.host().ok_or(NoAddress::Unreadable)?.trim_matches(['[', ']']).to_owned();
        let (tls, usual) = match uri.scheme_str() {
            Some("https") => (Tls::Implicit, 443),
            Some("http") if is_loopback(&host) => (Tls::None, 80),
            Some("http") => return Err(NoAddress::InClear),
            _ => return Err(NoAddress::Unreadable),
        };
        let port = uri.port_u16().unwrap_or(usual);
        Ok(WebAddress { server: Server { protocol: Protocol::Http(section), host, port, tls, ca_file: None }, uri })
    }

    /// The same, with certificates trusted besides the system's (PEM).
    #[must_use]
    pub fn trusting(self, ca_file: Option<std::path::PathBuf>) -> WebAddress {
        WebAddress { server: Server { ca_file, ..self.server }, ..self }
    }

    /// Where it leads.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Posts a body of that media type; `limit` is for each step on the way and for the answer.
    pub async fn post(&self, media_type: &str, body: Vec<u8>, limit: Duration) -> Result<WebAnswer, Obstacle> {
        let tcp = connect(&self.server, limit).await?;
        let stream: Connection = match self.server.tls {
            Tls::None => Box::new(tcp),
            Tls::Implicit | Tls::StartTls => Box::new(secure(tcp, &self.server, limit).await?),
        };
        let no = |what| Obstacle::new(&self.server, what);
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(HOST, authority)
            .header(CONTENT_TYPE, media_type)
            .header(USER_AGENT, concat!("guichet/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| no(What::HostMisspelled))?;
        match timeout(limit, answer(stream, request)).await {
            Ok(answered) => answered.map_err(no),
            Err(_) => Err(no(What::Silent(Moment::Answer))),
        }
    }
}

impl Display for WebAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.uri)
    }
}

/// Why a text is no address to post to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAddress {
    /// It is none.
    Unreadable,
    /// Secrets would go over the network in clear.
    InClear,
    /// There is a user in it, and perhaps a password, which is not sent.
    NamesUser,
}

async fn answer(stream: Connection, request: Request<Full<Bytes>>) -> Result<WebAnswer, What> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
    let asked = async move {
        let answer = sender.send_request(request).await.map_err(|error| broken(&error))?;
        let (status, date) = (answer.status().as_u16(), answer.headers().get(DATE).cloned());
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|_| What::Cut(Moment::Answer))?.to_bytes().to_vec();
        let date = date.and_then(|date| rfc2822::parse(date.to_str().ok()?).ok()).map(|zoned| zoned.timestamp());
        Ok(WebAnswer { status, date, body })
    };
    // The connection does the work; it ends with its sender.
    let (answer, _) = tokio::join!(asked, connection);
    answer
}

fn broken(error: &hyper::Error) -> What {
    if error.is_parse() { What::OutOfOrder(printable(&error.to_string(), &[])) } else { What::Cut(Moment::Answer) }
}

/// Whether what is sent to this host stays on this machine.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_by_https_or_stay_on_this_machine() {
        let parse = |text| WebAddress::parse(text, "[smtp.oauth2]");
        for (text, host, port) in [
            ("https://login.example.com/tenant/token?x=1", "login.example.com", 443),
            ("https://login.example.com:8443", "login.example.com", 8443),
            ("http://127.0.0.1:8080/token", "127.0.0.1", 8080),
            ("http://[::1]/token", "::1", 80),
            ("http://localhost/token", "localhost", 80),
        ] {
            let address = parse(text).unwrap();
            assert_eq!((address.server.host.as_str(), address.server.port), (host, port), "{text}");
        }
        assert_eq!(parse("http://login.example.com/token"), Err(NoAddress::InClear));
        assert_eq!(parse("https://user:pw@login.example.com/token"), Err(NoAddress::NamesUser));
        for text in ["", "login.example.com", "ftp://login.example.com", "https:///token", "/token", "https://a b/"] {
            assert_eq!(parse(text), Err(NoAddress::Unreadable), "{text}");
        }
    }
}
