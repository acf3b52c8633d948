//! What sort of mail it is, and whether an automatic letter may answer it (RFC 3834 §2).

use super::header::Header;
use super::mime::Parts;
use super::token::Token;
use super::{Kind, Mailbox, MessageId, ReturnPath, auto_reply, bounce, gesture, receipt, report};

/// The header field that every letter of ours bears.
pub const LOOP_HEADER: &str = "X-Guichet-Loop";

/// What has been read of a message when its kind is asked for.
pub(super) struct Read<'r, 'a> {
    pub(super) header: &'r Header<'a>,
    pub(super) parts: &'r Parts<'a>,
    pub(super) subject: &'r str,
    pub(super) text: &'r str,
    pub(super) from: Option<&'r Mailbox>,
    pub(super) return_path: &'r ReturnPath,
    pub(super) message_id: Option<&'r MessageId>,
    pub(super) is_reply: bool,
}

/// The kind; first match wins.
pub(super) fn classify(read: &Read<'_, '_>, foreign: Kind) -> Kind {
    if is_own(read) { Kind::Own } else { foreign }
}

/// The kind of a mail that bears no mark of ours; first match wins.
pub(super) fn classify_foreign(read: &Read<'_, '_>) -> Kind {
    let root = &read.parts.parts[0];
    let report_type = report::report_type(root);
    if report_type == "feedback-report" || has_part(read, "message/feedback-report") {
        Kind::Feedback
    } else if bounce::is_rejection(read) {
        Kind::Bounce
    } else if report_type == "disposition-notification"
        || has_part(read, "message/disposition-notification")
        || receipt::is_receipt(read.subject, read.text)
    {
        Kind::ReadReceipt
    } else if bounce::is_bounce(read) {
        Kind::Bounce
    } else if auto_reply::is_auto_reply(read.header, read.subject) {
        Kind::AutoReply
    } else if is_list(read) && !answers_us(read) {
        Kind::List
    } else if read.is_reply {
        Kind::Reply
    } else {
        Kind::New
    }
}

/// Whether an automatic letter may answer the mail at all.
pub(super) fn may_ack(read: &Read<'_, '_>, kind: Kind) -> bool {
    let header = read.header;
    let answerable = matches!(kind, Kind::New | Kind::Reply | Kind::Own);
    let auto_submitted =
        header.all("Auto-Submitted").any(|field| auto_reply::auto_submitted(&field.unfolded()) != "no");
    let bulk = ["Precedence", "X-Precedence"].iter().any(|name| {
        header.all(name).any(|field| {
            matches!(&*field.unfolded().trim().to_ascii_lowercase(), "bulk" | "list" | "junk" | "auto_reply")
        })
    });
    let list = ["List-Id", "List-Unsubscribe", "List-Post", "X-Loop", LOOP_HEADER].iter().any(|name| header.has(name));
    let suppressed = header.all("X-Auto-Response-Suppress").any(|field| {
        let value = field.unfolded().to_ascii_lowercase();
        value.split([',', ';', ' ']).any(|word| matches!(word.trim(), "all" | "oof" | "autoreply"))
    });
    let envelope = match read.return_path {
        ReturnPath::Null => false,
        ReturnPath::Path(address) => !is_system_address(address.local()),
        ReturnPath::Absent => true,
    };
    let author = read.from.is_some_and(|from| !is_robot_address(from.address.local()));
    answerable && !auto_submitted && !bulk && !list && !suppressed && envelope && author && !is_calendar_reply(read)
}

fn is_own(read: &Read<'_, '_>) -> bool {
    read.header.has(LOOP_HEADER) || read.message_id.is_some_and(|id| !Token::find_all(id.as_str()).is_empty())
}

fn has_part(read: &Read<'_, '_>, media_type: &str) -> bool {
    read.parts.parts[0].is("multipart/report") && read.parts.parts.iter().any(|part| part.is(media_type))
}

fn is_list(read: &Read<'_, '_>) -> bool {
    read.header.has("List-Id")
        || read.header.all("Precedence").any(|field| field.unfolded().trim().eq_ignore_ascii_case("list"))
}

fn answers_us(read: &Read<'_, '_>) -> bool {
    ["In-Reply-To", "References"]
        .iter()
        .any(|name| read.header.all(name).any(|field| !Token::find_all(&field.unfolded()).is_empty()))
}

/// RFC 3834 §2: envelope senders that are robots or lists.
fn is_system_address(local: &str) -> bool {
    let local = local.to_ascii_lowercase();
    local.starts_with("owner-")
        || ["-request", "-bounces", "-bounce", "-owner", "-return"].iter().any(|end| local.ends_with(end))
        || matches!(&*local, "bounce" | "bounces" | "listserv" | "majordomo" | "mailman" | "ezmlm")
        || is_robot_address(&local)
}

/// Addresses that nobody reads.
fn is_robot_address(local: &str) -> bool {
    let plain: String = local.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let names =
        ["mailerdaemon", "postmaster", "noreply", "donotreply", "nepasrepondre", "nereply", "nobody", "autoreply"];
    names.iter().any(|name| plain == *name)
        || ["noreply", "donotreply", "nepasrepondre"]
            .iter()
            .any(|name| plain.starts_with(name) || plain.ends_with(name))
}

/// An answer to an invitation (RFC 5546 §3.2.3).
fn is_calendar_reply(read: &Read<'_, '_>) -> bool {
    read.parts.parts.iter().any(gesture::is_calendar_reply)
}
