//! From decisions to rows: letters are composed before the commit, so that a retry sends the same bytes.

use anyhow::{Context, Result};
use jiff::Timestamp;

use super::Gateway;
use super::counter::MAILS_DECIDED;
use crate::desk::{Decision, Docket, Leaves, LedgerId, Letter, Outcome};
use crate::letters;
use crate::mail::MessageId;
use crate::store::{Accounted, LetterRow, LetterState, Tx, Written};

/// A decision with its finished letters.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) mail: Option<Accounted>,
    pub(super) decision: Decision,
    pub(super) letters: Vec<LetterRow>,
}

impl Gateway {
    /// Composes what a decision orders, and enters the decision into the docket.
    pub(super) fn finish(
        &self,
        docket: &mut Docket,
        mail: Option<Accounted>,
        decision: Decision,
        now: Timestamp,
    ) -> Result<Finished> {
        docket.apply(&decision, &self.keyring, now);
        let instance = self.keyring.instance();
        let letters = decision.letters.iter().map(|letter| self.compose(docket, letter, now, &instance));
        let letters: Vec<LetterRow> = letters.collect::<Result<_>>()?;
        for letter in &letters {
            docket.take_in_text(letter.ticket, letter.number, letter.text.as_deref().unwrap_or_default());
        }
        Ok(Finished { mail, letters, decision })
    }

    fn compose(&self, docket: &Docket, letter: &Letter, now: Timestamp, instance: &str) -> Result<LetterRow> {
        let desk = self.policy.desk(&letter.desk);
        let composed = letters::compose(letter, desk, &self.keyring, &self.templates, now, instance)
            .with_context(|| format!("Cannot compose the letter {:?}", letter.purpose.name()))?;
        let recipients = letter.to.iter().chain(&letter.cc);
        Ok(LetterRow {
            ticket: letter.ticket,
            number: letter.number,
            purpose: letter.purpose,
            audience: letter.audience.clone(),
            language: letter.language,
            message_id: composed.message_id,
            subject: composed.subject,
            text: Some(composed.text),
            enclosures: composed.enclosures,
            listed: letter.listed.clone(),
            readers: letter.readers.clone(),
            bytes: composed.bytes,
            automatic: composed.automatic,
            about: letter.about,
            ticket_version: letter.ticket.and_then(|ticket| docket.dossier(ticket)).map_or(0, |d| d.ticket.version),
            deliveries: recipients.map(|to| (to.address.clone(), composed.return_path.clone())).collect(),
            state: match letter.leaves {
                Leaves::AtOnce => LetterState::Due(now),
                Leaves::WhenReleased => LetterState::Held,
            },
        })
    }

    /// Writes everything in one commit, or nothing.
    pub(super) async fn commit(&self, mut tx: Tx, docket: &Docket, all: &[Finished], now: Timestamp) -> Result<()> {
        let written: Vec<Written<'_>> = all
            .iter()
            .map(|one| Written { mail: one.mail.as_ref(), decision: &one.decision, letters: &one.letters })
            .collect();
        tx.write(&written, docket, now).await?;
        for ledger in all.iter().flat_map(|one| &one.decision.settled) {
            tx.settle_quarantined(*ledger).await?;
        }
        for (ledger, vouched) in all.iter().flat_map(|one| &one.decision.released) {
            tx.release_quarantined(*ledger, *vouched).await?;
        }
        tx.commit().await?;
        self.tell(all);
        Ok(())
    }

    fn tell(&self, all: &[Finished]) {
        for one in all {
            if let (Some(mail), Some(outcome)) = (&one.mail, &one.decision.outcome) {
                log_outcome(mail.ledger, mail.message_id.as_ref(), outcome, one.letters.len());
            }
            for alert in &one.decision.alerts {
                tracing::warn!("{alert}");
            }
        }
        if all.iter().any(|one| !one.letters.is_empty()) {
            self.hints.due.give();
        }
        if all.iter().any(|one| !one.decision.released.is_empty()) {
            self.hints.recorded.give();
        }
        if all.iter().any(|one| !one.decision.drafts.is_empty()) {
            self.hints.drafted.give();
        }
        self.hints.decided.give();
    }
}

fn log_outcome(ledger: LedgerId, message_id: Option<&MessageId>, outcome: &Outcome, letters: usize) {
    let message_id = message_id.map(MessageId::as_str).unwrap_or_default();
    let ledger = ledger.0;
    match outcome {
        Outcome::Ticket(ticket) => {
            tracing::info!(ledger.id = ledger, message_id, ticket.reference = %ticket, letters, "Mail is on {ticket}");
        }
        Outcome::Quarantine(reason) => {
            let reason = reason.code();
            tracing::warn!(ledger.id = ledger, message_id, reason, letters, "Mail waits in quarantine: {reason}");
        }
        Outcome::Suppressed(reason) => {
            let reason = reason.code();
            tracing::info!(ledger.id = ledger, message_id, reason, letters, "Mail is recorded only: {reason}");
        }
    }
    let word = match outcome {
        Outcome::Ticket(_) => "ticket",
        Outcome::Quarantine(_) => "quarantine",
        Outcome::Suppressed(_) => "suppressed",
    };
    MAILS_DECIDED.count_for(word);
}
