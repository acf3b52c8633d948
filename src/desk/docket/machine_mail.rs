//! What a machine's mail reports, and under which key.

use regex::Regex;

use crate::desk::{Docket, KeyFrom, Machine, Policy, TicketNumber, Trust};
use crate::mail::{InboundMail, Kind};

/// So much of a text is searched.
const SEARCHED_BYTES: usize = 65_536;

/// A key is no longer, in characters.
const KEY_MAX: usize = 200;

/// What a machine reports.
#[derive(Clone, Debug)]
pub(crate) struct Report<'a> {
    pub(crate) machine: &'a Machine,
    /// What it is about; `None` where the mail does not say so.
    pub(crate) key: Option<String>,
    pub(crate) says: Says,
}

/// What becomes of what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// It fails.
    Failed,
    /// It works again.
    Recovered,
    /// Neither.
    Other,
}

/// What the mail reports, where a machine wrote it: the first of its sender's that finds its key and has something to say of it,
/// else the first that finds its key, else the first.
pub(crate) fn report<'a>(policy: &'a Policy, mail: &InboundMail) -> Option<Report<'a>> {
    let from = &mail.from.as_ref()?.address;
    if matches!(mail.writer.unless_us().kind, Kind::Bounce | Kind::Feedback | Kind::ReadReceipt) {
        return None;
    }
    let reports: Vec<Report<'a>> = policy.machines_at(from).map(|machine| read(machine, mail)).collect();
    let says_something = |report: &&Report<'_>| report.key.is_some() && report.says != Says::Other;
    let found = reports.iter().find(says_something).or_else(|| reports.iter().find(|report| report.key.is_some()));
    found.or(reports.first()).cloned()
}

fn read<'a>(machine: &'a Machine, mail: &InboundMail) -> Report<'a> {
    let text = searched(&mail.body.text);
    let stands = |pattern: &Regex| pattern.is_match(&mail.subject) || pattern.is_match(text);
    let key = match machine.key_from {
        KeyFrom::Subject => key_in(&machine.key, &mail.subject),
        KeyFrom::Body => key_in(&machine.key, text),
    };
    // A recovery repeats what had failed.
    let says = if machine.recovers.as_ref().is_some_and(stands) {
        Says::Recovered
    } else if machine.opens.as_ref().is_none_or(stands) {
        Says::Failed
    } else {
        Says::Other
    };
    Report { machine, key, says }
}

fn key_in(pattern: &Regex, text: &str) -> Option<String> {
    let key = pattern.captures(text)?.name("key")?.as_str();
    let key = key.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(key.chars().take(KEY_MAX).collect()).filter(|key: &String| !key.is_empty())
}

fn searched(text: &str) -> &str {
    &text[..text.floor_char_boundary(SEARCHED_BYTES)]
}

/// The last ticket of this machine and key.
pub(in crate::desk) fn ticket_of(docket: &Docket, machine: &str, key: &str, trust: Trust) -> Option<TicketNumber> {
    docket.machine_tickets.get(&(machine.to_owned(), key.to_owned(), trust)).copied()
}
