//! A message of the ledger.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::desk::{Outcome, Proof};
use crate::store::{DeliveryShown, LedgerLine, LetterShown};

/// As programs read it.
pub(crate) fn document(line: &LedgerLine) -> Value {
    let (outcome, reference, reason) = end_of(line.outcome.as_ref());
    json!({
        "id": line.id,
        "mailbox": line.mailbox,
        "uidvalidity": line.uid.map(|(validity, _)| validity),
        "uid": line.uid.map(|(_, uid)| uid),
        "message_id": line.message_id.as_ref().map(ToString::to_string),
        "raw_sha256": line.raw_sha256.map(|digest| HEXLOWER.encode(&digest)),
        "size": line.size,
        "received_at": line.received_at,
        "outcome": outcome,
        "ref": reference,
        "reason": reason,
        "authentication": line.proof.as_ref().map(authentication),
    })
}

/// The same with what was found of its author, and the letters that came of it.
pub(crate) fn shown(line: &LedgerLine, letters: &[LetterShown]) -> Value {
    let mut document = document(line);
    document["internal_date"] = json!(line.internal_date);
    document["decided_at"] = json!(line.decided_at);
    document["filed_at"] = json!(line.filed_at);
    document["attempts"] = json!(line.attempts);
    document["proof"] = json!(line.proof);
    document["letters"] = letters.iter().map(letter).collect();
    document
}

fn letter(letter: &LetterShown) -> Value {
    let delivery =
        |one: &DeliveryShown| json!({ "id": one.id.0, "recipient": one.recipient, "state": one.state.word() });
    json!({
        "number": letter.number,
        "at": letter.at,
        "purpose": letter.purpose.name(),
        "audience": letter.audience.word(),
        "message_id": letter.message_id.as_ref().map(ToString::to_string),
        "subject": letter.subject,
        "deliveries": letter.deliveries.iter().map(delivery).collect::<Vec<_>>(),
    })
}

/// What was found about the author, with the words that `inspect --json` has for it.
fn authentication(proof: &Proof) -> Value {
    json!({ "verdict": proof.authentication(), "by": proof.by(), "why": proof.to_string() })
}

/// Outcome, ticket and reason.
pub(crate) fn end_of(outcome: Option<&Outcome>) -> (&'static str, Option<String>, Option<&'static str>) {
    match outcome {
        None => ("pending", None, Some("not_decided_yet")),
        Some(Outcome::Ticket(number)) => ("ticket", Some(number.to_string()), None),
        Some(Outcome::Quarantine(reason)) => ("quarantine", None, Some(reason.code())),
        Some(Outcome::Suppressed(reason)) => ("suppressed", None, Some(reason.code())),
    }
}
