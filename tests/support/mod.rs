//! Throw-away servers for tests: Dovecot, Courier, Cyrus, Postfix, PostgreSQL and PgBouncer as Debian ships them, each in a temporary folder, on
//! free loopback ports, apart from whatever the machine runs itself; and the built program, as an operator runs it.
//!
//! A test that cannot have its server fails, with a sentence that names `tests/run`: it is never skipped.
#![allow(dead_code, unused_imports, reason = "every test file has a copy of this module and uses its own part of it")]

mod certificates;
mod courier;
mod cyrus;
mod dovecot;
mod guichet;
mod line;
mod line_client;
mod mailbox_server;
mod pgbouncer;
mod postfix;
mod postgresql;
mod server;
mod token_server;

pub(crate) use courier::Courier;
pub(crate) use cyrus::Cyrus;
pub(crate) use dovecot::Dovecot;
pub(crate) use guichet::Guichet;
pub(crate) use line::Line;
pub(crate) use line_client::LineClient;
pub(crate) use mailbox_server::MailboxServer;
pub(crate) use pgbouncer::PgBouncer;
pub(crate) use postfix::{AUTHSERV_ID, Delivery, Postfix};
pub(crate) use postgresql::{Held, PostgreSql};
pub(crate) use token_server::{Answers, TokenServer};

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The domain whose mail the throw-away servers take.
pub(crate) const DOMAIN: &str = "helpdesk.test";

/// What `find` finds, asked again and again for at most a minute.
pub(crate) fn eventually<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not seen within a minute");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The messages in one Maildir, as bytes, in the order of their file names; none where there is no such Maildir.
fn messages_in_maildir(maildir: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = ["new", "cur"]
        .iter()
        .filter_map(|part| maildir.join(part).read_dir().ok())
        .flatten()
        .map(|entry| entry.expect("a Maildir can be listed").path())
        .collect();
    files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    // A message that was moved or renamed since the folder was listed shows at the next look.
    files.iter().filter_map(|file| std::fs::read(file).ok()).collect()
}
