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
mod wire;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::watch;

use super::connection::Connection;
use super::mishap::{Ending, Mishaps};
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
    pub(super) mishaps: Mishaps,
    /// How many sessions are within IDLE.
    pub(super) idle: watch::Sender<usize>,
    /// How many sessions there were.
    pub(super) sessions: Arc<AtomicU64>,
}

/// Speaks with one client until it leaves, or the session is ended from outside.
pub(super) async fn serve(connection: Connection, world: World) -> io::Result<()> {
    let mut endings = world.mishaps.endings();
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Pieces that commands are made of.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let known = [
            "t ",
            "UID ",
            "FETCH ",
            "1:* ",
            "BODY[1.2.MIME]<3.9>",
            "FULL",
            "BODYSTRUCTURE",
            "STORE 1 +FLAGS (\\Seen)",
            "EXPUNGE",
            "MOVE * INBOX",
            "SEARCH ",
            "NOT ",
            "OR ",
            "SENTSINCE 1-Jan-2026 ",
            "IDLE",
            "DONE",
            "APPEND INBOX {3+}",
            "LIST % *",
            "\"",
            "(",
            ")",
            "{5}",
            "AUTHENTICATE PLAIN =",
            "RENAME INBOX x",
            "CLOSE",
            "SELECT INBOX",
            "\r\n",
            "\r\nt ",
            "\n",
        ];
        prop_oneof![9 => proptest::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec()), 1 => any::<Vec<u8>>()]
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_and_the_session_ends_with_the_stream(pieces in proptest::collection::vec(piece(), 0..40)) {
            let post = Post::new("mx.desk.test");
            let address = "a@desk.test".parse().unwrap();
            post.add_account(&address, "secret");
            post.deliver(&address, b"Subject: x\n\nx\n").unwrap();
            let (connection, mut client) = Connection::pair();
            let idle = watch::Sender::new(0);
            let world = World { post, mishaps: Mishaps::default(), idle: idle.clone(), sessions: Arc::default() };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                client.write_all(b"l LOGIN a@desk.test secret\r\ns SELECT INBOX\r\n").await.unwrap();
                client.write_all(&pieces.concat()).await.unwrap();
                client.shutdown().await.unwrap();
                let mut answers = Vec::new();
                let (served, read) = tokio::join!(serve(connection, world), client.read_to_end(&mut answers));
                served.unwrap();
                read.unwrap();
                assert!(answers.windows(4).any(|window| window == b"s OK"));
            });
            prop_assert_eq!(*idle.borrow(), 0);
        }
    }
}
