//! `guichet inspect`: how a mail was read, for programs and for people. It touches no state.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use super::{Answer, terminal};
use crate::mail::{self, Address, Attachment, InboundMail, Language, Mailbox, MessageId};

/// Explain how a mail is read: who wrote it, what is new in it, what kind of mail it is
#[derive(Args)]
#[command(after_help = "\
Examples:
  guichet inspect mail.eml
  guichet inspect --json - < mail.eml
  guichet inspect --jsonl mails/*.eml")]
pub(super) struct Arguments {
    /// Print one JSON document
    #[arg(long, conflicts_with = "jsonl")]
    json: bool,
    /// Print one line of JSON for each file
    #[arg(long)]
    jsonl: bool,
    /// The mail as it is on the wire (RFC 5322); - reads standard input. Several with --jsonl only
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer> {
    if arguments.jsonl {
        return each(&arguments.files);
    }
    let [file] = arguments.files.as_slice() else {
        return Err(super::WrongUsage("Name one file, or several with --jsonl.".to_owned()).into());
    };
    let mail = mail::parse(&read(file)?);
    if arguments.json {
        terminal::print_json(&to_json(&mail))?;
    } else {
        terminal::print(&terminal::safe(&for_people(&mail)))?;
    }
    Ok(Answer::Done)
}

/// A file that cannot be read does not keep the others from being read.
fn each(files: &[PathBuf]) -> Result<Answer> {
    let mut answer = Answer::Done;
    for file in files {
        match read(file) {
            Ok(raw) => {
                let mut facts = to_json(&mail::parse(&raw));
                facts["file"] = file.display().to_string().into();
                terminal::print_json_line(&facts)?;
            }
            Err(error) => {
                terminal::tell(&format!("guichet: {error:#}"));
                answer = Answer::No;
            }
        }
    }
    Ok(answer)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut raw = Vec::new();
        std::io::stdin().lock().read_to_end(&mut raw).context("Cannot read standard input")?;
        return Ok(raw);
    }
    std::fs::read(file).with_context(|| format!("Cannot read {}", file.display()))
}

/// The facts of a mail as one JSON object; its keys and null rules are a contract (`docs/inspect.md`).
pub(super) fn to_json(mail: &InboundMail) -> Value {
    let address = |mailbox: &Option<Mailbox>| mailbox.as_ref().map(|mailbox| mailbox.address.to_string());
    let addresses = |list: &[Address]| list.iter().map(Address::to_string).collect::<Vec<_>>();
    let ids = |list: &[MessageId]| list.iter().map(MessageId::to_string).collect::<Vec<_>>();
    let body = &mail.body;
    let forwarded =
        body.forwarded.as_ref().map(|forwarded| json!({ "before": forwarded.before, "text": forwarded.text }));
    json!({
        "kind": mail.kind,
        "may_ack": mail.may_ack,
        "from": address(&mail.from),
        "from_name": mail.from.as_ref().and_then(|mailbox| mailbox.name.clone()),
        "to": addresses(&mail.to),
        "cc": addresses(&mail.cc),
        "reply_to": address(&mail.reply_to),
        "subject": mail.subject,
        "message_id": mail.message_id.as_ref().map(MessageId::to_string),
        "in_reply_to": ids(&mail.in_reply_to),
        "references": ids(&mail.references),
        "date": mail.date,
        "text": body.text,
        "html_text": body.html_text,
        "unquoted_text": body.unquoted_text,
        "reply_text": body.reply_text,
        "signature": body.signature,
        "forwarded": forwarded,
        "attachments": mail.attachments.iter().map(attachment).collect::<Vec<_>>(),
        "bounce": mail.bounce,
        "feedback": mail.feedback,
        "external_refs": mail.external_refs,
        "ticket_refs": mail.ticket_refs,
        "defects": mail.defects,
        "language": mail.language,
    })
}

fn attachment(attachment: &Attachment) -> Value {
    json!({
        "name": attachment.name,
        "safe_name": attachment.safe_name,
        "type": attachment.content_type,
        "size": attachment.size,
        "sha256": data_encoding::HEXLOWER.encode(&attachment.sha256),
        "inline": attachment.inline,
        "content_id": attachment.content_id,
    })
}

/// The facts of a mail for a person to read at a terminal.
pub(super) fn for_people(mail: &InboundMail) -> String {
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
