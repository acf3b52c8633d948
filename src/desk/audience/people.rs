//! Who must stay unnamed: everybody who ever had a part in a ticket, by every name that was ever seen.

use crate::desk::audience::pseudonyms::{Subject, signed_names};
use crate::desk::deliberation::Deliberation;
use crate::desk::{Contact, Entry, Ticket};

/// The people of a ticket, each at the place that they came to first, so that each keeps one stand-in all through the case.
pub(in crate::desk) fn of(deliberation: &Deliberation<'_>, ticket: &Ticket) -> Vec<Subject> {
    let entries = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.entries);
    let people = ticket.people.iter().filter_map(|id| deliberation.contact(*id));
    people.map(|contact| subject(contact, entries)).collect()
}

/// Somebody with all names: those seen beside the address, and those that stand below their own words.
pub(in crate::desk) fn subject(contact: &Contact, entries: &[Entry]) -> Subject {
    let theirs = entries.iter().filter(|entry| entry.author == Some(contact.id));
    let signed = theirs.flat_map(|entry| signed_names(&entry.text));
    let mut names: Vec<String> = contact.name.iter().chain(&contact.names).cloned().chain(signed).collect();
    names.sort_unstable();
    names.dedup();
    Subject { names, addresses: vec![contact.address.clone()], telephones: Vec::new() }
}
