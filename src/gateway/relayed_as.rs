//! Letters that a relay handed on under another Message-ID: learned as they leave, known again as they are answered.

use anyhow::Result;

use super::Gateway;
use crate::mail::token::Token;
use crate::mail::{InboundMail, MessageId};
use crate::smtp;
use crate::store::{Delivery, Tx};

/// Of one mail, the nearest.
const CITED_MAX: usize = 40;

impl Gateway {
    /// The relay took a letter, and may have said under which Message-ID it goes on. A crash before the letter is settled lets
    /// it leave once more, and both are known then.
    pub(super) async fn learn_message_id(&self, delivery: &Delivery, reply: &str) -> Result<()> {
        let letter = &delivery.letter;
        let (Some(host), Some(own)) = (self.transport.relay(), &letter.message_id) else { return Ok(()) };
        let envelope: Vec<_> = delivery.return_path.iter().chain([&delivery.recipient]).collect();
        match smtp::relayed_as(reply, host, &envelope, own) {
            Some(id) => self.store.learn_message_ids(&[(letter.id, id)]).await,
            None => Ok(()),
        }
    }

    /// The mails, where what they cite or report about is a letter of ours under another identifier. Where a commit has begun
    /// it is looked up within it: it may hold the only connection.
    pub(super) async fn knowing_relayed(
        &self,
        tx: Option<&mut Tx>,
        mails: Vec<InboundMail>,
    ) -> Result<Vec<InboundMail>> {
        let foreign: Vec<MessageId> = mails.iter().flat_map(foreign_ids).collect();
        if foreign.is_empty() {
            return Ok(mails);
        }
        let ours = match tx {
            Some(tx) => tx.relayed_as(&foreign).await?,
            None => self.store.relayed_as(&foreign).await?,
        };
        Ok(if ours.is_empty() { mails } else { mails.into_iter().map(|mail| mail.citing(&ours)).collect() })
    }
}

/// What a mail cites that is no token of ours.
fn foreign_ids(mail: &InboundMail) -> impl Iterator<Item = MessageId> + '_ {
    let returned = mail.bounce.iter().filter_map(|status| status.original_message_id.as_deref());
    let complained = mail.feedback.iter().filter_map(|report| report.original_message_id.as_deref());
    let reported = returned.chain(complained).filter_map(MessageId::new);
    let cited = mail.in_reply_to.iter().chain(mail.references.iter().rev()).cloned();
    reported.chain(cited).take(CITED_MAX).filter(|id| Token::find_all(id.as_str()).is_empty())
}
