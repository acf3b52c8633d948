//! The facts of a mail for a person at a terminal.

use std::fmt::Write as _;

use crate::mail::{Address, InboundMail, Language, Mailbox, MessageId};

/// The facts of a mail for a person to read at a terminal.
pub fn for_people(mail: &InboundMail) -> String {
    let mut page = String::new();
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a String does not fail.
            let _ = writeln!(page, "{label:<12} {value}");
        }
    };
    let shown = |mailbox: &Option<Mailbox>| {
        mailbox.as_ref().map_or(String::new(), |mailbox| match &mailbox.name {
            Some(name) => format!("{name} <{}>", mailbox.address),
            None => mailbox.address.to_string(),
        })
    };
    let list = |addresses: &[Address]| addresses.iter().map(Address::as_str).collect::<Vec<_>>().join(", ");
    let kind =
        serde_json::to_value(mail.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
    let ack = if mail.may_ack { "may be acknowledged" } else { "must not be answered automatically" };
    line("Kind", &format!("{kind}, {ack}"));
    line("From", &shown(&mail.from));
    line("Reply to", &shown(&mail.reply_to));
    line("To", &list(&mail.to));
    line("Cc", &list(&mail.cc));
    line("Subject", &mail.subject);
    line("Date", mail.date.as_deref().unwrap_or_default());
    line("Message-ID", mail.message_id.as_ref().map(MessageId::as_str).unwrap_or_default());
    line("Answers", &mail.in_reply_to.iter().map(MessageId::as_str).collect::<Vec<_>>().join(", "));
    line("Tickets", &mail.ticket_refs.join(", "));
    line("Other refs", &mail.external_refs.iter().map(|other| other.id.as_str()).collect::<Vec<_>>().join(", "));
    line("Language", mail.language.as_ref().map(Language::code).unwrap_or_default());
    for attachment in &mail.attachments {
        line(
            "Attachment",
            &format!("{} ({}, {} bytes)", attachment.safe_name, attachment.content_type, attachment.size),
        );
    }
    for status in &mail.bounce {
        let field = |value: &Option<String>| value.clone().unwrap_or_else(|| "?".to_owned());
        let codes = format!("{} {} {}", field(&status.action), field(&status.status), field(&status.reason));
        line("Delivery", &format!("{}: {codes}", field(&status.recipient)));
    }
    for report in &mail.feedback {
        line("Complaint", &format!("{:?} about {:?}", report.feedback_type, report.recipient));
    }
    let defects: Vec<String> = mail
        .defects
        .iter()
        .filter_map(|defect| serde_json::to_value(defect).ok()?.as_str().map(str::to_owned))
        .collect();
    line("Odd", &defects.join(", "));
    let mut block = |title: &str, text: &str| {
        if !text.is_empty() {
            let _ = write!(page, "\n--- {title}\n{text}\n");
        }
    };
    block("newly written", &mail.body.reply_text);
    block("signature", &mail.body.signature);
    if let Some(forwarded) = &mail.body.forwarded {
        block("forwarded", &forwarded.text);
    }
    page
}
