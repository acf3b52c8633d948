//! Letters of which the provider was seen to keep a copy: its relay took them.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;

use super::statement::{fetch, fetch_rows};
use super::words::{clean, message_id, millis};
use super::{DeliveryId, LetterId, Store};
use crate::desk::TicketNumber;
use crate::mail::MessageId;

const IN_DOUBT: &str = "select letter from delivery where state in ('due', 'in_doubt') and state = 'in_doubt'";
const NAMED: &str = "with named (ticket, number) as (values {rows}) select letter.ticket, letter.number, letter.id, \
    letter.message_id from named join letter on letter.ticket = named.ticket and letter.number = named.number";
/// Copies of several recipients cannot be told apart.
const SETTLE_SEEN: &str = "with seen (letter, reply, at) as (values {rows}) update delivery set state = 'sent', lease_until = \
    null, last_reply = seen.reply, finished_at = seen.at from seen where delivery.letter = seen.letter and delivery.state = \
    'in_doubt' and not exists (select 1 from delivery other where other.letter = delivery.letter and other.id <> \
    delivery.id) returning delivery.id";

/// Letters by ticket and number within it, each with its own Message-ID.
pub type NamedLetters = HashMap<(TicketNumber, i64), (LetterId, Option<MessageId>)>;

impl Store {
    /// Letters with a delivery whose answer was lost.
    pub async fn letters_in_doubt(&self) -> Result<Vec<LetterId>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (i64,), IN_DOUBT);
        Ok(rows.into_iter().map(|(letter,)| LetterId(letter)).collect())
    }

    /// The letters of these tickets and numbers.
    pub async fn letters_named(&self, keys: &[(TicketNumber, i64)]) -> Result<NamedLetters> {
        let mut held = self.read().await?;
        let rows =
            fetch_rows!(&mut held.connection(), (i64, i64, i64, String), NAMED, keys, |mut row, (ticket, number)| {
                row.push_bind(ticket.0).push_bind(*number);
            });
        let letter = |(ticket, number, id, own): (i64, i64, i64, String)| {
            ((TicketNumber(ticket), number), (LetterId(id), message_id(Some(&own))))
        };
        Ok(rows.into_iter().map(letter).collect())
    }

    /// The relay took these letters, as a copy of each shows: what is in doubt of those with one recipient is sent. Which deliveries
    /// these are.
    pub async fn settle_seen(&self, letters: &[LetterId], reply: &str, now: Timestamp) -> Result<Vec<DeliveryId>> {
        let mut held = self.mark().await?;
        let rows = fetch_rows!(&mut held.connection(), (i64,), SETTLE_SEEN, letters, |mut row, letter| {
            row.push_bind(letter.0).push_bind(clean(reply)).push_bind(millis(now));
        });
        Ok(rows.into_iter().map(|(id,)| DeliveryId(id)).collect())
    }
}
