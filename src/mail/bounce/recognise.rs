//! Which mails are delivery reports.

use std::sync::LazyLock;

use regex::Regex;

use super::super::kind::Read;
use super::super::{ReturnPath, auto_reply, envelope, report};
use super::subject;

/// Whether the mail is a delivery status notification, in RFC 3464's form or another.
pub(in crate::mail) fn is_bounce(read: &Read<'_, '_>) -> bool {
    let root = &read.parts.parts[0];
    if report::report_type(root).starts_with("delivery-status") || read.header.has("X-Failed-Recipients") {
        return true;
    }
    let has_status_part = read.parts.parts.iter().any(|part| part.is("message/delivery-status"));
    if has_status_part && root.is("multipart/") {
        return true;
    }
    let daemon = is_from_daemon(read);
    if read.is_reply && !daemon {
        return false;
    }
    let said = subject::says_so(read.subject);
    let start = |limit: usize| &read.text[..read.text.floor_char_boundary(limit)];
    let bears_signature = |limit: usize| says_any(&SIGNATURE, start(limit));
    let bears_phrase = || says_any(&PHRASE, start(START_MAX));
    if daemon {
        return said || is_mailer_daemon(read) || bears_phrase() || bears_signature(START_MAX);
    }
    subject::is_written_by_machines(read.subject)
        || bears_signature(SIGNATURE_MAX)
        || (said || returns_a_message(read)) && is_from_machine(read) && bears_phrase()
        || said && read.from.is_none()
}

/// A report says at its start what it is.
const START_MAX: usize = 8_000;
const SIGNATURE_MAX: usize = 2_000;

static SIGNATURE: LazyLock<Option<Regex>> = LazyLock::new(|| any_of(SIGNATURES));
static PHRASE: LazyLock<Option<Regex>> = LazyLock::new(|| any_of(PHRASES));

/// One automaton for many sentences, case aside and however they are folded: one pass finds any of them.
fn any_of(sentences: &[&str]) -> Option<Regex> {
    let escaped: Vec<String> = sentences.iter().map(|sentence| regex::escape(sentence).replace(' ', r"\s+")).collect();
    Regex::new(&format!("(?i){}", escaped.join("|"))).ok()
}

fn says_any(sentences: &LazyLock<Option<Regex>>, text: &str) -> bool {
    sentences.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// A rejection that says it is a disposition notification, as a delivery agent writes it (RFC 5429 §2.1.2, older form).
pub(in crate::mail) fn is_rejection(read: &Read<'_, '_>) -> bool {
    let deleted = read.parts.parts.iter().filter(|part| part.is("message/disposition-notification")).any(|part| {
        let bytes = part.bytes();
        let groups = report::groups(&bytes);
        groups.iter().any(|group| {
            let disposition = group.token("Disposition");
            disposition.starts_with("automatic-action") && disposition.contains("deleted")
        })
    });
    deleted && is_from_daemon(read)
}

/// What only programs send: an empty return path, a mark, a sender that is a service, or a mail to an address that only
/// stands in envelopes.
fn is_from_machine(read: &Read<'_, '_>) -> bool {
    let envelope_address = |local: &str| {
        let local = local.to_ascii_lowercase();
        local.starts_with("owner-")
            || ["-bounces", "-bounce", "-admin", "-owner", "-request"].iter().any(|end| local.ends_with(end))
    };
    let service = read.from.is_some_and(|from| {
        let local = from.address.local().to_ascii_lowercase();
        [
            "smtp",
            "mailer",
            "daemon",
            "gateway",
            "no-reply",
            "noreply",
            "mailserver",
            "mail_service",
            "antivirus",
            "postmaster",
            "post_master",
        ]
        .iter()
        .any(|word| local.contains(word))
    });
    let system_path = match read.return_path {
        ReturnPath::Null => true,
        ReturnPath::Path(address) => address.local().eq_ignore_ascii_case("mailer-daemon"),
        ReturnPath::Absent => false,
    };
    let daemon_path = read.header.token("Return-Path").contains("mailer-daemon");
    system_path
        || daemon_path
        || service
        || is_marked_automatic(read)
        || envelope::all(read.header, "To").iter().take(3).any(|to| envelope_address(to.local()))
}

fn returns_a_message(read: &Read<'_, '_>) -> bool {
    read.parts.parts.iter().skip(1).any(|part| part.is("message/rfc822") || part.is("text/rfc822-headers"))
}

fn is_mailer_daemon(read: &Read<'_, '_>) -> bool {
    read.from.is_some_and(|from| from.address.local().eq_ignore_ascii_case("mailer-daemon"))
        || read.header.token("From").contains("mailer-daemon")
}

fn is_marked_automatic(read: &Read<'_, '_>) -> bool {
    read.header.all("Auto-Submitted").any(|field| auto_reply::auto_submitted(&field.unfolded()) != "no")
}

/// Mail systems write under these names.
fn is_from_daemon(read: &Read<'_, '_>) -> bool {
    let Some(from) = read.from else {
        let text = read.header.text("From").to_lowercase();
        return text.contains("daemon")
            || text.contains("postmaster")
            || text.contains("mail delivery")
            || text.contains("<>");
    };
    let local: String =
        from.address.local().to_ascii_lowercase().chars().filter(|&c| c.is_ascii_alphanumeric()).collect();
    let name = from.name.as_deref().unwrap_or("").to_lowercase();
    local.contains("mailerdaemon")
        || local.contains("postmaster")
        || [
            "maildaemon",
            "mdaemon",
            "daemon",
            "mailer",
            "maildelivery",
            "mailsystem",
            "bounce",
            "bounces",
            "mmdf",
            "postmast",
            "uucp",
            "root",
            "microsoftexchange",
            "mailadmin",
            "systemadministrator",
        ]
        .contains(&&*local)
        || local.starts_with("microsoftexchange")
        || [
            "mail delivery",
            "mailer-daemon",
            "mailer daemon",
            "delivery subsystem",
            "postmaster",
            "system administrator",
            "mail administrator",
            "mail system",
            "internet mail delivery",
            "message router",
            "mail router",
        ]
        .iter()
        .any(|word| name.contains(word))
}

/// Sentences by which a mail system gives itself away, whoever it says it is.
const SIGNATURES: &[&str] = &[
    "this is the qmail-send program",
    "this message was created automatically by mail delivery software",
    "this message was created automatically by the mail system",
    "the following addresses had permanent fatal errors",
    "the following addresses had transient non-fatal errors",
    "this is the mail system at host",
    "this is the postfix program at host",
    "this is the mail delivery agent at",
    "this is the mail delivery system",
    "the original message was received at",
    "your message did not reach some or all of the intended recipients",
    "votre message n'a pas été remis à certains ou à tous les destinataires",
    "this report relates to a message you sent with the following header",
    "delivery has failed to these recipients or groups",
    "échec de la remise à ces destinataires ou groupes",
    "a message that you sent could not be delivered",
    "this is an automatically generated delivery status notification",
    "i'm afraid i wasn't able to deliver your message to the following addresses",
    "----- transcript of session follows",
    "| message log follows:",
    "failed to deliver to '",
];

/// Sentences that a report holds, and a person might write too.
const PHRASES: &[&str] = &[
    "could not be delivered",
    "couldn't be delivered",
    "cannot be delivered",
    "can't be delivered",
    "was not delivered",
    "not be delivered",
    "wasn't delivered",
    "unable to deliver",
    "undeliverable",
    "undelivered",
    "not deliver",
    "delivery failed",
    "delivery failure",
    "delivery to the following",
    "delivery error",
    "failed permanently",
    "returned to sender",
    "returned mail",
    "returned to you",
    "returned because",
    "recipient unknown",
    "recipient rejected",
    "unknown recipient",
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "mailbox unavailable",
    "mailbox full",
    "mailbox is full",
    "quota exceeded",
    "over quota",
    "over disk quota",
    "does not exist",
    "doesn't exist",
    "is not known",
    "not listed in",
    "permanent error",
    "permanent failure",
    "fatal error",
    "undelivered message",
    "rcpt to",
    "did not reach",
    "rejected",
    "message delayed",
    "has been delayed",
    "not found",
    "n'a pas pu être remis",
    "n'a pas été remis",
    "konnte nicht zugestellt werden",
];
