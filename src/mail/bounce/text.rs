//! Reports for people: the recipients that a text names.

use std::sync::LazyLock;

use regex::Regex;

use super::super::kind::Read;
use super::super::{Address, address_list, html};
use super::{Failure, original};

/// A report's text is not longer; what follows is the returned message.
const TEXT_MAX: usize = 32 * 1024;

/// Recipients beyond this number are not listed.
const RECIPIENTS_MAX: usize = 200;

/// The part of a report that is written for a person: its text up to the returned message.
pub(super) fn human_part(read: &Read<'_, '_>) -> String {
    let mut text = read.text.to_owned();
    if text.trim().is_empty() {
        let html = read.parts.parts.iter().find(|part| part.is("text/html"));
        text = html.map(|part| html::to_text(part.text())).unwrap_or_default();
    }
    let end = [original::header_start(&text), separator(&text)].into_iter().flatten().filter(|&at| at > 40).min();
    let mut end = end.unwrap_or(text.len()).min(TEXT_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// Lines by which mail systems introduce the returned message; lower case, without dashes around them.
const SEPARATORS: &[&str] = &[
    "below this line is a copy of the message",
    "this is a copy of the message",
    "this is a copy of your message",
    "original message follows",
    "original message",
    "unsent message below",
    "unsent message follows",
    "returned message",
    "returned mail follows",
    "message header follows",
    "message headers follow",
    "headers follow",
    "header of the original message",
    "the first 50 lines of the original message",
    "undelivered message follows",
    "message follows",
    "your message begins",
    "begin original message",
    "included is a copy of the message header",
    "returned content",
    "copy of the message",
    "your original message",
];

fn separator(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_matches(|c: char| c.is_whitespace() || "-=*_:|.#<>".contains(c));
        if bare.len() < 80 {
            let lower = bare.to_lowercase();
            let marked = line.trim_start().starts_with(['-', '=', '*', '_', '|', '#'])
                || line.trim_end().ends_with([':', '-', '.']);
            if marked && SEPARATORS.iter().any(|words| lower.starts_with(words)) {
                return Some(at);
            }
        }
        at += line.len();
    }
    None
}

/// How surely a line names a failed recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    Mentioned,
    Spoken,
    Alone,
    Commanded,
}

/// The recipients that a text names; `known` is what the machine-readable part said without naming one.
pub(super) fn recipients(read: &Read<'_, '_>, human: &str, known: Vec<Failure>) -> Vec<Failure> {
    let stated: Vec<Address> = read
        .header
        .all("X-Failed-Recipients")
        .flat_map(|field| address_list::parse(field.raw))
        .map(|mailbox| mailbox.address)
        .collect();
    let addresses = if stated.is_empty() { spoken_of(read, human) } else { stated };
    let addresses = if addresses.is_empty() { original::recipients(read) } else { addresses };
    if addresses.is_empty() {
        return known;
    }
    let template = known.into_iter().next();
    let count = addresses.len();
    addresses
        .into_iter()
        .take(RECIPIENTS_MAX)
        .map(|address| {
            let diagnostic = if count == 1 { human.to_owned() } else { near(human, address.as_str()) };
            let mut failure = Failure::of(Some(address.to_string()), None, diagnostic);
            if let Some(template) = &template {
                failure.status.action.clone_from(&template.status.action);
                failure.status.status.clone_from(&template.status.status);
                failure.diagnostic = format!("{}\n{}", template.diagnostic, failure.diagnostic);
            }
            failure
        })
        .collect()
}

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?"#).ok()
});

fn spoken_of(read: &Read<'_, '_>, human: &str) -> Vec<Address> {
    let mut ours: Vec<Address> = super::super::envelope::all(read.header, "To");
    ours.extend(read.from.map(|from| from.address.clone()));
    ours.extend(original::author(read));
    let Some(pattern) = ADDRESS.as_ref() else { return Vec::new() };
    let mut found: Vec<(Certainty, Address)> = Vec::new();
    let mut previous = String::new();
    for line in human.lines().take(2_000) {
        if found.len() >= RECIPIENTS_MAX {
            break;
        }
        let lower: String = line.chars().take(600).flat_map(char::to_lowercase).collect();
        for address in pattern.find_iter(line).take(20) {
            let certainty = certainty(line, &lower, &previous, address.as_str());
            let Ok(address) = address.as_str().trim_matches(['.', '\'', '=']).parse::<Address>() else { continue };
            let Some(certainty) = certainty else { continue };
            let daemon = ["postmaster", "mailer-daemon", "abuse"].contains(&&*address.local().to_ascii_lowercase());
            if ours.iter().any(|own| own.is(&address)) || daemon && certainty < Certainty::Alone {
                continue;
            }
            match found.iter_mut().find(|(_, known)| known.is(&address)) {
                Some(known) => known.0 = known.0.max(certainty),
                None => found.push((certainty, address)),
            }
        }
        if !lower.trim().is_empty() {
            previous = lower;
        }
    }
    let Some(best) = found.iter().map(|(certainty, _)| *certainty).max() else { return Vec::new() };
    let best = best.min(Certainty::Alone);
    let chosen = found.into_iter().filter(|(certainty, _)| *certainty >= best).map(|(_, address)| address);
    if best == Certainty::Mentioned { chosen.take(1).collect() } else { chosen.collect() }
}

/// `None` where the line speaks of somebody else than the recipient.
fn certainty(line: &str, lower: &str, previous: &str, address: &str) -> Option<Certainty> {
    let bare = line.trim().trim_matches(|c: char| "<>\"'`:;,.()*-=[]|".contains(c) || c.is_whitespace());
    let others = [
        "mail from",
        "from:",
        "sender:",
        "contact",
        "message-id",
        "please send",
        "for help",
        "for assistance",
        "support",
        "reply to",
        "http",
        "mid:",
        " id:",
        "in-reply-to",
        "references:",
    ];
    let at = lower.find(&address.to_lowercase()).unwrap_or(0);
    let before = &lower[..at];
    let closing = ["rcpt to", "to:", "recipient", "original rcpt", "for <"];
    let commanded = before.contains("rcpt to")
        || before.contains("failed recipient")
        || before.contains("final-recipient")
        || before.contains("undeliverable address");
    if commanded {
        return Some(Certainty::Commanded);
    }
    if bare == address
        || bare.strip_prefix("to:").is_some_and(|rest| rest.trim() == address)
        || bare.strip_prefix("mailto:") == Some(address)
    {
        return Some(if previous.ends_with("sender:") { Certainty::Mentioned } else { Certainty::Alone });
    }
    if others.iter().any(|word| before.contains(word)) && !closing.iter().any(|word| before.contains(word)) {
        return None;
    }
    let starts = line.trim_start().trim_start_matches(['<', '"', '\'', '(', '*', '-', ' ']).starts_with(address);
    let behind = &lower[(at + address.len()).min(lower.len())..];
    let reason = [
        "unknown",
        "not ",
        "fail",
        "reject",
        "undeliver",
        "unavailable",
        "quota",
        "full",
        "disabled",
        "invalid",
        "no such",
        "denied",
        "refused",
        "error",
        "550",
        "554",
        "553",
        "552",
        "bounce",
        "expired",
        "exceed",
        "delay",
        "over ",
    ];
    let says_why = reason.iter().any(|word| lower.contains(word));
    if starts
        && (behind.trim_start_matches(['>', '"', ')']).trim_start().starts_with([':', '.', ',', ';', '-', '('])
            || says_why)
    {
        return Some(Certainty::Alone);
    }
    Some(if says_why || closing.iter().any(|word| before.contains(word)) {
        Certainty::Spoken
    } else {
        Certainty::Mentioned
    })
}

/// The lines of a text around an address.
fn near(human: &str, address: &str) -> String {
    let lines: Vec<&str> = human.lines().collect();
    let Some(at) = lines.iter().position(|line| line.contains(address)) else { return String::new() };
    let end = (at + 1..lines.len().min(at + 8))
        .find(|&next| lines[next].trim().is_empty() || lines[next].contains('@'))
        .unwrap_or(lines.len().min(at + 8));
    lines[at..end].join("\n")
}
