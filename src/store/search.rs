//! Tickets by words: of their subjects, and of their requesters' names and addresses.
//!
//! A word is found by its beginning, in any case, with and without accents. Whoever finds a ticket by its words looks at it
//! once more: a name that was another one before is still among them.

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::Timestamp;

use super::database::Connection;
use super::statement::{fetch, write_rows};
use super::words::millis;
use super::{Store, setting};
use crate::desk::TicketNumber;
use crate::mail::Address;
use crate::mail::fold::folded_alike;

const SUBJECT_WORDS: &str =
    "insert into subject_word (word, ticket) values {rows} on conflict (word, ticket) do nothing";
const NAME_WORDS: &str = "insert into name_word (word, contact) values {rows} on conflict (word, contact) do nothing";
/// Tickets with a word from here on and before there.
const WITH_WORD: &str = "select ticket from subject_word where word >= $1 and word < $2 union all select t.number from \
    name_word n join ticket t on t.requester = n.contact where n.word >= $1 and n.word < $2 limit $3";
const ASKED_BY: &str = "select t.number from address a join ticket t on t.requester = a.id where a.address_key = $1 \
    limit $2";
const SINCE: &str = "select number from ticket where updated_at >= $1 limit $2";
const OLD_SUBJECTS: &str = "select number, subject from ticket where number < $1 order by number desc limit $2";
const OLD_NAMES: &str = "select id, address, name from address where id < $1 order by id desc limit $2";

/// Where words of old rows are still missing: of those with a smaller number.
const SUBJECTS_MISSING: &str = "subject_words_missing_below";
const NAMES_MISSING: &str = "name_words_missing_below";
/// So many old rows get their words in one commit.
const OLD_AT_A_TIME: usize = 2_000;

/// A word that more tickets have narrows nothing down.
const HITS_MAX: usize = 20_000;
/// So many words of one text are kept, and so many characters of each.
const WORDS_MAX: usize = 64;
const CHARACTERS_MAX: usize = 40;

/// The words of a text, as they are compared.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let folded = folded_alike(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(WORDS_MAX).map(|word| word.chars().take(CHARACTERS_MAX).collect()).collect()
}

/// What somebody looks for.
pub(super) fn wanted(search: &[String]) -> BTreeSet<String> {
    search.iter().flat_map(|text| words(text)).collect()
}

/// Whether each wanted word begins one of these texts' words.
pub(super) fn have(wanted: &BTreeSet<String>, texts: &[Option<&str>]) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let words: BTreeSet<String> = texts.iter().flatten().flat_map(|text| words(text)).collect();
    wanted.iter().all(|wanted| words.range(wanted.clone()..).next().is_some_and(|word| word.starts_with(wanted)))
}

/// The words of texts, each with the row that it is of; in the order of the table, and of its locks.
pub(super) fn rows<'s>(texts: impl Iterator<Item = (i64, &'s str)>) -> Vec<(String, i64)> {
    let rows: BTreeSet<(String, i64)> =
        texts.flat_map(|(of, text)| words(text).into_iter().map(move |word| (word, of))).collect();
    rows.into_iter().collect()
}

/// Keeps the words of tickets' subjects.
pub(super) async fn keep_subjects(connection: &mut Connection<'_>, rows: &[(String, i64)]) -> Result<()> {
    write_rows!(connection, SUBJECT_WORDS, rows, |mut row, (word, ticket)| {
        row.push_bind(word.as_str()).push_bind(*ticket);
    });
    Ok(())
}

/// Keeps the words of contacts' names and addresses.
pub(super) async fn keep_names(connection: &mut Connection<'_>, rows: &[(String, i64)]) -> Result<()> {
    write_rows!(connection, NAME_WORDS, rows, |mut row, (word, contact)| {
        row.push_bind(word.as_str()).push_bind(*contact);
    });
    Ok(())
}

/// The tickets among which those of this requester, touched since then and with all these words are, newest
/// first; `None` where that narrows nothing down.
pub(super) async fn narrowed(
    connection: &mut Connection<'_>,
    requester: Option<&Address>,
    since: Option<Timestamp>,
    wanted: &BTreeSet<String>,
) -> Result<Option<Vec<TicketNumber>>> {
    let mut among = None;
    let limit = i64::try_from(HITS_MAX + 1)?;
    if let Some(requester) = requester {
        narrow(&mut among, fetch!(connection, (i64,), ASKED_BY, requester.key(), limit));
    }
    if let Some(since) = since {
        narrow(&mut among, fetch!(connection, (i64,), SINCE, millis(since), limit));
    }
    if !lacks_words(connection).await? {
        for word in wanted {
            let behind = format!("{word}{}", char::MAX);
            narrow(&mut among, fetch!(connection, (i64,), WITH_WORD, word, behind, limit));
        }
    }
    Ok(among.map(|among| among.into_iter().rev().map(TicketNumber).collect()))
}

/// Leaves what is among these, too, unless they are too many.
fn narrow(among: &mut Option<BTreeSet<i64>>, hits: Vec<(i64,)>) {
    if hits.len() > HITS_MAX {
        return;
    }
    let hits: BTreeSet<i64> = hits.into_iter().map(|(number,)| number).collect();
    *among = Some(match among.take() {
        Some(among) => among.intersection(&hits).copied().collect(),
        None => hits,
    });
}

/// Whether words of old rows are missing.
async fn lacks_words(connection: &mut Connection<'_>) -> Result<bool> {
    for missing in [SUBJECTS_MISSING, NAMES_MISSING] {
        if setting::read(connection, missing).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Store {
    /// Makes the words of rows that are older than the tables of words, some in a commit: whoever is interrupted goes on there.
    pub(super) async fn make_missing_words(&self) -> Result<()> {
        while self.make_some_words().await? {}
        Ok(())
    }

    /// Whether words of old rows are missing.
    pub(super) async fn lacks_words(&self) -> Result<bool> {
        lacks_words(&mut self.read().await?.connection()).await
    }

    /// Whether there may be more.
    async fn make_some_words(&self) -> Result<bool> {
        let mut tx = self.begin().await?;
        let connection = &mut tx.connection();
        let limit = i64::try_from(OLD_AT_A_TIME)?;
        let missing = if let Some(below) = setting::read(connection, SUBJECTS_MISSING).await? {
            let old = fetch!(connection, (i64, String), OLD_SUBJECTS, below.parse::<i64>()?, limit);
            let words = rows(old.iter().map(|(number, subject)| (*number, subject.as_str())));
            keep_subjects(connection, &words).await?;
            Some((SUBJECTS_MISSING, old.last().map(|(number, _)| *number)))
        } else if let Some(below) = setting::read(connection, NAMES_MISSING).await? {
            let old = fetch!(connection, (i64, String, Option<String>), OLD_NAMES, below.parse::<i64>()?, limit);
            let texts = old.iter().flat_map(|(id, address, name)| {
                [Some(address), name.as_ref()].into_iter().flatten().map(|text| (*id, text.as_str()))
            });
            keep_names(connection, &rows(texts)).await?;
            Some((NAMES_MISSING, old.last().map(|(id, ..)| *id)))
        } else {
            None
        };
        match missing {
            Some((name, Some(last))) => setting::keep(connection, name, &last.to_string()).await?,
            Some((name, None)) => setting::forget(connection, name).await?,
            None => {}
        }
        tx.commit().await?;
        Ok(missing.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_by_its_beginning_without_case_and_accents() {
        let wanted = |text: &str| wanted(&[text.to_owned()]);
        let texts = [Some("Réseau coupé à l’étage (n° 12)"), None, Some("zoe.cote@client.test")];
        for found in ["reseau", "RÉSEAU", "étage", "coup 12", "client.test", "zoe reseau", ""] {
            assert!(have(&wanted(found), &texts), "{found}");
        }
        for missing in ["seau", "reseaux", "zoe martin"] {
            assert!(!have(&wanted(missing), &texts), "{missing}");
        }
    }

    #[test]
    fn what_is_kept_of_a_text_is_bounded() {
        let long: String = (0..500).map(|n| format!("{n}{} ", "x".repeat(100))).collect();
        let words = words(&long);
        assert!(words.len() <= WORDS_MAX && words.iter().all(|word| word.chars().count() <= CHARACTERS_MAX));
    }
}
