//! Letters that tell people what somebody wrote, or that it arrived.

use crate::desk::deliberation::Deliberation;
use crate::desk::incoming::Author;
use crate::desk::outgoing::wording::{self, AlsoToTeam, Day, Line};
use crate::desk::outgoing::{brakes, enclosures, reach};
use crate::desk::{
    Audience, Clock, ClockName, ClockState, Contact, CopiedLevel, CrowdFacts, Dossier, Enclosure, Entry, EntryKind,
    Facts, FixFacts, Incoming, LedgerId, Letter, Level, Purpose, Role, Ticket, TicketNumber, TimelineFacts, targets,
};
use jiff::Timestamp;

use crate::mail::{Address, Authentication, InboundMail, Language, Mailbox};

/// A letter that answers the author of the mail, threaded on it. `None` where nobody would read it.
pub(in crate::desk) fn letter_to_author(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
    purpose: Purpose,
) -> Option<Letter> {
    let ticket = deliberation.ticket(number)?;
    if !reach::somebody_reads(author.address(), deliberation.policy()) {
        return None;
    }
    let acknowledges = matches!(
        purpose,
        Purpose::Acknowledgement | Purpose::CrowdAcknowledgement | Purpose::AcknowledgementGeneric | Purpose::KnownFix
    );
    if !acknowledges && brakes::tripped(deliberation, author.address(), number, purpose).is_some() {
        return None;
    }
    let mail = incoming.mail;
    let language = deliberation.language_on(ticket, author.contact, mail.language);
    let mut letter = deliberation.letter(ticket, purpose, Audience::Requester, language);
    letter.to = vec![author.mailbox.clone()];
    letter.in_reply_to = mail.message_id.clone();
    letter.references = mail.references.iter().chain(&mail.message_id).cloned().collect();
    letter.thread_topic = mail.thread_topic.clone();
    letter.thread_index = mail.thread_index.clone();
    letter.facts.received_at = Some(moment(deliberation, &letter, ticket.opened_at));
    Some(letter)
}

pub(in crate::desk) fn moment(deliberation: &Deliberation<'_>, letter: &Letter, at: Timestamp) -> String {
    let desk = deliberation.policy().desk(&letter.desk);
    wording::moment(at, &desk.time_zone, letter.language)
}

/// What agents are told beside a mail's words.
pub(in crate::desk) struct News<'a> {
    pub(in crate::desk) purpose: Purpose,
    /// `None`: nobody seems to have written it.
    pub(in crate::desk) author: Option<Author<'a>>,
    pub(in crate::desk) lines: &'a [Line<'a>],
    /// Known fixes that may help.
    pub(in crate::desk) fixes: Vec<FixFacts>,
}

impl<'a> News<'a> {
    pub(in crate::desk) fn of(purpose: Purpose, author: Author<'a>, lines: &'a [Line<'a>]) -> Self {
        News { purpose, author: Some(author), lines, fixes: Vec::new() }
    }
}

/// Who hears that the requester wrote again: the owner, and the team too where the owner may not see it in time.
pub(in crate::desk) fn follow_up(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
) -> (Vec<Address>, Option<AlsoToTeam>) {
    let owner = ticket.agent.and_then(|owner| deliberation.still_staff(owner));
    let why = owner.and_then(|owner| Some((owner, also_to_team(deliberation, ticket, owner)?)));
    let Some((owner, why)) = why else { return (deliberation.staff_for(ticket), None) };
    let staff = deliberation.owner_and_level(ticket, owner);
    let why = Some(why).filter(|_| staff.len() > 1);
    (staff, why)
}

fn also_to_team(deliberation: &Deliberation<'_>, ticket: &Ticket, owner: &Contact) -> Option<AlsoToTeam> {
    let (policy, now) = (deliberation.policy(), deliberation.now);
    if let Some(away) = deliberation.away(owner.id) {
        let day = |until| Day::at(until, now, deliberation.zone_of(ticket));
        return Some(AlsoToTeam::Away(away.until.map(day)));
    }
    let of_team = policy.team_of(&owner.address).and_then(|team| team.calendar.as_ref());
    let calendar = of_team.or(deliberation.desk_of(ticket).calendar.as_ref());
    if calendar.is_some_and(|calendar| !calendar.is_open(now)) {
        return Some(AlsoToTeam::Closed);
    }
    let is_late = [ClockName::Tto, ClockName::Tnr].iter().any(|name| {
        let clock = ticket.clock(*name, None).filter(|clock| clock.state != ClockState::Stopped);
        let run = |clock: &Clock| {
            targets::calendar_named(policy, ticket, &clock.calendar).map(|calendar| clock.run_ms_at(calendar, now))
        };
        clock.is_some_and(|clock| {
            clock.breached || run(clock).is_some_and(|run| run >= clock.target.saturating_mul(1000))
        })
    });
    is_late.then_some(AlsoToTeam::Late)
}

/// Tells agents what somebody wrote.
pub(in crate::desk) fn tell_staff(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    staff: &[Address],
    ticket: &Ticket,
    news: &News<'_>,
) {
    let News { purpose, author, lines, fixes } = news;
    let (purpose, author) = (*purpose, *author);
    let ticket = deliberation.as_it_stands(ticket);
    let mail = incoming.mail;
    let enclosures = enclosures::of(incoming.ledger, mail);
    deliberation.send_to_staff(staff, |deliberation, language| {
        let mut letter = deliberation.letter(&ticket, purpose, Audience::Desk, language);
        letter.writer = author.map(|author| author.contact.display().to_owned());
        letter.about = Some(incoming.ledger);
        staff_thread(deliberation, &mut letter);
        let public = !matches!(purpose, Purpose::Notice | Purpose::Escalated) && ticket.requester.is_some();
        let requester = letter.facts.requester_name.clone();
        letter.facts.reply_is_public = public;
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(requester.as_deref().filter(|_| public), language));
        letter.facts.unverified = author.is_none_or(|author| author.authentication != Authentication::Passed);
        let claimed = mail.from.as_ref().map(|from| from.name.clone().unwrap_or_else(|| from.address.to_string()));
        letter.facts.author = author.map(|author| author.claimed_name().to_owned()).or(claimed);
        letter.facts.reasons = lines.iter().map(|line| wording::say(line, language)).collect();
        letter.facts.fixes = fixes.clone();
        show_mail(deliberation, &mut letter, mail, &enclosures, purpose);
        Some(letter)
    });
}

/// What agents read of a request that no mail brings just now.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::desk) struct Told<'a> {
    pub(in crate::desk) text: Option<&'a str>,
    /// The mail that it once came by.
    pub(in crate::desk) about: Option<LedgerId>,
    pub(in crate::desk) unverified: bool,
    pub(in crate::desk) lines: &'a [Line<'a>],
    pub(in crate::desk) files: &'a [Enclosure],
}

/// Tells agents of a request that they had no letter about.
pub(in crate::desk) fn tell_of_request(deliberation: &mut Deliberation<'_>, ticket: &Ticket) {
    let staff = deliberation.staff_for(ticket);
    let request = deliberation.dossier(ticket.number).and_then(Dossier::first_request);
    let text = request.map(|entry| entry.text.as_str());
    tell_of(deliberation, &staff, ticket, &Told { text, ..Told::default() });
}

/// Tells these agents of a ticket that no mail opens just now.
pub(in crate::desk) fn tell_of(
    deliberation: &mut Deliberation<'_>,
    staff: &[Address],
    ticket: &Ticket,
    told: &Told<'_>,
) {
    deliberation.send_to_staff(staff, |deliberation, language| {
        let mut letter = deliberation.letter(ticket, Purpose::NewTicket, Audience::Desk, language);
        letter.about = told.about;
        letter.writer = letter.facts.requester_name.clone();
        letter.facts.author = letter.facts.requester_name.clone();
        letter.facts.unverified |= told.unverified;
        letter.facts.text = told.text.map(str::to_owned);
        letter.facts.reasons = told.lines.iter().map(|line| wording::say(line, language)).collect();
        letter.facts.reply_is_public = true;
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(letter.facts.requester_name.as_deref(), language));
        letter.listed = told.files.to_vec();
        letter.enclosures = enclosures::within(told.files, deliberation.policy().enclosure_bytes);
        Some(letter)
    });
}

/// Tells agents of requests about one matter, on the ticket that holds them together.
pub(in crate::desk) fn tell_of_crowd(
    deliberation: &mut Deliberation<'_>,
    holder: &Ticket,
    purpose: Purpose,
    requests: &[TicketNumber],
) {
    let staff = match purpose {
        Purpose::CrowdProposed => deliberation.staff_at(&holder.desk, Level::L1),
        _ => deliberation.staff_for(holder),
    };
    // What a proposal rests on is enough to judge it by; in an outage there may be hundreds.
    const PROPOSED_SHOWN: usize = 10;
    let shown = if purpose == Purpose::CrowdProposed { PROPOSED_SHOWN } else { requests.len() };
    let more = requests.len().saturating_sub(shown);
    let crowd: Vec<CrowdFacts> = requests.iter().take(shown).map(|number| crowd_facts(deliberation, *number)).collect();
    deliberation.send_to_staff(&staff, |deliberation, language| {
        let mut letter = deliberation.letter(holder, purpose, Audience::Desk, language);
        staff_thread(deliberation, &mut letter);
        letter.facts = Facts {
            reference: letter.facts.reference,
            subject: letter.facts.subject,
            crowd: crowd.clone(),
            reasons: (more > 0).then(|| wording::say(&Line::MoreAlike(more), language)).into_iter().collect(),
            ..Facts::default()
        };
        Some(letter)
    });
}

/// What agents read of one of many requests; of one that is not at hand its number.
fn crowd_facts(deliberation: &Deliberation<'_>, number: TicketNumber) -> CrowdFacts {
    const SHOWN: usize = 160;
    let ticket = deliberation.ticket(number);
    let requester = ticket.and_then(|ticket| deliberation.contact(ticket.requester?));
    let request = deliberation.dossier(number).and_then(Dossier::first_request);
    let words = request.map(|entry| entry.text.split_whitespace().collect::<Vec<_>>().join(" "));
    CrowdFacts {
        reference: number.to_string(),
        requester: requester.map(|contact| contact.display().to_owned()),
        subject: ticket.map(|ticket| ticket.subject.clone()).unwrap_or_default(),
        words: words.map(|words| match words.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &words[..end]),
            None => words,
        }),
    }
}

/// The mail's words, pictures and attachments, as an agent reads them.
fn show_mail(
    deliberation: &Deliberation<'_>,
    letter: &mut Letter,
    mail: &InboundMail,
    enclosures: &[Enclosure],
    purpose: Purpose,
) {
    let whole = matches!(purpose, Purpose::NewTicket | Purpose::Escalated);
    let text = if whole { &mail.body.unquoted_text } else { &mail.body.reply_text };
    letter.facts.text = Some(without_ready_mails(if text.is_empty() { &mail.body.text } else { text }));
    letter.html = mail.body.html.clone().filter(|html| whole && enclosures::html_says_more(html));
    letter.listed = enclosures.to_vec();
    letter.enclosures = enclosures::within(enclosures, deliberation.policy().enclosure_bytes);
    letter.facts.reasons.extend(enclosures::note_of_rest(mail, letter.language));
}

/// The text with the addresses of `mailto:` links alone (RFC 6068): mail programs make links of them, and one that holds a ready
/// command would be a click from carrying it out.
fn without_ready_mails(text: &str) -> String {
    const SCHEME: &str = "mailto:";
    let lower = text.to_ascii_lowercase();
    let mut kept = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, _) in lower.match_indices(SCHEME) {
        let link = at + SCHEME.len();
        let ends = |c: char| c.is_whitespace() || "<>\"'".contains(c);
        let end = text[link..].find(ends).map_or(text.len(), |length| link + length);
        if let (true, Some(query)) = (at >= copied, text[link..end].find('?')) {
            kept.push_str(&text[copied..link + query]);
            copied = end;
        }
    }
    kept.push_str(&text[copied..]);
    kept
}

/// Agents' letters about a ticket stand in one thread: each answers the one before.
pub(in crate::desk) fn staff_thread(deliberation: &Deliberation<'_>, letter: &mut Letter) {
    let Some(dossier) = letter.ticket.and_then(|ticket| deliberation.dossier(ticket)) else { return };
    let mut earlier = dossier.sent.iter().filter(|sent| sent.audience == Audience::Desk);
    letter.in_reply_to = earlier.next_back().map(|sent| sent.message_id.clone());
    letter.references = letter.in_reply_to.iter().cloned().collect();
}

/// Shows a team what was asked, and what was said since.
pub(in crate::desk) fn show_request(
    deliberation: &Deliberation<'_>,
    letter: &mut Letter,
    ticket: &Ticket,
    attachments: &[Enclosure],
) {
    let request = deliberation.dossier(ticket.number).and_then(Dossier::first_request);
    let author = request.and_then(|entry| deliberation.contact(entry.author?));
    letter.facts.author = author.map(|contact| contact.display().to_owned());
    letter.facts.text = request.map(|entry| entry.text.clone());
    letter.facts.timeline = timeline_besides(deliberation, ticket, letter.language, request);
    letter.listed = attachments.to_vec();
    letter.enclosures = enclosures::within(attachments, deliberation.policy().enclosure_bytes);
    let case = ticket.vendor_cases.iter().rev().find(|case| !case.marks.is_empty());
    letter.facts.case_number = case.and_then(|case| case.number()).map(str::to_owned);
    letter.facts.vendor = case.map(|case| case.vendor.clone());
}

/// A letter to the requester, in their thread and language.
pub(in crate::desk) fn letter_to_requester(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    purpose: Purpose,
) -> Option<Letter> {
    let requester = deliberation.contact(ticket.requester?)?;
    let language = deliberation.language_on(ticket, requester, None);
    let mut letter = deliberation.letter(ticket, purpose, Audience::Requester, language);
    letter.to = vec![requester.mailbox()];
    requester_thread(deliberation, &mut letter);
    Some(letter)
}

/// Letters to the requester stand in the thread of the requester's own mails.
fn requester_thread(deliberation: &Deliberation<'_>, letter: &mut Letter) {
    let Some(dossier) = letter.ticket.and_then(|ticket| deliberation.dossier(ticket)) else { return };
    let theirs = |role: Role| matches!(role, Role::Requester | Role::Participant);
    let mails =
        dossier.entries.iter().filter(|entry| entry.audience == Audience::Requester && theirs(entry.author_role));
    let ids: Vec<_> = mails.filter_map(|entry| entry.message_id.clone()).collect();
    letter.in_reply_to = ids.last().cloned();
    letter.references = ids;
}

/// Teams and vendors that read along in letters to the requester.
pub(in crate::desk) fn copied_levels(deliberation: &Deliberation<'_>, ticket: &Ticket) -> Vec<Mailbox> {
    let policy = deliberation.policy();
    let address = |copied: &CopiedLevel| match copied {
        CopiedLevel::Team(level) => policy.team(&ticket.desk, *level).map(|team| team.address.clone()),
        CopiedLevel::Vendor(name) => policy.vendor(name).map(|vendor| vendor.address.clone()),
    };
    let addresses = ticket.copied_levels.iter().filter_map(address);
    addresses.map(|address| Mailbox { name: None, address }).collect()
}

/// The entries of a ticket as a letter to the desk shows them, newest first.
pub(in crate::desk) fn timeline(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    language: Language,
) -> Vec<TimelineFacts> {
    timeline_besides(deliberation, ticket, language, None)
}

/// The same without the entry that the letter shows above.
fn timeline_besides(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    language: Language,
    above: Option<&Entry>,
) -> Vec<TimelineFacts> {
    let Some(dossier) = deliberation.dossier(ticket.number) else { return Vec::new() };
    let says_something = |entry: &&Entry| {
        !matches!(entry.kind, EntryKind::Auto | EntryKind::Bounce)
            && !entry.text.trim().is_empty()
            && !above.is_some_and(|above| std::ptr::eq(above, *entry))
    };
    let shown = dossier.entries.iter().rev().filter(says_something);
    shown.take(20).map(|entry| in_timeline(deliberation, ticket, entry, language)).collect()
}

pub(in crate::desk) fn in_timeline(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    entry: &Entry,
    language: Language,
) -> TimelineFacts {
    TimelineFacts {
        at: wording::moment(entry.at, deliberation.zone_of(ticket), language),
        who: entry.author.and_then(|id| deliberation.contact(id)).map_or_else(
            || wording::role(entry.author_role, language).to_owned(),
            |contact| match entry.author_role {
                Role::Agent => deliberation.staff_name(&contact.address, language),
                _ => contact.display().to_owned(),
            },
        ),
        audience: entry.audience.word().to_owned(),
        read_by: wording::read_by(&entry.audience, language),
        text: entry.text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_ready_mails;

    #[test]
    fn no_link_of_somebody_elses_holds_a_mail_that_is_ready_to_be_sent() {
        for (text, shown) in [
            ("Cliquez <mailto:aide@desk.test?body=%23fermer>.", "Cliquez <mailto:aide@desk.test>."),
            ("MAILTO:a@desk.test?subject=x&body=%23note fin", "MAILTO:a@desk.test fin"),
            ("mailto:a@client.test et mailto:b@client.test", "mailto:a@client.test et mailto:b@client.test"),
            ("Le lien mailto: ne marche pas ?", "Le lien mailto: ne marche pas ?"),
        ] {
            assert_eq!(without_ready_mails(text), shown);
        }
    }
}
