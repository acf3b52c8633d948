//! Copies: the same message, come by another way (an alias, a list, another of our mailboxes).

use crate::desk::{Docket, Incoming, LedgerId, Outcome, Seen, TicketNumber, Weight};

/// The mails that are accounted for and are the same message: the same bytes, or the same Message-ID and body by the same
/// author. Whoever writes under somebody else's Message-ID writes a mail of their own.
pub(in crate::desk) fn of<'d>(docket: &'d Docket, incoming: &Incoming<'_>) -> impl Iterator<Item = &'d Seen> {
    let mail = incoming.mail;
    let (ledger, body) = (incoming.ledger, mail.body_sha256);
    let author = mail.from.as_ref().and_then(|from| docket.contact_at(&from.address)).map(|contact| contact.id);
    let same_bytes = incoming.raw_sha256.and_then(|digest| docket.seen_raw.get(&digest)).into_iter().flatten();
    let same_id = mail.message_id.as_ref().and_then(|id| docket.seen.get(id)).into_iter().flatten();
    let same_id = same_id.filter(move |seen| seen.body_sha256 == Some(body) && seen.is_by(author));
    same_bytes.chain(same_id).filter(move |seen| seen.ledger != ledger)
}

/// A copy whose author nothing proved, and the ticket that it is on.
pub(in crate::desk) fn unproven_on(docket: &Docket, incoming: &Incoming<'_>) -> Option<(TicketNumber, LedgerId)> {
    let unproven = of(docket, incoming).filter(|seen| seen.weight == Weight::Unproven);
    unproven.into_iter().find_map(|seen| match seen.outcome {
        Outcome::Ticket(number) => Some((number, seen.ledger)),
        Outcome::Quarantine(_) | Outcome::Suppressed(_) => None,
    })
}
