//! What an answer quotes: the letters of ours that it cites, read before anything is decided.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;

use super::Gateway;
use crate::desk::TicketNumber;
use crate::mail::{self, Carrier, InboundMail, Letters};

/// A mail answers one letter; in a chain it may quote a few more.
const LETTERS_PER_MAIL: usize = 4;

/// A letter: its ticket, and its number within it.
type LetterKey = (TicketNumber, i64);

impl Gateway {
    /// The mails, read with the letters that they cite: what is quoted is known by what we wrote.
    pub(super) async fn knowing_letters(&self, mails: Vec<InboundMail>) -> Result<Vec<InboundMail>> {
        let cited: Vec<Vec<LetterKey>> = mails.iter().map(|mail| self.cited(mail)).collect();
        let wanted: Vec<LetterKey> = cited.iter().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
        if wanted.is_empty() {
            return Ok(mails);
        }
        let letters = self.store.letters(&wanted).await?;
        let read = mails.into_iter().zip(cited).map(|(mail, cited)| quoting(mail, &cited, &letters));
        Ok(read.collect())
    }

    /// Letters of ours that a mail cites, the one that it answers first. Letter 0 is a ticket, and no letter.
    fn cited(&self, mail: &InboundMail) -> Vec<LetterKey> {
        let mut cited = Vec::new();
        for carried in mail.tokens.iter().filter(|carried| carried.carrier != Carrier::MessageId) {
            let key = (TicketNumber(carried.token.ticket), carried.token.letter);
            if carried.token.letter > 0 && !cited.contains(&key) && self.keyring.verify(&carried.token) {
                cited.push(key);
            }
            if cited.len() == LETTERS_PER_MAIL {
                break;
            }
        }
        cited
    }
}

fn quoting(mail: InboundMail, cited: &[LetterKey], letters: &HashMap<LetterKey, Vec<u8>>) -> InboundMail {
    let letters: Vec<InboundMail> =
        cited.iter().filter_map(|key| letters.get(key)).map(|bytes| mail::parse(bytes)).collect();
    if letters.is_empty() { mail } else { mail.quoting(&Letters::of(&letters)) }
}
