//! Commands of the command line, and what the outbox has to tell: decided like a mail, in a commit of its own.

use anyhow::{Result, bail};
use jiff::SignedDuration;

use super::intake::FIRST_DAY;
use super::{Gateway, Watched};
use crate::desk::{Audience, Call, Instructions, Occasion, Order, Purpose, RefusedLetter, TicketNumber, Unreadable};
use crate::imap::Failure;
use crate::locale;
use crate::mail::{Address, Language};
use crate::net::Obstacle;
use crate::said;
use crate::store::{Delivery, LetterRow, LetterState, Received};

/// A mail that the server does not give out is asked for again after that.
const ASK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(20);

/// How an agent's command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    /// It was carried out; these letters were written.
    Done(Vec<Wrote>),
    /// Nothing was done: why, a sentence each.
    Refused(Vec<String>),
}

/// A letter that an order had written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// What it says, and the name of its template.
    pub purpose: Purpose,
    /// Who may read it.
    pub audience: Audience,
    /// Whom it goes to.
    pub to: Vec<Address>,
    /// It waits for a human.
    pub is_held: bool,
}

impl Wrote {
    pub(super) fn of(letter: &LetterRow) -> Wrote {
        Wrote {
            purpose: letter.purpose,
            audience: letter.audience.clone(),
            to: letter.deliveries.iter().map(|(to, _)| to.clone()).collect(),
            is_held: letter.state == LetterState::Held,
        }
    }
}

impl Gateway {
    /// Carries out an agent's command on a ticket; without agent, the operator's.
    pub async fn order(
        &self,
        ticket: TicketNumber,
        agent: Option<&Address>,
        instructions: &Instructions,
    ) -> Result<Ordered> {
        if let Some(agent) = agent.filter(|agent| !self.policy.is_staff(agent)) {
            return Ok(Ordered::Refused(vec![said!(
                "{agent} is no agent of this configuration",
                "{agent} n’est pas un agent de cette configuration"
            )]));
        }
        let language = if locale::is_french() { Language::FRENCH } else { Language::ENGLISH };
        let finished = self.decide(Occasion::Order(Order { ticket, agent, instructions, language })).await?;
        if !finished.decision.refusals.is_empty() {
            return Ok(Ordered::Refused(finished.decision.refusals));
        }
        Ok(Ordered::Done(finished.letters.iter().map(Wrote::of).collect()))
    }

    /// Opens a ticket for a call taken by telephone, and acknowledges it. Returns its number and the letters that were written.
    pub async fn open_ticket(&self, call: Call<'_>) -> Result<(TicketNumber, Vec<Wrote>)> {
        let finished = self.decide(Occasion::Call(call)).await?;
        let Some(opened) = finished.decision.opened.first() else {
            bail!("No ticket could be opened for {}", call.requester);
        };
        Ok((opened.number, finished.letters.iter().map(Wrote::of).collect()))
    }

    /// Tells whoever works on the ticket that a letter could not be delivered.
    pub(super) async fn tell_of_failure(&self, delivery: &Delivery, reply: &str) -> Result<()> {
        let Some(ticket) = delivery.letter.ticket else {
            let id = delivery.claim.delivery.0;
            tracing::error!(
                outbox.id = id,
                reply,
                "A letter that belongs to no ticket could not be delivered: try again with 'guichet outbox retry {id}', or leave it"
            );
            return Ok(());
        };
        let (letter, recipient) = (delivery.letter.number, &delivery.recipient);
        let refused = Occasion::Refused(RefusedLetter { ticket, letter, recipient, reply });
        for alert in self.decide(refused).await?.decision.alerts {
            tracing::error!(ticket.reference = %ticket, "{alert}");
        }
        Ok(())
    }

    /// Records a mail that the mailbox's server does not give out, and tells L1. Mail from before the first start is
    /// told to nobody.
    pub(super) async fn set_aside(&self, watched: &Watched, mail: &Received, failure: &Failure) -> Result<()> {
        let Some((_, uid)) = mail.uid else { return Ok(()) };
        let now = self.time.now();
        let first_start = self.store.first_start(now).await?;
        let mut tx = self.store.begin().await?;
        let Some(ledger) = tx.record_unreadable(mail, now + ASK_AGAIN_AFTER).await? else { return Ok(()) };
        if let Some(lease) = self.leases.lease(&watched.imap.name) {
            tx.fence(&lease).await?;
        }
        let mailbox = &watched.imap.name;
        let barred = failure.obstacle().map(Obstacle::cause);
        let why = match failure {
            Failure::Refused { said, .. } => said,
            Failure::Lost(why) => why,
            Failure::Barred(_) => barred.as_deref().unwrap_or_default(),
        };
        let occasion = Occasion::Unreadable(Unreadable { ledger, mailbox, uid, why });
        let mut sitting = self.sit(tx, &[occasion], now).await?;
        let mut told = Vec::new();
        if first_start.duration_since(mail.internal_date) <= FIRST_DAY {
            told.push(sitting.decide(&occasion)?);
        }
        sitting.commit(&told).await?;
        tracing::error!(
            ledger.id = ledger.0,
            mailbox,
            uid,
            error = why,
            "Mail set aside: the server does not give it out. Mend the mailbox; it is asked for again from time to time, and at 'guichet ledger retry {ledger}'"
        );
        Ok(())
    }
}
