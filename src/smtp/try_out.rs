//! Whether the relay would take letters from us, tried without one: a transaction that ends before DATA.

use lettre::transport::smtp::commands::{Mail, Rcpt, Rset};
use lettre::transport::smtp::response::{Response, Severity};

use super::dialogue::{Lost, text};
use super::session::{Session, path};
use crate::mail::Address;

/// What the relay said of one sender and its recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    /// It would take a letter for all of them.
    Taken,
    /// It does not take this sender.
    Sender(Refusal),
    /// It does not take these recipients, each with why.
    Recipients(Vec<(Address, Refusal)>),
    /// The connection broke, as said here.
    Lost(String),
}

/// The relay's words, made printable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Code and text.
    pub said: String,
    /// It said that it may be otherwise later (4xx).
    pub is_temporary: bool,
}

impl Session {
    /// Whether the relay offers a login.
    pub fn offers_login(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.extensions.offer_a_login())
    }

    /// The largest letter that the relay takes, in bytes, where it says so (SIZE, RFC 1870).
    pub fn letter_bytes_max(&self) -> Option<u64> {
        self.link.as_ref()?.extensions.size.filter(|most| *most > 0).map(|most| most as u64)
    }

    /// Begins a letter from `sender` (`None` is `<>`) to these, and takes it back: nothing is sent.
    pub async fn try_sender(&mut self, sender: Option<&Address>, recipients: &[Address]) -> Trial {
        match self.begin_and_reset(sender, recipients).await {
            Ok(trial) => trial,
            Err(lost) => {
                self.link = None;
                Trial::Lost(lost.text(&[]))
            }
        }
    }

    async fn begin_and_reset(&mut self, sender: Option<&Address>, recipients: &[Address]) -> Result<Trial, Lost> {
        let Some(link) = &mut self.link else { return Err(Lost::Cut("there is no connection".to_owned())) };
        let reply = link.dialogue.ask(Mail::new(sender.map(path), vec![])).await?;
        let trial = match refusal(&reply) {
            Some(refusal) => Trial::Sender(refusal),
            None => {
                let mut refused = Vec::new();
                for recipient in recipients {
                    let reply = link.dialogue.ask(Rcpt::new(path(recipient), vec![])).await?;
                    refused.extend(refusal(&reply).map(|refusal| (recipient.clone(), refusal)));
                }
                if refused.is_empty() { Trial::Taken } else { Trial::Recipients(refused) }
            }
        };
        link.dialogue.ask(Rset).await?;
        Ok(trial)
    }
}

fn refusal(reply: &Response) -> Option<Refusal> {
    let severity = reply.code().severity;
    let is_temporary = severity == Severity::TransientNegativeCompletion;
    (severity != Severity::PositiveCompletion).then(|| Refusal { said: text(reply, &[]), is_temporary })
}
