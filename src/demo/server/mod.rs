//! Embedded IMAP and SMTP servers over one mail world in memory, for `guichet demo` and for tests.
//!
//! A [`Post`] holds accounts and mails, [`Servers`] let the world at them over loopback sockets, [`Mishaps`] make the
//! servers misbehave on purpose. Nothing here outlives the process.

mod addresses;
mod connection;
mod delivery;
mod folder;
mod imap;
mod mime;
mod mishap;
mod post;
mod smtp;

pub use connection::Tls;
pub use delivery::{Delivery, Verdict};
pub use folder::StoredMail;
pub use mishap::{Ending, ImapMishap, ImapMoment, Mishaps, SizeLimit, SmtpMishap, SmtpMoment, Spoiled};
pub use post::{Arrivals, INBOX, NoSuchAccount, Post, Submission};

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use connection::Connection;

/// Where the servers listen, and how.
#[derive(Clone)]
pub struct Settings {
    /// Port 0 takes any free port.
    pub imap: SocketAddr,
    /// Port 0 takes any free port.
    pub smtp: SocketAddr,
    /// When the IMAP server encrypts.
    pub imap_tls: Tls,
    /// When the SMTP server encrypts.
    pub smtp_tls: Tls,
}

impl Default for Settings {
    fn default() -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Settings { imap: anywhere, smtp: anywhere, imap_tls: Tls::None, smtp_tls: Tls::None }
    }
}

/// Running servers. They stop, and every connection with them, when this is dropped.
pub struct Servers {
    imap: SocketAddr,
    smtp: SocketAddr,
    mishaps: Mishaps,
    idle_sessions: watch::Receiver<usize>,
    _running: DropGuard,
}

impl Servers {
    /// Starts both servers on free ports of the loopback interface, in the clear.
    pub async fn start(post: Post) -> anyhow::Result<Servers> {
        Servers::start_with(post, Settings::default()).await
    }

    /// Starts both servers.
    pub async fn start_with(post: Post, settings: Settings) -> anyhow::Result<Servers> {
        let mishaps = Mishaps::default();
        let (idle, idle_sessions) = watch::channel(0);
        let running = CancellationToken::new();
        let imap_listener = listen(settings.imap).await?;
        let smtp_listener = listen(settings.smtp).await?;
        let servers = Servers {
            imap: imap_listener.local_addr()?,
            smtp: smtp_listener.local_addr()?,
            mishaps: mishaps.clone(),
            idle_sessions,
            _running: running.clone().drop_guard(),
        };
        let imap_world = imap::World { post: post.clone(), mishaps: mishaps.clone(), idle, sessions: Arc::default() };
        accept(imap_listener, settings.imap_tls, running.clone(), move |connection| {
            imap::serve(connection, imap_world.clone())
        });
        accept(smtp_listener, settings.smtp_tls, running, move |connection| {
            smtp::serve(connection, post.clone(), mishaps.clone())
        });
        Ok(servers)
    }

    /// Where the IMAP server listens.
    pub fn imap(&self) -> SocketAddr {
        self.imap
    }

    /// Where the SMTP server listens.
    pub fn smtp(&self) -> SocketAddr {
        self.smtp
    }

    /// What they shall do wrong.
    pub fn mishaps(&self) -> &Mishaps {
        &self.mishaps
    }

    /// Waits until exactly so many IMAP sessions are within IDLE.
    pub async fn until_idle(&self, sessions: usize) {
        let mut idle_sessions = self.idle_sessions.clone();
        // The sender lives as long as the accepting task, so this fails only while the runtime stops.
        drop(idle_sessions.wait_for(|idle| *idle == sessions).await);
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("Cannot listen on {address}"))
}

fn accept<F, S>(listener: TcpListener, tls: Tls, running: CancellationToken, serve: S)
where
    F: Future<Output = io::Result<()>> + Send + 'static,
    S: Fn(Connection) -> F + Clone + Send + Sync + 'static,
{
    let stopped = running.clone();
    tokio::spawn(running.run_until_cancelled_owned(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, serve) = (tls.clone(), serve.clone());
            let session = async move { serve(Connection::accept(stream, tls).await?).await };
            tokio::spawn(stopped.clone().run_until_cancelled_owned(async move {
                if let Err(error) = session.await {
                    tracing::debug!(%error, "A connection to the embedded server broke");
                }
            }));
        }
    }));
}
