//! What proves the author of each mail that waits: found between instants 1 and 2, before anything is decided, and written
//! with the outcome.
//!
//! Most of it the mail itself tells. What name servers must be asked is asked before a commit begins, of all mails at once,
//! and a mail that is in none of these answers waits for the next commit.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use anyhow::Result;
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::caught::{caught, fault_of};
use super::{AuthenticationBy, Gateway, Watched};
use crate::desk::{self, Arrival, Judged, LedgerId, Looked, Proof, Vouched};
use crate::dns::Subject;
use crate::mail::authenticity::{self, Found, Missing, Reason, Verdict};
use crate::mail::{self, InboundMail};
use crate::store::Pending;

/// What was found of mails by asking name servers.
pub(super) type Answers = BTreeMap<LedgerId, Proof>;

impl Gateway {
    /// Those of the mails whose proof needs answers that are not there yet are taken out, and given back.
    pub(super) fn unanswered(&self, pending: &mut Vec<Pending>, answers: &Answers) -> Vec<Pending> {
        let needs = |one: &mut Pending| {
            let is_by_dns = self.authentication_of(&one.mail.mailbox).is_some_and(AuthenticationBy::asks_name_servers);
            is_by_dns && one.released.is_none() && one.proof.is_none() && !answers.contains_key(&one.ledger)
        };
        pending.extract_if(.., needs).collect()
    }

    /// Asks name servers about the authors of these mails, all at once: together they take no longer than one.
    pub(super) async fn ask(
        &self,
        pending: &[Pending],
        arrival: impl Fn(&Pending) -> Arrival,
        answers: &mut Answers,
    ) -> Result<()> {
        let keyring = self.keyring();
        let library = self.shelf.library();
        let rules = self.rules(&library, &keyring);
        let found = pending.iter().map(async |one| {
            let Some(authentication) = self.authentication_of(&one.mail.mailbox) else {
                return Ok((one.ledger, Proof::Nothing));
            };
            let mail = caught(one.ledger, || mail::parse(&one.mail.raw))?;
            let is_asked = desk::depends_on_author(rules, &mail, arrival(one));
            let found = AssertUnwindSafe(self.look_up(authentication, one, &mail, is_asked)).catch_unwind().await;
            let found = found.map_err(|_| fault_of(one.ledger))?;
            caught(one.ledger, || authentication.proof(&mail, found)).map(|proof| (one.ledger, proof))
        });
        for found in join_all(found).await {
            let (ledger, proof) = found?;
            if let Proof::Dns(Looked { judged: Judged { reason, .. }, .. }) = &proof
                && let Reason::Missing { missing: Missing::Answer, .. } = reason
            {
                tracing::warn!(
                    ledger.id = ledger.0,
                    "Name servers gave no good answer in time: the author counts as unverified. 'guichet ledger show {ledger}' says what was asked, 'guichet ledger retry {ledger}' asks again"
                );
            }
            answers.insert(ledger, proof);
        }
        Ok(())
    }

    async fn look_up(
        &self,
        authentication: &AuthenticationBy,
        pending: &Pending,
        mail: &InboundMail,
        is_asked: bool,
    ) -> Option<Found> {
        let AuthenticationBy::Dns(witnesses, settings) = authentication else { return None };
        let raw = pending.mail.raw_sha256.is_some().then_some(&pending.mail.raw[..]);
        let subject = Subject { mail, raw, received_at: pending.mail.internal_date };
        if is_asked { Some(self.resolvers.look_up(settings, witnesses, subject).await) } else { None }
    }

    /// A proof for each mail, in their order; one that stands in its row, or was asked for, is not looked for again.
    pub(super) fn prove(&self, pending: &[Pending], mails: &[InboundMail], answers: &Answers) -> Result<Vec<Proof>> {
        let proof = |(one, mail): (&Pending, &InboundMail)| match one.proof.as_ref().or(answers.get(&one.ledger)) {
            Some(proof) => Ok(proof.clone()),
            None => caught(one.ledger, || self.proof(one, mail)),
        };
        pending.iter().zip(mails).map(proof).collect()
    }

    fn proof(&self, pending: &Pending, mail: &InboundMail) -> Proof {
        let mailbox = self.mailbox_of(pending);
        // Whoever says that a mail is no junk has not said who wrote it.
        let is_vouched_for = |vouched: &Vouched| *vouched == Vouched::Author || mailbox.is_none_or(|one| !one.is_junk);
        if let Some(vouched) = pending.released.filter(is_vouched_for) {
            return vouched.into();
        }
        self.authentication_of(&pending.mail.mailbox).map_or(Proof::Nothing, |by| by.proof(mail, None))
    }

    /// The folder that it came from; `None` for a mail that was handed over to a mailbox without one.
    pub(super) fn mailbox_of(&self, pending: &Pending) -> Option<&Watched> {
        self.mailboxes.iter().find(|mailbox| mailbox.imap.name == pending.mail.mailbox)
    }
}

impl AuthenticationBy {
    /// Whether a mail alone does not tell enough.
    pub fn asks_name_servers(&self) -> bool {
        match self {
            AuthenticationBy::Dns(..) => true,
            AuthenticationBy::Header(_)
            | AuthenticationBy::Exchange(_)
            | AuthenticationBy::Submission(_)
            | AuthenticationBy::Token => false,
        }
    }

    /// What the mail itself tells of its author, and what was `found` where name servers were asked; `None` where only a
    /// token does.
    pub fn verdict<'m>(&self, mail: &'m InboundMail, found: Option<&Found>) -> Option<Verdict<'m>> {
        match self {
            AuthenticationBy::Header(border) => Some(authenticity::by_header(mail, border)),
            AuthenticationBy::Exchange(tenant) => Some(authenticity::by_exchange(mail, tenant)),
            AuthenticationBy::Submission(hosts) => Some(authenticity::by_login(mail, hosts)),
            AuthenticationBy::Dns(witnesses, _) => Some(authenticity::by_lookup(mail, found, witnesses)),
            AuthenticationBy::Token => None,
        }
    }

    /// The domains that the border vouches for as those that handed the mail in.
    pub fn vouched(&self, mail: &InboundMail, found: Option<&Found>) -> Vec<String> {
        let verdict = self.verdict(mail, found);
        verdict.map(|verdict| authenticity::vouched(mail, &verdict, found)).unwrap_or_default()
    }

    /// The same as it is kept.
    pub fn proof(&self, mail: &InboundMail, found: Option<Found>) -> Proof {
        let Some(judged) = self.verdict(mail, found.as_ref()).map(Judged::from) else { return Proof::Token };
        match self {
            AuthenticationBy::Header(_) => Proof::Header(judged),
            AuthenticationBy::Exchange(_) => Proof::Exchange(judged),
            AuthenticationBy::Submission(_) => Proof::Submission(judged),
            AuthenticationBy::Dns(..) => Proof::Dns(Looked { judged, found }),
            AuthenticationBy::Token => Proof::Token,
        }
    }
}
