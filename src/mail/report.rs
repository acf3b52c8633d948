//! Groups of `field: value` lines within machine-readable reports (RFC 3464, 5965, 8098).

use super::header::Header;
use super::kind::Read;
use super::mime::Part;
use super::{Feedback, address_list, bounce};

/// Most groups that are read of one report.
const GROUPS_MAX: usize = 1_000;

/// The groups of a report, split at empty lines.
pub(super) fn groups(bytes: &[u8]) -> Vec<Header<'_>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && found.len() < GROUPS_MAX {
        let skip = rest.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len());
        rest = &rest[skip..];
        if rest.is_empty() {
            break;
        }
        let (header, end) = Header::split(rest);
        if !header.fields().is_empty() {
            found.push(header);
        }
        // A line that is no field ends nothing here: read on behind it.
        let end = if end == 0 { super::header::line_end(rest, 0) } else { end };
        rest = &rest[end..];
    }
    found
}

/// The recipients of an abuse report (RFC 5965 §3).
pub(super) fn feedback(read: &Read<'_, '_>) -> Vec<Feedback> {
    let mut found = Vec::new();
    for part in read.parts.parts.iter().filter(|part| part.is("message/feedback-report")) {
        let bytes = part.bytes();
        let groups = groups(&bytes);
        let kind = groups.iter().find_map(|group| group.first("Feedback-Type"));
        let kind = kind.map(|field| field.text()).filter(|kind| !kind.is_empty());
        let mut recipients: Vec<String> = Vec::new();
        for name in ["Original-Rcpt-To", "Removal-Recipient"] {
            for field in groups.iter().flat_map(|group| group.all(name)) {
                let unfolded = field.unfolded();
                let value = unfolded.split_once(';').map_or(&*unfolded, |(_, value)| value);
                for mailbox in address_list::parse(value.as_bytes()) {
                    let address = mailbox.address.to_string();
                    if !recipients.contains(&address) && recipients.len() < GROUPS_MAX {
                        recipients.push(address);
                    }
                }
            }
        }
        // Reporters that redact the address often leave it in the message that they return.
        if recipients.is_empty() {
            recipients.extend(bounce::original_recipients(read).into_iter().map(|address| address.to_string()));
        }
        if recipients.is_empty() {
            found.push(Feedback { feedback_type: kind, recipient: None });
        } else {
            found.extend(
                recipients
                    .into_iter()
                    .map(|recipient| Feedback { feedback_type: kind.clone(), recipient: Some(recipient) }),
            );
        }
    }
    found
}

/// The `report-type` of a report (RFC 6522 §3), lower case; empty where the message is none.
pub(super) fn report_type(root: &Part<'_>) -> String {
    if root.is("multipart/report") {
        root.content_type.get("report-type").unwrap_or_default().trim().to_ascii_lowercase()
    } else {
        String::new()
    }
}
