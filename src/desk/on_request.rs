//! Somebody who has no powers here wrote: a requester, a participant, a stranger.

use jiff::Timestamp;

use super::decide::{Arrival, Author, Incoming};
use super::deliberation::Deliberation;
use super::matching::{self, By, Lead};
use super::wording::{self, Line};
use super::{
    Actor, Audience, Contact, ContactId, Decision, Desk, Enclosure, Entry, EntryKind, Event, FixFacts, Leaves, Letter,
    Origin, Outcome, PendingReason, Purpose, Reason, RequestType, Role, State, Ticket, TicketNumber, Trust, brakes,
    enclosures, quarantine, reach, subject,
};
use crate::known_fix::{Answer, Article, Question};
use crate::mail::token::TokenAudience;
use crate::mail::{Address, Authentication, InboundMail, Language, small_talk};

/// Agents are shown known fixes that are less sure than what a requester is shown, but not any.
const CANDIDATE_PROBABILITY_MIN: f64 = 0.2;

/// Ccs beyond this never become participants.
const PARTICIPANTS_MAX: usize = 10;

/// A known fix is sent as the answer only when it is this likely to be right; else it is suggested.
const AUTOMATIC_ANSWER_SCORE: f64 = 0.85;

/// A mail with an author.
pub(super) fn on_request(deliberation: Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>) -> Decision {
    let answered = matching::answered_token(incoming.mail, deliberation.rules.keyring);
    if answered.is_some_and(|token| token.audience == TokenAudience::Desk) {
        return quarantine::hold(deliberation, incoming, Reason::UnlistedColleague);
    }
    let leads = matching::leads(incoming.mail, deliberation.docket, deliberation.rules.keyring);
    if let Some(lead) = leads.iter().find(|lead| may_join(&deliberation, author, **lead)) {
        return match deliberation.ticket(lead.ticket).cloned() {
            Some(ticket) if is_long_closed(&deliberation, &ticket) => {
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
pub(super) fn without_author(deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    open(deliberation, incoming, None, Origins::Fresh)
}

/// A mail that an agent let out of quarantine and that gives its author no part in anything: it is for the desk.
pub(super) fn let_out(deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    let mailbox = incoming.mail.from.as_ref();
    let known = mailbox.and_then(|mailbox| Some((mailbox, deliberation.contact_at(&mailbox.address)?)));
    let Some((mailbox, contact)) = known else { return without_author(deliberation, incoming) };
    let author = Author { mailbox, contact, authentication: incoming.authentication };
    match matching::answered_token(incoming.mail, deliberation.rules.keyring).filter(|token| token.ticket > 0) {
        Some(token) => file_for_desk(deliberation, incoming, author, TicketNumber(token.ticket)),
        None => open(deliberation, incoming, Some(author), Origins::Fresh),
    }
}

/// Why a ticket is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origins {
    /// It has nothing before it.
    Fresh,
    /// It goes on from a ticket closed long ago.
    Follows(TicketNumber),
    /// Its author names a ticket in which they have no part; the flag: by a letter of ours.
    Mentions(TicketNumber, bool),
}

/// A requester or participant joins authenticated, or unverified by a token of ours.
fn may_join(deliberation: &Deliberation<'_>, author: Author<'_>, lead: Lead) -> bool {
    let Some(ticket) = deliberation.ticket(lead.ticket) else { return false };
    let proven = match author.authentication {
        Authentication::Passed => true,
        Authentication::Unverified => lead.by == By::Token,
        Authentication::Failed => false,
    };
    proven && follows(deliberation, ticket, author.contact)
}

/// Whether the person, by whatever address, asked or reads along.
fn follows(deliberation: &Deliberation<'_>, ticket: &Ticket, contact: &Contact) -> bool {
    let same_person = |id: ContactId| deliberation.contact(id).is_some_and(|known| known.person == contact.person);
    ticket.is_followed_by(contact.id)
        || ticket.requester.is_some_and(same_person)
        || ticket.participants.iter().any(|participant| same_person(participant.contact))
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
    file(&mut deliberation, incoming, &ticket, by, Audience::Desk, Trust::Unverified);
    let staff = deliberation.staff_for(&ticket);
    tell_staff(&mut deliberation, incoming, &staff, number, Purpose::Notice, Some(author), &[]);
    deliberation.end(Outcome::Ticket(number))
}

fn join(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>, ticket: &Ticket) -> Decision {
    let number = ticket.number;
    let is_requester = ticket.requester == Some(author.contact.id) || !ticket.is_followed_by(author.contact.id);
    let role = if is_requester { Role::Requester } else { Role::Participant };
    let by = Actor { role, contact: Some(author.contact.id) };
    file(&mut deliberation, incoming, ticket, by, Audience::Requester, author.trust());
    learn_language(&mut deliberation, incoming.mail, author.contact);
    match meaning(&deliberation, incoming, ticket) {
        Meaning::Thanks => {
            let ignored = Event::MailIgnored { ledger: incoming.ledger, reason: "thanks".to_owned() };
            deliberation.happened(number, by, ignored);
        }
        Meaning::FixHelped(fix) => fix_helped(&mut deliberation, number, by, fix),
        Meaning::FixFailed(fix) => {
            deliberation.happened(number, by, Event::KnownFixRefused { fix });
            go_on(&mut deliberation, incoming, author, number, by);
        }
        Meaning::Language(language) => switch_language(&mut deliberation, incoming, author, number, language),
        Meaning::Status => tell_requester(&mut deliberation, incoming, author, number, Purpose::Status),
        Meaning::Words => go_on(&mut deliberation, incoming, author, number, by),
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
    if !mail.attachments.iter().all(|attachment| attachment.inline) {
        return Meaning::Words;
    }
    if let Some(fix) = &ticket.known_fix
        && answers_the_letter_that_asked(deliberation, incoming, ticket)
    {
        if small_talk::is_yes(text) {
            return Meaning::FixHelped(fix.clone());
        }
        if small_talk::is_no(text) {
            return Meaning::FixFailed(fix.clone());
        }
    }
    if small_talk::is_reaction(&mail.subject, text)
        || small_talk::is_recall(&mail.subject)
        || small_talk::is_thanks(text)
    {
        return Meaning::Thanks;
    }
    match super::command::folded(text.trim_end_matches(['.', '!'])).as_str() {
        "english" | "anglais" => Meaning::Language(Language::ENGLISH),
        "francais" | "french" => Meaning::Language(Language::FRENCH),
        "statut" | "status" => Meaning::Status,
        _ => Meaning::Words,
    }
}

/// OUI counts only as the answer to the letter that offered the fix.
fn answers_the_letter_that_asked(deliberation: &Deliberation<'_>, incoming: &Incoming<'_>, ticket: &Ticket) -> bool {
    let answered = matching::answered_token(incoming.mail, deliberation.rules.keyring);
    let letter = answered.filter(|token| token.ticket == ticket.number.0).and_then(|token| {
        deliberation.dossier(ticket.number)?.sent.iter().find(|letter| letter.number == token.letter)
    });
    letter.is_some_and(|letter| matches!(letter.purpose, Purpose::Acknowledgement | Purpose::KnownFix))
}

fn fix_helped(deliberation: &mut Deliberation<'_>, number: TicketNumber, by: Actor, fix: String) {
    deliberation.happened(number, by, Event::KnownFixConfirmed { fix });
    let over = deliberation.ticket(number).is_none_or(|ticket| ticket.state.is_over());
    if !over {
        deliberation.happened(number, by, Event::Resolved { code: Some("known_fix".to_owned()) });
    }
}

/// The ordinary case: the clocks run again, a solved ticket is open again, whoever works on it hears of it.
fn go_on(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
    by: Actor,
) {
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    let mut lines = Vec::new();
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
    tell_staff(deliberation, incoming, &staff, number, Purpose::RequesterAnswered, Some(author), &lines);
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

/// Opens a ticket, tells the desk, and acknowledges where an automatic letter may answer at all.
pub(super) fn open(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Option<Author<'_>>,
    origins: Origins,
) -> Decision {
    let mail = incoming.mail;
    let desk = desk_for(&deliberation, mail);
    let known = author.and_then(|author| author.contact.language).or(mail.language);
    let language = known.filter(|known| desk.languages.contains(known)).unwrap_or(desk.languages[0]);
    let number = deliberation.open(desk, &subject::bare(&mail.subject), language);
    let contact = author.map(|author| author.contact.id);
    let role = if author.is_some() { Role::Requester } else { Role::Unknown };
    let by = Actor { role, contact };
    let opened = Event::Opened {
        requester: contact,
        origin: Origin::Mail,
        request_type: RequestType::Incident,
        address: address_written_to(desk, mail),
    };
    deliberation.happened(number, by, opened);
    match origins {
        Origins::Fresh => {}
        Origins::Follows(ticket) => deliberation.happened(number, Actor::SYSTEM, Event::Follows { ticket }),
        Origins::Mentions(ticket, _) => deliberation.happened(number, Actor::SYSTEM, Event::Mentioned { ticket }),
    }
    let Some(ticket) = deliberation.ticket(number).cloned() else {
        return deliberation.end(Outcome::Ticket(number));
    };
    file(
        &mut deliberation,
        incoming,
        &ticket,
        by,
        Audience::Requester,
        author.map_or(Trust::Unverified, |a| a.trust()),
    );
    cited_threads(&mut deliberation, mail, number);
    let mut lines: Vec<Line<'_>> = Vec::new();
    if let Some(author) = author {
        learn_language(&mut deliberation, mail, author.contact);
        if author.authentication == Authentication::Passed {
            add_participants(&mut deliberation, mail, number, author.address());
        }
        if acknowledge(&mut deliberation, incoming, author, number, origins, known.is_none()) == Braked::Yes {
            lines.push(Line::BrakeTripped);
        }
    }
    let mentioned = match origins {
        Origins::Mentions(ticket, _) => Some(ticket.to_string()),
        Origins::Fresh | Origins::Follows(_) => None,
    };
    lines.extend(mentioned.as_deref().map(Line::Mentions));
    let staff = deliberation.staff_for(&ticket);
    let staff: Vec<Address> =
        staff.into_iter().filter(|to| author.is_none_or(|author| !to.is(author.address()))).collect();
    tell_staff(&mut deliberation, incoming, &staff, number, Purpose::NewTicket, author, &lines);
    deliberation.end(Outcome::Ticket(number))
}

/// A request that an agent took by telephone: acknowledged, and the desk is told.
pub(super) fn by_telephone(
    mut deliberation: Deliberation<'_>,
    requester: &Address,
    title: &str,
    text: &str,
    origin: Origin,
) -> Decision {
    let desk = &deliberation.policy().desks[0];
    let contact = deliberation.contact_at(requester);
    let language = contact.and_then(|contact| contact.language).filter(|known| desk.languages.contains(known));
    let number = deliberation.open(desk, &subject::bare(title), language.unwrap_or(desk.languages[0]));
    let by = Actor { role: Role::Requester, contact: contact.map(|contact| contact.id) };
    let opened = Event::Opened {
        requester: by.contact,
        origin,
        request_type: RequestType::Incident,
        address: Some(desk.addresses[0].clone()),
    };
    deliberation.happened(number, Actor::SYSTEM, opened);
    deliberation.file(Entry {
        ticket: number,
        ledger: None,
        message_id: None,
        kind: EntryKind::Request,
        audience: Audience::Requester,
        trust: Trust::Unverified,
        author_role: Role::Requester,
        author: by.contact,
        text: text.to_owned(),
    });
    let Some(ticket) = deliberation.ticket(number).cloned() else { return deliberation.end_without_mail() };
    if let Some(contact) = contact.filter(|contact| reach::somebody_reads(&contact.address, deliberation.policy())) {
        let mut letter = deliberation.letter(&ticket, Purpose::Acknowledgement, Audience::Requester, ticket.language);
        letter.to = vec![contact.mailbox()];
        letter.facts.received_at = Some(moment(&deliberation, &letter, ticket.opened_at));
        deliberation.send(letter);
    }
    let staff = deliberation.staff_for(&ticket);
    deliberation.send_to_staff(&staff, |deliberation, language| {
        let mut letter = deliberation.letter(&ticket, Purpose::NewTicket, Audience::Desk, language);
        letter.writer = letter.facts.requester_name.clone();
        letter.facts.author = letter.facts.requester_name.clone();
        letter.facts.text = Some(text.to_owned());
        letter.facts.reply_is_public = true;
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(letter.facts.requester_name.as_deref(), language));
        Some(letter)
    });
    deliberation.end_without_mail()
}

/// A mail that asks only the program: on a ticket that is closed at once, so that it is accounted for.
pub(super) fn keep_silently(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
) -> Decision {
    let mail = incoming.mail;
    let desk = desk_for(&deliberation, mail);
    let number = deliberation.open(desk, &subject::bare(&mail.subject), desk.languages[0]);
    let by = Actor { role: Role::Agent, contact: Some(author.contact.id) };
    let opened = Event::Opened {
        requester: by.contact,
        origin: Origin::Mail,
        request_type: RequestType::ServiceRequest,
        address: address_written_to(desk, mail),
    };
    deliberation.happened(number, by, opened);
    if let Some(ticket) = deliberation.ticket(number).cloned() {
        file(&mut deliberation, incoming, &ticket, by, Audience::Desk, author.trust());
    }
    deliberation.happened(number, Actor::SYSTEM, Event::Closed);
    deliberation.end(Outcome::Ticket(number))
}

/// Whether a brake held a letter back.
#[derive(PartialEq, Eq)]
enum Braked {
    Yes,
    No,
}

fn acknowledge(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
    origins: Origins,
    language_unsure: bool,
) -> Braked {
    let mail = incoming.mail;
    let cites_letter = matches!(origins, Origins::Mentions(_, true));
    let passes = author.authentication != Authentication::Failed && incoming.arrival == Arrival::Ordinary;
    if !mail.may_ack || cites_letter || !passes || !reach::somebody_reads(author.address(), deliberation.policy()) {
        return Braked::No;
    }
    let brake = brakes::tripped(deliberation, author.address(), number);
    let verified = author.authentication == Authentication::Passed;
    let offer = if verified { offer(deliberation, mail) } else { Offer::default() };
    let purpose = match (verified, offer.as_answer) {
        (false, _) => Purpose::AcknowledgementGeneric,
        (true, true) => Purpose::KnownFix,
        (true, false) => Purpose::Acknowledgement,
    };
    let Some(mut letter) = letter_to_author(deliberation, incoming, author, number, purpose) else { return Braked::No };
    letter.facts.language_unsure = language_unsure && deliberation.policy().desk(&letter.desk).languages.len() > 1;
    letter.facts.asks_yes = offer.fix.is_some();
    letter.facts.fixes = offer.facts;
    if !verified {
        letter.subject = String::new();
        letter.facts.subject = String::new();
        letter.facts.requester_name = None;
        letter.to.iter_mut().for_each(|mailbox| mailbox.name = None);
        letter.thread_topic = None;
    }
    if brake.is_some() {
        letter.leaves = Leaves::WhenReleased;
    }
    deliberation.send(letter);
    if let Some(fix) = offer.fix {
        deliberation.happened(number, Actor::SYSTEM, Event::KnownFixOffered { fix });
    }
    match brake {
        Some(brake) => {
            deliberation.happened(number, Actor::SYSTEM, Event::BrakeTripped { brake: brake.to_owned() });
            Braked::Yes
        }
        None => Braked::No,
    }
}

/// What the known fixes have for a request.
#[derive(Default)]
struct Offer {
    fix: Option<String>,
    as_answer: bool,
    facts: Vec<FixFacts>,
}

fn offer(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Offer {
    let library = deliberation.rules.library;
    let found = library.find(&question(mail));
    let article = found.for_requester();
    article.map_or_else(Offer::default, |article| Offer {
        fix: Some(article.id.clone()),
        as_answer: article.answer == Answer::Auto && found.score >= AUTOMATIC_ANSWER_SCORE,
        facts: vec![fix_facts(article)],
    })
}

fn question(mail: &InboundMail) -> Question<'_> {
    Question { subject: &mail.subject, text: &mail.body.reply_text, language: mail.language }
}

pub(super) fn fix_facts(article: &Article) -> FixFacts {
    FixFacts { id: article.id.clone(), title: article.title.clone(), text: article.text(), html: article.html() }
}

/// A letter that answers the author of the mail, threaded on it. `None` where nobody would read it.
pub(super) fn letter_to_author(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
    purpose: Purpose,
) -> Option<Letter> {
    let ticket = deliberation.ticket(number)?;
    if !reach::somebody_reads(author.address(), deliberation.policy()) || !author.contact.deliverable {
        return None;
    }
    let acknowledges =
        matches!(purpose, Purpose::Acknowledgement | Purpose::AcknowledgementGeneric | Purpose::KnownFix);
    if !acknowledges && brakes::tripped(deliberation, author.address(), number).is_some() {
        return None;
    }
    let language = author
        .contact
        .language
        .or(incoming.mail.language)
        .filter(|language| deliberation.desk_of(ticket).languages.contains(language));
    let mut letter = deliberation.letter(ticket, purpose, Audience::Requester, language.unwrap_or(ticket.language));
    let mail = incoming.mail;
    letter.to = vec![author.mailbox.clone()];
    letter.in_reply_to = mail.message_id.clone();
    letter.references = mail.references.iter().chain(&mail.message_id).cloned().collect();
    letter.thread_topic = mail.thread_topic.clone();
    letter.thread_index = mail.thread_index.clone();
    letter.facts.received_at = Some(moment(deliberation, &letter, ticket.opened_at));
    letter.facts.state = Some(wording::state(ticket.state, letter.language).to_owned());
    Some(letter)
}

fn moment(deliberation: &Deliberation<'_>, letter: &Letter, at: Timestamp) -> String {
    let desk = deliberation.policy().desk(&letter.desk);
    let zone = jiff::tz::TimeZone::get(&desk.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    wording::moment(at, &zone, letter.language)
}

/// Tells agents what somebody wrote.
pub(super) fn tell_staff(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    staff: &[Address],
    number: TicketNumber,
    purpose: Purpose,
    author: Option<Author<'_>>,
    lines: &[Line<'_>],
) {
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    let mail = incoming.mail;
    let enclosures = enclosures::of(incoming.ledger, mail);
    let candidates = if purpose == Purpose::NewTicket { candidates(deliberation, mail) } else { Vec::new() };
    deliberation.send_to_staff(staff, |deliberation, language| {
        let mut letter = deliberation.letter(&ticket, purpose, Audience::Desk, language);
        letter.writer = author.map(|author| author.contact.display().to_owned());
        letter.about = Some(incoming.ledger);
        staff_thread(deliberation, &mut letter);
        let public = purpose != Purpose::Notice;
        let requester = letter.facts.requester_name.clone();
        letter.facts.reply_is_public = public;
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(requester.as_deref().filter(|_| public), language));
        letter.facts.unverified = author.is_none_or(|author| author.authentication != Authentication::Passed);
        letter.facts.author = author.map(|author| author.contact.display().to_owned());
        letter.facts.reasons = lines.iter().map(|line| wording::say(line, language)).collect();
        letter.facts.fixes = candidates.clone();
        show_mail(deliberation, &mut letter, mail, &enclosures, purpose);
        Some(letter)
    });
}

/// The mail's words, pictures and attachments, as an agent reads them.
fn show_mail(
    deliberation: &Deliberation<'_>,
    letter: &mut Letter,
    mail: &InboundMail,
    enclosures: &[Enclosure],
    purpose: Purpose,
) {
    let whole = purpose == Purpose::NewTicket;
    let text = if whole { &mail.body.unquoted_text } else { &mail.body.reply_text };
    letter.facts.text = Some(if text.is_empty() { mail.body.text.clone() } else { text.clone() });
    letter.html = mail.body.html.clone().filter(|html| whole && enclosures::html_says_more(html));
    letter.facts.attachments = enclosures::listed(enclosures);
    letter.enclosures = enclosures::within(enclosures, deliberation.policy().enclosure_bytes);
}

fn candidates(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Vec<FixFacts> {
    let library = deliberation.rules.library;
    if library.articles().is_empty() {
        return Vec::new();
    }
    let found = library.find(&question(mail));
    let likely = found.candidates.iter().filter(|candidate| candidate.score >= CANDIDATE_PROBABILITY_MIN);
    let articles = likely.take(3).map(|candidate| candidate.article);
    articles.map(fix_facts).collect()
}

/// Agents' letters about a ticket stand in one thread: each answers the one before.
pub(super) fn staff_thread(deliberation: &Deliberation<'_>, letter: &mut Letter) {
    let Some(dossier) = letter.ticket.and_then(|ticket| deliberation.dossier(ticket)) else { return };
    let mut earlier = dossier.sent.iter().filter(|sent| sent.audience == Audience::Desk);
    letter.in_reply_to = earlier.next_back().map(|sent| sent.message_id.clone());
    letter.references = letter.in_reply_to.iter().cloned().collect();
}

fn file(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    ticket: &Ticket,
    by: Actor,
    audience: Audience,
    trust: Trust,
) {
    let mail = incoming.mail;
    deliberation.file(Entry {
        ticket: ticket.number,
        ledger: Some(incoming.ledger),
        message_id: mail.message_id.clone(),
        kind: EntryKind::Request,
        audience,
        trust,
        author_role: by.role,
        author: by.contact,
        text: mail.body.reply_text.clone(),
    });
    deliberation.happened(ticket.number, by, Event::MailReceived { ledger: incoming.ledger });
    if let Some(message_id) = &mail.message_id {
        deliberation.thread(message_id, ticket.number);
    }
}

/// What a first mail cites is a key too: a colleague's reply-all may arrive before it, or beside it.
fn cited_threads(deliberation: &mut Deliberation<'_>, mail: &InboundMail, number: TicketNumber) {
    for cited in mail.in_reply_to.iter().chain(mail.references.iter().rev()).take(10) {
        if !deliberation.docket.threads.contains_key(cited) {
            deliberation.thread(cited, number);
        }
    }
}

fn learn_language(deliberation: &mut Deliberation<'_>, mail: &InboundMail, contact: &Contact) {
    if let (None, Some(language)) = (contact.language, mail.language) {
        deliberation.speaks(contact.id, language);
    }
}

fn add_participants(deliberation: &mut Deliberation<'_>, mail: &InboundMail, number: TicketNumber, author: &Address) {
    for address in mail.to.iter().chain(&mail.cc) {
        let Some(ticket) = deliberation.ticket(number) else { return };
        let Some(contact) = deliberation.contact_at(address).map(|contact| contact.id) else { continue };
        let full = ticket.participants.len() >= PARTICIPANTS_MAX;
        let known = ticket.is_followed_by(contact) || address.is(author);
        if !full && !known && reach::may_participate(address, deliberation.policy()) {
            deliberation.happened(number, Actor::SYSTEM, Event::ParticipantAdded { contact });
        }
    }
}

/// The desk that a mail was sent to; what names none belongs to the first.
pub(super) fn desk_for<'a>(deliberation: &Deliberation<'a>, mail: &InboundMail) -> &'a Desk {
    let policy = deliberation.policy();
    let addresses = mail.delivered_to.iter().chain(&mail.to).chain(&mail.cc);
    addresses.filter_map(|address| policy.desk_at(address)).next().unwrap_or(&policy.desks[0])
}

/// Which of the desk's addresses the mail was sent to: visible recipients first, because that one the author knows.
pub(super) fn address_written_to(desk: &Desk, mail: &InboundMail) -> Option<Address> {
    let addresses = mail.to.iter().chain(&mail.cc).chain(&mail.delivered_to);
    let own = addresses.filter_map(|address| desk.addresses.iter().find(|own| address.is_within(own))).next();
    Some(own.unwrap_or(&desk.addresses[0]).clone())
}
