//! Who must stay unnamed: everybody who ever had a part in a ticket, by every name that was ever seen.

use crate::desk::audience::pseudonyms::{Subject, signed_names};
use crate::desk::deliberation::Deliberation;
use crate::desk::{Contact, ContactId, Entry, Ticket};

/// These people of a ticket, each at the place that they came to first, so that each keeps one stand-in all through the case.
pub(in crate::desk) fn of(deliberation: &Deliberation<'_>, ticket: &Ticket, people: &[ContactId]) -> Vec<Subject> {
    let parts = deliberation.parts(ticket.number);
    let entries: Vec<&Entry> = parts.iter().flat_map(|dossier| &dossier.entries).collect();
    let people = people.iter().filter_map(|id| deliberation.contact(*id));
    people.map(|contact| subject(contact, entries.iter().copied())).collect()
}

/// Somebody with all names: those seen beside the address, and those that stand below their own words.
pub(in crate::desk) fn subject<'e>(contact: &Contact, entries: impl IntoIterator<Item = &'e Entry>) -> Subject {
    let theirs = entries.into_iter().filter(|entry| entry.author == Some(contact.id));
    let signed = theirs.flat_map(|entry| signed_names(&entry.text));
    let mut names: Vec<String> = contact.name.iter().chain(&contact.names).cloned().chain(signed).collect();
    names.sort_unstable();
    names.dedup();
    Subject { names, addresses: vec![contact.address.clone()], telephones: Vec::new() }
}
