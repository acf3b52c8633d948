//! What a relay finds too large goes with less enclosed: nobody is left without the news because of a file.

use anyhow::Result;

use super::Gateway;
use crate::desk::{self, LightenedLetter, Occasion};
use crate::letters::{self, Refused};
use crate::mail::MessageId;
use crate::mail::token::Token;
use crate::store::{Delivery, Renamed, Tx};

/// Letters on no ticket are numbered after their mail, a hundred each; the lighter ones from here on.
const LOOSE_FROM: i64 = 50;

impl Gateway {
    /// Makes a lighter letter and hands the delivery over to it. `false` where nothing can be left out any more.
    ///
    /// A letter never leaves in another shape under the same Message-ID, so the lighter one has its own. Whoever works on
    /// the ticket is told what did not leave.
    pub(super) async fn lighten(&self, delivery: &Delivery, bytes_max: Option<u64>) -> Result<bool> {
        let letter = delivery.letter.id;
        let mut tx = self.store.begin().await?;
        if let Some(lighter) = tx.lighter_of(letter).await? {
            tx.redirect(delivery.claim.delivery, letter, lighter).await?;
            tx.commit().await?;
            return Ok(true);
        }
        self.make_lighter(tx, delivery, bytes_max).await
    }

    async fn make_lighter(&self, mut tx: Tx, delivery: &Delivery, bytes_max: Option<u64>) -> Result<bool> {
        let now = self.time.now();
        let heavy = tx.heavy_letter(delivery.letter.id).await?;
        let mut lightened = LightenedLetter {
            ticket: heavy.ticket,
            audience: &heavy.audience,
            recipient: &delivery.recipient,
            left_out: &[],
        };
        let mut sitting = self.sit(tx, &[Occasion::Lightened(lightened)], now).await?;
        let dossier = heavy.ticket.and_then(|ticket| sitting.docket.dossiers.get_mut(&ticket));
        let number = match dossier {
            Some(dossier) => {
                dossier.letters += 1;
                dossier.letters
            }
            None => heavy.number + LOOSE_FROM,
        };
        let named = heavy.message_id.as_ref().and_then(|id| id.as_str().split_once('@'));
        let Some((old, domain)) = named.and_then(|(token, domain)| Some((Token::parse(token)?, domain))) else {
            return Ok(false);
        };
        let new = sitting.keyring.sign(heavy.ticket.map_or(0, |ticket| ticket.0), number, heavy.audience.token());
        let text = heavy.text.as_deref().unwrap_or_default();
        let refused = Refused { bytes: &heavy.bytes, enclosures: &heavy.enclosures, text, bytes_max };
        let note = |left_out: &[_]| desk::note_of_left_out(left_out, &heavy.audience, heavy.language);
        let Some(lighter) = letters::lighten(&refused, &old, &new, note) else { return Ok(false) };

        let message_id = MessageId::of_token(&new, domain);
        let id = sitting.tx.write_lighter(&heavy, &lighter, Renamed { number, message_id: &message_id }, now).await?;
        sitting.tx.redirect(delivery.claim.delivery, heavy.id, id).await?;
        lightened.left_out = &lighter.left_out;
        let told = sitting.decide(&Occasion::Lightened(lightened))?;
        sitting.commit(&[told]).await?;
        let left_out: Vec<&str> = lighter.left_out.iter().map(|enclosure| enclosure.name.as_str()).collect();
        let reference = heavy.ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
        tracing::warn!(
            message_id = message_id.as_str(),
            ticket.reference = reference,
            left_out = left_out.len(),
            "Too large for the relay: a lighter letter goes instead"
        );
        Ok(true)
    }
}
