//! Runs of words: how a text is found again in another one, whatever a client made of its lines, case and marks.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// The words of a text, in order: runs of letters and digits, compared without regard to case.
pub(in crate::desk) struct Words<'t> {
    text: &'t str,
    words: Vec<(Range<usize>, u64)>,
}

impl<'t> Words<'t> {
    pub(in crate::desk) fn of(text: &'t str) -> Words<'t> {
        let mut words = Vec::new();
        let mut start = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            match start {
                None if c.is_alphanumeric() => start = Some(at),
                Some(from) if !c.is_alphanumeric() => {
                    words.push((from..at, hash_of(&text[from..at])));
                    start = None;
                }
                _ => {}
            }
        }
        Words { text, words }
    }

    pub(in crate::desk) fn count(&self) -> usize {
        self.words.len()
    }

    /// A number for each run of so many words, in order; equal runs have equal numbers.
    pub(in crate::desk) fn runs(&self, length: usize) -> impl Iterator<Item = u64> + '_ {
        self.words.windows(length.max(1)).map(|run| {
            let mut hasher = DefaultHasher::new();
            run.iter().for_each(|(_, word)| word.hash(&mut hasher));
            hasher.finish()
        })
    }

    /// So many words from the n-th on, as they stand in the text.
    pub(in crate::desk) fn said(&self, at: usize, length: usize) -> &'t str {
        let first = self.words.get(at).map_or(self.text.len(), |(place, _)| place.start);
        let last = self.words.get(at + length.max(1) - 1).map_or(self.text.len(), |(place, _)| place.end);
        &self.text[first..last]
    }
}

fn hash_of(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.chars().flat_map(char::to_lowercase).for_each(|c| c.hash(&mut hasher));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn a_run_is_found_however_its_lines_and_marks_stand() {
        let wrapped = "> Le client\n> ne paie\r\n> plus, dit-on";
        let plain = Words::of("LE CLIENT ne paie plus dit on");
        assert_eq!(Words::of(wrapped).runs(4).collect::<Vec<_>>(), plain.runs(4).collect::<Vec<_>>());
        assert_eq!(Words::of(wrapped).said(1, 2), "client\n> ne");
        assert_eq!(Words::of("").runs(8).count(), 0);
    }
}
