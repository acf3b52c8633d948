//! What is wrong, of what the store knows. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::said;
use crate::store::Status;

/// A mailbox that is watched is heard of at least that often.
const SILENT: SignedDuration = SignedDuration::from_mins(20);

/// Something that the operator should hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Tells it from others, also of an earlier look.
    pub(super) key: String,
    /// What it is and what to do, in sentences.
    pub(super) said: String,
    /// It is over one day, and that is told; a warning is told once.
    pub(super) is_lasting: bool,
}

/// What there is to be judged.
pub(super) struct Seen<'a> {
    pub(super) status: &'a Status,
    /// Those that are watched.
    pub(super) mailboxes: &'a [&'a str],
    /// Nothing can have been wrong for longer that this run has seen.
    pub(super) runs_for: Duration,
    pub(super) after: Duration,
    pub(super) now: Timestamp,
}

impl Trouble {
    pub(super) fn lasting(key: String, said: String) -> Trouble {
        Trouble { key, said, is_lasting: true }
    }

    pub(super) fn warning(key: String, said: String) -> Trouble {
        Trouble { key, said, is_lasting: false }
    }

    /// The subject of a mail about it.
    pub(super) fn subject(&self) -> String {
        match self.is_lasting {
            true => said!("guichet needs you", "guichet a besoin de vous"),
            false => said!("guichet: something is about to end", "guichet\u{a0}: une échéance approche"),
        }
    }
}

/// The subject of a mail about the end of a trouble.
pub(super) fn over_subject() -> String {
    said!("guichet: this is over", "guichet\u{a0}: c’est terminé")
}

/// What is said of it then, without what was to be done.
pub(super) fn over(said: &str) -> String {
    let what = said.split_inclusive(". ").next().unwrap_or(said).trim_end();
    said!("It was: {what}", "C’était\u{a0}: {what}")
}

pub(super) fn without_store(error: &anyhow::Error) -> Trouble {
    Trouble::lasting(
        "store".to_owned(),
        said!(
            "The store does not answer: {error:#}. No mail is taken in and no letter leaves until it does.",
            "La base ne répond pas\u{a0}: {error:#}. Aucun courriel n’est pris et aucune lettre ne part tant que cela dure."
        ),
    )
}

impl Seen<'_> {
    pub(super) fn troubles(&self) -> Vec<Trouble> {
        let mut troubles = self.of_mailboxes();
        troubles.extend(self.of_letters());
        troubles.extend(self.of_mails());
        troubles
    }

    /// What is said to have begun in the future began before the clock was set back.
    fn lasts(&self, since: Timestamp) -> bool {
        let lasts = Duration::try_from(self.now.duration_since(since)).unwrap_or(Duration::MAX);
        lasts.min(self.runs_for) >= self.after
    }

    fn of_mailboxes(&self) -> Vec<Trouble> {
        let known = self.status.mailboxes.iter().filter(|known| self.mailboxes.contains(&known.name.as_str()));
        let silent = known.filter_map(|known| {
            let since = known.last_exchange.unwrap_or(Timestamp::UNIX_EPOCH);
            let trouble = match &known.trouble {
                Some(trouble) if self.lasts(since) => trouble.clone(),
                // A watch that fails again and again may say nothing at all.
                None if self.lasts(since) && self.now.duration_since(since) >= SILENT => {
                    said!("its server was last heard of at {since}", "son serveur s’est manifesté en dernier à {since}")
                }
                _ => return None,
            };
            Some((&known.name, trouble))
        });
        silent
            .map(|(name, trouble)| {
                let said = said!(
                    "The mailbox {name} is not read: {trouble}",
                    "La boîte {name} n’est pas lue\u{a0}: {trouble}"
                );
                Trouble::lasting(format!("mailbox {name}"), said)
            })
            .collect()
    }

    fn of_letters(&self) -> Option<Trouble> {
        let hindrances =
            self.status.hindrances.iter().filter(|one| self.status.outbox_pending > 0 && self.lasts(one.since));
        let said: Vec<String> = hindrances.map(|one| format!("{}. {}", one.cause, one.remedy)).collect();
        let (count, said) = (self.status.outbox_pending, (!said.is_empty()).then(|| said.join(" "))?);
        Some(Trouble::lasting(
            "letters".to_owned(),
            said!("{count} letters wait: {said}", "{count} lettres attendent\u{a0}: {said}"),
        ))
    }

    fn of_mails(&self) -> Option<Trouble> {
        let since = self.status.oldest_unhandled.filter(|since| self.lasts(*since))?;
        let count = self.status.inbox_pending;
        Some(Trouble::lasting(
            "mails".to_owned(),
            said!(
                "{count} mails wait for their decision, the oldest since {since}. Look at the log of the service.",
                "{count} courriels attendent leur décision, le plus ancien depuis {since}. Regardez le journal du service."
            ),
        ))
    }
}
