//! Who wrote to whom: the address and identifier fields.

use super::header::{Field, Header};
use super::{Address, Defect, Mailbox, MessageId, ReturnPath, TraceField, address_list, encoded_word, sanitize, work};

/// Identifiers beyond this number are not read: RFC 5322 sets no limit, but no thread needs more.
const IDENTIFIERS_MAX: usize = 500;

/// Bytes of an identifier that are looked at.
const IDENTIFIER_MAX: usize = 600;

/// The author, and whether the one From field says so of one person: a group (RFC 6854) is several, whoever is in it.
pub(super) struct Author {
    pub(super) mailbox: Option<Mailbox>,
    pub(super) is_sound: bool,
    pub(super) defects: Vec<Defect>,
}

/// The first author: From, else Reply-To, Sender, Return-Path.
pub(super) fn author(header: &Header<'_>, return_path: &ReturnPath) -> Author {
    let fields: Vec<address_list::List> = header.all("From").map(|field| address_list::read(field.raw)).collect();
    let mut defects = Vec::new();
    let authors: usize = fields.iter().map(|field| field.mailboxes.len()).sum();
    if fields.len() > 1 || authors > 1 {
        defects.push(Defect::FromMultiple);
    }
    if authors == 0 && !fields.is_empty() {
        defects.push(Defect::FromMalformed);
    }
    let in_group = header.all("From").any(|field| address_list::has_group(field.raw));
    // What is encoded (RFC 2047 §5 forbids it) is no address to a server, which vouches for another one or for none.
    let is_encoded = fields.iter().any(|field| field.has_encoded_address);
    let is_sound = fields.len() == 1 && authors == 1 && !in_group && !is_encoded;
    let from = fields.into_iter().flat_map(|field| field.mailboxes).next();
    let name_of_from = || from_name_alone(header);
    let mailbox = from.or_else(|| {
        let other = first(header, "Reply-To").or_else(|| first(header, "Sender"));
        let other = other.or_else(|| match return_path {
            ReturnPath::Path(address) => Some(Mailbox { name: None, address: address.clone() }),
            _ => None,
        })?;
        Some(Mailbox { name: name_of_from().or(other.name), address: other.address })
    });
    Author { mailbox, is_sound, defects }
}

/// The display name of a From field that holds no address.
pub(super) fn from_name_alone(header: &Header<'_>) -> Option<String> {
    let text = header.text("From");
    let text = text.split('<').next().unwrap_or("").trim().trim_matches('"').trim();
    (!text.is_empty() && !text.contains('@')).then(|| text.to_owned())
}

/// First address of a field.
pub(super) fn first(header: &Header<'_>, name: &str) -> Option<Mailbox> {
    header.all(name).flat_map(|field| address_list::parse(field.raw)).next()
}

/// All addresses of all fields of a name.
pub(super) fn all(header: &Header<'_>, name: &str) -> Vec<Address> {
    header.all(name).flat_map(|field| address_list::parse(field.raw)).map(|mailbox| mailbox.address).collect()
}

/// The addresses of To and Cc that a name stands beside.
pub(super) fn named(header: &Header<'_>) -> Vec<Mailbox> {
    let fields = ["To", "Cc"].into_iter().flat_map(|name| header.all(name));
    fields.flat_map(|field| address_list::parse(field.raw)).filter(|mailbox| mailbox.name.is_some()).collect()
}

/// Fields of nobody's standard that name somebody, beyond this number, are not read.
const ALSO_NAMED_MAX: usize = 50;

/// Bytes of such a field that are looked at.
const ALSO_NAMED_BYTES: usize = 1_000;

/// `X-…` fields that hold an address, with the first of each: servers and programs say there who wrote.
pub(super) fn also_named(header: &Header<'_>) -> Vec<(String, Mailbox)> {
    let is_own = |field: &&Field<'_>| {
        let names_somebody = field.raw.len() <= ALSO_NAMED_BYTES && field.raw.contains(&b'@');
        names_somebody && field.name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"x-"))
    };
    let fields = header.fields().iter().filter(is_own).take(ALSO_NAMED_MAX);
    fields
        .filter_map(|field| {
            let mailbox = address_list::parse(field.raw).into_iter().next()?;
            Some((String::from_utf8_lossy(field.name).into_owned(), mailbox))
        })
        .collect()
}

/// The addresses of the list that a mail came by, and its identifier (RFC 2369 §3.4, RFC 2919).
pub(super) fn list(header: &Header<'_>) -> (Vec<Address>, Option<String>) {
    let posted = header.first("List-Post").map(|field| field.unfolded().to_lowercase());
    let posted = posted.as_deref().and_then(|value| {
        let (_, rest) = value.split_once("mailto:")?;
        rest.split(['>', '?', ',', ' ']).next()?.parse().ok()
    });
    let known = ["X-BeenThere", "Mailing-list"].into_iter().filter_map(|name| header.first(name));
    // `list support@lists.test; contact support+owners@lists.test`
    let known = known.filter_map(|field| {
        let value = field.unfolded();
        value.split([' ', ';', ',', '<', '>']).find_map(|word| word.parse().ok())
    });
    let id = header.first("List-Id").map(|field| field.unfolded().to_lowercase());
    let id = id.map(|value| match value.rsplit_once('<') {
        Some((_, id)) => sanitize::line(id.trim_end_matches(['>', ' '])).into_owned(),
        None => sanitize::line(value.trim()).into_owned(),
    });
    (posted.into_iter().chain(known).collect(), id)
}

/// The topmost Return-Path field.
pub(super) fn return_path(header: &Header<'_>) -> ReturnPath {
    let Some(field) = header.first("Return-Path") else { return ReturnPath::Absent };
    match address_list::parse(field.raw).into_iter().next() {
        Some(mailbox) => ReturnPath::Path(mailbox.address),
        None if field.unfolded().trim().trim_matches(['<', '>', ' ', '"']).is_empty() => ReturnPath::Null,
        None => ReturnPath::Unreadable,
    }
}

/// The fields above the topmost Return-Path.
pub(super) fn above_return_path<'h, 'm>(header: &'h Header<'m>) -> &'h [Field<'m>] {
    let fields = header.fields();
    &fields[..fields.iter().position(|field| field.is("Return-Path")).unwrap_or(fields.len())]
}

/// What the servers on the way wrote, in order.
pub(super) fn trace(fields: &[Field<'_>]) -> Vec<TraceField> {
    let value = |field: &Field<'_>| sanitize::line(&field.unfolded()).into_owned();
    let read = |field: &Field<'_>| match field {
        field if field.is("Received") => Some(TraceField::Received(value(field))),
        field if field.is("Authentication-Results") => Some(TraceField::AuthenticationResults(value(field))),
        field if field.is("X-MS-Exchange-Organization-AuthAs") => Some(TraceField::ExchangeAuthAs(value(field))),
        _ => None,
    };
    fields.iter().filter_map(read).collect()
}

/// The identifiers of a field, in order (RFC 5322 §3.6.4). Where none stands in `<>`, words with an `@` are taken. Python's
/// email package writes long ones as encoded words.
pub(super) fn identifiers(header: &Header<'_>, name: &str) -> Vec<MessageId> {
    let mut found = Vec::new();
    for field in header.all(name) {
        identifiers_of(&encoded_word::decode(&field.unfolded()), &mut found);
    }
    found
}

fn identifiers_of(text: &str, found: &mut Vec<MessageId>) {
    let before = found.len();
    let mut rest = text;
    while let Some(start) = work::searched(rest, rest.find('<')) {
        rest = &rest[start + 1..];
        let Some(end) = work::searched(rest, rest.find('>')) else { break };
        let inside: String =
            rest[..rest.floor_char_boundary(end.min(IDENTIFIER_MAX))].chars().filter(|c| !c.is_whitespace()).collect();
        if found.len() < IDENTIFIERS_MAX
            && let Some(identifier) = MessageId::new(inside.rsplit('<').next().unwrap_or(""))
        {
            found.push(identifier);
        }
        rest = &rest[end + 1..];
    }
    if found.len() == before {
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"'));
        let words = words.filter(|word| word.contains('@')).filter_map(MessageId::new);
        found.extend(words.take(IDENTIFIERS_MAX.saturating_sub(before)));
    }
}

/// The mail's own identifier.
pub(super) fn message_id(header: &Header<'_>) -> Option<MessageId> {
    identifiers(header, "Message-ID").into_iter().next().or_else(|| {
        let text = header.token_as_written("Message-ID");
        MessageId::new(&sanitize::line(&encoded_word::decode(&text)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_in_encoded_words() {
        let header = "Message-ID: =?utf-8?q?=3Ca=2E1=40b=2Etest=3E?=\nIn-Reply-To: =?utf-8?q?=3Ca=2E0=40?=\n \
                      =?utf-8?q?b=2Etest=3E?=\nReferences: <r@b.test>\n =?utf-8?b?PHNAYi50ZXN0PiA8dEBiLnRlc3Q+?=\n\n";
        let header = Header::split(header.as_bytes()).0;
        let read = |name: &str| identifiers(&header, name).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(message_id(&header).map(|id| id.to_string()).as_deref(), Some("a.1@b.test"));
        assert_eq!(read("In-Reply-To"), ["a.0@b.test"]);
        assert_eq!(read("References"), ["r@b.test", "s@b.test", "t@b.test"]);
    }

    #[test]
    fn an_author_whose_address_is_encoded_can_be_answered_and_proves_nothing() {
        let author =
            |from: &str| super::author(&Header::split(format!("From: {from}\n\n").as_bytes()).0, &ReturnPath::Absent);
        let encoded = author("Claire <=?utf-8?Q?claire=40client.test?=>");
        assert_eq!(encoded.mailbox.map(|mailbox| mailbox.address.to_string()).as_deref(), Some("claire@client.test"));
        assert!(!author("Claire <=?utf-8?B?Y2xhaXJlQGNsaWVudC50ZXN0?=>").is_sound);
        assert!(author("Claire <claire@client.test>").is_sound && author("Claire <claire @ client . test>").is_sound);
    }

    #[test]
    fn an_identifier_may_be_cut_within_a_character() {
        for length in IDENTIFIER_MAX - 4..IDENTIFIER_MAX + 4 {
            let raw = format!("References: <{}é{}@b.test>\n\n", "a".repeat(length), "b".repeat(700));
            identifiers(&Header::split(raw.as_bytes()).0, "References");
        }
    }
}
