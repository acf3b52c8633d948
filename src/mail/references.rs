//! What a mail refers to: our tokens and tickets, other systems' numbers.

use std::sync::LazyLock;

use regex::Regex;

use super::header::Header;
use super::pattern::pattern;
use super::token::Token;
use super::{Address, ExternalRef, MessageId, work};

/// References beyond this number are not looked at.
const FOUND_MAX: usize = 200;

/// Marks begin with the letter R: of a text, so many R are looked at.
const LETTERS_MAX: usize = 100_000;

/// A text longer than this is searched at its start and end only.
const TEXT_MAX: usize = 256 * 1024;

/// A token, and what brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Carried {
    /// Not verified yet: see [`super::token`].
    pub token: Token,
    /// Where it stood.
    pub carrier: Carrier,
}

/// What brings a token, the strongest first: a client sets the first by itself, a person copies the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// An identifier in In-Reply-To: the very letter that is answered.
    InReplyTo,
    /// A sub-address in To, Cc or where it was delivered to (RFC 5233).
    WrittenTo,
    /// An identifier in References: any letter of the thread.
    References,
    /// The mail's own Message-ID.
    MessageId,
    /// The subject, which people edit and copy.
    Subject,
    /// Anywhere in the body.
    Text,
}

/// The places where our marks stand.
pub(super) struct Marks<'m> {
    pub(super) in_reply_to: &'m [MessageId],
    /// To, Cc, Delivered-To.
    pub(super) addresses: [&'m [Address]; 3],
    /// Root first, as they stand.
    pub(super) references: &'m [MessageId],
    pub(super) message_id: Option<&'m MessageId>,
    pub(super) subject: &'m str,
    pub(super) text: &'m str,
}

impl Marks<'_> {
    /// Tokens of our letters, once for each carrier, the strongest carrier first; and our references, with or without a
    /// token, as `R-000123`, each once.
    pub(super) fn find(&self) -> (Vec<Carried>, Vec<String>) {
        let (mut tokens, mut tickets) = (Vec::new(), Vec::new());
        for (carrier, text) in self.texts() {
            for mark in marks(text) {
                if tokens.len() >= FOUND_MAX || tickets.len() >= FOUND_MAX {
                    return (tokens, tickets);
                }
                let ticket = match mark {
                    Mark::Token(token) => {
                        let carried = Carried { token, carrier };
                        if !tokens.contains(&carried) {
                            tokens.push(carried);
                        }
                        token.ticket
                    }
                    Mark::Ticket(ticket) => ticket,
                };
                let reference = format!("R-{ticket:06}");
                if !tickets.contains(&reference) {
                    tickets.push(reference);
                }
            }
        }
        (tokens, tickets)
    }

    /// References' newest, its last, first.
    fn texts(&self) -> impl Iterator<Item = (Carrier, &str)> {
        let answered = self.in_reply_to.iter().take(FOUND_MAX).map(MessageId::as_str);
        let addresses = self.addresses.iter().flat_map(|list| list.iter().take(FOUND_MAX)).map(Address::local);
        let details = addresses.filter_map(|local| local.split_once('+').map(|(_, detail)| detail));
        let cited = self.references.iter().rev().take(FOUND_MAX).map(MessageId::as_str);
        let own = self.message_id.map(MessageId::as_str);
        let by = |carrier: Carrier| move |text| (carrier, text);
        (answered.map(by(Carrier::InReplyTo)))
            .chain(details.map(by(Carrier::WrittenTo)))
            .chain(cited.map(by(Carrier::References)))
            .chain(own.map(by(Carrier::MessageId)))
            .chain([(Carrier::Subject, self.subject)])
            .chain(ends(self.text).into_iter().map(by(Carrier::Text)))
    }
}

/// One mark of ours in a text.
enum Mark {
    Token(Token),
    Ticket(i64),
}

/// The marks in a text: `R000123.7.d.1.…` and `R-000123`, standing as words of their own.
fn marks(text: &str) -> impl Iterator<Item = Mark> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'R', b'r', bytes).take(LETTERS_MAX).filter_map(move |at| {
        work::count(1);
        let starts_word = at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'.';
        let next = *bytes.get(at + 1)?;
        if !starts_word || !(next == b'-' || next.is_ascii_digit()) {
            return None;
        }
        let word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'.';
        if next != b'-' {
            let length = bytes[at..].iter().take(90).take_while(word).count();
            return Token::parse(text[at..at + length].trim_end_matches('.')).map(Mark::Token);
        }
        let digits = bytes[at + 2..].iter().take(11).take_while(|byte| byte.is_ascii_digit()).count();
        let ends_word = bytes.get(at + 2 + digits).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let number = (1..=9).contains(&digits) && ends_word;
        number.then(|| text[at + 2..at + 2 + digits].parse().ok().map(Mark::Ticket)).flatten()
    })
}

/// A text, or the start and end of a very long one.
fn ends(text: &str) -> Vec<&str> {
    if text.len() <= TEXT_MAX {
        return vec![text];
    }
    let (mut head, mut tail) = (TEXT_MAX / 2, text.len() - TEXT_MAX / 2);
    while !text.is_char_boundary(head) {
        head -= 1;
    }
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    vec![&text[..head], &text[tail..]]
}

/// How other systems write their numbers into a subject: the system, and the number as the first group.
static FORMS: LazyLock<Vec<(Option<&'static str>, Regex)>> = LazyLock::new(|| {
    let forms = [
        (Some("servicenow"), r"(?-u:\b)((?:INC|RITM|REQ|CHG|PRB|CS|TASK|SCTASK)[0-9]{4,12})(?-u:\b)"),
        (Some("salesforce"), r"(ref:!?_?00D[0-9A-Za-z!._]{5,60}:ref)"),
        (Some("jira"), r"(?:^|[\[( ])([A-Z][A-Z0-9]{1,9}-[0-9]{1,8})(?:[\]):, ]|$)"),
        (Some("zendesk"), r"\[Request received\] ?#?([0-9]{2,12})"),
        (None, r"(?i)\[[A-Za-z .]*#([0-9A-Z][0-9A-Z-]{1,20})\]"),
        (
            None,
            r"(?i)(?-u:\b)(?:case|ticket|dossier|incident|request|demande)\s*(?:id|number|num[eé]ro|no|n°|nº)?\s*[:#]\s*#?([0-9A-Z][0-9A-Z-]{2,20})(?-u:\b)",
        ),
        (None, r"(?i)(?-u:\b)SR[ #:]+([0-9][0-9-]{3,20})(?-u:\b)"),
    ];
    forms.into_iter().map(|(system, form)| (system, pattern(form))).collect()
});

/// Ticket numbers of other systems, from the header fields that some set and from the subject.
pub(super) fn external(header: &Header<'_>, subject: &str) -> Vec<ExternalRef> {
    let mut found: Vec<ExternalRef> = Vec::new();
    if !subject.bytes().any(|byte| byte.is_ascii_digit()) {
        return found;
    }
    let mut add = |system: Option<&str>, id: &str| {
        if !id.is_empty() && !found.iter().any(|known| known.id == id) && found.len() < FOUND_MAX {
            found.push(ExternalRef { system: system.map(str::to_owned), id: id.to_owned() });
        }
    };
    let subject: String = subject.chars().take(2_000).collect();
    if header.has("X-ServiceNow-Generated") || header.has("X-ServiceNow-Source") {
        for (system, form) in FORMS.iter().filter(|(system, _)| *system == Some("servicenow")) {
            form.captures_iter(&subject).take(20).for_each(|id| add(*system, &id[1]));
        }
    }
    for (system, form) in FORMS.iter() {
        for captured in form.captures_iter(&subject).take(20) {
            let id = captured.get(1).map_or("", |id| id.as_str());
            let has_digit = id.bytes().any(|b| b.is_ascii_digit());
            let ours = id.starts_with("R-") && *system == Some("jira");
            let standard = ["ISO-", "UTF-", "RFC-", "SHA-", "COVID-"].iter().any(|prefix| id.starts_with(prefix));
            if has_digit && !ours && !standard {
                add(*system, id);
            }
        }
    }
    found
}
