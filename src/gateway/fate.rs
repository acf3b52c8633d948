//! What would be decided about a mail if it came now: the decision itself, in a commit that is never made.

use anyhow::{Context, Result};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Gateway;
use super::command::Wrote;
use super::proof::Answers;
use crate::desk::{Arrival, Explained, LedgerId, Outcome, TicketNumber, explain};
use crate::store::{Pending, Received};

/// What would become of a mail.
#[derive(Clone, Debug)]
pub struct Fate {
    /// Who it is from, and what leads it to a ticket.
    pub explained: Explained,
    /// What is found of its author, and what that rests on: half a sentence.
    pub proof: String,
    /// Where it would end.
    pub outcome: Outcome,
    /// The tickets that it would open.
    pub opened: Vec<TicketNumber>,
    /// Who may read its words: `requester`, `desk` or `vendor`; `None`: they would stand on no ticket.
    pub audience: Option<&'static str>,
    /// What would be written to whom.
    pub letters: Vec<Wrote>,
}

impl Gateway {
    /// What would become of a mail that came to this mailbox at that instant. Nothing of it is written down, and no letter leaves.
    ///
    /// # Errors
    /// The store cannot be read, or the program fails on the mail.
    pub async fn fate_of(&self, mailbox: &str, raw: Vec<u8>, at: Timestamp) -> Result<Fate> {
        let mail = Received {
            mailbox: mailbox.to_owned(),
            uid: None,
            raw_sha256: Some(Sha256::digest(&raw).into()),
            size: raw.len() as u64,
            raw: raw.into(),
            internal_date: at,
            received_at: at,
            answered: false,
        };
        let pending = Pending { ledger: LedgerId(0), mail, attempts: 0, released: None, proof: None };
        let mut answers = Answers::new();
        let unanswered = self.unanswered(&mut vec![pending.clone()], &answers);
        self.ask(&unanswered, |_| Arrival::Ordinary, &mut answers).await?;
        let mut tx = self.store.begin().await?;
        let read = self.read_all(Some(&mut tx), vec![pending], &answers, at).await?;
        let one = read.first().context("The mail is gone")?;
        // Dropped at the end, and never committed.
        let (sitting, finished) = self.deliberate(tx, &read, at).await?;
        let finished = finished.into_iter().next().context("Nothing was decided")?;
        let outcome = finished.decision.outcome.clone().context("The mail would end nowhere")?;
        let of_mail = finished.decision.entries.iter().find(|entry| entry.ledger == Some(LedgerId(0)));
        Ok(Fate {
            explained: explain(sitting.rules(), &sitting.docket, &one.incoming(), at),
            proof: one.proof.to_string(),
            audience: of_mail.map(|entry| entry.audience.word()),
            opened: finished.decision.opened.iter().map(|ticket| ticket.number).collect(),
            letters: finished.letters.iter().map(Wrote::of).collect(),
            outcome,
        })
    }
}
