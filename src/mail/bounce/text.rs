//! Reports for people: the recipients that a text names.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::super::classified::Read;
use super::super::fold::lower;
use super::super::pattern::pattern;
use super::super::{Address, address_list, html, work};
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
    let end =
        [original::header_start(&text), original::separator(&text)].into_iter().flatten().filter(|&at| at > 40).min();
    let mut end = end.unwrap_or(text.len()).min(TEXT_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
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
    let mut addresses = if stated.is_empty() { spoken_of(read, human) } else { stated };
    if addresses.is_empty() {
        addresses = original::recipients(read);
    }
    if addresses.is_empty() {
        return known;
    }
    let template = known.into_iter().next();
    let several = addresses.len() > 1;
    addresses.truncate(RECIPIENTS_MAX);
    let blocks = Blocks::of(human, &addresses);
    addresses
        .iter()
        .map(|address| {
            let block = blocks.about(address);
            let diagnostic = if several || !block.is_empty() { block } else { human.to_owned() };
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

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?"#)
});

fn spoken_of(read: &Read<'_, '_>, human: &str) -> Vec<Address> {
    let mut ours: Vec<Address> = super::super::envelope::all(read.header, "To");
    ours.extend(read.from.map(|from| from.address.clone()));
    ours.extend(original::author(read));
    let mut found: Vec<(Certainty, Address)> = Vec::new();
    let mut previous = String::new();
    let (announces_some, mut is_announced) = (announces_ever(human), false);
    for line in human.lines().take(LINES_MAX) {
        if found.len() >= RECIPIENTS_MAX {
            break;
        }
        let lower = lower(line, 600);
        work::count(line.len());
        for place in ADDRESS.find_iter(line).take(20) {
            let found_text = place.as_str();
            let certainty = certainty(line, &lower, &previous, found_text);
            let Ok(address) = bare_address(found_text).parse::<Address>() else { continue };
            let Some(certainty) = certainty else { continue };
            // What stands above "did not reach the following recipients:" tells of the mail, not of the failure.
            let certainty = match (announces_some, is_announced) {
                (true, true) if starts_with_address(line, found_text) => certainty.max(Certainty::Alone),
                (true, false) => certainty.min(Certainty::Spoken),
                _ => certainty,
            };
            let daemon = ["postmaster", "mailer-daemon", "abuse"].contains(&&*address.local().to_ascii_lowercase());
            if ours.iter().any(|own| own.is(&address)) || daemon && certainty < Certainty::Alone {
                continue;
            }
            match found.iter_mut().find(|(_, known)| known.is(&address)) {
                Some(known) => known.0 = known.0.max(certainty),
                None => found.push((certainty, address)),
            }
        }
        is_announced |= announces(&lower);
        if !lower.trim().is_empty() {
            previous = lower;
        }
    }
    let best = found.iter().map(|(certainty, _)| *certainty).max();
    if best.is_none_or(|best| best == Certainty::Mentioned) {
        let names = screen_names(read, human);
        if !names.is_empty() {
            return names;
        }
    }
    let Some(best) = best else { return Vec::new() };
    let best = best.min(Certainty::Alone);
    let chosen = found.into_iter().filter(|(certainty, _)| *certainty >= best).map(|(_, address)| address);
    if best == Certainty::Mentioned { chosen.take(1).collect() } else { chosen.collect() }
}

/// AOL lists the screen names that a mail could not be delivered to, one indented line each, without its domain.
fn screen_names(read: &Read<'_, '_>, human: &str) -> Vec<Address> {
    let domain = read.from.map_or("", |from| from.address.domain());
    let is_name = |line: &&str| {
        let name = line.trim();
        line.starts_with([' ', '\t'])
            && (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    let mut lines = human.lines().take(LINES_MAX).skip_while(|line| {
        !(line.trim_end().ends_with(':') && line.to_lowercase().contains("following recipients could not be delivered"))
    });
    // The sentence may be folded: names are indented, its lines are not.
    let names = lines.by_ref().filter(is_name).take(RECIPIENTS_MAX);
    names.filter_map(|name| format!("{}@{domain}", name.trim()).parse().ok()).collect()
}

/// Whether a line is about an address: it starts with it, or gives it as an X.400 attribute.
fn starts_with_address(line: &str, found: &str) -> bool {
    line.trim_start().trim_start_matches(['<', '"', '\'', '(', '*', '-', ' ']).starts_with(found)
        || bare_address(found) != found.trim_matches(['.', '\''])
}

/// Whether a line, or the sentence that it ends, announces the recipients: "The following address(es) failed:".
fn announces(lower: &str) -> bool {
    let ends = lower.trim_end().trim_end_matches(['-', ' ']);
    let announced = ends.ends_with(':') || lower.trim_end().ends_with("----");
    let whom = [
        "following recipient",
        "following address",
        "following user",
        "recipients or groups",
        "destinataires",
        "delivered to",
        "empfänger",
    ];
    announced && lower.len() < 400 && !lower.contains('@') && whom.iter().any(|words| lower.contains(words))
}

fn announces_ever(human: &str) -> bool {
    human.lines().take(200).any(|line| {
        let marked = line.trim_end().ends_with([':', '-']);
        marked && line.len() < 400 && announces(&line.to_lowercase())
    })
}

/// An address as a report writes it, without what stands around it: `SMTP=a@b` is an X.400 domain-defined attribute
/// (RFC 2156 §4.3).
fn bare_address(found: &str) -> &str {
    let found = found.trim_matches(['.', '\'', '=']);
    match found.split_once('=') {
        Some((kind, address)) if ["smtp", "rfc-822", "rfc822"].iter().any(|known| kind.eq_ignore_ascii_case(known)) => {
            address
        }
        _ => found,
    }
}

/// `554 <a@b>... Remote protocol error`: Sendmail writes so whom its reply is about (err.c).
fn is_sendmail_reply(before: &str, behind: &str) -> bool {
    let code = before.trim_start().trim_end_matches(['<', ' ']);
    let digits =
        code.get(..3).is_some_and(|code| code.starts_with(['4', '5']) && code.bytes().all(|b| b.is_ascii_digit()));
    digits && code.len() <= 12 && behind.trim_start_matches('>').starts_with("...")
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
    // Lower case may be longer or shorter, and the line has been cut: the place may lie within a character.
    let behind = lower.get(at + address.len()..).unwrap_or_default();
    let commanded = before.contains("rcpt to")
        || is_sendmail_reply(before, behind)
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

/// What a text says about each of several recipients: the lines from the one that names a recipient to the next that
/// names another.
pub(super) struct Blocks<'h> {
    lines: Vec<&'h str>,
    /// For each line the recipient that it speaks of first.
    names: Vec<Option<String>>,
}

impl<'h> Blocks<'h> {
    /// Divides the text of a report.
    pub(super) fn of(human: &'h str, recipients: &[Address]) -> Blocks<'h> {
        let keys: HashSet<String> = recipients.iter().map(Address::key).collect();
        let lines: Vec<&str> = human.lines().take(LINES_MAX).collect();
        let names = lines.iter().map(|line| {
            let named = ADDRESS.find_iter(line).take(4).map(|found| bare_address(found.as_str()).to_lowercase());
            named.into_iter().find(|name| keys.contains(name))
        });
        Blocks { names: names.collect(), lines }
    }

    /// The block of a recipient; empty where the text does not name it.
    pub(super) fn about(&self, recipient: &Address) -> String {
        let key = recipient.key();
        let is_own = |name: &Option<String>| name.as_ref() == Some(&key);
        let Some(start) = self.names.iter().position(is_own) else { return String::new() };
        let mut block = String::new();
        for at in start..self.lines.len().min(start + BLOCK_MAX) {
            let of_another = self.names[at].is_some() && !is_own(&self.names[at]);
            let is_over = at > start + 1 && self.lines[at].trim().is_empty();
            if of_another || is_over {
                break;
            }
            block.push_str(self.lines[at]);
            block.push('\n');
        }
        block
    }
}

/// Most lines of a report that are looked at.
const LINES_MAX: usize = 2_000;

/// Most lines that are about one recipient.
const BLOCK_MAX: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_recipient_ends_where_the_next_one_is_named() {
        let [zoe, yan] = ["zoe@client.test", "yan@client.test"].map(|address| address.parse().unwrap());
        let blocks = Blocks::of("<zoe@client.test>: full\n  try later\n<yan@client.test>: gone\n", &[zoe, yan.clone()]);
        assert_eq!(blocks.about(&yan), "<yan@client.test>: gone\n");
    }

    #[test]
    fn an_address_behind_the_part_that_is_looked_at_is_no_fault() {
        let line = format!("{}‡ paul@client.test", "é‡".repeat(400));
        for length in 0..20 {
            let cut: String = line.chars().take(600 - length).collect();
            certainty(&line, &cut, "", "paul@client.test");
        }
        assert_eq!(
            certainty("<paul@client.test>:", "<paul@client.test>:", "", "paul@client.test"),
            Some(Certainty::Alone)
        );
    }
}
