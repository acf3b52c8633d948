//! Addresses and the people behind them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::Timestamp;

use super::counter::{self, Counter};
use super::database::Connection;
use super::statement::{execute_in, fetch, fetch_in, write_rows};
use super::words::{address, clean, instant, language, millis};
use super::{Store, search};
use crate::desk::{Contact, ContactId, Docket, PersonId, Sighting};
use crate::mail::{Address, Language};

const BY_KEY: &str = "select a.id, a.person, a.address, a.name, a.deliverable, a.answers_given, a.complained_at, p.language from \
    address a join person p on p.id = a.person where a.address_key in ({keys})";
const BY_ID: &str = "select a.id, a.person, a.address, a.name, a.deliverable, a.answers_given, a.complained_at, p.language from address \
    a join person p on p.id = a.person where a.id in ({keys})";
const NEW_PERSON: &str = "insert into person (id) values {rows}";
const NEW_ADDRESS: &str = "insert into address (id, person, address, address_key, name) values {rows}";
const SEEN_NAME: &str =
    "with seen (id, name) as (values {rows}) update address set name = seen.name from seen where address.id = seen.id";
const LEARNED_LANGUAGE: &str = "with learned (contact, language) as (values {rows}) update person set language = \
    learned.language from learned join address on address.id = learned.contact where person.id = address.person";
const DEAD: &str = "update address set deliverable = false where id in ({keys})";
const ALIVE: &str = "update address set deliverable = true where id in ({keys})";
const COMPLAINED: &str = "with complained (id, at) as (values {rows}) update address set complained_at = complained.at from \
    complained where address.id = complained.id and address.complained_at is null";
const SILENCED: &str =
    "select address, complained_at from address where complained_at is not null order by complained_at";
const FORGIVEN: &str = "update address set complained_at = null where address_key = $1 and complained_at is not null \
    returning id";
const ANSWERED: &str = "with answered (id, answers) as (values {rows}) update address set answers_given = \
    answers_given + answered.answers from answered where address.id = answered.id";

const NAMES: &str = "select contact, name from name_seen where contact in ({keys})";
const NEW_NAME: &str = "insert into name_seen (contact, name) values {rows} on conflict (contact, name) do nothing";

/// So many names a contact are kept,
const NAMES_MAX: usize = 20;
/// half of them for names that nobody vouches for: whoever forges mail leaves room for the others.
const UNVERIFIED_NAMES_MAX: usize = 10;
/// A name is cut there.
const NAME_CHARACTERS: usize = 200;

#[derive(sqlx::FromRow)]
struct ContactRow {
    id: i64,
    person: i64,
    address: String,
    name: Option<String>,
    deliverable: bool,
    answers_given: i64,
    complained_at: Option<i64>,
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
            names: self.name.iter().cloned().collect(),
            name: self.name,
            language: self.language.as_deref().map(language).transpose()?,
            deliverable: self.deliverable,
            complained: self.complained_at.is_some(),
        })
    }
}

/// What a set of mails tells of one address.
struct Seen<'a> {
    address: &'a Address,
    /// The last name that came with a verified author or from somebody here.
    name: Option<String>,
    /// All names, each with whether it came in that way.
    names: Vec<(String, bool)>,
}

/// Enters the contacts of these addresses; makes those that are missing and notes names that are new.
pub(super) async fn enter_addresses(
    connection: &mut Connection<'_>,
    sightings: &[Sighting],
    docket: &mut Docket,
) -> Result<()> {
    let seen = by_key(sightings);
    let keys: Vec<String> = seen.keys().cloned().collect();
    for row in fetch_in!(connection, ContactRow, BY_KEY, keys) {
        row.enter(docket)?;
    }
    enter_names(connection, docket.contacts.values_mut()).await?;
    make_missing(connection, &seen, docket).await?;
    note_current_names(connection, &seen, docket).await?;
    note_names(connection, &seen, docket).await
}

fn by_key(sightings: &[Sighting]) -> BTreeMap<String, Seen<'_>> {
    let mut by_key: BTreeMap<String, Seen<'_>> = BTreeMap::new();
    for Sighting { address, name, verified } in sightings {
        let seen = by_key.entry(clean(&address.key())).or_insert(Seen { address, name: None, names: Vec::new() });
        let name = name.as_deref().map(|name| clean(name).chars().take(NAME_CHARACTERS).collect::<String>());
        let Some(name) = name.filter(|name| !name.is_empty()) else { continue };
        if *verified {
            seen.name = Some(name.clone());
        }
        seen.names.push((name, *verified));
    }
    by_key
}

async fn make_missing(
    connection: &mut Connection<'_>,
    seen: &BTreeMap<String, Seen<'_>>,
    docket: &mut Docket,
) -> Result<()> {
    let missing: Vec<_> = seen.iter().filter(|(key, _)| !docket.by_address.contains_key(*key)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    // A new address is a new person's, so both may bear the same id.
    let ids = counter::take(connection, Counter::Contact, missing.len()).await?;
    let missing: Vec<_> = ids.zip(missing).collect();
    write_rows!(connection, NEW_PERSON, missing, |mut row, (id, _)| {
        row.push_bind(*id);
    });
    write_rows!(connection, NEW_ADDRESS, missing, |mut row, (id, (key, seen))| {
        row.push_bind(*id)
            .push_bind(*id)
            .push_bind(seen.address.as_str())
            .push_bind(key.as_str())
            .push_bind(seen.name.as_deref());
    });
    let texts = missing.iter().flat_map(|(id, (_, Seen { address, name, .. }))| {
        [Some(address.as_str()), name.as_deref()].into_iter().flatten().map(|text| (*id, text))
    });
    let words = search::rows(texts);
    search::keep_names(connection, &words).await?;
    for (id, (key, Seen { address, name, .. })) in missing {
        let (name, address, names) = (name.clone(), (*address).clone(), Vec::new());
        let (id, person) = (ContactId(id), PersonId(id));
        docket.by_address.insert(key.clone(), id);
        docket.contacts.insert(
            id,
            Contact { id, person, address, name, names, language: None, deliverable: true, complained: false },
        );
    }
    Ok(())
}

async fn note_current_names(
    connection: &mut Connection<'_>,
    seen: &BTreeMap<String, Seen<'_>>,
    docket: &mut Docket,
) -> Result<()> {
    let mut renamed = Vec::new();
    for (key, Seen { name, .. }) in seen {
        let contact = docket.by_address.get(key).and_then(|id| docket.contacts.get_mut(id));
        if let (Some(contact), Some(name)) = (contact, name)
            && contact.name.as_ref() != Some(name)
        {
            contact.name = Some(name.clone());
            renamed.push((contact.id.0, name));
        }
    }
    write_rows!(connection, SEEN_NAME, renamed, |mut row, (id, name)| {
        row.push_bind(*id).push_bind(name.as_str());
    });
    let words = search::rows(renamed.iter().map(|(id, name)| (*id, name.as_str())));
    search::keep_names(connection, &words).await
}

async fn note_names(
    connection: &mut Connection<'_>,
    seen: &BTreeMap<String, Seen<'_>>,
    docket: &mut Docket,
) -> Result<()> {
    let mut new = Vec::new();
    for (key, Seen { name: current, names, .. }) in seen {
        let contact = docket.by_address.get(key).and_then(|id| docket.contacts.get_mut(id));
        let Some(contact) = contact else { continue };
        for (name, verified) in names {
            let most = if *verified { NAMES_MAX } else { UNVERIFIED_NAMES_MAX };
            if contact.names.len() < most && add_name(&mut contact.names, name) {
                new.push((contact.id.0, name));
            }
        }
        if let Some(current) = current {
            add_name(&mut contact.names, current);
        }
    }
    write_rows!(connection, NEW_NAME, new, |mut row, (id, name)| {
        row.push_bind(*id).push_bind(name.as_str());
    });
    Ok(())
}

async fn enter_names(connection: &mut Connection<'_>, contacts: impl Iterator<Item = &mut Contact>) -> Result<()> {
    let mut contacts: BTreeMap<i64, &mut Contact> = contacts.map(|contact| (contact.id.0, contact)).collect();
    let ids: Vec<i64> = contacts.keys().copied().collect();
    for (id, name) in fetch_in!(connection, (i64, String), NAMES, ids) {
        if let Some(contact) = contacts.get_mut(&id) {
            add_name(&mut contact.names, &name);
        }
    }
    Ok(())
}

/// Whether it was not there yet.
fn add_name(names: &mut Vec<String>, name: &str) -> bool {
    match names.binary_search_by(|known| known.as_str().cmp(name)) {
        Ok(_) => false,
        Err(at) => {
            names.insert(at, name.to_owned());
            true
        }
    }
}

/// Enters contacts that tickets refer to.
pub(super) async fn enter_ids(
    connection: &mut Connection<'_>,
    ids: BTreeSet<ContactId>,
    docket: &mut Docket,
) -> Result<()> {
    let missing: BTreeSet<ContactId> = ids.into_iter().filter(|id| !docket.contacts.contains_key(id)).collect();
    let ids: Vec<i64> = missing.iter().map(|id| id.0).collect();
    for row in fetch_in!(connection, ContactRow, BY_ID, ids) {
        row.enter(docket)?;
    }
    enter_names(connection, docket.contacts.values_mut().filter(|contact| missing.contains(&contact.id))).await
}

/// The contacts with these ids.
pub(super) async fn by_ids(connection: &mut Connection<'_>, ids: BTreeSet<ContactId>) -> Result<Vec<Contact>> {
    let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
    let rows = fetch_in!(connection, ContactRow, BY_ID, ids);
    let mut contacts: Vec<Contact> = rows.into_iter().map(ContactRow::into_contact).collect::<Result<_>>()?;
    enter_names(connection, contacts.iter_mut()).await?;
    Ok(contacts)
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
    write_rows!(connection, LEARNED_LANGUAGE, learned, |mut row, (contact, language)| {
        row.push_bind(*contact).push_bind(language.code());
    });
    Ok(())
}

/// Notes that mail reaches these addresses no more.
pub(super) async fn bury(connection: &mut Connection<'_>, dead: &[ContactId]) -> Result<()> {
    let dead: Vec<i64> = dead.iter().map(|contact| contact.0).collect();
    execute_in!(connection, DEAD, dead);
    Ok(())
}

/// Notes that these addresses complained; when they did first stays.
pub(super) async fn silence(connection: &mut Connection<'_>, complained: &[ContactId], at: Timestamp) -> Result<()> {
    write_rows!(connection, COMPLAINED, complained, |mut row, contact| {
        row.push_bind(contact.0).push_bind(millis(at));
    });
    Ok(())
}

impl Store {
    /// Addresses that no automatic letter goes to, and since when: whoever reads them marked one as junk.
    pub async fn silenced(&self) -> Result<Vec<(Address, Timestamp)>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (String, i64), SILENCED);
        rows.into_iter().map(|(silenced, since)| Ok((address(&silenced)?, instant(since)?))).collect()
    }

    /// Lets automatic letters go there again; `false` where they did.
    pub async fn lift_silence(&self, address: &Address) -> Result<bool> {
        let mut held = self.write().await?;
        Ok(!fetch!(&mut held.connection(), (i64,), FORGIVEN, address.key()).is_empty())
    }
}

/// Notes that mail reaches these addresses again.
pub(super) async fn revive(connection: &mut Connection<'_>, alive: &[ContactId]) -> Result<()> {
    let alive: Vec<i64> = alive.iter().map(|contact| contact.0).collect();
    execute_in!(connection, ALIVE, alive);
    Ok(())
}

/// Counts the answers that agents gave.
pub(super) async fn count_answers(connection: &mut Connection<'_>, authors: &[ContactId]) -> Result<()> {
    let mut answers: BTreeMap<i64, i64> = BTreeMap::new();
    for author in authors {
        *answers.entry(author.0).or_default() += 1;
    }
    let answers: Vec<(i64, i64)> = answers.into_iter().collect();
    write_rows!(connection, ANSWERED, answers, |mut row, (author, answers)| {
        row.push_bind(*author).push_bind(*answers);
    });
    Ok(())
}
