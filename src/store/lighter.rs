//! A letter that a relay found too large, and the lighter one that goes instead.

use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::Timestamp;

use super::counter::{self, Counter};
use super::statement::{execute, fetch};
use super::words::{audience, clean, from_json, json, language, message_id, millis};
use super::{DeliveryId, LetterId, Tx};
use crate::desk::{Audience, TicketNumber};
use crate::letters::{Lighter, PlacedEnclosure};
use crate::mail::{Language, MessageId};

/// What a lighter letter is made of.
#[derive(Clone, Debug)]
pub struct HeavyLetter {
    /// Its row among the letters.
    pub id: LetterId,
    /// The ticket it is about.
    pub ticket: Option<TicketNumber>,
    /// Its number within the ticket.
    pub number: i64,
    /// Who may read it.
    pub audience: Audience,
    /// Of its template and of its dates.
    pub language: Language,
    /// What answers to it cite; `None` where the stored text is no Message-ID.
    pub message_id: Option<MessageId>,
    /// Its text part; `None` where it was erased.
    pub text: Option<String>,
    /// The RFC 5322 bytes without the enclosures.
    pub bytes: Arc<[u8]>,
    /// What is enclosed, and where.
    pub enclosures: Vec<PlacedEnclosure>,
}

/// What the lighter letter is called, instead of the heavy one's number and Message-ID.
#[derive(Clone, Copy, Debug)]
pub struct Renamed<'a> {
    /// Its number within the ticket.
    pub number: i64,
    /// With the token of its own number.
    pub message_id: &'a MessageId,
}

const LIGHTER: &str = "select id from letter where lighter_of = $1 order by id desc";
const HEAVY: &str = "select ticket, number, audience, vendor, language, message_id, text, bytes, enclosures from letter \
    where id = $1";
const WRITE: &str = "insert into letter (id, ticket, number, purpose, audience, vendor, language, message_id, subject, \
    text, enclosures, listed, readers, automatic, correspondent_key, ticket_version, created_at, about, bytes, lighter_of, \
    privacy) select $1, ticket, $2, purpose, audience, vendor, language, $3, subject, $4, $5, listed, readers, automatic, \
    correspondent_key, ticket_version, $6, about, $7, id, privacy from letter where id = \
    $8";
const NUMBERED: &str = "update ticket set letters = $1 where number = $2 and letters < $1";
const THREAD: &str =
    "insert into thread (message_id, ticket) values ($1, $2) on conflict (message_id, ticket) do nothing";
/// One delivery, and those of the same letter that nobody has in hand.
const REDIRECT: &str = "update delivery set letter = $1, return_path = replace(return_path, $2, $3) where letter = $4 \
    and (id = $5 or (state = 'due' and lease_until is null))";
const TOKENS: &str = "select message_id from letter where id = $1";

type HeavyRow = (Option<i64>, i64, String, Option<String>, String, String, Option<String>, Vec<u8>, String);

impl Tx {
    /// The letter that goes instead of one, if it was made already.
    pub async fn lighter_of(&mut self, letter: LetterId) -> Result<Option<LetterId>> {
        let rows = fetch!(&mut self.connection(), (i64,), LIGHTER, letter.0);
        Ok(rows.first().map(|(id,)| LetterId(*id)))
    }

    /// A letter with what a lighter one is made of.
    pub async fn heavy_letter(&mut self, letter: LetterId) -> Result<HeavyLetter> {
        let rows = fetch!(&mut self.connection(), HeavyRow, HEAVY, letter.0);
        let (ticket, number, for_whom, vendor, spoken, id, text, bytes, enclosures) =
            rows.into_iter().next().context("The letter is gone")?;
        Ok(HeavyLetter {
            id: letter,
            ticket: ticket.map(TicketNumber),
            number,
            audience: audience(&for_whom, vendor)?,
            language: language(&spoken)?,
            message_id: message_id(Some(&id)),
            text,
            bytes: bytes.into(),
            enclosures: from_json(&enclosures)?,
        })
    }

    /// Writes the lighter letter down; it says everything else that the heavy one said.
    pub async fn write_lighter(
        &mut self,
        heavy: &HeavyLetter,
        lighter: &Lighter,
        named: Renamed<'_>,
        now: Timestamp,
    ) -> Result<LetterId> {
        let connection = &mut self.connection();
        let id = counter::take(connection, Counter::Letter, 1).await?.start;
        execute!(
            connection,
            WRITE,
            id,
            named.number,
            named.message_id.as_str(),
            clean(&lighter.text),
            json(&lighter.enclosures)?,
            millis(now),
            lighter.bytes.as_slice(),
            heavy.id.0
        );
        if let Some(ticket) = heavy.ticket {
            execute!(connection, NUMBERED, named.number, ticket.0);
            execute!(connection, THREAD, named.message_id.as_str(), ticket.0);
        }
        Ok(LetterId(id))
    }

    /// Hands a delivery, and others of the same letter that wait, over to the lighter letter.
    pub async fn redirect(&mut self, delivery: DeliveryId, from: LetterId, to: LetterId) -> Result<()> {
        let connection = &mut self.connection();
        let old = fetch!(connection, (String,), TOKENS, from.0);
        let new = fetch!(connection, (String,), TOKENS, to.0);
        let token = |rows: &[(String,)]| rows.first().map(|(id,)| id.split('@').next().unwrap_or_default().to_owned());
        let (old, new) = token(&old).zip(token(&new)).context("A letter is gone")?;
        execute!(connection, REDIRECT, to.0, old, new, from.0, delivery.0);
        Ok(())
    }
}
