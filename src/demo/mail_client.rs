//! How people's mail programs write: headers, encodings, and above all what a reply looks like.

use data_encoding::BASE64;
use jiff::Timestamp;

use crate::mail::{InboundMail, Mailbox, MessageId};

use super::cast::{Client, Person, TIME_ZONE};

/// A mail before it is written down.
#[derive(Clone, Debug)]
pub(super) struct Draft<'a> {
    pub(super) from: &'a Person,
    pub(super) to: Mailbox,
    pub(super) subject: &'a str,
    pub(super) text: &'a str,
    pub(super) answers: Option<&'a InboundMail>,
    pub(super) message_id: &'a MessageId,
    pub(super) at: Timestamp,
}

/// The mail as the program sends it: RFC 5322, CRLF, ASCII.
pub(super) fn write(draft: &Draft<'_>) -> Vec<u8> {
    let at = draft.at.to_zoned(TIME_ZONE.clone());
    let mut mail = String::new();
    let mut field = |name: &str, value: &str| mail.push_str(&format!("{name}: {value}\r\n"));
    field("Date", &at.strftime("%a, %d %b %Y %H:%M:%S %z").to_string());
    field("From", &mailbox(&draft.from.mailbox()));
    field("To", &mailbox(&draft.to));
    field("Message-ID", &format!("<{}>", draft.message_id.as_str()));
    if let Some(answered) = draft.answers {
        let thread = answered.references.iter().chain(&answered.message_id);
        let thread: Vec<String> = thread.map(|id| format!("<{}>", id.as_str())).collect();
        if let Some(last) = thread.last() {
            field("In-Reply-To", last);
            field("References", &thread.join("\r\n "));
        }
    }
    if draft.from.client == Client::TicketSystem {
        field("Auto-Submitted", "auto-replied");
        field("Precedence", "bulk");
    }
    field("Subject", &encoded(draft.subject));
    field("MIME-Version", "1.0");
    field("Content-Type", "text/plain; charset=utf-8");
    field("Content-Transfer-Encoding", "base64");
    mail.push_str("\r\n");
    let body = body(draft).replace('\n', "\r\n");
    for line in BASE64.encode(body.as_bytes()).as_bytes().chunks(76) {
        mail.push_str(&String::from_utf8_lossy(line));
        mail.push_str("\r\n");
    }
    mail.into_bytes()
}

/// What the program puts before the subject of a reply.
pub(super) fn reply_subject(client: Client, subject: &str) -> String {
    let prefix = if client == Client::Outlook { "RE: " } else { "Re: " };
    let is_reply = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    if is_reply { subject.to_owned() } else { format!("{prefix}{subject}") }
}

fn body(draft: &Draft<'_>) -> String {
    let mut body = format!("{}\n", draft.text);
    if draft.from.client == Client::AppleMail {
        body.push_str("\nEnvoyé de mon iPhone\n");
    }
    if let Some(answered) = draft.answers {
        body.push_str(&quoted(draft.from.client, answered, draft.at));
    }
    body
}

fn quoted(client: Client, answered: &InboundMail, at: Timestamp) -> String {
    let at = at.to_zoned(TIME_ZONE.clone());
    let from = answered.from.as_ref().map(shown).unwrap_or_default();
    let marked: String = answered.body.text.lines().map(|line| format!("> {line}\n")).collect();
    match client {
        Client::None | Client::TicketSystem => String::new(),
        Client::AppleMail => {
            let month = MONTHS[usize::try_from(at.month() - 1).unwrap_or(0) % 12];
            let (day, year) = (at.day(), at.year());
            format!("\nLe {day} {month} {year} à {}, {from} a écrit :\n\n{marked}", at.strftime("%H:%M"))
        }
        Client::Gmail => {
            format!("\nOn {} {from} wrote:\n\n{marked}", at.strftime("%a, %b %-d, %Y at %-I:%M %p"))
        }
        Client::Outlook => {
            let to: Vec<String> = answered.to.iter().map(ToString::to_string).collect();
            format!(
                "\n________________________________\nDe : {from}\nEnvoyé : {}\nÀ : {}\nObjet : {}\n\n{}",
                at.strftime("%Y-%m-%d %H:%M"),
                to.join("; "),
                answered.subject,
                answered.body.text
            )
        }
    }
}

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

fn shown(mailbox: &Mailbox) -> String {
    match &mailbox.name {
        Some(name) => format!("{name} <{}>", mailbox.address),
        None => mailbox.address.to_string(),
    }
}

fn mailbox(mailbox: &Mailbox) -> String {
    match &mailbox.name {
        Some(name) if name.is_ascii() => format!("\"{name}\" <{}>", mailbox.address),
        Some(name) => format!("{} <{}>", encoded(name), mailbox.address),
        None => mailbox.address.to_string(),
    }
}

/// Encoded words (RFC 2047) where the text needs them.
fn encoded(text: &str) -> String {
    const BYTES: usize = 42;
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(BYTES));
        words.push(format!("=?utf-8?B?{}?=", BASE64.encode(piece.as_bytes())));
        rest = behind;
    }
    words.join("\r\n ")
}
