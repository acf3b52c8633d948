//! Addresses and the people behind them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::counter::{self, Counter};
use super::database::Connection;
use super::statement::{fetch_in, write_rows};
use super::words::{address, clean, language};
use crate::desk::{Contact, ContactId, Docket, PersonId};
use crate::mail::{Address, Language};

const BY_KEY: &str = "select a.id, a.person, a.address, a.name, a.deliverable, a.answers_given, p.language \
    from address a join person p on p.id = a.person where a.address_key in ";
const BY_ID: &str = "select a.id, a.person, a.address, a.name, a.deliverable, a.answers_given, p.language \
    from address a join person p on p.id = a.person where a.id in ";
const NEW_PERSON: &str = "insert into person (id) ";
const NEW_ADDRESS: &str = "insert into address (id, person, address, address_key, name) ";
const SEEN_NAME: &str = "with seen (id, name) as (";
const UPDATE_NAME: &str = ") update address set name = seen.name from seen where address.id = seen.id";
const LEARNED_LANGUAGE: &str = "with learned (contact, language) as (";
const UPDATE_LANGUAGE: &str = ") update person set language = learned.language \
    from learned join address on address.id = learned.contact where person.id = address.person";
const DEAD_ADDRESS: &str = "with dead (id) as (";
const UPDATE_DELIVERABLE: &str = ") update address set deliverable = false from dead where address.id = dead.id";
const ANSWERED: &str = "with answered (id, answers) as (";
const UPDATE_ANSWERS: &str = ") update address set answers_given = answers_given + answered.answers \
    from answered where address.id = answered.id";

#[derive(sqlx::FromRow)]
struct ContactRow {
    id: i64,
    person: i64,
    address: String,
    name: Option<String>,
    deliverable: bool,
    answers_given: i64,
    language: Option<String>,
}

impl ContactRow {
    fn enter(self, docket: &mut Docket) -> Result<()> {
        let id = ContactId(self.id);
        if self.answers_given > 0 {
            docket.answers_given.insert(id, self.answers_given);
        }
        let contact = self.into_contact()?;
        docket.by_address.insert(contact.address.key(), id);
        docket.contacts.insert(id, contact);
        Ok(())
    }

    fn into_contact(self) -> Result<Contact> {
        Ok(Contact {
            id: ContactId(self.id),
            person: PersonId(self.person),
            address: address(&self.address)?,
            name: self.name,
            language: self.language.as_deref().map(language).transpose()?,
            deliverable: self.deliverable,
        })
    }
}

/// Enters the contacts of these addresses; makes those that are missing and notes names that changed.
pub(super) async fn enter_addresses(
    connection: &mut Connection<'_>,
    seen: &[(Address, Option<String>)],
    docket: &mut Docket,
) -> Result<()> {
    let mut wanted: BTreeMap<String, (&Address, Option<String>)> = BTreeMap::new();
    for (address, name) in seen {
        let (_, known) = wanted.entry(clean(&address.key())).or_insert((address, None));
        if let Some(name) = name {
            *known = Some(clean(name));
        }
    }
    let keys: Vec<String> = wanted.keys().cloned().collect();
    for row in fetch_in!(connection, ContactRow, BY_KEY, keys, "") {
        row.enter(docket)?;
    }
    make_missing(connection, &wanted, docket).await?;
    note_names(connection, &wanted, docket).await
}

async fn make_missing(
    connection: &mut Connection<'_>,
    wanted: &BTreeMap<String, (&Address, Option<String>)>,
    docket: &mut Docket,
) -> Result<()> {
    let missing: Vec<_> = wanted.iter().filter(|(key, _)| !docket.by_address.contains_key(*key)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    // A new address is a new person's, so both may bear the same id.
    let ids = counter::take(connection, Counter::Contact, missing.len()).await?;
    let missing: Vec<_> = ids.zip(missing).collect();
    write_rows!(connection, 1, NEW_PERSON, missing, "", |mut row, (id, _)| {
        row.push_bind(*id);
    });
    write_rows!(connection, 5, NEW_ADDRESS, missing, "", |mut row, (id, (key, (address, name)))| {
        row.push_bind(*id)
            .push_bind(*id)
            .push_bind(address.as_str())
            .push_bind(key.as_str())
            .push_bind(name.as_deref());
    });
    for (id, (key, (address, name))) in missing {
        let (name, address) = (name.clone(), (*address).clone());
        let (id, person) = (ContactId(id), PersonId(id));
        docket.by_address.insert(key.clone(), id);
        docket.contacts.insert(id, Contact { id, person, address, name, language: None, deliverable: true });
    }
    Ok(())
}

async fn note_names(
    connection: &mut Connection<'_>,
    wanted: &BTreeMap<String, (&Address, Option<String>)>,
    docket: &mut Docket,
) -> Result<()> {
    let mut renamed = Vec::new();
    for (key, (_, name)) in wanted {
        let contact = docket.by_address.get(key).and_then(|id| docket.contacts.get_mut(id));
        if let (Some(contact), Some(name)) = (contact, name)
            && contact.name.as_ref() != Some(name)
        {
            contact.name = Some(name.clone());
            renamed.push((contact.id.0, name));
        }
    }
    write_rows!(connection, 2, SEEN_NAME, renamed, UPDATE_NAME, |mut row, (id, name)| {
        row.push_bind(*id).push_bind(name.as_str());
    });
    Ok(())
}

/// Enters contacts that tickets refer to.
pub(super) async fn enter_ids(
    connection: &mut Connection<'_>,
    ids: BTreeSet<ContactId>,
    docket: &mut Docket,
) -> Result<()> {
    let missing: Vec<i64> = ids.into_iter().filter(|id| !docket.contacts.contains_key(id)).map(|id| id.0).collect();
    for row in fetch_in!(connection, ContactRow, BY_ID, missing, "") {
        row.enter(docket)?;
    }
    Ok(())
}

/// The contacts with these ids.
pub(super) async fn by_ids(connection: &mut Connection<'_>, ids: BTreeSet<ContactId>) -> Result<Vec<Contact>> {
    let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
    fetch_in!(connection, ContactRow, BY_ID, ids, "").into_iter().map(ContactRow::into_contact).collect()
}

/// Notes the language of the person behind each contact.
pub(super) async fn learn_languages(connection: &mut Connection<'_>, learned: &[(ContactId, Language)]) -> Result<()> {
    // The last word counts where a person switched twice.
    let learned: Vec<_> = learned
        .iter()
        .map(|(contact, language)| (contact.0, *language))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .collect();
    write_rows!(connection, 2, LEARNED_LANGUAGE, learned, UPDATE_LANGUAGE, |mut row, (contact, language)| {
        row.push_bind(*contact).push_bind(language.code());
    });
    Ok(())
}

/// Notes that mail reaches these addresses no more.
pub(super) async fn bury(connection: &mut Connection<'_>, dead: &[ContactId]) -> Result<()> {
    write_rows!(connection, 1, DEAD_ADDRESS, dead, UPDATE_DELIVERABLE, |mut row, contact| {
        row.push_bind(contact.0);
    });
    Ok(())
}

/// Counts the answers that agents gave.
pub(super) async fn count_answers(connection: &mut Connection<'_>, authors: &[ContactId]) -> Result<()> {
    let mut answers: BTreeMap<i64, i64> = BTreeMap::new();
    for author in authors {
        *answers.entry(author.0).or_default() += 1;
    }
    let answers: Vec<(i64, i64)> = answers.into_iter().collect();
    write_rows!(connection, 2, ANSWERED, answers, UPDATE_ANSWERS, |mut row, (author, answers)| {
        row.push_bind(*author).push_bind(*answers);
    });
    Ok(())
}
