//! `#publier`: which answer of a vendor's an agent sends on, and what of it a requester may read.

use crate::desk::audience::vendor_side::VendorSide;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::vendor_letter;
use crate::desk::{Audience, Contact, Enclosure, Entry, EntryKind, LetterView, Ticket, VendorCase};

/// A vendor's answer, for the requester.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::desk) struct Published {
    /// Its name in the configuration.
    pub(in crate::desk) vendor: String,
    /// Its new words without its people, addresses and links; empty for a file alone.
    pub(in crate::desk) text: String,
    /// What came with it. It goes along where it is named; else the receipt says that it stays.
    pub(in crate::desk) files: Vec<Enclosure>,
}

/// Why nothing can be sent on as it is.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::desk) enum Why {
    /// No vendor answered.
    Nothing,
    /// Several vendors answered, and the agent replied to none of their answers.
    Which(Vec<String>),
    /// The vendor has answered anew since: the answer that was meant, and the newer words as the desk reads them.
    Newer(Box<Published>, String),
}

/// The answer that the agent replies to; without one the newest, if only one vendor ever answered.
///
/// # Errors
/// Says what an agent must decide first.
pub(in crate::desk) fn publishable(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    answered: Option<&LetterView>,
) -> Result<Published, Why> {
    let parts = deliberation.parts(ticket.number);
    let entries = parts.iter().flat_map(|dossier| &dossier.entries);
    let mut answers: Vec<(&Entry, &str)> = entries.filter_map(|entry| Some((entry, vendor_of(entry)?))).collect();
    answers.sort_by_key(|(entry, _)| entry.at);
    let about = answered.and_then(|letter| letter.about);
    let meant = answers.iter().position(|(entry, _)| about.is_some() && entry.ledger == about);
    let at = match meant {
        Some(at) => at,
        None => only_vendors_newest(&answers)?,
    };
    let (entry, vendor) = answers[at];
    let published = publish(deliberation, ticket, vendor, entry);
    let newer = answers[at + 1..].iter().rev().find(|(_, other)| *other == vendor);
    match newer {
        Some((newer, _)) => Err(Why::Newer(Box::new(published), newer.text.clone())),
        None => Ok(published),
    }
}

fn vendor_of(entry: &Entry) -> Option<&str> {
    match (&entry.audience, entry.kind) {
        (Audience::Vendor(vendor), EntryKind::Vendor) => Some(vendor),
        _ => None,
    }
}

fn only_vendors_newest(answers: &[(&Entry, &str)]) -> Result<usize, Why> {
    let mut vendors: Vec<&str> = answers.iter().map(|(_, vendor)| *vendor).collect();
    vendors.sort_unstable();
    vendors.dedup();
    match vendors.as_slice() {
        [] => Err(Why::Nothing),
        [_] => Ok(answers.len() - 1),
        several => Err(Why::Which(several.iter().map(|vendor| (*vendor).to_owned()).collect())),
    }
}

fn publish(deliberation: &Deliberation<'_>, ticket: &Ticket, vendor: &str, entry: &Entry) -> Published {
    let parts = deliberation.parts(ticket.number);
    let attachments = parts.iter().flat_map(|dossier| &dossier.attachments);
    let files = attachments.filter(|file| Some(file.ledger) == entry.ledger).cloned().collect();
    let case = ticket.case(vendor);
    let correspondents = case.map_or(&[][..], |case: &VendorCase| &case.correspondents);
    let people = correspondents.iter().chain(&entry.author).filter_map(|id| deliberation.contact(*id));
    let people: Vec<&Contact> = people.collect();
    let correspondent = deliberation.correspondent(vendor);
    let theirs =
        people.iter().map(|contact| contact.address.domain()).chain(correspondent.iter().flat_map(|v| v.own_domains()));
    let side = VendorSide {
        vendor,
        names: people.iter().filter_map(|contact| contact.name.clone()).collect(),
        addresses: people.iter().map(|contact| contact.address.clone()).collect(),
        domains: theirs.map(str::to_ascii_lowercase).collect(),
        marks: case.map_or(&[][..], |case| &case.marks),
        stand_ins: correspondent
            .as_ref()
            .map(|vendor| vendor_letter::stand_ins(deliberation, ticket, vendor))
            .unwrap_or_default(),
    };
    Published { vendor: vendor.to_owned(), text: side.without(&entry.text), files }
}
