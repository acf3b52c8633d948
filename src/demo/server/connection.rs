//! A connection, and how it becomes encrypted.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// Whether a server encrypts.
#[derive(Clone, Default)]
pub enum Tls {
    /// It does not.
    #[default]
    None,
    /// From the first byte (RFC 8314).
    Implicit(Arc<rustls::ServerConfig>),
    /// On request (RFC 3207, RFC 3501 §6.2.1); nobody may log in before.
    StartTls(Arc<rustls::ServerConfig>),
}

/// A byte stream, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub(super) struct Connection {
    pub(super) stream: Box<dyn Stream>,
    /// Present as long as the client may and has not yet asked for TLS.
    pub(super) starttls: Option<TlsAcceptor>,
}

impl Connection {
    pub(super) async fn accept(stream: TcpStream, tls: Tls) -> io::Result<Connection> {
        stream.set_nodelay(true)?;
        let plain = Connection { stream: Box::new(stream), starttls: None };
        match tls {
            Tls::None => Ok(plain),
            Tls::StartTls(config) => Ok(Connection { starttls: Some(config.into()), ..plain }),
            Tls::Implicit(config) => Connection { starttls: Some(config.into()), ..plain }.encrypt().await,
        }
    }

    /// Shakes hands; what cannot be encrypted stays as it is.
    pub(super) async fn encrypt(self) -> io::Result<Connection> {
        match self.starttls {
            None => Ok(self),
            Some(acceptor) => Ok(Connection { stream: Box::new(acceptor.accept(self.stream).await?), starttls: None }),
        }
    }
}

#[cfg(test)]
impl Connection {
    /// A server's end, and the client's.
    pub(super) fn pair() -> (Connection, tokio::io::DuplexStream) {
        let (server, client) = tokio::io::duplex(64 * 1024);
        (Connection { stream: Box::new(server), starttls: None }, client)
    }
}
