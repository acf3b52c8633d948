//! Subjects of delivery reports, in the languages of the large mail systems.

use std::sync::LazyLock;

use regex::Regex;

use super::super::words::{self, Beginnings};

/// Words in the subjects of reports; a person may write them too. Lower case.
static SUBJECTS: LazyLock<Regex> = LazyLock::new(|| words::any_of("report", "words_of_subjects"));

/// Whether a subject speaks of a failed delivery.
pub(super) fn says_so(subject: &str) -> bool {
    let lower = subject.to_lowercase();
    let is_answer =
        ["re:", "re :", "fw:", "fwd:", "tr:", "tr :", "aw:", "wg:"].iter().any(|prefix| lower.starts_with(prefix));
    !is_answer && SUBJECTS.is_match(&lower)
}

/// Whether a subject is one that only mail systems write: the localised prefix, with its colon, or the whole sentence.
pub(super) fn is_written_by_machines(subject: &str) -> bool {
    let lower = subject.trim().to_lowercase();
    let tight = lower.replace("\u{a0}", " ").replace(" :", ":");
    PREFIXES.of(&tight).any(|prefix| tight.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(':')))
        || SENTENCES.of(&tight).any(|sentence| tight == sentence || tight.starts_with(sentence) && sentence.len() > 30)
}

/// Whether a subject is a sentence that only mail systems write, and nothing else.
pub(super) fn is_a_machines_sentence(subject: &str) -> bool {
    let lower = subject.trim().to_lowercase();
    SENTENCES.of(&lower).any(|sentence| lower == sentence)
}

/// In front of the subject of the mail that failed: Exchange's "Undeliverable:", in the languages in which it is sold
/// ("Email non-delivery reports in Exchange Online"), and what Domino, IMail and others put there.
static PREFIXES: LazyLock<Beginnings> = LazyLock::new(|| words::beginnings("report", "prefixes"));

/// Whole subjects, or their starts where they are long.
static SENTENCES: LazyLock<Beginnings> = LazyLock::new(|| words::beginnings("report", "subjects"));
