//! What an answer quotes: the letters of ours that it cites, read before anything is decided.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Gateway;
use crate::desk::TicketNumber;
use crate::mail::{self, Carrier, InboundMail, Letters};
use crate::store::{CitedLetters, Tx};

/// A mail answers one letter; in a chain it may quote a few more.
const LETTERS_PER_MAIL: usize = 4;

/// A letter: its ticket, and its number within it.
type LetterKey = (TicketNumber, i64);

impl Gateway {
    /// The mails, read with the letters that they cite: what is quoted is known by what we wrote. Where a commit has begun
    /// the letters are looked up within it: it may hold the only connection.
    pub(super) async fn knowing_letters(
        &self,
        tx: Option<&mut Tx>,
        mails: Vec<InboundMail>,
    ) -> Result<Vec<InboundMail>> {
        let cited: Vec<Vec<LetterKey>> = mails.iter().map(|mail| self.cited(mail)).collect();
        let wanted: BTreeSet<LetterKey> = cited.iter().flatten().copied().collect();
        if wanted.is_empty() {
            return Ok(mails);
        }
        let wanted: Vec<LetterKey> = wanted.into_iter().collect();
        let letters = match tx {
            Some(tx) => tx.letters(&wanted).await?,
            None => self.store.letters(&wanted).await?,
        };
        Ok(mails.into_iter().zip(cited).map(|(mail, cited)| quoting(mail, &cited, &letters)).collect())
    }

    /// Letters of ours that a mail cites, the one that it answers first. Letter 0 is a ticket, and no letter.
    fn cited(&self, mail: &InboundMail) -> Vec<LetterKey> {
        let (mut cited, keyring) = (Vec::new(), self.keyring());
        for carried in mail.tokens.iter().filter(|carried| carried.carrier != Carrier::MessageId) {
            let key = (TicketNumber(carried.token.ticket), carried.token.letter);
            if carried.token.letter > 0 && !cited.contains(&key) && keyring.verify(&carried.token) {
                cited.push(key);
            }
            if cited.len() == LETTERS_PER_MAIL {
                break;
            }
        }
        cited
    }
}

fn quoting(mail: InboundMail, cited: &[LetterKey], letters: &CitedLetters) -> InboundMail {
    let letters: Vec<InboundMail> =
        cited.iter().filter_map(|key| letters.get(key)).map(|bytes| mail::parse(bytes)).collect();
    if letters.is_empty() { mail } else { mail.quoting(&Letters::of(&letters)) }
}
