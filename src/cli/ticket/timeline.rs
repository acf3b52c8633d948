//! A ticket as a page for people: who, then everything in the order in which it happened.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::cli::clock;
use crate::cli::terminal::{moment, safe, safe_line};
use crate::said;
use crate::view::ticket::{Direction, Document, Message};

/// Keys of an event that stand elsewhere on its line.
const SAID_ELSEWHERE: [&str; 3] = ["at", "by", "event"];

pub(super) fn page(document: &Document) -> String {
    let mut page = head(document);
    let mut items: Vec<(Timestamp, u8, String)> = Vec::new();
    for message in &document.messages {
        items.push((message.at, 0, said(message)));
    }
    for event in &document.history {
        if let Some(at) = event.get("at").and_then(Value::as_str).and_then(|at| at.parse().ok()) {
            items.push((at, 1, happened(at, event)));
        }
    }
    items.sort_by_key(|(at, order, _)| (*at, *order));
    for (_, _, text) in items {
        page.push_str(&text);
    }
    page
}

fn head(document: &Document) -> String {
    let head = &document.head;
    let mut page = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(page, "{}  {}", head.reference, safe_line(&head.subject));
    let owner = head.agent.clone().unwrap_or_else(|| said!("nobody", "personne"));
    let (status, level, priority) = (&head.status, &head.level, &head.priority);
    let (opened, touched) = (moment(head.created_at), moment(head.updated_at));
    let standing = said!(
        "{status}, {level}, priority {priority}, owned by {owner}; opened {opened}, last touched {touched}",
        "{status}, {level}, priorité {priority}, responsable\u{a0}: {owner}; ouvert {opened}, modifié {touched}"
    );
    let _ = writeln!(page, "{standing}");
    for case in &head.vendor_cases {
        let number =
            case.mark.clone().unwrap_or_else(|| said!("no case number yet", "pas encore de numéro de dossier"));
        let (vendor, number) = (&case.vendor, safe_line(&number));
        let _ = writeln!(page, "{}", said!("vendor {vendor}: {number}", "fournisseur {vendor}\u{a0}: {number}"));
    }
    if let Some(organisation) = &head.organisation {
        let organisation = safe_line(organisation);
        let _ = writeln!(page, "{}", said!("organisation: {organisation}", "organisation\u{a0}: {organisation}"));
    }
    if let Some(parent) = &document.major {
        let part = said!("part of the mass incident {parent}", "fait partie de l’incident majeur {parent}");
        let _ = writeln!(page, "{part}");
    }
    if let Some(crowd) = &document.crowd {
        let (title, children) = (safe_line(crowd.title.as_deref().unwrap_or(&head.subject)), crowd.children.join(" "));
        let parent = said!("mass incident: {title}; {children}", "incident majeur\u{a0}: {title}; {children}");
        let _ = writeln!(page, "{}", parent.trim_end_matches([' ', ';']));
    }
    for clock in &document.clocks {
        let _ = writeln!(page, "{}", clock::line(clock));
    }
    for party in &document.participants {
        let unreachable = match party.deliverable {
            true => String::new(),
            false => said!("  (mail does not reach it)", "  (le courriel ne l’atteint pas)"),
        };
        let _ = writeln!(page, "{:<12} {}{unreachable}", party.role, safe_line(&party.address));
    }
    page
}

fn said(message: &Message) -> String {
    let arrow = match message.direction {
        Direction::In => "←",
        Direction::Out => "→",
    };
    let (at, kind, audience) = (moment(message.at), &message.kind, &message.audience);
    let mut text =
        said!("\n{at} {arrow} {kind}, for the {audience}", "\n{at} {arrow} {kind}, lu par\u{a0}: {audience}");
    let unverified = match message.trust {
        "unverified" => said!(", UNVERIFIED", ", NON VÉRIFIÉ"),
        _ => String::new(),
    };
    match message.direction {
        Direction::In => {
            let from = message.from.as_deref().map_or_else(|| said!("nobody", "personne"), safe_line);
            let role = &message.author_role;
            text.push_str(&said!(", from {from} ({role}{unverified})", ", de {from} ({role}{unverified})"));
        }
        Direction::Out => {
            for delivery in message.sending.iter().flat_map(|sending| &sending.deliveries) {
                let _ = write!(text, "\n    {} {}", delivery.delivery, safe_line(&delivery.recipient));
                if delivery.delivery != "sent"
                    && let Some(reply) = &delivery.last_reply
                {
                    let (attempts, reply) = (delivery.attempts, safe_line(reply));
                    text.push_str(&said!(
                        " after {attempts} attempts: {reply}",
                        " après {attempts} tentatives\u{a0}: {reply}"
                    ));
                }
            }
        }
    }
    text.push('\n');
    for attachment in &message.attachments {
        let (name, size) = (safe_line(&attachment.safe_name), attachment.size);
        let _ = writeln!(text, "    {}", said!("[{name}, {size} bytes]", "[{name}, {size} octets]"));
    }
    for line in safe(message.text.trim_end()).lines() {
        let _ = writeln!(text, "    {line}");
    }
    text
}

fn happened(at: Timestamp, event: &Map<String, Value>) -> String {
    let word = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let details: Vec<_> = event
        .iter()
        .filter(|(key, value)| !SAID_ELSEWHERE.contains(&key.as_str()) && !value.is_null())
        .map(|(key, value)| match (key.as_str(), value) {
            ("clocks", Value::Array(clocks)) => clocks.iter().map(turned).collect::<Vec<_>>().join(", "),
            _ => format!("{key} {}", plain(value)),
        })
        .collect();
    let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
    let (at, event, by) = (moment(at), word("event"), word("by"));
    safe_line(&said!("{at} * {event} by {by}{details}", "{at} * {event} par {by}{details}")) + "\n"
}

/// A clock as it was set: `ola acme running at 9 min of 2 h 00 min`.
fn turned(clock: &Value) -> String {
    let word = |key: &str| clock.get(key).and_then(Value::as_str);
    let number = |key: &str| clock.get(key).and_then(Value::as_i64).unwrap_or_default();
    let name = clock::name(word("name").unwrap_or_default(), word("party"));
    let (run, target) = (clock::duration(number("run_ms") / 1000), clock::duration(number("target_seconds")));
    let state = word("state").unwrap_or_default();
    said!("{name} {state} at {run} of {target}", "{name} {state} à {run} de {target}")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => fields.values().map(plain).collect::<Vec<_>>().join(" "),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
