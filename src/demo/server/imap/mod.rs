//! The embedded IMAP server: IMAP4rev1 (RFC 3501) with the extensions of [`CAPABILITIES`].
//!
//! A session keeps the list of UIDs that its client knows of; what others change comes to it through the folder's log.

mod fetch;
mod folders;
mod login;
mod messages;
mod search;
mod section;
mod selected;
mod session;
mod structure;
mod text;
mod utf7;
mod wire;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::watch;

use super::connection::Connection;
use super::fault::{Ending, Faults};
use super::post::Post;
use session::{End, Opening, Session};

/// RFC 7888, 4959, 6749, 2971, 2342, 2177, 6851, 4315, 3691.
const CAPABILITIES: [&str; 11] = [
    "IMAP4rev1",
    "LITERAL+",
    "SASL-IR",
    "AUTH=PLAIN",
    "AUTH=XOAUTH2",
    "ID",
    "NAMESPACE",
    "IDLE",
    "MOVE",
    "UIDPLUS",
    "UNSELECT",
];

/// What every session shares.
#[derive(Clone)]
pub(super) struct World {
    pub(super) post: Post,
    pub(super) faults: Faults,
    /// How many sessions are within IDLE.
    pub(super) idle: watch::Sender<usize>,
    /// How many sessions there were.
    pub(super) sessions: Arc<AtomicU64>,
}

/// Speaks with one client until it leaves, or the session is ended from outside.
pub(super) async fn serve(connection: Connection, world: World) -> io::Result<()> {
    let mut endings = world.faults.endings();
    let mut session = Session::new(connection, world);
    let mut opening = Opening::Greeting;
    loop {
        let end = tokio::select! {
            end = session.converse(opening) => end,
            _ = endings.changed() => match *endings.borrow() {
                Some(Ending::Bye) => End::Bye("The server goes down".to_owned()),
                Some(Ending::Cut) | None => End::Cut,
            },
        };
        if !matches!(end, End::StartTls) {
            return session.end(end).await;
        }
        session = session.encrypt().await?;
        opening = Opening::Encrypted;
    }
}
