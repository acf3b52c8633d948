//! Abuse reports (ARF, RFC 5965).

use super::classified::Read;
use super::header::Field;
use super::report::{GROUPS_MAX, groups};
use super::{Feedback, address_list, bounce};

/// The recipients of an abuse report (RFC 5965 §3).
pub(super) fn recipients(read: &Read<'_, '_>) -> Vec<Feedback> {
    let mut found = Vec::new();
    let original_message_id = bounce::original_message_id(read);
    for part in read.parts.parts.iter().filter(|part| part.is("message/feedback-report")) {
        let bytes = part.bytes();
        let groups = groups(&bytes);
        let kind = groups.iter().find_map(|group| group.first("Feedback-Type"));
        let kind = kind.map(Field::text).filter(|kind| !kind.is_empty());
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
            let original_message_id = original_message_id.clone();
            found.push(Feedback { feedback_type: kind, recipient: None, original_message_id });
        } else {
            found.extend(recipients.into_iter().map(|recipient| Feedback {
                feedback_type: kind.clone(),
                recipient: Some(recipient),
                original_message_id: original_message_id.clone(),
            }));
        }
    }
    found
}
