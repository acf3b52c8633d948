//! Why an exchange with the server failed.

use super::put_off::is_later;
use crate::net::Obstacle;
use crate::said;

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no session, or none that shows the watched folder, or the server wants to be asked less.
    #[error("{0}")]
    Barred(Obstacle),
    /// `NO` or `BAD`. The session can still be used.
    #[error("the server refused {command}: {said}")]
    Refused {
        /// The command's name.
        command: String,
        /// The server's words, made printable.
        said: String,
    },
    /// Cut, silent, unreadable, `BYE`, or renumbered. The session is of no more use.
    #[error("the connection is lost: {0}")]
    Lost(String),
}

impl Failure {
    /// What is the matter, in one sentence without a stop.
    pub fn cause(&self) -> String {
        match self {
            Failure::Barred(obstacle) => obstacle.cause(),
            Failure::Refused { command, said } => {
                said!("the server refused {command}: {said}", "le serveur a refusé {command}\u{a0}: {said}")
            }
            Failure::Lost(what) => {
                said!(
                    "the connection to the mailbox is lost: {what}",
                    "la connexion à la boîte est perdue\u{a0}: {what}"
                )
            }
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Failure::Barred(obstacle) => obstacle.remedy(),
            Failure::Refused { .. } if self.is_put_off() => said!(
                "It is tried again by itself; where it lasts, look at the server's log.",
                "Un nouvel essai se fait tout seul; si cela dure, regardez le journal du serveur."
            ),
            Failure::Refused { .. } => said!(
                "Look at the server's log, and at the account's rights.",
                "Regardez le journal du serveur et les droits du compte."
            ),
            Failure::Lost(_) => said!(
                "It is connected again by itself; where it lasts, look at the server's log.",
                "La connexion reprend toute seule; si cela dure, regardez le journal du serveur."
            ),
        }
    }

    /// The same may go well later, whatever was asked for: it says nothing of a mail or of a folder's name.
    pub fn is_put_off(&self) -> bool {
        match self {
            Failure::Barred(_) => true,
            Failure::Refused { said, .. } => is_later(said),
            Failure::Lost(_) => false,
        }
    }

    /// What stands in the way of a session, if that is it.
    pub fn obstacle(&self) -> Option<&Obstacle> {
        match self {
            Failure::Barred(obstacle) => Some(obstacle),
            Failure::Refused { .. } | Failure::Lost(_) => None,
        }
    }
}

impl From<Obstacle> for Failure {
    fn from(obstacle: Obstacle) -> Failure {
        Failure::Barred(obstacle)
    }
}
