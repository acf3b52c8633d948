//! A story as text: the same words for the same behaviour, whatever keys and identifiers were drawn.

use std::collections::HashMap;
use std::fmt::Write as _;

use guichet::desk::{ContactId, LedgerId, Outcome, PendingReason, State, TicketNumber};
use guichet::gateway::Gateway;
use guichet::mail;
use guichet::smtp::SentMail;
use guichet::store::{TicketFilter, TicketShown};
use serde_json::Value;

use crate::client::Received;

/// Lines of a letter that a story shows.
const LINES_SHOWN: usize = 12;

/// What was told, and how far each ticket's history was told.
#[derive(Default)]
pub(crate) struct Teller {
    pub(crate) told: String,
    told_of: HashMap<TicketNumber, usize>,
}

impl Teller {
    pub(crate) fn line(&mut self, line: &str) {
        writeln!(self.told, "{line}").unwrap();
    }

    fn lines(&mut self, text: &str) {
        let shown: Vec<&str> =
            text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !is_furniture(line)).collect();
        for line in shown.iter().take(LINES_SHOWN) {
            self.line(&format!("    | {}", if is_code(line) { "(a code)" } else { line }));
        }
        if shown.len() > LINES_SHOWN {
            self.line("    | …");
        }
    }

    /// A mail that came in, and where it ended.
    pub(crate) async fn mail(&mut self, gateway: &Gateway, raw: &[u8], ledger: LedgerId) {
        let mail = mail::parse(raw);
        let from = mail.from.as_ref().map_or("nobody".to_owned(), |from| from.address.to_string());
        let cc: Vec<String> = mail.cc.iter().map(ToString::to_string).collect();
        let cc = if cc.is_empty() { String::new() } else { format!(" cc {}", cc.join(", ")) };
        let outcome = match gateway.store.ledger_line(ledger).await.unwrap().and_then(|line| line.outcome) {
            Some(Outcome::Ticket(ticket)) => ticket.to_string(),
            Some(Outcome::Quarantine(reason)) => format!("quarantine, {}", reason.code()),
            Some(Outcome::Suppressed(reason)) => format!("suppressed, {}", reason.code()),
            None => "waiting".to_owned(),
        };
        self.line(&format!("\n← {from}{cc} « {} » ⇒ {outcome}", mail.subject));
        self.lines(&mail.body.reply_text);
    }

    /// What happened since the last time.
    pub(crate) async fn followed(&mut self, gateway: &Gateway, letters: &[(SentMail, Received)], alarms: &[String]) {
        let list = gateway.store.tickets(&TicketFilter::default()).await.unwrap();
        let mut changed = Vec::new();
        let mut numbers: Vec<TicketNumber> = list.tickets.iter().map(|ticket| ticket.number).collect();
        numbers.sort();
        let mut purposes: HashMap<String, String> = HashMap::new();
        for number in numbers {
            let shown = gateway.store.ticket(number).await.unwrap().unwrap();
            let told = self.told_of.insert(number, shown.history.len()).unwrap_or(0);
            for happened in &shown.history[told..] {
                let names = |id: i64| name_of(&shown, id);
                self.line(&format!("  · {number} {} {}", by(&shown, happened), event(&happened.event, &names)));
            }
            for letter in &shown.letters {
                if let Some(id) = &letter.message_id {
                    purposes.insert(id.as_str().to_owned(), letter.purpose.name().to_owned());
                }
            }
            if shown.history.len() > told {
                changed.push(shown);
            }
        }
        for (sent, letter) in letters {
            let purpose = purposes.get(&letter.id()).map_or("about no ticket", String::as_str);
            self.letter(sent, letter, purpose);
        }
        for alarm in alarms {
            self.line(&format!("  ! {alarm}"));
        }
        for shown in changed {
            self.line(&format!("  = {}", standing(&shown)));
        }
    }

    fn letter(&mut self, sent: &SentMail, letter: &Received, purpose: &str) {
        let list = |all: &[guichet::mail::Address]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let cc = if letter.mail.cc.is_empty() { String::new() } else { format!(" cc {}", list(&letter.mail.cc)) };
        let envelope = list(&sent.recipients);
        let shown = list(&letter.mail.to);
        let to = if envelope == shown { shown } else { format!("{envelope} (to {shown})") };
        self.line(&format!("  → {to}{cc} [{purpose}] « {} »", letter.mail.subject));
        self.lines(&letter.mail.body.text);
        for attachment in &letter.mail.attachments {
            self.line(&format!("    + {}", attachment.safe_name));
        }
    }
}

/// What stands in every letter: the list of commands, the line with the token.
fn is_furniture(line: &str) -> bool {
    [
        "Commandes, sur",
        "Commands, on",
        "#répondre  #note",
        "#reply  #note",
        "Guichet · R",
        "Guichet · r",
        "Service de la paie · R",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}

/// The single-use code of a challenge: base32 (RFC 4648 §6), drawn anew each time.
fn is_code(line: &str) -> bool {
    line.len() == 8 && line.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
}

fn by(shown: &TicketShown, happened: &guichet::desk::Happened) -> String {
    match happened.by.contact {
        Some(contact) => name_of(shown, contact.0),
        None => happened.by.role.word().to_owned(),
    }
}

fn name_of(shown: &TicketShown, id: i64) -> String {
    shown.contacts.get(&ContactId(id)).map_or(format!("contact {id}"), |contact| {
        contact.address.as_str().split('@').next().unwrap_or_default().to_owned()
    })
}

fn event(event: &guichet::desk::Event, names: &dyn Fn(i64) -> String) -> String {
    let Value::Object(fields) = serde_json::to_value(event).unwrap() else { unreachable!("events are objects") };
    let mut words = vec![fields["event"].as_str().unwrap().to_owned()];
    for (name, value) in &fields {
        match (name.as_str(), value) {
            ("event" | "origin" | "request_type" | "address" | "reminds", _) | (_, Value::Null) => {}
            ("desk", _) if fields["event"] == "opened" => {}
            ("clocks", Value::Array(clocks)) => words.extend(clocks.iter().map(clock)),
            ("requester" | "agent" | "contact" | "by", Value::Number(id)) => {
                words.push(format!("{name}={}", names(id.as_i64().unwrap())));
            }
            ("message_id" | "letter", Value::String(_)) | ("from", Value::Number(_)) => {}
            ("level", Value::Object(copied)) => words.extend(copied.values().map(|level| format!("level={level}"))),
            ("reason", Value::Object(reason)) => {
                words.push(format!("reason={}", reason["on"].as_str().unwrap()));
            }
            (_, Value::String(text)) => words.push(format!("{name}={text}")),
            (_, value) => words.push(format!("{name}={value}")),
        }
    }
    words.join(" ")
}

fn clock(clock: &Value) -> String {
    let minutes = |name: &str| clock[name].as_i64().unwrap() / 60_000;
    let (name, party) = (clock["name"].as_str().unwrap(), clock["party"].as_str().unwrap_or_default());
    let (state, run, paused) = (clock["state"].as_str().unwrap(), minutes("run_ms"), minutes("paused_ms"));
    format!("{name}{party} {state} at {run}+{paused} of {} min;", clock["target_seconds"].as_i64().unwrap() / 60)
}

fn standing(shown: &TicketShown) -> String {
    let ticket = &shown.ticket;
    let state = match ticket.state {
        State::Pending { reason: PendingReason::Requester } => "pending requester",
        State::Pending { reason: PendingReason::Vendor } => "pending vendor",
        State::Pending { reason: PendingReason::Until { .. } } => "pending until a date",
        other => other.word(),
    };
    let owner = ticket.agent.map_or("nobody".to_owned(), |agent| name_of(shown, agent.0));
    let mut standing = format!("{} {state}, {}, owned by {owner}", ticket.number, ticket.level);
    for participant in &ticket.participants {
        write!(standing, ", with {}", name_of(shown, participant.contact.0)).unwrap();
    }
    for case in &ticket.vendor_cases {
        write!(standing, ", {} {}", case.vendor, case.mark().unwrap_or("without number")).unwrap();
    }
    standing
}
