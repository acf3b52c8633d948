//! Whose ears: for whom the words of an agent's mail are, and why. No other code decides it.
//!
//! Public is what is left when nothing speaks against it: the mail is a reply (In-Reply-To names a letter about the
//! requester's mail or, without one, it is written to such a letter's own address), it goes to the desk and otherwise only to
//! people of the ticket, and it hands nothing on. When in doubt the words are inner.

use crate::desk::deliberation::Deliberation;
use crate::desk::docket::matching;
use crate::desk::outgoing::reach;
use crate::desk::{Audience, ContactId, Dossier, LetterView, Level, Policy, Purpose, Ticket, TicketNumber};
use crate::mail::token::Token;
use crate::mail::{Address, Carrier, InboundMail, Unreadable};

/// For whom a text is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::desk) struct Hearing {
    pub(in crate::desk) ears: Ears,
    pub(in crate::desk) because: Because,
    /// People of the ticket, and vendors, who have the mail itself: they were in its To or Cc.
    pub(in crate::desk) have_read: Vec<Address>,
}

/// Who is to read the words of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Ears {
    /// The requester and the participants, by a letter of ours.
    Requester,
    /// The requester has them already: the agent wrote there, the desk is in Cc or Bcc for the record.
    RequesterHas,
    /// Nobody but the desk: they become an inner note.
    Desk,
    /// Nobody yet: what the words are cannot be told.
    Nobody,
}

/// What decided it: the first that speaks against a public answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Because {
    /// Nothing speaks against it.
    AnswersRequester,
    /// The agent wrote to the requester directly.
    WroteDirectly,
    /// The words cannot be read.
    Unreadable(Unreadable),
    /// It hands an earlier mail on.
    Forwards,
    /// It is written to somebody else.
    WrittenTo(Vec<Address>),
    /// It names no letter that it answers.
    AnswersNothing,
    /// It answers a letter that is between us.
    AnswersInner(Purpose),
}

/// Judges a mail of an agent on a ticket by everything but its commands.
pub(in crate::desk) fn of(deliberation: &Deliberation<'_>, dossier: &Dossier, mail: &InboundMail) -> Hearing {
    let people = People { deliberation, ticket: &dossier.ticket };
    let have_read = people.who_have(mail);
    let (ears, because) = judge(&people, dossier, mail);
    Hearing { ears, because, have_read }
}

fn judge(people: &People<'_, '_>, dossier: &Dossier, mail: &InboundMail) -> (Ears, Because) {
    if let Some(why) = mail.unreadable {
        return (Ears::Nobody, Because::Unreadable(why));
    }
    if mail.forwards.is_some() {
        return (Ears::Desk, Because::Forwards);
    }
    let others: Vec<Address> = mail.to.iter().filter(|to| !people.may_hear(to)).cloned().collect();
    if !others.is_empty() || mail.to.is_empty() {
        return (Ears::Desk, Because::WrittenTo(others));
    }
    if !mail.to.iter().any(|to| people.is_desk(to)) {
        return (Ears::RequesterHas, Because::WroteDirectly);
    }
    let answered = answered_letters(people.deliberation, dossier, mail);
    if answered.is_empty() {
        return (Ears::Desk, Because::AnswersNothing);
    }
    if let Some(inner) = answered.iter().find(|letter| !is_about_requesters_words(letter, people.policy())) {
        return (Ears::Desk, Because::AnswersInner(inner.purpose));
    }
    (Ears::Requester, Because::AnswersRequester)
}

/// The letters that a mail answers: those that In-Reply-To names; without one, those to whose own address it is written.
pub(in crate::desk) fn answered_letters<'a>(
    deliberation: &Deliberation<'a>,
    dossier: &Dossier,
    mail: &InboundMail,
) -> Vec<&'a LetterView> {
    let carrier = if mail.in_reply_to.is_empty() { Carrier::WrittenTo } else { Carrier::InReplyTo };
    let tokens = mail.tokens.iter().filter(|carried| carried.carrier == carrier).map(|carried| carried.token);
    let letter = |token: Token| {
        let number = TicketNumber(token.ticket);
        let is_of_ticket = matching::goes_on_in(deliberation.docket, number) == dossier.ticket.number;
        let is_ours = is_of_ticket && deliberation.rules.keyring.verify(&token);
        deliberation.dossier(number).filter(|_| is_ours)?.letter(token.letter)
    };
    tokens.filter_map(letter).collect()
}

/// A letter about what the requester wrote, or one that the requester was sent and that staff has a copy of.
fn is_about_requesters_words(letter: &LetterView, policy: &Policy) -> bool {
    match letter.audience {
        Audience::Requester => letter.recipients.iter().any(|recipient| policy.is_staff(recipient)),
        Audience::Desk => matches!(letter.purpose, Purpose::NewTicket | Purpose::RequesterAnswered),
        Audience::Vendor(_) => false,
    }
}

/// Who is who on a ticket.
struct People<'d, 'a> {
    deliberation: &'d Deliberation<'a>,
    ticket: &'d Ticket,
}

impl People<'_, '_> {
    fn policy(&self) -> &Policy {
        self.deliberation.policy()
    }

    /// The desk itself, by whatever address or list feeds it.
    fn is_desk(&self, address: &Address) -> bool {
        let policy = self.policy();
        policy.desk_at(address).is_some() || policy.own_lists.iter().any(|list| list.is(address))
    }

    /// Whether words written to this address may be public: the desk, the requester, a participant.
    fn may_hear(&self, address: &Address) -> bool {
        self.is_desk(address) || self.follows(address)
    }

    fn follows(&self, address: &Address) -> bool {
        self.deliberation.contact_at(address).is_some_and(|contact| self.deliberation.follows(self.ticket, contact))
    }

    /// People of the ticket, and vendors, whom the mail itself was written to.
    fn who_have(&self, mail: &InboundMail) -> Vec<Address> {
        let is_consulted = |address: &Address| self.ticket.case(&address.key()).is_some();
        let outside = |address: &&Address| {
            self.follows(address) || self.policy().vendor_of(address).is_some() || is_consulted(address)
        };
        let mut readers: Vec<Address> = Vec::new();
        for address in mail.to.iter().chain(&mail.cc).filter(outside) {
            if !readers.iter().any(|reader| reader.is(address)) {
                readers.push(address.clone());
            }
        }
        readers
    }
}

/// Whether the author's public words go to the requester, and not to the first level. Where nobody is at the first level they
/// would reach nobody.
pub(in crate::desk) fn are_direct(deliberation: &Deliberation<'_>, desk: &str, author: &Address) -> bool {
    let level = deliberation.policy().level_of(author);
    let team = level.filter(|level| *level != Level::L1).and_then(|level| deliberation.policy().team(desk, level));
    team.is_none_or(|team| team.direct) || deliberation.staff_at(desk, Level::L1).is_empty()
}

/// Who reads along by now and did not when the answered letter left.
pub(in crate::desk) fn came_since(ticket: &Ticket, answered: &LetterView) -> Vec<ContactId> {
    let Some(readers) = &answered.readers else { return Vec::new() };
    ticket.readers().filter(|reader| !readers.contains(reader)).collect()
}

/// Customers whom an agent wrote to: nobody of ours, of a vendor's, or of a domain that an agent writes from.
pub(in crate::desk) fn customers(policy: &Policy, mail: &InboundMail) -> Vec<Address> {
    let is_customer = |address: &&Address| {
        let of_ours = policy.staff().any(|staff| staff.domain().eq_ignore_ascii_case(address.domain()));
        !of_ours && reach::may_participate(address, policy)
    };
    mail.to.iter().filter(is_customer).cloned().collect()
}
