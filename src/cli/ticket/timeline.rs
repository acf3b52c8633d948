//! A ticket as a page for people: who, then everything in the order in which it happened.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::cli::clock;
use crate::cli::terminal::{moment, safe, safe_line};
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
    let owner = head.agent.as_deref().unwrap_or("nobody");
    let _ = writeln!(
        page,
        "{}, {}, priority {}, owned by {owner}; opened {}, last touched {}",
        head.status,
        head.level,
        head.priority,
        moment(head.created_at),
        moment(head.updated_at)
    );
    for case in &head.vendor_cases {
        let number = case.mark.as_deref().unwrap_or("no case number yet");
        let _ = writeln!(page, "vendor {}: {}", case.vendor, safe_line(number));
    }
    if let Some(organisation) = &head.organisation {
        let _ = writeln!(page, "organisation: {}", safe_line(organisation));
    }
    for clock in &document.clocks {
        let _ = writeln!(page, "{}", clock::line(clock));
    }
    for party in &document.participants {
        let unreachable = if party.deliverable { "" } else { "  (mail does not reach it)" };
        let _ = writeln!(page, "{:<12} {}{unreachable}", party.role, safe_line(&party.address));
    }
    page
}

fn said(message: &Message) -> String {
    let arrow = match message.direction {
        Direction::In => "←",
        Direction::Out => "→",
    };
    let mut text = format!("\n{} {arrow} {}, for the {}", moment(message.at), message.kind, message.audience);
    let unverified = if message.trust == "unverified" { ", UNVERIFIED" } else { "" };
    match message.direction {
        Direction::In => {
            let from = message.from.as_deref().unwrap_or("nobody");
            let _ = write!(text, ", from {} ({}{unverified})", safe_line(from), message.author_role);
        }
        Direction::Out => {
            for delivery in message.sending.iter().flat_map(|sending| &sending.deliveries) {
                let _ = write!(text, "\n    {} {}", delivery.delivery, safe_line(&delivery.recipient));
                if delivery.delivery != "sent"
                    && let Some(reply) = &delivery.last_reply
                {
                    let _ = write!(text, " after {} attempts: {}", delivery.attempts, safe_line(reply));
                }
            }
        }
    }
    text.push('\n');
    for attachment in &message.attachments {
        let _ = writeln!(text, "    [{}, {} bytes]", safe_line(&attachment.safe_name), attachment.size);
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
        .map(|(key, value)| format!("{key} {}", plain(value)))
        .collect();
    let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
    safe_line(&format!("{} * {} by {}{details}", moment(at), word("event"), word("by"))) + "\n"
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => fields.values().map(plain).collect::<Vec<_>>().join(" "),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
