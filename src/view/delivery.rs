//! A letter on its way to one recipient.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::store::{DeliveryLine, DeliveryState};

/// Failed deliveries are shown, and tried again, for so long.
pub(crate) const FAILED_SHOWN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// With `ref`, `recipient` and `delivery` as they were called first.
pub(crate) fn document(line: &DeliveryLine) -> Value {
    let ticket = line.ticket.map(|ticket| ticket.to_string());
    json!({
        "id": line.id.0,
        "ticket": ticket,
        "ref": ticket,
        "purpose": line.purpose.name(),
        "message_id": line.message_id.as_ref().map(ToString::to_string),
        "subject": line.subject,
        "to": line.recipient,
        "recipient": line.recipient,
        "state": line.state.word(),
        "delivery": line.state.word(),
        "attempts": line.attempts,
        "reason": reason_code(line),
        "due_at": line.due_at,
        "created_at": line.created_at,
        "last_reply": line.last_reply,
    })
}

/// Why it has not left: a code where that is ours, else the relay's words.
fn reason_code(line: &DeliveryLine) -> Option<String> {
    match (line.state, line.brake.as_deref()) {
        (DeliveryState::Held, Some(brake)) => Some(format!("brake_{brake}")),
        (DeliveryState::Held, None) => Some("held".to_owned()),
        _ => line.last_reply.clone(),
    }
}
