//! Where letters go: to a relay, or for tests and dry runs to memory or a folder.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Leave, Letter, Outcome, Session, Settings};
use crate::mail::Address;
use crate::net::Obstacle;

/// Where letters go.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a relay.
    Smtp(Settings),
    /// To a list that others may look at.
    Memory(Arc<Mutex<Vec<SentMail>>>),
    /// To a folder, which must exist: the letter as `.eml`, its envelope beside it as `.json`. The same letter sent again
    /// is the same file.
    File(PathBuf),
}

/// A way to one [`Transport`], for one letter at a time.
#[derive(Debug)]
pub enum Connection {
    /// The session with a relay, which takes one letter after another.
    Smtp(Box<Session>),
    /// The list that [`Transport::Memory`] shares.
    Memory(Arc<Mutex<Vec<SentMail>>>),
    /// The folder of [`Transport::File`].
    File(PathBuf),
}

/// A letter with its envelope, as it was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMail {
    /// `None` is `<>`.
    pub return_path: Option<Address>,
    /// In the order given.
    pub recipients: Vec<Address>,
    /// The whole letter, its enclosures put in.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl SentMail {
    fn of(letter: &Letter<'_>) -> SentMail {
        let (return_path, recipients) = (letter.return_path.cloned(), letter.recipients.to_vec());
        SentMail { return_path, recipients, bytes: letter.bytes.to_vec() }
    }
}

impl Transport {
    /// The relay's name; `None` where letters go to none.
    pub fn relay(&self) -> Option<&str> {
        match self {
            Transport::Smtp(settings) => Some(&settings.host),
            Transport::Memory(_) | Transport::File(_) => None,
        }
    }

    /// Opens a way to it.
    pub async fn open(&self) -> Result<Connection, Obstacle> {
        Ok(match self {
            Transport::Smtp(settings) => Connection::Smtp(Box::new(Session::open(settings).await?)),
            Transport::Memory(sent) => Connection::Memory(Arc::clone(sent)),
            Transport::File(folder) => Connection::File(folder.clone()),
        })
    }
}

impl Connection {
    /// Hands over a letter while there is leave, and begins the next one where that is of use; the outcomes stand in the
    /// order of the recipients. See [`Session::send_while`].
    pub async fn send(&mut self, leave: &Leave, letter: &Letter<'_>, next: Option<&Letter<'_>>) -> Vec<Outcome> {
        let outcome = match self {
            Connection::Smtp(session) => return session.send_while(leave, letter, next).await,
            Connection::Memory(sent) => {
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(SentMail::of(letter));
                Outcome::Sent { reply: "250 kept in memory".to_owned() }
            }
            Connection::File(folder) => match keep(folder, &SentMail::of(letter)).await {
                Ok(name) => Outcome::Sent { reply: format!("250 kept as {name}.eml") },
                Err(error) => Outcome::Deferred { reply: format!("{error:#}") },
            },
        };
        vec![outcome; letter.recipients.len()]
    }

    /// Whether no connection came about for the last letter: see [`Session::is_cut_off`].
    pub fn is_cut_off(&self) -> bool {
        match self {
            Connection::Smtp(session) => session.is_cut_off(),
            Connection::Memory(_) | Connection::File(_) => false,
        }
    }

    /// Ends the session with the relay; does nothing for memory and a folder.
    pub async fn close(self) {
        match self {
            Connection::Smtp(session) => session.close().await,
            Connection::Memory(_) | Connection::File(_) => {}
        }
    }
}

/// Writes a letter to a folder, and returns its name there.
async fn keep(folder: &Path, mail: &SentMail) -> anyhow::Result<String> {
    let envelope = serde_json::to_vec_pretty(mail)?;
    let name = HEXLOWER.encode(&Sha256::new().chain_update(&envelope).chain_update(&mail.bytes).finalize()[..16]);
    for (ending, bytes) in [("json", &envelope), ("eml", &mail.bytes)] {
        let path = folder.join(format!("{name}.{ending}"));
        tokio::fs::write(&path, bytes).await.with_context(|| format!("Cannot write {}", path.display()))?;
    }
    Ok(name)
}
