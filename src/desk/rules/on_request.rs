//! Somebody who has no powers here wrote: a requester, a participant, a stranger.

use crate::desk::deliberation::{Deliberation, Ruling};
use crate::desk::docket::filing::{add_participants, file_request, learn_language};
use crate::desk::docket::matching::{self, By, Lead};
use crate::desk::folded::folded;
use crate::desk::incoming::Author;
use crate::desk::outgoing::offer;
use crate::desk::outgoing::telling::{News, letter_to_author, tell_staff};
use crate::desk::outgoing::wording::Line;
use crate::desk::rules::opening::{Origins, open};
use crate::desk::rules::{on_report, on_robot};
use crate::desk::{
    Actor, Audience, Decision, Event, Incoming, Outcome, PendingReason, Purpose, Reason, Role, State, Ticket,
    TicketNumber, Trust,
};
use crate::mail::token::TokenAudience;
use crate::mail::{Authentication, InboundMail, Language, small_talk};

/// A mail with an author.
pub(in crate::desk) fn on_request<'a>(
    deliberation: Deliberation<'a>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
) -> Ruling<'a> {
    let mail = incoming.mail;
    // An absence that answers us tells nobody anything, by whatever address it comes.
    if mail.writer.is_marked() && mail.says_absent && on_report::cited_ticket(&deliberation, mail).is_some() {
        return Ruling::Decided(on_report::other(deliberation, incoming, Reason::AutoReply));
    }
    let answered = matching::answered_token(mail, deliberation.rules.keyring);
    if answered.is_some_and(|token| token.audience == TokenAudience::Desk) {
        return Ruling::Doubtful(deliberation, Reason::UnlistedColleague);
    }
    Ruling::Decided(place(deliberation, incoming, author))
}

/// A robot's answer: on its author's own ticket with the words that a person may have written, else only recorded.
pub(in crate::desk) fn robot(deliberation: Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>) -> Decision {
    let leads = matching::leads(incoming.mail, deliberation.docket, deliberation.rules.keyring);
    let joined = leads.iter().find(|lead| may_join(&deliberation, author, **lead));
    match joined.and_then(|lead| deliberation.ticket(lead.ticket)).cloned() {
        Some(ticket) => on_robot::on_own_ticket(deliberation, incoming, author, &ticket),
        None => on_report::other(deliberation, incoming, Reason::AutoReply),
    }
}

/// On the ticket that it belongs to, or on a new one.
fn place(deliberation: Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>) -> Decision {
    let mail = incoming.mail;
    let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
    if let Some(lead) = leads.iter().find(|lead| may_join(&deliberation, author, **lead)) {
        return match deliberation.ticket(lead.ticket).cloned() {
            Some(ticket) if mail.writer.is_robot() => on_robot::on_own_ticket(deliberation, incoming, author, &ticket),
            Some(ticket) if is_long_closed(&deliberation, &ticket) && !is_courtesy(mail) => {
                open(deliberation, incoming, Some(author), Origins::Follows(ticket.number))
            }
            Some(ticket) => join(deliberation, incoming, author, &ticket),
            None => open(deliberation, incoming, Some(author), Origins::Fresh),
        };
    }
    match leads.first() {
        Some(lead) if lead.by == By::Token && author.authentication == Authentication::Unverified => {
            file_for_desk(deliberation, incoming, author, lead.ticket)
        }
        Some(lead) => {
            let cites_letter = matching::verified(incoming.mail, deliberation.rules.keyring).next().is_some();
            open(deliberation, incoming, Some(author), Origins::Mentions(lead.ticket, cites_letter))
        }
        None => open(deliberation, incoming, Some(author), Origins::Fresh),
    }
}

/// A mail that nobody seems to have written: still a ticket, that a human sees.
pub(in crate::desk) fn without_author(deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    open(deliberation, incoming, None, Origins::Fresh)
}

/// A mail that an agent let out of quarantine and that gives its author no part in anything: it is for the desk. Whoever claims
/// to be one of us, or a vendor, becomes nobody's requester by it.
pub(in crate::desk) fn let_out(deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    let mailbox = incoming.mail.from.as_ref();
    let known = mailbox.and_then(|mailbox| Some((mailbox, deliberation.contact_at(&mailbox.address)?)));
    let Some((mailbox, contact)) = known else { return without_author(deliberation, incoming) };
    // A colleague lets the mail in, and does not prove who wrote it.
    let author = Author { mailbox, contact, authentication: Authentication::Unverified };
    let policy = deliberation.policy();
    let has_role = policy.is_staff(&mailbox.address) || policy.vendor_of(&mailbox.address).is_some();
    match matching::leads(incoming.mail, deliberation.docket, deliberation.rules.keyring).first() {
        Some(lead) if has_role || lead.by == By::Token => file_for_desk(deliberation, incoming, author, lead.ticket),
        _ if has_role => without_author(deliberation, incoming),
        _ => open(deliberation, incoming, Some(author), Origins::Fresh),
    }
}

/// A requester or participant joins authenticated, or unverified by a token of ours.
fn may_join(deliberation: &Deliberation<'_>, author: Author<'_>, lead: Lead) -> bool {
    let Some(ticket) = deliberation.ticket(lead.ticket) else { return false };
    let proven = match author.authentication {
        Authentication::Passed => true,
        Authentication::Unverified => lead.by == By::Token,
        Authentication::Failed => false,
    };
    proven && deliberation.follows(ticket, author.contact)
}

fn is_long_closed(deliberation: &Deliberation<'_>, ticket: &Ticket) -> bool {
    let within =
        jiff::SignedDuration::try_from(deliberation.policy().reopen_within).unwrap_or(jiff::SignedDuration::MAX);
    ticket.state == State::Closed
        && ticket.closed_at.is_some_and(|closed_at| deliberation.now.duration_since(closed_at) > within)
}

/// A letter of ours, handed on: the desk sees what was answered, and nobody else.
fn file_for_desk(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
) -> Decision {
    let Some(ticket) = deliberation.ticket(number).cloned() else {
        return open(deliberation, incoming, Some(author), Origins::Fresh);
    };
    let by = Actor { role: Role::Unknown, contact: Some(author.contact.id) };
    file_request(&mut deliberation, incoming, &ticket, by, Audience::Desk, Trust::Unverified);
    let staff = deliberation.staff_for(&ticket);
    tell_staff(&mut deliberation, incoming, &staff, &ticket, &News::of(Purpose::Notice, author, &[]));
    deliberation.end(Outcome::Ticket(number))
}

fn join(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>, ticket: &Ticket) -> Decision {
    let number = ticket.number;
    let is_requester = ticket.requester == Some(author.contact.id) || !ticket.is_followed_by(author.contact.id);
    let role = if is_requester { Role::Requester } else { Role::Participant };
    let by = Actor { role, contact: Some(author.contact.id) };
    deliberation.can_reach(author.contact);
    file_request(&mut deliberation, incoming, ticket, by, Audience::Requester, author.trust());
    learn_language(&mut deliberation, incoming.mail, author);
    match meaning(&deliberation, incoming, ticket) {
        Meaning::Thanks => {
            let ignored = Event::MailIgnored { ledger: incoming.ledger, reason: "thanks".to_owned() };
            deliberation.happened(number, by, ignored);
        }
        Meaning::FixHelped(fix) => fix_helped(&mut deliberation, incoming, author, ticket, by, &fix),
        Meaning::FixFailed(fix) => {
            let mut lines = Vec::new();
            if offer::is_suspended_by_refusal(&deliberation, &fix) {
                deliberation.alert(format!(
                    "The known fix {fix} is suspended from automatic answers: requesters say that it does not help. Mend it, \
                     then: guichet fix resume {fix}"
                ));
                lines.push(Line::FixSuspended(&fix));
            }
            deliberation.happened(number, by, Event::KnownFixRefused { fix: fix.clone() });
            go_on(&mut deliberation, incoming, author, ticket, by, lines);
        }
        Meaning::Language(language) => switch_language(&mut deliberation, incoming, author, number, language),
        Meaning::Status => tell_requester(&mut deliberation, incoming, author, number, Purpose::Status),
        Meaning::Words => go_on(&mut deliberation, incoming, author, ticket, by, Vec::new()),
    }
    deliberation.end(Outcome::Ticket(number))
}

/// What a requester's mail on a ticket means.
enum Meaning {
    Thanks,
    FixHelped(String),
    FixFailed(String),
    Language(Language),
    Status,
    Words,
}

fn meaning(deliberation: &Deliberation<'_>, incoming: &Incoming<'_>, ticket: &Ticket) -> Meaning {
    let mail = incoming.mail;
    let text = mail.body.reply_text.trim();
    if mail.is_mere_gesture() {
        return Meaning::Thanks;
    }
    if !mail.attachments.iter().all(|attachment| attachment.inline) {
        return Meaning::Words;
    }
    if let Some(fix) = &ticket.known_fix
        && answers_the_letter_that_asked(deliberation, incoming, ticket)
    {
        if small_talk::is_yes(text) {
            return Meaning::FixHelped(fix.clone());
        }
        if small_talk::is_no(text) || small_talk::says_it_failed(text) {
            return Meaning::FixFailed(fix.clone());
        }
    }
    if is_courtesy(mail) {
        return Meaning::Thanks;
    }
    match folded(text.trim_end_matches(['.', '!'])).as_str() {
        "english" | "anglais" => Meaning::Language(Language::ENGLISH),
        "francais" | "french" => Meaning::Language(Language::FRENCH),
        "statut" | "status" => Meaning::Status,
        _ => Meaning::Words,
    }
}

/// Thanks, a thumb, a recall: nothing that anybody asks.
fn is_courtesy(mail: &InboundMail) -> bool {
    let is_alone = mail.attachments.iter().all(|attachment| attachment.inline);
    mail.is_mere_gesture() || is_alone && small_talk::is_thanks(&mail.body.reply_text)
}

/// OUI counts only as the answer to the letter that offered the fix.
fn answers_the_letter_that_asked(deliberation: &Deliberation<'_>, incoming: &Incoming<'_>, ticket: &Ticket) -> bool {
    let answered = matching::answered_token(incoming.mail, deliberation.rules.keyring);
    let letter = answered.filter(|token| token.ticket == ticket.number.0).and_then(|token| {
        deliberation.dossier(ticket.number)?.sent.iter().find(|letter| letter.number == token.letter)
    });
    letter.is_some_and(|letter| matches!(letter.purpose, Purpose::Acknowledgement | Purpose::KnownFix))
}

/// Whoever was told of the request is told that nothing is left to do.
fn fix_helped(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    ticket: &Ticket,
    by: Actor,
    fix: &str,
) {
    let number = ticket.number;
    deliberation.happened(number, by, Event::KnownFixConfirmed { fix: fix.to_owned() });
    let ticket = deliberation.as_it_stands(ticket);
    if ticket.state.is_over() {
        return;
    }
    deliberation.happened(number, by, Event::Resolved { code: Some("known_fix".to_owned()) });
    let staff = deliberation.staff_for(&ticket);
    let lines = [Line::SolvedByKnownFix(fix)];
    tell_staff(deliberation, incoming, &staff, &ticket, &News::of(Purpose::Notice, author, &lines));
}

/// The ordinary case: the clocks run again, a solved ticket is open again, whoever works on it hears of it.
fn go_on(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    ticket: &Ticket,
    by: Actor,
    mut lines: Vec<Line<'_>>,
) {
    let (ticket, number) = (deliberation.as_it_stands(ticket), ticket.number);
    match ticket.state {
        State::Pending { reason: PendingReason::Requester | PendingReason::Until { .. } } => {
            deliberation.happened(number, by, Event::Resumed);
        }
        State::Resolved | State::Closed => {
            deliberation.happened(number, by, Event::Reopened);
            lines.push(Line::Reopened);
        }
        State::New | State::Open | State::Spam | State::Pending { reason: PendingReason::Vendor } => {}
    }
    if ticket.state == State::Spam {
        return;
    }
    if author.authentication == Authentication::Passed {
        add_participants(deliberation, incoming.mail, number, author.address());
    }
    let staff = deliberation.staff_for(&ticket);
    tell_staff(deliberation, incoming, &staff, &ticket, &News::of(Purpose::RequesterAnswered, author, &lines));
}

fn switch_language(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
    language: Language,
) {
    deliberation.speaks(author.contact.id, language);
    if let Some(mut letter) = letter_to_author(deliberation, incoming, author, number, Purpose::LanguageSwitched) {
        letter.language = language;
        deliberation.send(letter);
    }
}

fn tell_requester(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
    purpose: Purpose,
) {
    if let Some(letter) = letter_to_author(deliberation, incoming, author, number, purpose) {
        deliberation.send(letter);
    }
}
