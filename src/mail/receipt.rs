//! Read and delivery receipts that are no RFC 8098 report: Outlook's, whose type a relay lost.

use super::classified::{Classified, Read};
use super::fold::lower;
use super::header_marks::{answers_us, marks_a_program};
use super::words::{self, List, Set};
use super::{Evidence, Kind, Known, ReturnPath};

/// Longer texts are a person's.
const TEXT_MAX: usize = 600;
const WORDS_MAX: usize = 60;

/// Prefixes in front of the subject of the mail that was read or delivered, lower case, the blank before the colon left out.
static PREFIXES: Set = Set::new(|| words::set("receipt", "prefixes"));

/// Whole subjects, lower case.
static SENTENCES: Set = Set::new(|| words::set("receipt", "subjects"));

/// The mail as such a receipt: its subject and next to no text, from what only programs send. Couriers' programs write
/// "Remis : …" too: what speaks of no message of ours is shown.
pub(super) fn of(read: &Read<'_, '_>) -> Option<Classified> {
    let null_path = *read.return_path == ReturnPath::Null;
    let is_from_program = null_path || marks_a_program(read.header);
    if !is_from_program || !is_receipt(read.subject, read.text) {
        return None;
    }
    let of_message = answers_us(read.header) || speaks_of_message(read.text);
    let mut by = Vec::new();
    by.extend(null_path.then_some(Evidence::ReturnPath));
    by.extend(read.header.has("Auto-Submitted").then_some(Evidence::Header("Auto-Submitted")));
    by.push(Evidence::Subject);
    by.extend(of_message.then_some(Evidence::Text));
    Some(Classified { kind: Kind::ReadReceipt, by, known: if of_message { Known::Marked } else { Known::Wording } })
}

/// "Your message was read on …", in the languages of the large mail programs.
fn speaks_of_message(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.trim().is_empty() || MESSAGES.iter().any(|word| lower.contains(word))
}

/// What they call the mail that was read.
static MESSAGES: List = List::new(|| words::list("receipt", "messages"));

/// Whether a subject is one of a receipt's.
pub(super) fn is_subject(subject: &str) -> bool {
    let start = lower(subject.trim(), 60);
    let prefix = start.split_once(':').map(|(prefix, _)| prefix.trim_end());
    prefix.is_some_and(|prefix| PREFIXES.contains(prefix)) || SENTENCES.contains(prefix.unwrap_or(&start))
}

/// A receipt says one or two sentences; a person who writes under such a subject says more, or asks.
fn is_receipt(subject: &str, text: &str) -> bool {
    is_subject(subject)
        && text.trim().len() <= TEXT_MAX
        && !text.contains('?')
        && text.split_whitespace().count() <= WORDS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_say_next_to_nothing() {
        assert!(is_receipt("Lu\u{a0}: Imprimante", "Votre message a été lu le lundi 1 juin 2026 à 10:00."));
        assert!(is_receipt("Read: printer", ""));
        assert!(!is_receipt("Read: how to fix it", "Can you tell me how to fix it?"));
        assert!(!is_receipt("Reading glasses: lost", ""));
    }
}
