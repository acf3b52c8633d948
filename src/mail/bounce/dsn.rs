//! The machine-readable part of a delivery status notification, RFC 3464.

use super::super::kind::Read;
use super::super::{address_list, report};
use super::Failure;

/// The recipients that the per-recipient groups name (RFC 3464 §2.3).
pub(super) fn recipients(read: &Read<'_, '_>) -> Vec<Failure> {
    let mut found = Vec::new();
    for part in &read.parts.parts {
        let is_status = part.is("message/delivery-status") || part.is("message/global-delivery-status");
        if is_status && !part.is_multipart {
            read_groups(&part.bytes(), &mut found);
        }
    }
    if found.is_empty() && read.text.contains("-Recipient:") {
        read_groups(read.text.as_bytes(), &mut found);
    }
    found
}

fn read_groups(bytes: &[u8], found: &mut Vec<Failure>) {
    for group in report::groups(bytes) {
        let typed = |name: &str| group.first(name).map(|field| field.text()).and_then(|value| typed_address(&value));
        let is_recipient = ["Final-Recipient", "Original-Recipient", "Action"].iter().any(|name| group.has(name));
        if !is_recipient {
            continue;
        }
        let (last, original) = (typed("Final-Recipient"), typed("Original-Recipient"));
        let recipient = match (last, original) {
            (Some(last), Some(original)) if is_internal(&last) => Some(original),
            (last, original) => last.or(original).or_else(|| typed("X-Actual-Recipient")),
        };
        let action = group.token("Action");
        let action = action.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty());
        let action = action.filter(|word| ["failed", "delayed", "delivered", "relayed", "expanded"].contains(word));
        let mut diagnostic = group.text("Diagnostic-Code");
        if let Some((kind, text)) = diagnostic.split_once(';')
            && kind.len() < 20
            && !kind.eq_ignore_ascii_case("x-unix")
        {
            diagnostic = text.trim().to_owned();
        }
        let mut failure = Failure::of(recipient, action.map(str::to_owned), diagnostic);
        failure.status.status = super::codes::status(&group.token("Status"));
        found.push(failure);
    }
}

/// The address behind `rfc822;`.
fn typed_address(value: &str) -> Option<String> {
    let value = value.split_once(';').map_or(value, |(_, value)| value);
    address_list::parse(value.as_bytes()).into_iter().next().map(|mailbox| mailbox.address.to_string())
}

/// An address that only the server's inside knows.
fn is_internal(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or("");
    !domain.contains('.')
        || domain.ends_with(".local")
        || domain.ends_with(".localdomain")
        || domain.ends_with(".internal")
}
