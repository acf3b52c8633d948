//! The one way from what came in to its commit: keys, docket, decision, finished letters, rows. Letters are composed before the
//! commit, so that a retry sends the same bytes.

use std::sync::{Arc, PoisonError};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};

use super::Gateway;
use super::counter::MAILS_DECIDED;
use crate::desk::{self, Audience, Decision, Docket, Keys, Leaves, LedgerId, Letter, Occasion, Outcome, Rules};
use crate::known_fix::Library;
use crate::letters;
use crate::mail::MessageId;
use crate::mail::token::Keyring;
use crate::store::{Accounted, LetterRow, LetterState, Tx, Written};

/// What was just looked at is not looked at again before that.
const REST: SignedDuration = SignedDuration::from_mins(1);
/// Whoever looks at tickets as their time comes looks by itself after that.
const SOON: SignedDuration = SignedDuration::from_secs(30);

/// A commit in the making, and what is known for its decisions. Each sees what those before it decided.
pub(super) struct Sitting<'a> {
    gateway: &'a Gateway,
    library: Arc<Library>,
    pub(super) keyring: Arc<Keyring>,
    pub(super) tx: Tx,
    pub(super) docket: Docket,
    now: Timestamp,
    /// It will soon be time to look at one of its tickets.
    is_soon: bool,
}

/// A decision with its finished letters.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) mail: Option<Accounted>,
    pub(super) decision: Decision,
    pub(super) letters: Vec<LetterRow>,
}

impl Gateway {
    /// Looks up what bears on these occasions. Until its commit no other sitting begins.
    pub(super) async fn sit(&self, mut tx: Tx, occasions: &[Occasion<'_>], now: Timestamp) -> Result<Sitting<'_>> {
        let library = self.shelf.library();
        let keyring = tx.keyring(&self.keyring()).await?;
        *self.keyring.lock().unwrap_or_else(PoisonError::into_inner) = keyring.clone();
        let mut keys = Keys::default();
        for occasion in occasions {
            keys.merge(desk::keys(self.rules(&library, &keyring), occasion));
        }
        let docket = tx.docket(&keys, now).await?;
        self.gists.tell(&docket);
        Ok(Sitting { gateway: self, library, keyring, tx, docket, now, is_soon: false })
    }

    /// Decides about what came with no mail, in a commit of its own. Of an order that is refused nothing stays.
    pub(super) async fn decide(&self, occasion: Occasion<'_>) -> Result<Finished> {
        let mut sitting = self.sit(self.store.begin().await?, &[occasion], self.time.now()).await?;
        let finished = sitting.decide(&occasion)?;
        if finished.decision.refusals.is_empty() {
            sitting.commit(std::slice::from_ref(&finished)).await?;
        }
        Ok(finished)
    }
}

impl Sitting<'_> {
    pub(super) fn rules(&self) -> Rules<'_> {
        self.gateway.rules(&self.library, &self.keyring)
    }

    /// Decides, composes what the decision orders, and enters both into the docket.
    pub(super) fn decide(&mut self, occasion: &Occasion<'_>) -> Result<Finished> {
        let decision = desk::decide(self.rules(), &self.docket, occasion, self.now);
        let mail = self.account_for(occasion, &decision);
        self.docket.apply(&decision, &self.keyring, self.now);
        self.look_again(&decision);
        let letters = decision.letters.iter().map(|letter| self.compose(letter));
        let letters: Vec<LetterRow> = letters.collect::<Result<_>>()?;
        for letter in &letters {
            self.docket.take_in_text(letter.ticket, letter.number, letter.text.as_deref().unwrap_or_default());
        }
        Ok(Finished { mail, decision, letters })
    }

    /// Says when to look again at the tickets that were decided about: never at once, whatever a rule says of itself.
    fn look_again(&mut self, decision: &Decision) {
        let changed = decision.history.iter().map(|(number, _)| (*number, None));
        for (number, not_before) in changed.chain(decision.looked_at.iter().copied()) {
            let Some(dossier) = self.docket.dossiers.get_mut(&number) else { continue };
            let next = desk::next_look(&self.gateway.policy, &dossier.ticket, self.now);
            let looked = decision.looked_at.iter().any(|(looked, _)| *looked == number);
            let earliest = if looked { self.now.checked_add(REST).unwrap_or(self.now) } else { self.now };
            let told_at = next.map(|next| next.max(not_before.unwrap_or(earliest)).max(earliest));
            // What is gathered for the desk keeps nobody's answer back.
            let leaves_at = dossier.ticket.leaving.iter().map(|leaving| leaving.until).min();
            let unfinished = decision.unfinished.contains(&number).then_some(self.now);
            dossier.look_at = [told_at, leaves_at, unfinished].into_iter().flatten().min();
            if dossier.look_at.is_some_and(|at| at <= self.now.checked_add(SOON).unwrap_or(at)) {
                self.is_soon = true;
            }
        }
    }

    /// What is noted of a mail, so that copies of it are known.
    fn account_for(&mut self, occasion: &Occasion<'_>, decision: &Decision) -> Option<Accounted> {
        let Occasion::Mail(incoming) = occasion else { return None };
        let mail = incoming.mail;
        let author = mail.from.as_ref().and_then(|from| self.docket.contact_at(&from.address));
        let accounted = Accounted {
            ledger: incoming.ledger,
            message_id: mail.message_id.clone(),
            body_sha256: mail.body_sha256,
            author: author.map(|contact| contact.id),
            proof: incoming.proof.clone(),
        };
        self.docket.take_in_mail(incoming, decision);
        Some(accounted)
    }

    fn compose(&self, letter: &Letter) -> Result<LetterRow> {
        let Gateway { policy, templates, .. } = self.gateway;
        let (keyring, instance) = (&self.keyring, self.keyring.instance());
        // So stories hold that samples, and templates, know all that the desk hands over.
        debug_assert_eq!(letters::unheard_of(letter), [""; 0], "{}", letter.purpose.name());
        let composed = letters::compose(letter, &letter.desk_in(policy), keyring, templates, self.now, instance)
            .with_context(|| format!("Cannot compose the letter {:?}", letter.purpose.name()))?;
        let recipients = letter.to.iter().chain(&letter.cc);
        Ok(LetterRow {
            ticket: letter.ticket,
            number: letter.number,
            purpose: letter.purpose,
            audience: letter.audience.clone(),
            privacy: match &letter.audience {
                Audience::Vendor(name) => policy.correspondent(name).map(|vendor| vendor.privacy),
                Audience::Requester | Audience::Desk => None,
            },
            language: letter.language,
            message_id: composed.message_id,
            subject: composed.subject,
            text: Some(composed.text),
            enclosures: composed.enclosures,
            listed: letter.listed.clone(),
            readers: letter.readers.clone(),
            bytes: composed.bytes.into(),
            automatic: composed.automatic,
            about: letter.about,
            form: letter.form.clone(),
            ticket_version: letter
                .ticket
                .and_then(|ticket| self.docket.dossier(ticket))
                .map_or(0, |d| d.ticket.version),
            deliveries: recipients.map(|to| (to.address.clone(), composed.return_path.clone())).collect(),
            state: match letter.leaves {
                Leaves::AtOnce => LetterState::Due(self.now),
                Leaves::WhenReleased => LetterState::Held,
            },
        })
    }

    /// Writes everything in one commit, or nothing.
    pub(super) async fn commit(self, all: &[Finished]) -> Result<()> {
        let Sitting { gateway, mut tx, docket, now, is_soon, .. } = self;
        let written: Vec<Written<'_>> = all
            .iter()
            .map(|one| Written { mail: one.mail.as_ref(), decision: &one.decision, letters: &one.letters })
            .collect();
        tx.write(&written, &docket, now).await?;
        for ledger in all.iter().flat_map(|one| &one.decision.settled) {
            tx.settle_quarantined(*ledger).await?;
        }
        for ledger in all.iter().flat_map(|one| &one.decision.told_of) {
            tx.told_of(*ledger, now).await?;
        }
        for ledger in all.iter().flat_map(|one| &one.decision.called_out) {
            tx.called_out(*ledger, now).await?;
        }
        for (ledger, vouched) in all.iter().flat_map(|one| &one.decision.released) {
            tx.release_quarantined(*ledger, *vouched).await?;
        }
        for ledger in all.iter().flat_map(|one| &one.decision.let_leave) {
            tx.decide_once_more(*ledger).await?;
        }
        tx.commit().await?;
        gateway.gists.learn(&docket);
        if is_soon {
            gateway.hints.soon.give();
        }
        gateway.tell(all);
        Ok(())
    }
}

impl Gateway {
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
        if all.iter().any(|one| !one.decision.released.is_empty() || !one.decision.let_leave.is_empty()) {
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
