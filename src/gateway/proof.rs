//! What proves the author of each mail that waits: found between instants 1 and 2, before anything is decided, and written
//! with the outcome.
//!
//! It may wait for others, and so it is no part of the decision. Where gateways share a database a commit has begun by now:
//! what would wait then has to stand in the row already.

use anyhow::Result;

use super::intake::caught;
use super::{AuthenticationBy, Gateway};
use crate::desk::Proof;
use crate::mail::{InboundMail, authenticity};
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
        match mailbox.map(|mailbox| &mailbox.authentication) {
            Some(AuthenticationBy::Header(border)) => {
                let verdict = authenticity::judge(mail, border);
                Proof::Header { authentication: verdict.authentication, reason: verdict.reason }
            }
            Some(AuthenticationBy::Token) => Proof::Token,
            None => Proof::Nothing,
        }
    }
}
