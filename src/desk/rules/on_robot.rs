//! A program wrote on a ticket, or seems to have: never answered, never relayed, and no state changes by it.
//!
//! What a mark says of a mail is believed, save that a person's words under it are shown to the desk. What only wording says is
//! shown always.

use crate::desk::audience::vendor_words::{self, Heard, Kind};
use crate::desk::deliberation::Deliberation;
use crate::desk::docket::entering::{self, EnteredAs, enter_request};
use crate::desk::incoming::Author;
use crate::desk::outgoing::telling::{News, tell_staff};
use crate::desk::outgoing::wording::Line;
use crate::desk::rules::{absences, on_report};
use crate::desk::{
    Actor, Audience, Decision, Dossier, EntryKind, Event, Incoming, LetterView, Level, Outcome, Purpose, Reason, Role,
    State, Ticket, Trust,
};
use crate::mail::{Address, InboundMail};

/// On a ticket of which its author is a requester or participant.
pub(in crate::desk) fn on_own_ticket(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    ticket: &Ticket,
) -> Decision {
    if !is_shown(&deliberation, incoming.mail, ticket) {
        return on_report::record(deliberation, incoming, ticket.number, Reason::AutoReply);
    }
    let is_participant = ticket.is_followed_by(author.contact.id) && ticket.requester != Some(author.contact.id);
    let role = if is_participant { Role::Participant } else { Role::Requester };
    let by = Actor { role, contact: Some(author.contact.id) };
    enter_request(&mut deliberation, incoming, ticket, by, Audience::Requester, author.trust());
    ignored(&mut deliberation, incoming, ticket, by);
    absences::of_requester(&mut deliberation, incoming, ticket.number);
    if ticket.state != State::Spam {
        let staff = deliberation.staff_for(ticket);
        let lines = [line(incoming.mail)];
        let news = News::of(Purpose::RequesterAnswered, author, &lines);
        tell_staff(&mut deliberation, incoming, &staff, ticket, &news);
    }
    deliberation.end(Outcome::Ticket(ticket.number))
}

/// By somebody who works here, marked as a program's. Colleagues are told of words, and the author is not: a mark is never
/// answered. Nor are they told of what answers such a letter, so that two robots do not talk by way of us.
pub(in crate::desk) fn of_staff(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    dossier: &Dossier,
    answered: Option<&LetterView>,
) -> Decision {
    let ticket = &dossier.ticket;
    if !is_shown(&deliberation, incoming.mail, ticket) || answered.is_none_or(is_a_word_about_a_mail) {
        return on_report::record(deliberation, incoming, ticket.number, Reason::AutoReply);
    }
    let by = Actor { role: Role::Agent, contact: Some(author.contact.id) };
    let note = EnteredAs { kind: EntryKind::Note, audience: Audience::Desk, trust: Trust::Verified, by };
    entering::enter(&mut deliberation, incoming, ticket.number, note);
    ignored(&mut deliberation, incoming, ticket, by);
    let others = |staff: Vec<Address>| staff.into_iter().filter(|to| !to.is(author.address())).collect::<Vec<_>>();
    let owner = others(deliberation.staff_for(ticket));
    let staff = if owner.is_empty() { others(deliberation.staff_at(&ticket.desk, Level::L1)) } else { owner };
    let lines = [line(incoming.mail)];
    tell_staff(&mut deliberation, incoming, &staff, ticket, &News::of(Purpose::Notice, author, &lines));
    deliberation.end(Outcome::Ticket(ticket.number))
}

/// A letter that only says what became of a mail.
pub(in crate::desk) fn is_a_word_about_a_mail(letter: &LetterView) -> bool {
    matches!(letter.purpose, Purpose::Notice | Purpose::Receipt | Purpose::CommandRefused | Purpose::NotDelivered)
}

/// How the desk is told of it.
pub(in crate::desk) fn line(mail: &InboundMail) -> Line<'static> {
    if mail.writer.is_marked() { Line::MarkedAutomatic } else { Line::LooksAutomatic }
}

fn is_shown(deliberation: &Deliberation<'_>, mail: &InboundMail, ticket: &Ticket) -> bool {
    !mail.writer.is_marked() || has_own_words(deliberation, mail, ticket)
}

/// Whether something is left when our own letters are out of it, robots' phrases too, and it is no absence notice.
fn has_own_words(deliberation: &Deliberation<'_>, mail: &InboundMail, ticket: &Ticket) -> bool {
    if mail.says_absent || mail.gesture.is_some() {
        return false;
    }
    let sent = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.sent);
    let ours: Vec<&str> = sent.iter().filter_map(|letter| letter.text.as_deref()).collect();
    let desk = deliberation.desk_of(ticket);
    let reference = ticket.number.to_string();
    let author = mail.from.as_ref().and_then(|from| from.name.as_deref());
    let names: Vec<&str> = [&*desk.display_name, &*desk.tag, &*reference].into_iter().chain(author).collect();
    let domain = mail.from.as_ref().map(|from| from.address.domain());
    let addresses: Vec<&str> = desk.addresses.iter().map(Address::as_str).collect();
    let said = vendor_words::said(&Heard {
        subject: &mail.subject,
        text: &mail.body.reply_text,
        ours: &ours,
        our_subject: &ticket.subject,
        names: &names,
        domains: domain.as_slice(),
        addresses: &addresses,
        automatic: true,
        brings_file: mail.attachments.iter().any(|file| !file.inline && !file.holds_own_letter),
    });
    said.kind == Kind::Answer
}

fn ignored(deliberation: &mut Deliberation<'_>, incoming: &Incoming<'_>, ticket: &Ticket, by: Actor) {
    let reason = if incoming.mail.writer.is_marked() { "marked_automatic" } else { "looks_automatic" };
    let event = Event::MailIgnored { ledger: incoming.ledger, reason: reason.to_owned() };
    deliberation.happened(ticket.number, by, event);
}
