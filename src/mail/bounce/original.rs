//! The message that a report is about, as far as it is returned.

use super::super::classified::Read;
use super::super::header::Header;
use super::super::words::{self, List};
use super::super::{Address, MessageId, address_list, envelope, report};

/// Most machine-readable parts that are read.
const REPORTS_MAX: usize = 5;

/// Lines by which mail systems introduce the returned message; lower case, without dashes around them.
static SEPARATORS: List = List::new(|| words::list("report", "returned_message"));

/// Its identifier, without `<>`.
pub(in crate::mail) fn message_id(read: &Read<'_, '_>) -> Option<String> {
    let own = |header: &Header<'_>| envelope::message_id(header).map(|id| id.to_string());
    // What a report answers is what it is about.
    let answered = || read.in_reply_to.first().map(MessageId::to_string);
    from_parts(read, own).or_else(|| stated(read)).or_else(|| from_text(read, own)).or_else(answered)
}

/// Google and others name it in the report itself, where the message is not returned.
fn stated(read: &Read<'_, '_>) -> Option<String> {
    let named = |header: &Header<'_>| envelope::identifiers(header, "X-Original-Message-ID").into_iter().next();
    let in_report = || {
        let parts = read.parts.parts.iter().filter(|part| part.is("message/delivery-status") && !part.is_multipart);
        parts.take(REPORTS_MAX).find_map(|part| report::groups(&part.bytes()).iter().find_map(named))
    };
    in_report().or_else(|| named(read.header)).map(|id| id.to_string())
}

/// All addresses in its To; empty where it is not returned.
pub(in crate::mail) fn recipients(read: &Read<'_, '_>) -> Vec<Address> {
    let to = |header: &Header<'_>| {
        let all = envelope::all(header, "To");
        (!all.is_empty()).then_some(all)
    };
    from_parts(read, to).or_else(|| from_text(read, to)).unwrap_or_default()
}

/// The first address in its From.
pub(super) fn author(read: &Read<'_, '_>) -> Option<Address> {
    let from =
        |header: &Header<'_>| header.first("From").and_then(|field| address_list::parse(field.raw).into_iter().next());
    from_parts(read, from).or_else(|| from_text(read, from)).map(|mailbox| mailbox.address)
}

fn from_parts<T>(read: &Read<'_, '_>, find: impl Fn(&Header<'_>) -> Option<T>) -> Option<T> {
    let returned = [
        "message/rfc822",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
        "text/rfc822",
        "message/partial",
    ];
    read.parts.parts.iter().skip(1).filter(|part| returned.iter().any(|name| part.is(name))).find_map(|part| {
        let bytes = part.bytes();
        let (header, body) = Header::split(&bytes);
        // Some servers put an empty line or a wrapper in front.
        find(&header).or_else(|| find(&Header::split(&bytes[body.min(bytes.len())..]).0))
    })
}

fn from_text<T>(read: &Read<'_, '_>, find: impl Fn(&Header<'_>) -> Option<T>) -> Option<T> {
    let start = header_start(read.text).or_else(|| behind_separator(read.text))?;
    let behind = &read.text[start..];
    let indented = behind.starts_with([' ', '\t', '>']);
    if !indented {
        return find(&Header::split(behind.as_bytes()).0);
    }
    let flush: String =
        behind.lines().take(200).map(|line| line.trim_start_matches([' ', '\t', '>'])).collect::<Vec<_>>().join("\n");
    find(&Header::split(flush.as_bytes()).0)
}

/// Offset of the first header line of a message quoted in a text.
pub(super) fn header_start(text: &str) -> Option<usize> {
    let names = [
        "return-path:",
        "received:",
        "message-id:",
        "delivered-to:",
        "x-envelope-from:",
        "x-apparently-to:",
        "mime-version:",
        "dkim-signature:",
    ];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        if names.iter().any(|name| bare.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Offset of the first line with words behind a line that introduces the returned message.
fn behind_separator(text: &str) -> Option<usize> {
    let start = separator(text)?;
    let behind = start + text[start..].find('\n')?;
    let blanks = text[behind..].find(|c: char| !c.is_whitespace())?;
    Some(behind + blanks)
}

/// Offset of the line that introduces it.
pub(super) fn separator(text: &str) -> Option<usize> {
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
