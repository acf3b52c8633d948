//! A letter of the program about itself: plain text, to the operator or to ourselves. No template, no ticket.

use jiff::Timestamp;

use super::body;
use super::compose::write_text;
use super::header::Header;
use super::marks::Author;
use crate::mail::{Mailbox, MessageId};

/// What it says, and to whom.
#[derive(Clone, Debug)]
pub struct PlainLetter {
    /// The desk, as people know it.
    pub from: Mailbox,
    /// Whoever reads it.
    pub to: Vec<Mailbox>,
    /// One line.
    pub subject: String,
    /// Lines of text.
    pub text: String,
    /// Its own.
    pub message_id: MessageId,
}

impl PlainLetter {
    /// RFC 5322, marked as written by a program (RFC 3834). `instance` tells this installation from others in
    /// `X-Guichet-Loop`: should it come back, it is known as ours.
    pub fn bytes(&self, now: Timestamp, instance: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut header = Header::new(&mut bytes);
        header.plain("Date", &now.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string());
        header.mailboxes("From", std::slice::from_ref(&self.from));
        header.mailboxes("To", &self.to);
        header.text("Subject", &self.subject);
        header.ids("Message-ID", [self.message_id.as_str()]);
        let marks = [
            ("Auto-Submitted", Author::Notifier.auto_submitted()),
            ("X-Auto-Response-Suppress", Author::Notifier.auto_response_suppress()),
        ];
        for (name, value) in marks {
            header.plain(name, value.unwrap_or_default());
        }
        header.text("X-Guichet-Loop", instance);
        header.plain("MIME-Version", "1.0");
        write_text(&mut bytes, "text/plain", &body::tidy(&self.text));
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_seven_bit_and_known_as_a_programs() {
        let letter = PlainLetter {
            from: Mailbox { name: Some("Guichet d’essai".to_owned()), address: "aide@bureau.test".parse().unwrap() },
            to: vec![Mailbox { name: None, address: "garde@bureau.test".parse().unwrap() }],
            subject: "La boîte\r\nBcc: x@y.test".to_owned(),
            text: "Rien n’arrive.\n\n\u{7}Voyez le journal.".to_owned(),
            message_id: MessageId::new("alarm.1@bureau.test").unwrap(),
        };
        let bytes = letter.bytes(Timestamp::UNIX_EPOCH, "i-1");
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 76), "{text}");
        assert!(!text.contains("\r\nBcc:") && text.contains("\r\nAuto-Submitted: auto-generated\r\n"), "{text}");
        let read = crate::mail::parse(text.as_bytes());
        assert_eq!(read.loop_marks, ["i-1"]);
        assert_eq!(read.body.text.trim(), "Rien n’arrive.\n\nVoyez le journal.");
    }
}
