//! Which mails are delivery reports.

use super::super::kind::Read;
use super::super::{ReturnPath, auto_reply, report};

/// Whether the mail is a delivery status notification, in RFC 3464's form or another.
pub(in crate::mail) fn is_bounce(read: &Read<'_, '_>) -> bool {
    let root = &read.parts.parts[0];
    if report::report_type(root).starts_with("delivery-status") {
        return true;
    }
    let has_status_part = read.parts.parts.iter().any(|part| part.is("message/delivery-status"));
    if has_status_part && root.is("multipart/") || read.header.has("X-Failed-Recipients") {
        return true;
    }
    let daemon = is_from_daemon(read);
    let subject = subject_says_so(read.subject);
    let start: String = read.text.chars().take(6_000).flat_map(char::to_lowercase).collect();
    let start = start.split_whitespace().collect::<Vec<_>>().join(" ");
    if SIGNATURES.iter().any(|signature| start.contains(signature)) && (daemon || subject || !read.is_reply) {
        return !(start.starts_with('>') || read.is_reply && !daemon);
    }
    let phrase = PHRASES.iter().any(|phrase| start.contains(phrase));
    let machine = daemon || *read.return_path == ReturnPath::Null || is_marked_automatic(read);
    daemon && (subject || phrase)
        || machine && subject && phrase
        || machine && subject && !read.is_reply && read.from.is_none()
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

/// Subjects that mail systems write, in the languages of the large ones; lower case.
const SUBJECTS: &[&str] = &[
    "undelivered mail",
    "undeliverable",
    "undelivered",
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "delivery report",
    "delivery notification",
    "delivery has failed",
    "delivery error",
    "delivery problem",
    "mail delivery failed",
    "mail delivery failure",
    "mail delivery problem",
    "mail delivery error",
    "mail delivery",
    "mail system error",
    "mail failure",
    "failed mail",
    "failed delivery",
    "failure notice",
    "failure delivery",
    "message delivery failure",
    "message not delivered",
    "message undeliverable",
    "message status - undeliverable",
    "nondeliverable",
    "non-deliverable",
    "non delivery",
    "nondelivery",
    "returned mail",
    "returned message",
    "returned to sender",
    "return to sender",
    "returning message to sender",
    "unable to deliver",
    "could not send message",
    "could not be delivered",
    "cannot be delivered",
    "can't be delivered",
    "not delivered",
    "warning: message",
    "warning: could not send",
    "user unknown",
    "unknown user",
    "unknown address",
    "addressee unknown",
    "mail could not be delivered",
    "delivery delayed",
    "delayed mail",
    "message delayed",
    "mail returned",
    "email delivery failure",
    "rejected mail",
    "mail rejected",
    "permanent delivery failure",
    // French, German, Spanish, Italian, Portuguese, Dutch, Nordic
    "non remis",
    "échec de la remise",
    "echec de la remise",
    "notification d'état de remise",
    "courrier non distribué",
    "unzustellbar",
    "nicht zugestellt",
    "no se puede entregar",
    "non recapitabile",
    "onbestelbaar",
];

fn subject_says_so(subject: &str) -> bool {
    let lower = subject.to_lowercase();
    let is_answer =
        ["re:", "re :", "fw:", "fwd:", "tr:", "tr :", "aw:", "wg:"].iter().any(|prefix| lower.starts_with(prefix));
    !is_answer && SUBJECTS.iter().any(|words| lower.contains(words))
}

/// Sentences by which a mail system gives itself away, whoever it says it is; lower case, blanks as one.
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

/// Sentences that a report holds, and a person might write too; lower case.
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
