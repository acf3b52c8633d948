//! The facts of a mail for programs.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fate::why;
use super::promised::{FromBy, Promised};
use super::{HandedIn, Judged};
use crate::desk::{Clock, MachineReport, Says};
use crate::gateway::{Fate, Wrote};
use crate::mail::authenticity::Standing;
use crate::mail::{Address, Attachment, InboundMail, Mailbox, MessageId};
use crate::view::ledger;

/// The facts of a mail as one JSON object; its keys and null rules are a contract (`docs/inspect.md`).
pub fn to_json(mail: &InboundMail) -> Value {
    let address = |mailbox: &Option<Mailbox>| mailbox.as_ref().map(|mailbox| mailbox.address.to_string());
    let addresses = |list: &[Address]| list.iter().map(Address::to_string).collect::<Vec<_>>();
    let ids = |list: &[MessageId]| list.iter().map(MessageId::to_string).collect::<Vec<_>>();
    let body = &mail.body;
    let shown = body.forwarded.as_ref().filter(|forwarded| !forwarded.is_attached);
    let forwarded = shown.map(|forwarded| json!({ "before": forwarded.before, "text": forwarded.text }));
    json!({
        "kind": mail.kind(),
        "kind_by": mail.writer.by,
        "may_ack": mail.may_ack(),
        "writer": mail.writer.word(),
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
        "html_text": body.html_text(),
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

/// What a machine's mail reports, by the configuration.
pub(super) fn machine(report: Option<&MachineReport<'_>>) -> Value {
    let Some(report) = report else { return Value::Null };
    let says = match report.says {
        Says::Failed => "failed",
        Says::Recovered => "recovered",
        Says::Other => "other",
    };
    json!({ "name": report.machine.name, "key": report.key, "says": says })
}

/// Who handed it in for its author, by the configuration.
pub(super) fn handed_in(handed: Option<&HandedIn<'_>>) -> Value {
    let Some(HandedIn { by, handed, author }) = handed else { return Value::Null };
    json!({
        "by": by,
        "name": handed.name,
        "names": handed.author,
        "author": author.map(|author| author.address.to_string()),
        "author_name": author.and_then(|author| author.name.clone()),
    })
}

/// What would be promised of it as a new request.
pub(super) fn promised(promised: Option<&Promised<'_>>) -> Value {
    let Some(Promised { foreseen, from, from_by }) = promised else { return Value::Null };
    let clock = |(clock, due_at): &(Clock, Option<Timestamp>)| {
        json!({
            "clock": clock.name.word(),
            "party": clock.party,
            "target_seconds": clock.target,
            "calendar": clock.calendar,
            "due_at": due_at,
        })
    };
    json!({
        "from": from,
        "from_by": match from_by {
            FromBy::Asked => "as_of",
            FromBy::Date => "date",
            FromBy::Now => "now",
        },
        "desk": foreseen.ticket.desk,
        "organisation": foreseen.ticket.organisation,
        "priority": foreseen.ticket.priority.0,
        "level": foreseen.ticket.level,
        "clocks": foreseen.clocks.iter().map(clock).collect::<Vec<_>>(),
        "escalations": foreseen.rules.iter().map(|rule| &rule.name).collect::<Vec<_>>(),
    })
}

/// What would be done with it.
pub(super) fn decision(fate: Option<&Fate>) -> Value {
    let Some(fate) = fate else { return Value::Null };
    let (outcome, ticket, reason) = ledger::end_of(Some(&fate.outcome));
    let letter = |letter: &Wrote| {
        json!({
            "purpose": letter.purpose.name(),
            "to": letter.to,
            "audience": letter.audience.word(),
            "held": letter.is_held,
        })
    };
    json!({
        "party": fate.explained.party.word(),
        "trust": fate.explained.trust.word(),
        "why": why(fate),
        "outcome": outcome,
        "ticket": ticket,
        "opens": fate.opened.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "reason": reason,
        "audience": fate.audience.unwrap_or("none"),
        "letters": fate.letters.iter().map(letter).collect::<Vec<_>>(),
    })
}

/// How each mailbox judges the author, and by what.
pub(super) fn authentication(judged: &[Judged<'_>]) -> Value {
    let results = |(field, standing): &(&str, Standing)| {
        let (counts, why) = (standing.counts(), standing.to_string());
        json!({ "field": field, "counts": counts, "why": why })
    };
    let one = |Judged { mailbox, verdict, proof }: &Judged<'_>| {
        json!({
            "mailbox": mailbox,
            "verdict": verdict.authentication,
            "why": verdict.reason.to_string(),
            "hop": verdict.hop,
            "found": proof.found(),
            "results": verdict.fields.iter().map(results).collect::<Vec<_>>(),
        })
    };
    judged.iter().map(one).collect()
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
