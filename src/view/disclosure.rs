//! What left for somebody outside the desk.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::desk::{DisclosedFile, Disclosure};

/// As programs read it.
pub(crate) fn document(disclosure: &Disclosure) -> Value {
    json!({
        "at": disclosure.at,
        "ref": disclosure.ticket.to_string(),
        "to": disclosure.recipient,
        "audience": if disclosure.vendor.is_some() { "vendor" } else { "requester" },
        "vendor": disclosure.vendor,
        "privacy": disclosure.privacy.map(|privacy| privacy.word()),
        "purpose": disclosure.purpose.name(),
        "subject": disclosure.subject,
        "message_id": disclosure.message_id.as_ref().map(ToString::to_string),
        "delivery": if disclosure.in_doubt { "in_doubt" } else { "sent" },
        "attachments": disclosure.files.iter().map(file).collect::<Value>(),
    })
}

fn file(file: &DisclosedFile) -> Value {
    json!({ "name": file.name, "size": file.size, "sha256": file.sha256.map(|digest| HEXLOWER.encode(&digest)) })
}
