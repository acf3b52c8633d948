//! Slips of the finger: a word that nobody knows is read as the word of the symptoms that it is one slip away from.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::hash;
use super::meaning;
use super::words::{Word, WordKind};

/// The words of all symptoms, as they are folded, and how often each stands there.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    words: HashMap<Box<[u8]>, (u32, Word), BuildHasherDefault<BytesHasher>>,
}

/// Of a slip hundreds of words are looked up. Whoever wrote it chose none of those that are there.
struct BytesHasher(u64);

/// A shorter word is a slip away from too many.
const LETTERS_MIN: usize = 4;

impl Spelling {
    /// One more text.
    pub(super) fn add(&mut self, text: &[Word]) {
        for word in text.iter().filter(|word| word.kind == WordKind::Plain) {
            match self.words.get_mut(word.folded.as_bytes()) {
                Some((times, _)) => *times += 1,
                None => {
                    self.words.insert(word.folded.as_bytes().into(), (1, word.clone()));
                }
            }
        }
    }

    /// The word meant, if this one is neither a word of the symptoms nor any other: `flight` is no slip for `light`.
    pub(super) fn correct(&self, word: &Word) -> Option<&Word> {
        let written = word.folded.as_bytes();
        let is_suspect = word.kind == WordKind::Plain && written.len() >= LETTERS_MIN && written.is_ascii();
        if !is_suspect || self.words.contains_key(written) || meaning::of_word(&word.folded).is_some() {
            return None;
        }
        let mut best: Option<&(u32, Word)> = None;
        for_each_slip(written, |slip| {
            if let Some(found) = self.words.get(slip)
                && best.is_none_or(|best| found.0 > best.0)
            {
                best = Some(found);
            }
        });
        best.map(|(_, word)| word)
    }
}

impl Default for BytesHasher {
    fn default() -> Self {
        BytesHasher(hash::EMPTY)
    }
}

impl Hasher for BytesHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash::and(hash, *byte));
    }

    fn write_usize(&mut self, length: usize) {
        self.0 ^= length as u64;
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// Calls `take` with everything that differs by a letter too many, a letter missing, another letter, or two swapped.
fn for_each_slip(word: &[u8], mut take: impl FnMut(&[u8])) {
    let mut slip = word.to_vec();
    for place in 0..word.len() {
        let letter = slip.remove(place);
        take(&slip);
        slip.insert(place, letter);
    }
    for place in 1..word.len() {
        slip.swap(place - 1, place);
        take(&slip);
        slip.swap(place - 1, place);
    }
    for letter in b'a'..=b'z' {
        for place in 0..word.len() {
            let own = std::mem::replace(&mut slip[place], letter);
            take(&slip);
            slip[place] = own;
        }
        for place in 0..=word.len() {
            slip.insert(place, letter);
            take(&slip);
            slip.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known_fix::words::words;
    use crate::mail::Language;

    fn corrected(word: &str) -> Option<String> {
        let english = |text: &str| words(text, Some(Language::ENGLISH), 10);
        let mut spelling = Spelling::default();
        spelling.add(&english("the light of the printer blinks"));
        spelling.add(&english("ORA-12154"));
        spelling.correct(&english(word)[0]).map(|word| word.folded.clone())
    }

    #[test]
    fn every_sort_of_slip_is_read_as_the_word_meant() {
        for slip in ["prnter", "printter", "pirnter", "printrr"] {
            assert_eq!(corrected(slip).as_deref(), Some("printer"), "{slip}");
        }
    }

    #[test]
    fn a_word_of_the_language_and_a_code_are_no_slips() {
        for word in ["flight", "printed", "light", "ORA-12155", "lig", "zzxqvk"] {
            assert_eq!(corrected(word), None, "{word}");
        }
    }
}
