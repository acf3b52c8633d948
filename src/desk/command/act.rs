//! Who commands, by what.
use crate::desk::Dossier;
use crate::desk::LetterView;
use crate::desk::audience::ears;
use crate::desk::deliberation::Deliberation;
use crate::desk::docket::matching;
use crate::desk::incoming::Author;
use crate::desk::{Actor, Desk, Incoming, Role};
use crate::mail::Address;
use crate::mail::Language;

/// Who commands, and by what: a mail, or the command line.
#[derive(Clone, Debug)]
pub(in crate::desk) struct Act<'a> {
    pub(in crate::desk) by: Actor,
    pub(in crate::desk) address: Option<Address>,
    /// What requesters and colleagues read.
    pub(in crate::desk) name: Option<String>,
    /// The mail that holds the commands; `None` on the command line.
    pub(in crate::desk) incoming: Option<&'a Incoming<'a>>,
    /// The letter that the mail answers.
    pub(in crate::desk) answered: Option<LetterView>,
    /// In which receipts and refusals are written.
    pub(in crate::desk) language: Language,
}

impl<'a> Act<'a> {
    /// By a mail on a ticket.
    pub(in crate::desk) fn on_ticket(
        deliberation: &Deliberation<'_>,
        incoming: &'a Incoming<'a>,
        author: Author<'_>,
        dossier: &Dossier,
    ) -> Act<'a> {
        let by_token = || matching::answered_token(incoming.mail, deliberation.rules.keyring);
        let by_token = || by_token().filter(|token| token.ticket == dossier.ticket.number.0);
        let answered = ears::answered_letters(deliberation, dossier, incoming.mail).first().copied();
        let answered = answered.or_else(|| dossier.letter(by_token()?.letter));
        let act = Act::at(deliberation, incoming, author, deliberation.desk_of(&dossier.ticket));
        Act { answered: answered.cloned(), ..act }
    }

    /// By a mail to a desk.
    pub(in crate::desk) fn at(
        deliberation: &Deliberation<'_>,
        incoming: &'a Incoming<'a>,
        author: Author<'_>,
        desk: &Desk,
    ) -> Act<'a> {
        // The words stay their author's, whoever lets them go.
        let writer = incoming.mail.from.as_ref().map(|from| &from.address);
        let writer = writer.filter(|address| deliberation.policy().is_staff(address)).unwrap_or(author.address());
        let language = deliberation.staff_language(author.address(), desk);
        Act {
            by: Actor { role: Role::Agent, contact: Some(author.contact.id) },
            address: Some(author.address().clone()),
            name: Some(deliberation.staff_name(writer, language)),
            incoming: Some(incoming),
            answered: None,
            language,
        }
    }
}
