//! What a ticket teaches: a draft of a known fix (`#solution nouveau`), in which nobody is named.

use crate::desk::audience::people;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::wording::Line;
use crate::desk::{
    Audience, Command, Contact, Entry, EntryKind, Instructions, Policy, Pseudonyms, State, Subject, Ticket,
    secret_ranges, without_secrets,
};
use crate::known_fix::{self, Article};

/// In the place of a secret.
const TAKEN_OUT: &str = "…";

/// Why no draft can be made of the ticket, if none can.
pub(in crate::desk) fn missing(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    instructions: &Instructions,
) -> Option<Line<'static>> {
    let ends = |command: &Command| matches!(command, Command::Solved(_) | Command::Close);
    if !deliberation.desk_of(ticket).keeps_known_fixes {
        Some(Line::NoFixFolder)
    } else if !matches!(ticket.state, State::Resolved | State::Closed) && !instructions.commands.iter().any(ends) {
        Some(Line::NotResolved)
    } else if solution(deliberation, ticket, &instructions.text).is_none() {
        Some(Line::NoSolution)
    } else {
        None
    }
}

/// The draft: what was asked, and the text, else the last answer that the requester was given.
pub(in crate::desk) fn article(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    title: &str,
    text: &str,
) -> Option<Article> {
    let dossier = deliberation.dossier(ticket.number)?;
    let asked = dossier.first_request().map_or("", |request| request.text.as_str());
    let solution = solution(deliberation, ticket, text)?;
    let authors = dossier.entries.iter().filter_map(|entry| entry.author);
    let contacts = authors.chain(ticket.people.iter().copied());
    let nobody = nobody(contacts.filter_map(|id| deliberation.contact(id)), &dossier.entries, deliberation.policy());
    Some(known_fix::draft(
        &nobody.apply(&without_secrets(title, TAKEN_OUT)),
        ticket.language,
        impersonal_sentences(&ticket.subject, asked, &nobody),
        &nobody.apply(&without_secrets(&without_secret_lines(&solution), TAKEN_OUT)),
        deliberation.rules.library,
    ))
}

/// What takes these people, by the names below their entries too, and all agents out of a text, with everybody's addresses and telephone numbers.
pub fn nobody<'a>(people: impl Iterator<Item = &'a Contact>, entries: &[Entry], policy: &Policy) -> Pseudonyms {
    let agents = policy.agents.iter().map(|agent| Subject {
        names: vec![agent.name.clone()],
        addresses: vec![agent.address.clone()],
        telephones: Vec::new(),
    });
    Pseudonyms::nobody(&people.map(|contact| people::subject(contact, entries)).chain(agents).collect::<Vec<_>>())
}

/// The subject and sentences of a request that say what is wrong and tell nothing of anybody, as they were written but for an
/// ellipsis in the place of secrets.
pub fn impersonal_sentences(subject: &str, text: &str, nobody: &Pseudonyms) -> Vec<String> {
    // A secret may go on in the next sentence: it goes before they are parted.
    let mut sentences =
        known_fix::telling_sentences(&without_secrets(subject, TAKEN_OUT), &without_secrets(text, TAKEN_OUT));
    sentences.retain(|sentence| nobody.apply(sentence) == *sentence);
    sentences
}

fn solution(deliberation: &Deliberation<'_>, ticket: &Ticket, text: &str) -> Option<String> {
    let answers = |entry: &&Entry| entry.kind == EntryKind::AgentReply && entry.audience == Audience::Requester;
    let entries = &deliberation.dossier(ticket.number)?.entries;
    let answered = entries.iter().rev().filter(answers).map(|entry| entry.text.as_str());
    std::iter::once(text).chain(answered).find(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// A line of a solution that told a secret says nothing without it.
fn without_secret_lines(text: &str) -> String {
    let mut secrets = secret_ranges(text).into_iter().map(|(range, _)| range).peekable();
    let mut kept = String::with_capacity(text.len());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let tells = secrets.peek().is_some_and(|secret| secret.start < end);
        while secrets.next_if(|secret| secret.end <= end).is_some() {}
        if !tells {
            kept.push_str(line);
        }
        start = end;
    }
    kept
}
