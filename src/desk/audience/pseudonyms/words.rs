//! Words of a plain text, and how they are written.

use std::ops::Range;

/// Words that stand within names and mean nobody alone.
pub(super) const PARTICLES: [&str; 24] = [
    "al", "ben", "bin", "da", "dal", "de", "del", "della", "den", "der", "des", "di", "dit", "du", "el", "la", "le",
    "les", "mc", "st", "ste", "van", "von", "zu",
];

/// Where it stands, and its lower case.
pub(super) type Word = (Range<usize>, String);

/// Runs of letters of a plain text, each in lower case.
pub(super) fn words_of(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match start {
            None if c.is_alphabetic() => start = Some(at),
            Some(from) if !c.is_alphabetic() => {
                words.push((from..at, text[from..at].to_lowercase()));
                start = None;
            }
            _ => {}
        }
    }
    words
}

pub(super) fn begins_with_capital(text: &str, word: &Range<usize>) -> bool {
    text[word.clone()].chars().next().is_some_and(char::is_uppercase)
}

pub(super) fn is_alone_on_line(text: &str, word: &Range<usize>) -> bool {
    let mut behind = text[word.end..].chars().take_while(|c| *c != '\n');
    begins_line(text, word.start) && behind.all(|c| !c.is_alphanumeric())
}

/// Whether no letter or digit stands before it on its line. It looks no further than to the nearest one: lines may be long.
pub(super) fn begins_line(text: &str, at: usize) -> bool {
    text[..at].chars().rev().take_while(|c| *c != '\n').all(|c| !c.is_alphanumeric())
}
