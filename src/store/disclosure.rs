//! What left for people outside the desk.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use anyhow::Result;

use super::Store;
use super::statement::fetch_in;
use super::words::{address, from_json, from_word, instant, message_id};
use crate::desk::{DisclosedFile, Disclosure, LedgerId, TicketNumber};
use crate::letters::PlacedEnclosure;

const MERGED: &str = "select number from ticket where merged_into in ({keys})";
const LETTERS: &str = "select id, ticket, vendor, privacy, purpose, subject, message_id, enclosures from letter where \
    ticket in ({keys}) and audience <> 'desk' order by id";
/// What a relay refused, or what never left, was told to nobody.
const REACHED: &str = "select letter, recipient, state, coalesce(finished_at, first_tried_at, due_set_at) as at from \
    delivery where letter in ({keys}) and state in ('sent', 'in_doubt') order by id";

impl Store {
    /// What of a ticket, and of those that were merged into it, left for whom outside the desk, in the order in which it was
    /// written. Files are cut out of the mails that they came with.
    pub async fn disclosures(&self, number: TicketNumber) -> Result<Vec<Disclosure>> {
        let (letters, mut reached) = self.letters_outside(number).await?;
        let mut digests: HashMap<LedgerId, Vec<[u8; 32]>> = HashMap::new();
        let mut disclosures = Vec::new();
        for letter in letters {
            let Some(recipients) = reached.remove(&letter.id) else { continue };
            let placed: Vec<PlacedEnclosure> = from_json(&letter.enclosures)?;
            let mut files = Vec::with_capacity(placed.len());
            for PlacedEnclosure { enclosure, .. } in placed {
                let of_mail = match digests.entry(enclosure.ledger) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => {
                        let mail = self.raw(enclosure.ledger).await?.map(|raw| raw.parse());
                        let attachments = mail.into_iter().flat_map(|mail| mail.attachments);
                        new.insert(attachments.map(|attachment| attachment.sha256).collect())
                    }
                };
                let sha256 = of_mail.get(enclosure.index).copied();
                files.push(DisclosedFile { name: enclosure.name, size: enclosure.size, sha256 });
            }
            for recipient in recipients {
                disclosures.push(letter.disclosure(&recipient, files.clone())?);
            }
        }
        Ok(disclosures)
    }

    /// The letters for people outside, and whom each of them reached.
    async fn letters_outside(&self, number: TicketNumber) -> Result<(Vec<LetterRow>, HashMap<i64, Vec<ReachedRow>>)> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let (mut parts, mut looked_at) = (vec![number.0], 0);
        while looked_at < parts.len() {
            let merged = fetch_in!(connection, (i64,), MERGED, parts[looked_at..]);
            looked_at = parts.len();
            let merged: Vec<i64> =
                merged.into_iter().map(|(number,)| number).filter(|number| !parts.contains(number)).collect();
            parts.extend(merged);
        }
        let mut letters = fetch_in!(connection, LetterRow, LETTERS, parts);
        letters.sort_unstable_by_key(|letter| letter.id);
        let ids: Vec<i64> = letters.iter().map(|letter| letter.id).collect();
        let mut reached: HashMap<i64, Vec<ReachedRow>> = HashMap::new();
        for row in fetch_in!(connection, ReachedRow, REACHED, ids) {
            reached.entry(row.letter).or_default().push(row);
        }
        Ok((letters, reached))
    }
}

#[derive(sqlx::FromRow)]
struct ReachedRow {
    letter: i64,
    recipient: String,
    state: String,
    at: i64,
}

#[derive(sqlx::FromRow)]
struct LetterRow {
    id: i64,
    ticket: i64,
    vendor: Option<String>,
    privacy: Option<String>,
    purpose: String,
    subject: String,
    message_id: String,
    enclosures: String,
}

impl LetterRow {
    fn disclosure(&self, reached: &ReachedRow, files: Vec<DisclosedFile>) -> Result<Disclosure> {
        Ok(Disclosure {
            at: instant(reached.at)?,
            ticket: TicketNumber(self.ticket),
            recipient: address(&reached.recipient)?,
            vendor: self.vendor.clone(),
            privacy: self.privacy.as_deref().map(from_word).transpose()?,
            purpose: from_word(&self.purpose)?,
            subject: self.subject.clone(),
            message_id: message_id(Some(&self.message_id)),
            in_doubt: reached.state == "in_doubt",
            files,
        })
    }
}
