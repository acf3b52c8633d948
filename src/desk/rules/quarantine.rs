//! Mail that waits for a human, because its author claims powers that nothing proves.

use crate::desk::deliberation::{Deliberation, without};
use crate::desk::docket::{matching, subject};
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::rules::opening::desk_named;
use crate::desk::{
    Decision, Desk, Incoming, LedgerId, Letter, Level, Outcome, Purpose, Quarantined, QuarantinedFacts, Reason, Ticket,
    Unreadable,
};
use jiff::SignedDuration;

use crate::mail::token::{Keyring, Token};
use crate::mail::{Address, Body, InboundMail, Language, Mailbox};

/// So much of a mail shows what it is about.
const FIRST_WORDS: usize = 300;

/// Puts the mail into quarantine. L1 hears of it at most once an hour, with what it takes to judge it: its subject, its first
/// words, the ticket that it names.
pub(in crate::desk) fn hold(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>, reason: Reason) -> Decision {
    if let Some(from) = &incoming.mail.from {
        tell(&mut deliberation, incoming, reason, &from.address);
        if reason == Reason::AgentUnverified {
            challenge(&mut deliberation, incoming, &from.address);
        }
        if reason == Reason::KeyRetired {
            tell_author(&mut deliberation, incoming.mail, &from.address, &Line::AnsweredRetiredKey);
        }
    }
    deliberation.end(Outcome::Quarantine(reason))
}

/// Answers an authenticated agent why the mail waits.
fn tell_author(deliberation: &mut Deliberation<'_>, mail: &InboundMail, agent: &Address, why: &Line<'_>) {
    deliberation.send_to_staff(std::slice::from_ref(agent), |deliberation, language| {
        let desk = deliberation.policy().desks.first();
        let mut letter = deliberation.loose_letter(Purpose::Report, desk, language);
        letter.subject = subject::bare(&mail.subject);
        letter.in_reply_to = mail.message_id.clone();
        letter.references = mail.references.iter().chain(&mail.message_id).cloned().collect();
        letter.facts.done = vec![wording::say(why, language)];
        Some(letter)
    });
}

fn tell(deliberation: &mut Deliberation<'_>, incoming: &Incoming<'_>, reason: Reason, author: &Address) {
    let readers = readers_of(deliberation, Some(incoming.mail));
    let others = without(readers.clone(), std::slice::from_ref(author));
    // Where nobody else is there, whoever is named may say whether they wrote it.
    let staff = if others.is_empty() { readers } else { others };
    if was_told_lately(deliberation, &staff) {
        return;
    }
    if !staff.is_empty() {
        deliberation.told_of(incoming.ledger);
    }
    let (ledger, mail) = (incoming.ledger, incoming.mail);
    let author = author.to_string();
    let named = named_ticket(deliberation, mail);
    let ticket = named.map(|ticket| (ticket.number.to_string(), ticket.subject.clone()));
    deliberation.send_to_staff(&staff, |deliberation, language| {
        let desk = deliberation.policy().desks.first();
        let mut letter = deliberation.loose_letter(Purpose::Quarantine, desk, language);
        letter.about = Some(ledger);
        let lines = [line(reason, &author), Line::Subject(&mail.subject)];
        letter.facts.reasons = lines.iter().map(|line| wording::say(line, language)).collect();
        letter.facts.text = Some(first_words(&mail.body)).filter(|words| !words.is_empty());
        if let Some((reference, subject)) = &ticket {
            (letter.facts.reference, letter.facts.subject) = (Some(reference.clone()), subject.clone());
        }
        Some(Letter { subject: String::new(), ..letter })
    });
}

/// Tells L1, at most once an hour, of a mail that nobody could read: the mailbox's server does not give it out.
pub(in crate::desk) fn tell_of_unreadable(mut deliberation: Deliberation<'_>, mail: &Unreadable<'_>) -> Decision {
    let staff = deliberation.first_level_of_all();
    if was_told_lately(&deliberation, &staff) {
        return deliberation.end_without_mail();
    }
    deliberation.told_of(mail.ledger);
    deliberation.send_to_staff(&staff, |deliberation, language| {
        let desk = deliberation.policy().desks.first();
        let mut letter = deliberation.loose_letter(Purpose::Quarantine, desk, language);
        letter.about = Some(mail.ledger);
        let uid = mail.uid.to_string();
        letter.facts.reasons = vec![wording::say(&Line::NotGivenOut(mail.mailbox, &uid, mail.why), language)];
        Some(letter)
    });
    deliberation.end_without_mail()
}

/// Tells L1 in one letter of all that came since it was last told.
pub(in crate::desk) fn tell_hourly(mut deliberation: Deliberation<'_>, mails: &[Quarantined<'_>]) -> Decision {
    for (staff, mails) in by_readers(&deliberation, mails) {
        deliberation.send_to_staff(&staff, |deliberation, language| {
            Some(list(deliberation, Purpose::Quarantine, &mails, language))
        });
    }
    mails.iter().for_each(|waits| deliberation.told_of(waits.ledger));
    deliberation.end_without_mail()
}

/// Tells L1 in one letter what was taken for junk: enough to see what is none, and nothing of what it says. Nobody is
/// warned of what stays.
pub(in crate::desk) fn tell_daily(
    mut deliberation: Deliberation<'_>,
    mails: &[Quarantined<'_>],
    more: u64,
) -> Decision {
    for (staff, mails) in by_readers(&deliberation, mails) {
        deliberation.send_to_staff(&staff, |deliberation, language| {
            let mut letter = list(deliberation, Purpose::Junk, &mails, language);
            letter.facts.quarantined.iter_mut().for_each(|waits| waits.text = None);
            let more = (more > 0).then(|| wording::say(&Line::MoreJunk(more), language));
            letter.facts.reasons = more.into_iter().collect();
            Some(letter)
        });
    }
    for waits in mails {
        deliberation.told_of(waits.ledger);
        deliberation.called_out(waits.ledger);
    }
    deliberation.end_without_mail()
}

/// Warns L1 and the managers of what nobody looked at.
pub(in crate::desk) fn call_out(mut deliberation: Deliberation<'_>, mails: &[Quarantined<'_>]) -> Decision {
    for (staff, mails) in by_readers(&deliberation, mails) {
        deliberation.send_to_staff(&staff, |deliberation, language| {
            Some(list(deliberation, Purpose::QuarantineAlarm, &mails, language))
        });
    }
    let policy = deliberation.policy();
    for manager in &policy.managers {
        let is_theirs = |desk: &Desk| manager.desk.as_ref().is_none_or(|own| *own == desk.name);
        let concerns = |waits: &&Quarantined<'_>| desk_of(&deliberation, waits.mail).is_none_or(is_theirs);
        let theirs: Vec<Quarantined<'_>> = mails.iter().filter(concerns).copied().collect();
        if theirs.is_empty() {
            continue;
        }
        let language = manager.language.unwrap_or(*policy.desks.first().languages.first());
        let letter = list(&deliberation, Purpose::QuarantineAlarm, &theirs, language);
        let to = Mailbox { name: Some(manager.name.clone()), address: manager.address.clone() };
        deliberation.send(Letter { to: vec![to], ..letter });
    }
    mails.iter().for_each(|waits| deliberation.called_out(waits.ledger));
    deliberation.alert(format!(
        "Mails have waited in quarantine for {} business hours or more, and nobody looked at them: {}. Let them in: guichet \
         ledger release ID",
        policy.waiting.quarantine_hours,
        mails.iter().map(|waits| waits.ledger.to_string()).collect::<Vec<_>>().join(", ")
    ));
    deliberation.end_without_mail()
}

/// The desk that a mail is for: that of the ticket that it names, else the first that it was written to; `None` where that cannot
/// be known.
fn desk_of<'d>(deliberation: &Deliberation<'d>, mail: Option<&InboundMail>) -> Option<&'d Desk> {
    let (mail, policy) = (mail?, deliberation.policy());
    let named = named_ticket(deliberation, mail).map(|ticket| policy.desk(&ticket.desk));
    named.or_else(|| desk_named(policy, mail))
}

/// The first level of the desk that a mail is for; of each where that is not known.
fn readers_of(deliberation: &Deliberation<'_>, mail: Option<&InboundMail>) -> Vec<Address> {
    match desk_of(deliberation, mail) {
        Some(desk) => deliberation.staff_at(&desk.name, Level::L1),
        None => deliberation.first_level_of_all(),
    }
}

/// Who reads of these mails, and of which of them: everybody once, and of their own desks' alone.
fn by_readers<'m>(
    deliberation: &Deliberation<'_>,
    mails: &[Quarantined<'m>],
) -> Vec<(Vec<Address>, Vec<Quarantined<'m>>)> {
    let readers: Vec<Vec<Address>> = mails.iter().map(|waits| readers_of(deliberation, waits.mail)).collect();
    let mut lists: Vec<(Vec<Address>, Vec<usize>)> = Vec::new();
    for address in deliberation.first_level_of_all() {
        let reads = |at: &usize| readers[*at].contains(&address);
        let own: Vec<usize> = (0..mails.len()).filter(reads).collect();
        match lists.iter_mut().find(|(_, listed)| *listed == own) {
            Some((staff, _)) => staff.push(address),
            None => lists.push((vec![address], own)),
        }
    }
    let lists = lists.into_iter().filter(|(_, listed)| !listed.is_empty());
    lists.map(|(staff, listed)| (staff, listed.into_iter().map(|at| mails[at]).collect())).collect()
}

fn list(deliberation: &Deliberation<'_>, purpose: Purpose, mails: &[Quarantined<'_>], language: Language) -> Letter {
    let desk = deliberation.policy().desks.first();
    let mut letter = deliberation.loose_letter(purpose, desk, language);
    letter.about = Some(mails).filter(|mails| mails.len() == 1).and_then(|mails| mails.first()).map(|one| one.ledger);
    letter.facts.quarantined = mails.iter().map(|waits| shown(deliberation, waits, language)).collect();
    letter
}

fn shown(deliberation: &Deliberation<'_>, waits: &Quarantined<'_>, language: Language) -> QuarantinedFacts {
    let author = waits.mail.and_then(|mail| mail.from.as_ref()).map(|from| from.address.to_string());
    let zone = &deliberation.policy().desks.first().time_zone;
    let reason = match (&author, waits.reason) {
        (None, _) | (_, Reason::Poison | Reason::Unreadable) => Line::NotRead,
        (Some(author), reason) => line(reason, author),
    };
    let named = waits.mail.and_then(|mail| named_ticket(deliberation, mail));
    QuarantinedFacts {
        number: waits.ledger.0,
        since: wording::moment(waits.since, zone, language),
        subject: waits.mail.map(|mail| mail.subject.clone()).unwrap_or_default(),
        reason: wording::say(&reason, language),
        text: waits.mail.map(|mail| first_words(&mail.body)).filter(|words| !words.is_empty()),
        reference: named.map(|ticket| format!("{} · {}", ticket.number, ticket.subject)),
        author,
    }
}

fn named_ticket<'d>(deliberation: &'d Deliberation<'_>, mail: &InboundMail) -> Option<&'d Ticket> {
    let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
    deliberation.ticket(leads.first()?.ticket)
}

fn first_words(body: &Body) -> String {
    let written = if body.reply_text.is_empty() { &body.text } else { &body.reply_text };
    match written.char_indices().nth(FIRST_WORDS) {
        Some((end, _)) => format!("{}…", written[..end].trim_end()),
        None => written.clone(),
    }
}

/// Asks the agent, at the registered address, whether the mail was theirs; at most once an hour, and quoting nothing.
fn challenge(deliberation: &mut Deliberation<'_>, incoming: &Incoming<'_>, agent: &Address) {
    if got_lately(deliberation, agent, Purpose::Challenge) {
        return;
    }
    let policy = deliberation.policy();
    let members = policy.teams.iter().flat_map(|team| &team.members);
    let registered: Vec<Address> =
        policy.staff().chain(members).filter(|staff| staff.is(agent)).take(1).cloned().collect();
    let ledger = incoming.ledger;
    let code = deliberation.rules.keyring.code(ledger.0);
    deliberation.send_to_staff(&registered, |deliberation, language| {
        let desk = deliberation.policy().desks.first();
        let mut letter = deliberation.loose_letter(Purpose::Challenge, desk, language);
        letter.about = Some(ledger);
        letter.facts.code = Some(code.clone());
        letter.facts.received_at = Some(wording::moment(deliberation.now, &desk.time_zone, language));
        Some(letter)
    });
}

/// The mail that waits and whose challenge this one answers with its code, newly typed: reading the agent's mailbox is
/// the proof, whatever the way here said of the author. A code works once, because a released mail waits no more.
pub(in crate::desk) fn answered_challenge(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Option<LedgerId> {
    let keyring = deliberation.rules.keyring;
    let ledger = matching::loose_mail(mail, keyring)?;
    let text = mail.body.reply_text.as_str();
    // A letter that is shown without marks brings its code along: then only the first line is typed for sure.
    let shows_letter = !Token::find_all(text).is_empty();
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let new = if shows_letter { first } else { text };
    new.split_whitespace().any(|word| keyring.is_code(ledger.0, word)).then_some(ledger)
}

/// Whether a text is one word that looks like such a code.
pub(in crate::desk) fn is_code_alone(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (Some(word), None) = (words.next(), words.next()) else { return false };
    let is_base32 = word.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'2'..=b'7'));
    word.len() == Keyring::CODE_LENGTH && is_base32 && word.bytes().any(|byte| byte.is_ascii_digit())
}

fn was_told_lately(deliberation: &Deliberation<'_>, staff: &[Address]) -> bool {
    staff.iter().any(|address| got_lately(deliberation, address, Purpose::Quarantine))
}

fn got_lately(deliberation: &Deliberation<'_>, address: &Address, purpose: Purpose) -> bool {
    let sent = deliberation.docket.counted_letters.get(&address.correspondent_key());
    sent.into_iter()
        .flatten()
        .any(|(at, sent)| *sent == purpose && deliberation.now.duration_since(*at) < SignedDuration::from_hours(1))
}

fn line(reason: Reason, author: &str) -> Line<'_> {
    match reason {
        Reason::AgentUnverified => Line::AgentUnverified(author),
        Reason::VendorUnverified => Line::VendorUnverified(author),
        Reason::VendorWithoutCase => Line::VendorWithoutCase(author),
        Reason::UnlistedColleague => Line::UnlistedColleague(author),
        Reason::KeyRetired => Line::KeyRetired(author),
        Reason::Junk => Line::TakenForJunk,
        Reason::Duplicate
        | Reason::Own
        | Reason::FromOurselves
        | Reason::AutoReply
        | Reason::NothingFailed
        | Reason::BounceForeign
        | Reason::ReadReceipt
        | Reason::Feedback
        | Reason::List
        | Reason::Poison
        | Reason::Unreadable
        | Reason::BeforeFirstStart
        | Reason::OnlyAsked => Line::FromOurselves,
    }
}
