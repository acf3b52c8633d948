//! The folder for sent mail, where people look for what went out.
//!
//! Who puts a copy there is one of two: guichet does (`copying`), or the provider keeps what is handed to its relay, and guichet
//! learns from that (`reading`). Nothing of letters waits for it.

mod copying;
mod reading;
mod refusal;

use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Gateway;
use super::mailbox_lease::STAND_BACK;
use super::trouble::{REFUSED, SOON, Told, Wait, Waits};
use crate::imap::{self, Failure};
use crate::net::{Obstacle, What};
use crate::store::{Copies, MailboxStatus};

/// How long to wait after a fault of the store.
const AFTER_FAULT: Duration = Duration::from_secs(2);

/// Where copies of letters lie.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Server, account and folder: [`imap::Which::Sent`], or the one of that name.
    pub imap: imap::Settings,
    /// Who puts them there.
    pub kept_by: KeptBy,
}

/// Who puts a copy of what leaves into the folder for sent mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptBy {
    /// guichet does.
    Guichet,
    /// The provider does, with whatever its relay takes (Exchange Online, Gmail).
    Relay,
}

impl Sent {
    /// As the state of the folder is told: `support/sent`, after the mailbox.
    #[must_use]
    pub fn name_for(mailbox: &str) -> String {
        format!("{mailbox}/sent")
    }
}

/// What keeps copies from the folder, if anything, and what was told of it.
#[derive(Debug, Default)]
struct Trouble {
    wait: Wait,
    told_of: Told<(Discriminant<Failure>, Option<Discriminant<What>>)>,
    /// What the store was told last.
    noted: Option<Option<String>>,
}

impl Gateway {
    /// Under which name the state of the folder for sent mail is told, where one is configured.
    pub fn sent_name(&self) -> Option<&str> {
        self.sent.as_ref().map(|sent| sent.imap.name.as_str())
    }

    /// Whether letters that the relay takes are to have a copy.
    pub(super) fn copies(&self) -> Copies {
        match self.sent.as_ref().map(|sent| sent.kept_by) {
            Some(KeptBy::Guichet) => Copies::Wanted,
            Some(KeptBy::Relay) | None => Copies::Unwanted,
        }
    }

    /// How long a letter whose answer was lost waits at least before it leaves again.
    pub(super) fn doubt_rests(&self) -> Duration {
        match self.sent.as_ref().map(|sent| sent.kept_by) {
            Some(KeptBy::Relay) => reading::FAIR_CHANCE,
            Some(KeptBy::Guichet) | None => Duration::ZERO,
        }
    }

    /// Keeps the folder for sent mail until `stop`, whenever this gateway holds it.
    pub(super) async fn keep_sent(&self, stop: &CancellationToken) -> anyhow::Result<()> {
        let Some(sent) = &self.sent else {
            stop.cancelled().await;
            return Ok(());
        };
        while !stop.is_cancelled() {
            let mut gave_up = false;
            let work = Box::pin(async {
                match sent.kept_by {
                    KeptBy::Guichet => self.copy_again_and_again(sent).await,
                    KeptBy::Relay => self.read_again_and_again(sent).await,
                }
                gave_up = true;
            });
            self.while_leased(&sent.imap.name, stop, work).await;
            if gave_up {
                // Another gateway stands by, and may reach the server.
                stop.run_until_cancelled(tokio::time::sleep(STAND_BACK)).await;
            }
        }
        Ok(())
    }

    /// Tells what keeps copies from the folder, and returns how long to wait.
    async fn hindered(&self, sent: &Sent, trouble: &mut Trouble, error: &anyhow::Error) -> Duration {
        let now = self.time.now();
        let name = &sent.imap.name;
        let Some(failure) = error.chain().find_map(|cause| cause.downcast_ref::<Failure>()) else {
            let error = format!("{error:#}");
            tracing::error!(
                mailbox = name,
                error,
                "The store does not take what became of copies of letters: trying again"
            );
            return AFTER_FAULT;
        };
        let obstacle = failure.obstacle();
        let waits = match failure {
            Failure::Barred(obstacle) => Waits::of(obstacle),
            Failure::Refused { .. } => REFUSED,
            Failure::Lost(_) => SOON,
        };
        let wait = trouble.wait.grow(waits, now);
        let (error, remedy, wait_ms) = (failure.cause(), refusal::remedy(failure), wait.as_millis());
        let what = (discriminant(failure), obstacle.map(|obstacle| discriminant(obstacle.what())));
        if !trouble.told_of.is_news(what, now) {
            tracing::debug!(
                mailbox = name,
                error,
                wait_ms,
                "The folder for sent mail still cannot be used: trying again"
            );
        } else if obstacle.is_some_and(Obstacle::needs_operator) {
            tracing::error!(
                mailbox = name,
                error,
                remedy,
                wait_ms,
                "The folder for sent mail cannot be used: trying again"
            );
        } else {
            tracing::warn!(
                mailbox = name,
                error,
                remedy,
                wait_ms,
                "The folder for sent mail cannot be used: trying again"
            );
        }
        self.note_sent(sent, trouble, Some(format!("{error}. {remedy}")), now).await;
        wait
    }

    /// The server does what is asked of it.
    async fn unhindered(&self, sent: &Sent, trouble: &mut Trouble) {
        trouble.wait = Wait::default();
        trouble.told_of.forget();
        self.note_sent(sent, trouble, None, self.time.now()).await;
    }

    /// Keeps for `status` what is wrong, where that changed.
    async fn note_sent(&self, sent: &Sent, trouble: &mut Trouble, told: Option<String>, now: Timestamp) {
        if trouble.noted.as_ref() == Some(&told) {
            return;
        }
        let status = MailboxStatus {
            name: sent.imap.name.clone(),
            state: match (&told, sent.kept_by) {
                (Some(_), _) => "unreachable",
                (None, KeptBy::Guichet) => "copying",
                (None, KeptBy::Relay) => "reading",
            }
            .to_owned(),
            last_exchange: told.is_none().then_some(now),
            uid_validity: None,
            waiting: 0,
            waiting_since: None,
            trouble: told.clone(),
            uid_next: None,
            unseen: 0,
        };
        match self.store.tell_mailbox(&status, now).await {
            Ok(()) => trouble.noted = Some(told),
            Err(error) => {
                tracing::debug!(error = format!("{error:#}"), "The state of the folder for sent mail is not noted");
            }
        }
    }
}
