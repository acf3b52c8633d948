//! What sort of mail it is, and whether it declines automatic answers (RFC 3834 §2).

use super::classified::{Classified, Read};
use super::header_marks::{all_auto_submitted, answers_us, is_from_list, precedence};
use super::token::Token;
use super::{Evidence, Kind, ReturnPath, auto_reply, bounce, gesture, receipt, report};

/// The header field that every letter of ours bears.
pub const LOOP_HEADER: &str = "X-Guichet-Loop";

/// The kind of a mail that bears no mark of ours; first match wins.
pub(super) fn classify_foreign(read: &Read<'_, '_>) -> Classified {
    robots(read).or_else(|| list(read)).unwrap_or_else(|| persons(read))
}

/// The same, whatever list it came by.
pub(super) fn classify_beside_list(read: &Read<'_, '_>) -> Classified {
    robots(read).unwrap_or_else(|| persons(read))
}

fn persons(read: &Read<'_, '_>) -> Classified {
    let (kind, by) = if read.is_reply { (Kind::Reply, vec![Evidence::Reference]) } else { (Kind::New, Vec::new()) };
    Classified::marked(kind, by)
}

fn robots(read: &Read<'_, '_>) -> Option<Classified> {
    report_of(read, Kind::Feedback, "feedback-report", "message/feedback-report")
        .or_else(|| bounce::rejection(read))
        .or_else(|| report_of(read, Kind::ReadReceipt, "disposition-notification", "message/disposition-notification"))
        .or_else(|| bounce::of(read))
        .or_else(|| receipt::of(read))
        .or_else(|| auto_reply::of(read))
}

/// Whether no automatic letter may answer the mail, whoever wrote it: it says so, or nobody reads where the answer would go.
pub(super) fn declines_answers(read: &Read<'_, '_>) -> bool {
    let header = read.header;
    let bulk = precedence(header).any(|value| matches!(&*value, "bulk" | "list"));
    let list = ["List-Id", "List-Unsubscribe", "List-Post", "X-Loop"].iter().any(|name| header.has(name));
    let envelope = matches!(read.return_path, ReturnPath::Path(address) if address.is_a_systems());
    bulk || list || envelope || declines_beside_list(read)
}

/// The same without what a list writes: its fields, and an envelope sender of its own.
pub(super) fn declines_beside_list(read: &Read<'_, '_>) -> bool {
    let header = read.header;
    let submitted = all_auto_submitted(header).any(|value| value != "no");
    let junk = precedence(header).any(|value| matches!(&*value, "junk" | "auto_reply" | "autoreply"));
    let suppressed = header.all("X-Auto-Response-Suppress").any(|field| {
        let value = field.unfolded().to_ascii_lowercase();
        value.split([',', ';', ' ']).any(|word| matches!(word.trim(), "all" | "oof" | "autoreply"))
    });
    let null_path = *read.return_path == ReturnPath::Null;
    let author = read.from.is_none_or(|from| from.address.is_a_systems());
    submitted || junk || header.has(LOOP_HEADER) || suppressed || null_path || author || is_calendar_reply(read)
}

/// The mark of a letter of ours: its loop mark, or its own Message-ID where the author writes from the id's domain: some systems
/// confirm under the Message-ID of what they confirm.
pub(super) fn our_mark(read: &Read<'_, '_>) -> Option<Evidence> {
    let by_id = || {
        let id = read.message_id.filter(|id| !Token::find_all(id.as_str()).is_empty())?;
        let domain = id.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
        let is_from_there = read.from.is_none_or(|from| from.address.domain().eq_ignore_ascii_case(domain));
        is_from_there.then_some(Evidence::Header("Message-ID"))
    };
    if read.header.has(LOOP_HEADER) { Some(Evidence::Header(LOOP_HEADER)) } else { by_id() }
}

/// A report (RFC 6522) by its type, or by its parts where the type was lost.
fn report_of(read: &Read<'_, '_>, kind: Kind, report_type: &str, part: &str) -> Option<Classified> {
    let root = &read.parts.parts[0];
    if report::report_type(root) == report_type {
        return Some(Classified::marked(kind, vec![Evidence::ReportType]));
    }
    let has_part = root.is("multipart/report") && read.parts.parts.iter().any(|found| found.is(part));
    has_part.then(|| Classified::marked(kind, vec![Evidence::Structure]))
}

fn list(read: &Read<'_, '_>) -> Option<Classified> {
    let name = if read.header.has("List-Id") { "List-Id" } else { "Precedence" };
    let is_list = is_from_list(read.header) && !answers_us(read.header);
    is_list.then(|| Classified::marked(Kind::List, vec![Evidence::Header(name)]))
}

/// An answer to an invitation (RFC 5546 §3.2.3).
fn is_calendar_reply(read: &Read<'_, '_>) -> bool {
    read.parts.parts.iter().any(gesture::is_calendar_reply)
}
