//! Somebody who has no powers here wrote: a requester, a participant, a stranger.

use crate::desk::deliberation::{Deliberation, Ruling};
use crate::desk::docket::copies;
use crate::desk::docket::entering::{add_participants, enter_request, learn_language};
use crate::desk::docket::matching::{self, By, Lead};
use crate::desk::incoming::Author;
use crate::desk::outgoing::offer;
use crate::desk::outgoing::telling::{News, follow_up, letter_to_author, tell_staff};
use crate::desk::outgoing::wording::Line;
use crate::desk::rules::opening::{self, Antecedent, open};
use crate::desk::rules::{absences, on_report, on_robot};
use crate::desk::{
    Actor, Audience, Contact, ContactId, Decision, Dossier, Entry, EntryKind, Event, Incoming, Level, Outcome,
    PendingReason, Purpose, Reason, Role, State, Ticket, TicketNumber, Trust,
};
use crate::mail::fold::folded;
use crate::mail::token::TokenAudience;
use crate::mail::{Addition, Authentication, InboundMail, Language, small_talk};

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
    let joined = leads.iter().find(|lead| may_join(&deliberation, incoming.mail, author, **lead));
    match joined.and_then(|lead| deliberation.ticket(lead.ticket)).cloned() {
        Some(ticket) => on_robot::on_own_ticket(deliberation, incoming, author, &ticket),
        None => on_report::other(deliberation, incoming, Reason::AutoReply),
    }
}

/// On the ticket that it belongs to, or on a new one.
fn place(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>) -> Decision {
    let mail = incoming.mail;
    absences::requester_wrote(&mut deliberation, incoming, author);
    let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
    let lead = leads.iter().find(|lead| may_join(&deliberation, mail, author, **lead));
    let led_to = lead.and_then(|lead| deliberation.ticket(lead.ticket)).cloned();
    if let Some(ticket) = led_to.as_ref().filter(|_| mail.writer.is_robot()) {
        return on_robot::on_own_ticket(deliberation, incoming, author, ticket);
    }
    let is_over = |ticket: &Ticket| is_long_closed(&deliberation, ticket) && !is_courtesy(mail);
    match (led_to, flagged(&deliberation, incoming, author)) {
        (Some(ticket), None) if is_over(&ticket) => {
            return open(deliberation, incoming, Some(author), Antecedent::Follows(ticket.number));
        }
        (Some(ticket), flagged)
            if flagged.as_ref().is_none_or(|flagged| flagged.number != ticket.number) && !is_over(&ticket) =>
        {
            return join(deliberation, incoming, author, &ticket, flagged.as_ref());
        }
        (_, Some(flagged)) => return prove(deliberation, incoming, author, &flagged),
        (_, None) => {}
    }
    match leads.first() {
        Some(lead) if lead.by == By::Token && author.authentication == Authentication::Unverified => {
            enter_for_desk(deliberation, incoming, author, lead.ticket)
        }
        Some(lead) => {
            let cites_letter = matching::verified(incoming.mail, deliberation.rules.keyring).next().is_some();
            open(deliberation, incoming, Some(author), Antecedent::Mentions(lead.ticket, cites_letter))
        }
        None => match continued(&deliberation, mail, author).cloned() {
            Some(ticket) => join(deliberation, incoming, author, &ticket, None),
            None => open(deliberation, incoming, Some(author), Antecedent::Fresh),
        },
    }
}

/// What its proven author asked a moment ago under the same subject, where the mail only adds to it: what was forgotten, or is put
/// right. Where several could be meant, none is.
fn continued<'a>(deliberation: &Deliberation<'a>, mail: &InboundMail, author: Author<'_>) -> Option<&'a Ticket> {
    let proven = author.authentication == Authentication::Passed && mail.writer.is_person();
    let addition = mail.addition().filter(|_| proven)?;
    let subject = matching::canonical_subject(&mail.subject);
    let dossiers = deliberation.docket.dossiers.values().filter(|dossier| {
        let ticket = &dossier.ticket;
        matching::is_fresh(ticket.opened_at, deliberation.now)
            && !ticket.state.is_over()
            && !subject.is_empty()
            && matching::canonical_subject(&ticket.subject) == subject
            && asked_by(deliberation, dossier, author)
            && lacks(dossier, addition, mail)
    });
    let mut tickets = dossiers.map(|dossier| &dossier.ticket);
    tickets.next().filter(|_| tickets.next().is_none())
}

/// Whether its first words are the author's own, and proven.
fn asked_by(deliberation: &Deliberation<'_>, dossier: &Dossier, author: Author<'_>) -> bool {
    let is_author =
        |id: ContactId| deliberation.contact(id).is_some_and(|contact| contact.person == author.contact.person);
    let asked = dossier.first_request().filter(|asked| asked.trust == Trust::Verified);
    dossier.ticket.requester.is_some_and(is_author) && asked.and_then(|asked| asked.author).is_some_and(is_author)
}

/// Whether that is missing there: the same words over again are asked again, and a second form may be for somebody else.
fn lacks(dossier: &Dossier, addition: Addition, mail: &InboundMail) -> bool {
    let Some(asked) = dossier.first_request() else { return false };
    let told = dossier.sent.iter().find(|letter| letter.purpose == Purpose::NewTicket);
    match addition {
        Addition::Said => asked.text.trim() != mail.body.reply_text.trim(),
        Addition::File => !asked.text.trim().is_empty() && told.is_some_and(|letter| letter.listed.is_empty()),
    }
}

/// A mail that nobody seems to have written: still a ticket, that a human sees.
pub(in crate::desk) fn without_author(deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    open(deliberation, incoming, None, Antecedent::Fresh)
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
        Some(lead) if has_role || lead.by == By::Token => enter_for_desk(deliberation, incoming, author, lead.ticket),
        _ if has_role => without_author(deliberation, incoming),
        _ => open(deliberation, incoming, Some(author), Antecedent::Fresh),
    }
}

/// A requester or participant joins authenticated, or unverified by a token of ours.
fn may_join(deliberation: &Deliberation<'_>, mail: &InboundMail, author: Author<'_>, lead: Lead) -> bool {
    let Some(ticket) = deliberation.ticket(lead.ticket) else { return false };
    let proven = match author.authentication {
        Authentication::Passed => lead.by == By::Token || is_their_thread(deliberation, mail, author, ticket),
        Authentication::Unverified => lead.by == By::Token,
        Authentication::Failed => false,
    };
    proven && deliberation.follows(ticket, author.contact)
}

/// Anybody can write under an identifier that they saw, cite it, and put somebody in Cc; or write a number into a subject that
/// others answer. So a thread or number leads its author to a ticket of their own, and to one in which they read along only where their mail is written to who asked there, or goes on
/// from an earlier one of theirs.
fn is_their_thread(deliberation: &Deliberation<'_>, mail: &InboundMail, author: Author<'_>, ticket: &Ticket) -> bool {
    let requester = ticket.requester.and_then(|id| deliberation.contact(id)).map(|contact| contact.person);
    let is_requester = |contact: &Contact| Some(contact.person) == requester;
    let dossier = deliberation.dossier(ticket.number);
    if is_requester(author.contact) {
        // What nobody proved may be a stranger's in their name, until somebody here takes it up.
        let asked = dossier.and_then(Dossier::first_request);
        return ticket.was_taken_up() || asked.is_none_or(|asked| asked.trust == Trust::Verified);
    }
    let addressees = mail.to.iter().chain(&mail.cc).filter_map(|address| deliberation.contact_at(address));
    let own = |entry: &&Entry| entry.author == Some(author.contact.id) && entry.trust == Trust::Verified;
    let mut own_ids = dossier.into_iter().flat_map(|d| &d.entries).filter(own).filter_map(|e| e.message_id.as_ref());
    addressees.into_iter().any(is_requester) || own_ids.any(|id| matching::cites(mail, id))
}

fn is_long_closed(deliberation: &Deliberation<'_>, ticket: &Ticket) -> bool {
    let within =
        jiff::SignedDuration::try_from(deliberation.policy().reopen_within).unwrap_or(jiff::SignedDuration::MAX);
    ticket.state == State::Closed
        && ticket.closed_at.is_some_and(|closed_at| deliberation.now.duration_since(closed_at) > within)
}

/// The author's ticket that a copy of the mail is on from before its author was proven.
fn flagged(deliberation: &Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>) -> Option<Ticket> {
    let (number, _) = copies::unproven_on(deliberation.docket, incoming)?;
    let number = matching::goes_on_in(deliberation.docket, number);
    let proven = author.authentication == Authentication::Passed;
    deliberation.ticket(number).filter(|ticket| proven && deliberation.follows(ticket, author.contact)).cloned()
}

/// The mail is on the ticket already and had its effect; what an unproven author was not trusted with is made up for.
fn prove(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>, ticket: &Ticket) -> Decision {
    let number = ticket.number;
    deliberation.can_reach(author.contact);
    learn_language(&mut deliberation, incoming.mail, author, number);
    let by = Actor { role: Role::Requester, contact: Some(author.contact.id) };
    deliberation.happened(number, by, Event::AuthorProven { ledger: incoming.ledger });
    if let Some((filed_on, ledger)) = copies::unproven_on(deliberation.docket, incoming) {
        deliberation.verify(filed_on, ledger);
    }
    if ticket.state == State::Spam {
        return deliberation.end(Outcome::Ticket(number));
    }
    add_participants(&mut deliberation, incoming.mail, number, author.address());
    if !was_acknowledged(&deliberation, number) {
        opening::acknowledge_late(&mut deliberation, incoming, author, number);
    }
    let staff = deliberation.staff_for(ticket);
    let news = News::of(Purpose::Notice, author, &[Line::AuthorProven]);
    tell_staff(&mut deliberation, incoming, &staff, ticket, &news);
    deliberation.end(Outcome::Ticket(number))
}

fn was_acknowledged(deliberation: &Deliberation<'_>, number: TicketNumber) -> bool {
    let sent = deliberation.dossier(number).map_or(&[][..], |dossier| &dossier.sent);
    sent.iter().any(|letter| letter.audience == Audience::Requester)
}

/// What an unproven copy opened goes on where the mail belongs, unless somebody works on it by now.
fn take_over(deliberation: &mut Deliberation<'_>, ticket: &Ticket, flagged: &Ticket, by: Actor) -> bool {
    let (here, there) = (ticket.number, flagged.number);
    let untouched = flagged.state == State::New && !flagged.was_taken_up() && flagged.level == Level::L1;
    if untouched {
        deliberation.happened(there, by, Event::MergedInto { ticket: here });
    } else {
        deliberation.happened(there, by, Event::Linked { ticket: here });
        deliberation.happened(here, by, Event::Linked { ticket: there });
    }
    untouched
}

/// A letter of ours, handed on: the desk sees what was answered, and nobody else.
fn enter_for_desk(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
) -> Decision {
    let Some(ticket) = deliberation.ticket(number).cloned() else {
        return open(deliberation, incoming, Some(author), Antecedent::Fresh);
    };
    let by = Actor { role: Role::Unknown, contact: Some(author.contact.id) };
    enter_request(&mut deliberation, incoming, &ticket, by, Audience::Desk, Trust::Unverified);
    let staff = deliberation.staff_for(&ticket);
    tell_staff(&mut deliberation, incoming, &staff, &ticket, &News::of(Purpose::Notice, author, &[]));
    deliberation.end(Outcome::Ticket(number))
}

fn join(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    ticket: &Ticket,
    flagged: Option<&Ticket>,
) -> Decision {
    let number = ticket.number;
    let is_requester = ticket.requester == Some(author.contact.id) || !ticket.is_followed_by(author.contact.id);
    let role = if is_requester { Role::Requester } else { Role::Participant };
    let by = Actor { role, contact: Some(author.contact.id) };
    deliberation.can_reach(author.contact);
    enter_request(&mut deliberation, incoming, ticket, by, Audience::Requester, author.trust());
    learn_language(&mut deliberation, incoming.mail, author, number);
    let reference = flagged.map(|flagged| flagged.number.to_string());
    let mut lines: Vec<Line<'_>> = opening::handed_in(incoming).into_iter().collect();
    if let (Some(flagged), Some(reference)) = (flagged, &reference) {
        let merged = take_over(&mut deliberation, ticket, flagged, by);
        lines.push(if merged { Line::TakesOver(reference) } else { Line::LinkedCopy(reference) });
    }
    match meaning(&deliberation, incoming, ticket) {
        Meaning::Thanks => {
            let ignored = Event::MailIgnored { ledger: incoming.ledger, reason: "thanks".to_owned() };
            deliberation.happened(number, by, ignored);
        }
        Meaning::Solved => solved(&mut deliberation, incoming, author, ticket, by),
        Meaning::FixHelped(fix) => fix_helped(&mut deliberation, incoming, author, ticket, by, &fix),
        Meaning::FixFailed(fix) => {
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
        Meaning::Words => go_on(&mut deliberation, incoming, author, ticket, by, lines),
    }
    deliberation.end(Outcome::Ticket(number))
}

/// What a requester's mail on a ticket means.
enum Meaning {
    Thanks,
    Solved,
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
    if small_talk::is_yes(text) {
        match answered_purpose(deliberation, incoming, ticket) {
            Some(Purpose::Reminder) => return Meaning::Solved,
            // It says what is known, unless the solution came with a question.
            Some(Purpose::Resolved) if !asks_something(deliberation, ticket) => return Meaning::Thanks,
            _ => {}
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

/// Whether what an agent last told the requester asks for anything.
fn asks_something(deliberation: &Deliberation<'_>, ticket: &Ticket) -> bool {
    let entries = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.entries);
    let told = entries.iter().rev().find(|entry| entry.kind == EntryKind::AgentReply);
    told.is_some_and(|entry| entry.text.contains('?'))
}

/// Thanks, a thumb, a recall: nothing that anybody asks.
fn is_courtesy(mail: &InboundMail) -> bool {
    let is_alone = mail.attachments.iter().all(|attachment| attachment.inline);
    mail.is_mere_gesture() || is_alone && small_talk::is_thanks(&mail.body.reply_text)
}

/// OUI counts only as the answer to the letter that offered the fix.
fn answers_the_letter_that_asked(deliberation: &Deliberation<'_>, incoming: &Incoming<'_>, ticket: &Ticket) -> bool {
    let answered = answered_purpose(deliberation, incoming, ticket);
    matches!(answered, Some(Purpose::Acknowledgement | Purpose::KnownFix))
}

/// What the letter on the ticket is for that the mail answers.
fn answered_purpose(deliberation: &Deliberation<'_>, incoming: &Incoming<'_>, ticket: &Ticket) -> Option<Purpose> {
    let answered = matching::answered_token(incoming.mail, deliberation.rules.keyring);
    let token = answered.filter(|token| token.ticket == ticket.number.0)?;
    Some(deliberation.dossier(ticket.number)?.letter(token.letter)?.purpose)
}

/// The requester, asked once more, says that it is settled.
fn solved(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    ticket: &Ticket,
    by: Actor,
) {
    let ticket = deliberation.as_it_stands(ticket);
    if ticket.state.is_over() {
        return;
    }
    deliberation.happened(ticket.number, by, Event::Resolved { code: Some("requester".to_owned()) });
    let staff = deliberation.staff_for(&ticket);
    let news = News::of(Purpose::Notice, author, &[Line::SolvedByRequester]);
    tell_staff(deliberation, incoming, &staff, &ticket, &news);
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

/// The ordinary case: a ticket that waited or was solved is open again, and whoever works on it hears of it.
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
    let (staff, why) = follow_up(deliberation, &ticket);
    lines.extend(why.map(Line::AlsoToTeam));
    tell_staff(deliberation, incoming, &staff, &ticket, &News::of(Purpose::RequesterAnswered, author, &lines));
    opening::tell_other_desks(deliberation, incoming, Some(author), number, &staff);
}

/// Where the desk writes in no other language, whoever asks for one reads in the desk's own where the request stands.
fn switch_language(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
    language: Language,
) {
    if !deliberation.ticket(number).is_some_and(|ticket| deliberation.desk_of(ticket).switches_to(language)) {
        return tell_requester(deliberation, incoming, author, number, Purpose::Status);
    }
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
