//! Who commands, by what.
use crate::desk::deliberation::Deliberation;
use crate::desk::incoming::Author;
use crate::desk::{Actor, Desk, Incoming, Role, Ticket};
use crate::mail::Address;
use crate::mail::Language;

/// Who commands, by what.
#[derive(Clone, Debug)]
pub(in crate::desk) struct Act<'a> {
    pub(in crate::desk) by: Actor,
    pub(in crate::desk) address: Option<Address>,
    /// What requesters and colleagues read.
    pub(in crate::desk) name: Option<String>,
    /// `None` on the command line.
    pub(in crate::desk) incoming: Option<&'a Incoming<'a>>,
    /// Of receipts and refusals.
    pub(in crate::desk) language: Language,
}

impl<'a> Act<'a> {
    /// By a mail about a ticket.
    pub(in crate::desk) fn by_mail(
        deliberation: &Deliberation<'_>,
        incoming: &'a Incoming<'a>,
        author: Author<'_>,
        ticket: &Ticket,
    ) -> Act<'a> {
        Act::at(deliberation, incoming, author, deliberation.desk_of(ticket))
    }

    /// By a mail to a desk.
    pub(in crate::desk) fn at(
        deliberation: &Deliberation<'_>,
        incoming: &'a Incoming<'a>,
        author: Author<'_>,
        desk: &Desk,
    ) -> Act<'a> {
        Act {
            by: Actor { role: Role::Agent, contact: Some(author.contact.id) },
            address: Some(author.address().clone()),
            name: Some(deliberation.staff_name(author.address())),
            incoming: Some(incoming),
            language: deliberation.staff_language(author.address(), desk),
        }
    }
}
