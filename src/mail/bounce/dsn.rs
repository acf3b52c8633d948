//! The machine-readable part of a delivery status notification, RFC 3464.

use super::super::classified::Read;
use super::super::header::Field;
use super::super::{address_list, mime, report};
use super::Failure;

/// Most returned messages that are opened.
const REPORTS_MAX: usize = 5;

/// The recipients that the per-recipient groups name (RFC 3464 §2.3).
pub(super) fn recipients(read: &Read<'_, '_>) -> Vec<Failure> {
    let mut found = Vec::new();
    for part in &read.parts.parts {
        let is_status = part.is("message/delivery-status") || part.is("message/global-delivery-status");
        if is_status && !part.is_multipart {
            read_groups(&part.bytes(), &mut found);
        }
    }
    if found.is_empty() && names_a_recipient(read.text) {
        read_groups(read.text.as_bytes(), &mut found);
    }
    if found.is_empty() {
        returned_reports(read, &mut found);
    }
    found
}

/// A report whose parts were lost on the way has its groups in its text.
fn names_a_recipient(text: &str) -> bool {
    let fields = memchr::memmem::find_iter(text.as_bytes(), b"cipient:");
    fields.take(100).any(|at| {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        line.eq_ignore_ascii_case("final-re") || line.eq_ignore_ascii_case("original-re")
    })
}

/// Gateways that look for viruses wrap a report in one of their own: the message that they return is the report.
fn returned_reports(read: &Read<'_, '_>, found: &mut Vec<Failure>) {
    for part in read.parts.parts.iter().skip(1).filter(|part| part.is("message/rfc822")).take(REPORTS_MAX) {
        let bytes = part.bytes();
        let inner = mime::parts(&bytes);
        if report::report_type(&inner.parts[0]).starts_with("delivery-status") {
            for status in inner.parts.iter().filter(|part| part.is("message/delivery-status") && !part.is_multipart) {
                read_groups(&status.bytes(), found);
            }
        }
    }
}

fn read_groups(bytes: &[u8], found: &mut Vec<Failure>) {
    let groups = report::groups(bytes);
    for group in groups.iter().flat_map(|group| group.runs(&["Final-Recipient", "Original-Recipient", "Action"])) {
        let typed = |name: &str| group.first(name).map(Field::text).and_then(|value| typed_address(&value));
        let is_recipient = ["Final-Recipient", "Original-Recipient", "Action"].iter().any(|name| group.has(name));
        if !is_recipient {
            continue;
        }
        let (last, original) = (typed("Final-Recipient"), typed("Original-Recipient"));
        let recipient = match (last, original) {
            (Some(last), Some(original)) if is_internal(&last) => Some(original),
            (last, original) => last.map(as_guest_wrote).or(original).or_else(|| typed("X-Actual-Recipient")),
        };
        let action = group.token("Action");
        let action = action.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty()).and_then(action_of);
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

/// RFC 3464 §2.3.3; the last two are Postfix's, in answer to `sendmail -bv` (bounce(8)).
fn action_of(word: &str) -> Option<&str> {
    match word {
        "failed" | "delayed" | "delivered" | "relayed" | "expanded" => Some(word),
        "deliverable" => Some("delivered"),
        "undeliverable" => Some("failed"),
        _ => None,
    }
}

/// The address behind `rfc822;`.
fn typed_address(value: &str) -> Option<String> {
    let value = value.split_once(';').map_or(value, |(_, value)| value);
    address_list::parse(value.as_bytes()).into_iter().next().map(|mailbox| mailbox.address.to_string())
}

/// Exchange's name for a guest is made of the guest's address: `marie_client.test#EXT#@tenant.onmicrosoft.com` (Microsoft
/// Entra, "Properties of a B2B guest user").
fn as_guest_wrote(address: String) -> String {
    let lower = address.to_ascii_lowercase();
    let guest = lower.find(GUEST).and_then(|at| address[..at].rsplit_once('_'));
    guest.map(|(local, domain)| format!("{local}@{domain}")).unwrap_or(address)
}

const GUEST: &str = "#ext#@";

/// An address that only the server's inside knows; the domain that every Exchange tenant has beside its own is one.
fn is_internal(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or("").to_ascii_lowercase();
    !domain.contains('.')
        || domain.ends_with(".local")
        || domain.ends_with(".localdomain")
        || domain.ends_with(".internal")
        || domain.ends_with(".onmicrosoft.com")
}
