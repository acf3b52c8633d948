//! A ticket as `ticket show --json` has it; the page for people is made from the same.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::clock::ClockShown;
use crate::desk::{Contact, ContactId, Entry, EntryKind, Happened, LedgerId, Policy, Purpose, Role, Ticket, Trust};
use crate::mail::{self, InboundMail};
use crate::store::{DeliveryState, EntryShown, LedgerLine, LetterShown, Store, TicketShown};

/// What a list of tickets tells of each.
#[derive(Serialize)]
pub(crate) struct Head {
    #[serde(rename = "ref")]
    pub(crate) reference: String,
    pub(crate) subject: String,
    pub(crate) status: &'static str,
    pub(crate) level: String,
    pub(crate) priority: u8,
    pub(crate) requester: Option<String>,
    /// The requester's, by its name in the configuration.
    pub(crate) organisation: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) vendor_cases: Vec<VendorCase>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Serialize)]
pub(crate) struct VendorCase {
    pub(crate) vendor: String,
    /// The number alone: `4711`; `None` until the vendor tells one.
    pub(crate) number: Option<String>,
    /// The same as the vendor's subjects have it: `[#4711]`.
    pub(crate) mark: Option<String>,
}

/// All of one ticket.
#[derive(Serialize)]
pub(crate) struct Document {
    #[serde(flatten)]
    pub(crate) head: Head,
    pub(crate) clocks: Vec<ClockShown>,
    /// The mass incident that it is part of.
    pub(crate) major: Option<String>,
    pub(crate) crowd: Option<CrowdShown>,
    pub(crate) participants: Vec<Party>,
    pub(crate) messages: Vec<Message>,
    pub(crate) history: Vec<Map<String, Value>>,
}

/// The parent of a mass incident.
#[derive(Serialize)]
pub(crate) struct CrowdShown {
    pub(crate) title: Option<String>,
    pub(crate) children: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Party {
    pub(crate) address: String,
    pub(crate) role: &'static str,
    pub(crate) deliverable: bool,
}

#[derive(Serialize)]
pub(crate) struct Message {
    pub(crate) direction: Direction,
    pub(crate) kind: &'static str,
    pub(crate) audience: &'static str,
    pub(crate) trust: &'static str,
    pub(crate) author_role: &'static str,
    pub(crate) from: Option<String>,
    pub(crate) to: Vec<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) raw_sha256: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) text: String,
    pub(crate) at: Timestamp,
    pub(crate) attachments: Vec<Attachment>,
    #[serde(flatten)]
    pub(crate) sending: Option<Sending>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    In,
    Out,
}

#[derive(Serialize)]
pub(crate) struct Attachment {
    pub(crate) name: Option<String>,
    pub(crate) safe_name: String,
    pub(crate) size: u64,
    pub(crate) sha256: Option<String>,
    pub(crate) content_type: String,
}

/// How it went with a letter of ours.
#[derive(Serialize)]
pub(crate) struct Sending {
    pub(crate) purpose: &'static str,
    pub(crate) delivery: &'static str,
    pub(crate) attempts: u32,
    pub(crate) deliveries: Vec<Delivery>,
}

#[derive(Serialize)]
pub(crate) struct Delivery {
    pub(crate) id: i64,
    pub(crate) recipient: String,
    pub(crate) delivery: &'static str,
    pub(crate) attempts: u32,
    pub(crate) last_reply: Option<String>,
}

impl Head {
    pub(crate) fn of(ticket: &Ticket, contacts: &HashMap<ContactId, Contact>) -> Head {
        Head {
            reference: ticket.number.to_string(),
            subject: ticket.subject.clone(),
            status: ticket.state.word(),
            level: ticket.level.to_string(),
            priority: ticket.priority.0,
            requester: address(ticket.requester, contacts),
            organisation: ticket.organisation.clone(),
            agent: address(ticket.agent, contacts),
            vendor_cases: ticket.vendor_cases.iter().flat_map(VendorCase::of).collect(),
            created_at: ticket.opened_at,
            updated_at: ticket.updated_at,
        }
    }
}

impl VendorCase {
    /// One a mark, newest first; one without a mark where there is none yet.
    fn of(case: &crate::desk::VendorCase) -> Vec<VendorCase> {
        let with =
            |number: Option<String>, mark: Option<String>| VendorCase { vendor: case.vendor.clone(), number, mark };
        if case.marks.is_empty() {
            return vec![with(None, None)];
        }
        case.marks.iter().map(|known| with(Some(known.number.clone()), Some(known.mark.clone()))).collect()
    }
}

impl CrowdShown {
    fn of(ticket: &Ticket) -> Option<CrowdShown> {
        let children = ticket.as_major()?.children.iter().map(ToString::to_string).collect();
        Some(CrowdShown { title: ticket.title.clone(), children })
    }
}

impl Document {
    pub(crate) async fn read(store: &Store, policy: &Policy, shown: &TicketShown, now: Timestamp) -> Result<Document> {
        let mut messages = Vec::new();
        let mut told: HashSet<LedgerId> = HashSet::new();
        for EntryShown { entry, raw_sha256 } in &shown.entries {
            let mail = match entry.ledger {
                Some(ledger) => store.raw(ledger).await?.map(|raw| raw.parse()),
                None => None,
            };
            // A mail that several entries came of stands in the first of them only.
            let digest = raw_sha256.filter(|_| entry.ledger.is_none_or(|ledger| told.insert(ledger)));
            messages.push(incoming(entry, digest, mail.as_ref(), &shown.contacts));
        }
        for line in store.ledger_of(shown.ticket.number).await? {
            if told.insert(line.id) {
                let mail = store.raw(line.id).await?.map(|raw| raw.parse());
                messages.push(without_entry(&line, mail.as_ref()));
            }
        }
        messages.extend(shown.letters.iter().map(outgoing));
        messages.sort_by_key(|message| message.at);
        Ok(Document {
            head: Head::of(&shown.ticket, &shown.contacts),
            clocks: ClockShown::all(&shown.ticket, policy, now),
            major: shown.ticket.major.map(|parent| parent.to_string()),
            crowd: CrowdShown::of(&shown.ticket),
            participants: participants(shown, policy),
            messages,
            history: shown.history.iter().map(|happened| history(happened, &shown.contacts)).collect(),
        })
    }

    /// Keeps the first words of each text.
    pub(crate) fn shorten_texts(&mut self) {
        const CHARACTERS: usize = 72;
        for message in &mut self.messages {
            let line = message.text.split_whitespace().collect::<Vec<_>>().join(" ");
            message.text = match line.char_indices().nth(CHARACTERS) {
                Some((end, _)) => format!("{}…", &line[..end]),
                None => line,
            };
        }
    }
}

fn incoming(
    entry: &Entry,
    raw_sha256: Option<[u8; 32]>,
    mail: Option<&InboundMail>,
    contacts: &HashMap<ContactId, Contact>,
) -> Message {
    let from = entry.author.and_then(|author| address(Some(author), contacts));
    Message {
        direction: Direction::In,
        kind: entry.kind.word(),
        audience: entry.audience.word(),
        trust: entry.trust.word(),
        author_role: entry.author_role.word(),
        from: from.or_else(|| author(mail)),
        to: recipients(mail),
        message_id: entry.message_id.as_ref().map(ToString::to_string),
        raw_sha256: raw_sha256.map(|digest| HEXLOWER.encode(&digest)),
        subject: mail.map(|mail| mail.subject.clone()),
        text: entry.text.clone(),
        at: entry.at,
        attachments: mail.map(attachments).unwrap_or_default(),
        sending: None,
    }
}

/// A mail that is on the ticket and changed nothing.
fn without_entry(line: &LedgerLine, mail: Option<&InboundMail>) -> Message {
    Message {
        direction: Direction::In,
        kind: EntryKind::Auto.word(),
        audience: crate::desk::Audience::Desk.word(),
        trust: Trust::Unverified.word(),
        author_role: Role::Unknown.word(),
        from: author(mail),
        to: recipients(mail),
        message_id: line.message_id.as_ref().map(ToString::to_string),
        raw_sha256: line.raw_sha256.map(|digest| HEXLOWER.encode(&digest)),
        subject: mail.map(|mail| mail.subject.clone()),
        text: mail.map(|mail| mail.body.reply_text.clone()).unwrap_or_default(),
        at: line.received_at,
        attachments: mail.map(attachments).unwrap_or_default(),
        sending: None,
    }
}

fn outgoing(letter: &LetterShown) -> Message {
    let mail = mail::parse(&letter.bytes);
    let enclosed = letter.enclosures.iter().map(|placed| Attachment {
        name: Some(placed.enclosure.name.clone()),
        safe_name: placed.enclosure.name.clone(),
        size: placed.enclosure.size,
        sha256: None,
        content_type: placed.enclosure.content_type.clone(),
    });
    let deliveries: Vec<_> = letter
        .deliveries
        .iter()
        .map(|delivery| Delivery {
            id: delivery.id.0,
            recipient: delivery.recipient.to_string(),
            delivery: delivery.state.word(),
            attempts: delivery.attempts,
            last_reply: delivery.last_reply.clone(),
        })
        .collect();
    let role = if letter.purpose == Purpose::Answer { Role::Agent } else { Role::System };
    Message {
        direction: Direction::Out,
        kind: kind_of(letter.purpose),
        audience: letter.audience.word(),
        trust: Trust::Verified.word(),
        author_role: role.word(),
        from: author(Some(&mail)),
        to: deliveries.iter().map(|delivery| delivery.recipient.clone()).collect(),
        message_id: letter.message_id.as_ref().map(ToString::to_string),
        raw_sha256: None,
        subject: Some(letter.subject.clone()),
        text: letter.text.clone().unwrap_or(mail.body.text),
        at: letter.at,
        attachments: enclosed.collect(),
        sending: Some(Sending {
            purpose: letter.purpose.name(),
            delivery: worst(letter).word(),
            attempts: letter.deliveries.iter().map(|delivery| delivery.attempts).max().unwrap_or_default(),
            deliveries,
        }),
    }
}

fn kind_of(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Acknowledgement | Purpose::CrowdAcknowledgement | Purpose::AcknowledgementGeneric => "ack",
        Purpose::KnownFix => "known_fix",
        Purpose::Answer => EntryKind::AgentReply.word(),
        Purpose::Escalated => EntryKind::Escalation.word(),
        Purpose::Case | Purpose::FollowUp | Purpose::Chase => EntryKind::Vendor.word(),
        _ => "notification",
    }
}

/// The state of a letter is that of the recipient it went worst with.
fn worst(letter: &LetterShown) -> DeliveryState {
    let order =
        [DeliveryState::Failed, DeliveryState::InDoubt, DeliveryState::Held, DeliveryState::Due, DeliveryState::Sent];
    let there = |state: &DeliveryState| letter.deliveries.iter().any(|delivery| delivery.state == *state);
    order.into_iter().find(there).unwrap_or(DeliveryState::Held)
}

fn author(mail: Option<&InboundMail>) -> Option<String> {
    Some(mail?.from.as_ref()?.address.to_string())
}

fn recipients(mail: Option<&InboundMail>) -> Vec<String> {
    mail.map(|mail| mail.to.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

fn attachments(mail: &InboundMail) -> Vec<Attachment> {
    mail.attachments
        .iter()
        .map(|attachment| Attachment {
            name: attachment.name.clone(),
            safe_name: attachment.safe_name.clone(),
            size: attachment.size,
            sha256: Some(HEXLOWER.encode(&attachment.sha256)),
            content_type: attachment.content_type.clone(),
        })
        .collect()
}

fn participants(shown: &TicketShown, policy: &Policy) -> Vec<Party> {
    let ticket = &shown.ticket;
    let mut parties: Vec<Party> = Vec::new();
    let mut add = |contact: Option<ContactId>, role: Role| {
        let Some(contact) = contact.and_then(|id| shown.contacts.get(&id)) else { return };
        let address = contact.address.to_string();
        if !parties.iter().any(|party| party.address.eq_ignore_ascii_case(&address)) {
            parties.push(Party { address, role: role.word(), deliverable: contact.deliverable });
        }
    };
    add(ticket.requester, Role::Requester);
    for participant in &ticket.participants {
        add(Some(participant.contact), Role::Participant);
    }
    add(ticket.agent, Role::Agent);
    for happened in shown.history.iter().filter(|happened| happened.by.role == Role::Agent) {
        add(happened.by.contact, Role::Agent);
    }
    for vendor in ticket.vendor_cases.iter().filter_map(|case| policy.correspondent(&case.vendor)) {
        let known = shown.contacts.values().find(|contact| contact.address.is(&vendor.address));
        let deliverable = known.is_none_or(|contact| contact.deliverable);
        parties.push(Party { address: vendor.address.to_string(), role: Role::Vendor.word(), deliverable });
    }
    parties
}

/// An event with addresses where it holds contacts.
fn history(happened: &Happened, contacts: &HashMap<ContactId, Contact>) -> Map<String, Value> {
    let mut row = match serde_json::to_value(&happened.event) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    for (key, value) in &mut row {
        if matches!(key.as_str(), "requester" | "agent" | "contact" | "by")
            && let Some(named) = value.as_i64().and_then(|id| address(Some(ContactId(id)), contacts))
        {
            *value = named.into();
        }
    }
    let by = address(happened.by.contact, contacts).unwrap_or_else(|| happened.by.role.word().to_owned());
    row.insert("at".to_owned(), happened.at.to_string().into());
    row.insert("by".to_owned(), by.into());
    row
}

/// Address of a contact that is known.
pub(crate) fn address(contact: Option<ContactId>, contacts: &HashMap<ContactId, Contact>) -> Option<String> {
    Some(contacts.get(&contact?)?.address.to_string())
}
