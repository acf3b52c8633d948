//! What proves the author of each mail that waits: found between instants 1 and 2, before anything is decided, and written
//! with the outcome.
//!
//! It may wait for others, and so it is no part of the decision. Where gateways share a database a commit has begun by now:
//! what would wait then has to stand in the row already.

use anyhow::Result;

use super::intake::caught;
use super::{AuthenticationBy, Gateway};
use crate::desk::{Judged, Proof};
use crate::mail::InboundMail;
use crate::mail::authenticity::{self, Verdict};
use crate::store::Pending;

impl Gateway {
    /// A proof for each mail, in their order; one that stands in its row is not looked for again.
    pub(super) async fn prove(&self, pending: &[Pending], mails: &[InboundMail]) -> Result<Vec<Proof>> {
        let proof = |(one, mail): (&Pending, &InboundMail)| match &one.proof {
            Some(proof) => Ok(proof.clone()),
            None => caught(one.ledger, || self.proof(one, mail)),
        };
        pending.iter().zip(mails).map(proof).collect()
    }

    fn proof(&self, pending: &Pending, mail: &InboundMail) -> Proof {
        if let Some(vouched) = pending.released {
            return vouched.into();
        }
        let mailbox = self.mailboxes.iter().find(|mailbox| mailbox.imap.name == pending.mail.mailbox);
        mailbox.map_or(Proof::Nothing, |mailbox| mailbox.authentication.proof(mail))
    }
}

impl AuthenticationBy {
    /// What the mail itself tells of its author; `None` where only a token does.
    pub fn verdict<'m>(&self, mail: &'m InboundMail) -> Option<Verdict<'m>> {
        match self {
            AuthenticationBy::Header(border) => Some(authenticity::by_header(mail, border)),
            AuthenticationBy::Exchange(tenant) => Some(authenticity::by_exchange(mail, tenant)),
            AuthenticationBy::Submission(hosts) => Some(authenticity::by_login(mail, hosts)),
            AuthenticationBy::Token => None,
        }
    }

    /// The domains that the border vouches for as those that handed the mail in.
    pub fn vouched(&self, mail: &InboundMail) -> Vec<String> {
        self.verdict(mail).map(|verdict| authenticity::vouched(mail, &verdict)).unwrap_or_default()
    }

    /// The same as it is kept.
    pub fn proof(&self, mail: &InboundMail) -> Proof {
        let Some(judged) = self.verdict(mail).map(Judged::from) else { return Proof::Token };
        match self {
            AuthenticationBy::Header(_) => Proof::Header(judged),
            AuthenticationBy::Exchange(_) => Proof::Exchange(judged),
            AuthenticationBy::Submission(_) => Proof::Submission(judged),
            AuthenticationBy::Token => Proof::Token,
        }
    }
}
