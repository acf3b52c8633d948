//! Texts as vectors: TF-IDF (sublinear) of words and word pairs, and of the letters within words.
//!
//! Letters forgive inflections and slips of the finger; words keep the letters honest. Both halves have length 1 before
//! they are joined, so that neither outweighs the other in a long text.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::words::{Word, WordKind};

/// Number of a known feature.
pub(super) type Feature = u32;

/// A text, features ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Vector {
    /// Those that the space knows.
    pub(super) entries: Vec<(Feature, f32)>,
}

/// How much the words of a vector count against its letters; the squares add up to 1.
const WORD_SHARE: f32 = 0.6;

/// The features that the symptoms of a library hold.
#[derive(Debug, Default)]
pub(super) struct Space {
    known: HashMap<u64, Feature, BuildHasherDefault<KeyHasher>>,
    idf: Vec<f32>,
    unknown_idf: f32,
}

impl Space {
    /// The space of these texts.
    pub(super) fn new(texts: &[Vec<Word>]) -> Self {
        let mut space = Space::default();
        let mut frequencies: Vec<u32> = Vec::new();
        for text in texts {
            let mut seen: Vec<Feature> = Vec::new();
            for_each_key(text, |key, _, _| {
                let next = frequencies.len() as Feature;
                let feature = *space.known.entry(key).or_insert(next);
                if feature == next {
                    frequencies.push(0);
                }
                seen.push(feature);
            });
            seen.sort_unstable();
            seen.dedup();
            for feature in seen {
                frequencies[feature as usize] += 1;
            }
        }
        let idf = |frequency: u32| ((1.0 + texts.len() as f32) / (1.0 + frequency as f32)).ln() + 1.0;
        space.idf = frequencies.into_iter().map(idf).collect();
        space.unknown_idf = idf(0);
        space
    }

    /// How many features there are.
    pub(super) fn len(&self) -> usize {
        self.idf.len()
    }

    /// A text in this space. What the space does not know shortens the rest: it is evidence of another matter.
    pub(super) fn vector(&self, text: &[Word]) -> Vector {
        let mut counts: Vec<(Feature, f32, Half)> = Vec::new();
        let mut unknown = [0.0_f32; 2];
        for_each_key(text, |key, weight, half| match self.known.get(&key) {
            Some(feature) => counts.push((*feature, weight, half)),
            None => unknown[half as usize] += (weight * self.unknown_idf).powi(2),
        });
        counts.sort_unstable_by_key(|(feature, ..)| *feature);
        let mut squares = unknown;
        let mut entries: Vec<(Feature, f32, Half)> = Vec::with_capacity(counts.len());
        for same in counts.chunk_by(|a, b| a.0 == b.0) {
            let (feature, weight, half) = same[0];
            let times = 1.0 + (same.len() as f32).ln();
            let value = times * weight * self.idf[feature as usize];
            squares[half as usize] += value * value;
            entries.push((feature, value, half));
        }
        let scale = |half: Half| half.share() / squares[half as usize].sqrt().max(f32::MIN_POSITIVE);
        let scales = [scale(Half::Words), scale(Half::Letters)];
        Vector {
            entries: entries
                .into_iter()
                .map(|(feature, value, half)| (feature, value * scales[half as usize]))
                .collect(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Words = 0,
    Letters = 1,
}

impl Half {
    fn share(self) -> f32 {
        match self {
            Half::Words => WORD_SHARE.sqrt(),
            Half::Letters => (1.0 - WORD_SHARE).sqrt(),
        }
    }
}

/// Calls `take` with the key of each feature, its weight before IDF, and its half.
fn for_each_key(text: &[Word], mut take: impl FnMut(u64, f32, Half)) {
    let mut letters = String::new();
    for (position, word) in text.iter().enumerate() {
        let weight = weight(word);
        take(key(1, &[&word.stem]), weight, Half::Words);
        if let Some(next) = text.get(position + 1) {
            take(key(2, &[&word.stem, &next.stem]), PAIR_WEIGHT * weight.max(self::weight(next)), Half::Words);
        }
        if matches!(word.kind, WordKind::Plain | WordKind::Common) {
            letters.clear();
            letters.push(' ');
            letters.push_str(&word.folded);
            letters.push(' ');
            for_each_run_of_letters(&letters, |run| take(key(3, &[run]), weight, Half::Letters));
        }
    }
}

const PAIR_WEIGHT: f32 = 0.6;
const COMMON_WEIGHT: f32 = 0.4;
const CODE_WEIGHT: f32 = 1.5;
const RUNS_OF_LETTERS: std::ops::RangeInclusive<usize> = 3..=5;

fn weight(word: &Word) -> f32 {
    match word.kind {
        WordKind::Plain => 1.0,
        WordKind::Common => COMMON_WEIGHT,
        WordKind::Code => CODE_WEIGHT,
        WordKind::Number => COMMON_WEIGHT,
    }
}

fn for_each_run_of_letters(text: &str, mut take: impl FnMut(&str)) {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    for length in RUNS_OF_LETTERS {
        for ends in starts.windows(length + 1) {
            take(&text[ends[0]..ends[length]]);
        }
    }
}

/// FNV-1a, and a last stir so that the low bits may choose a bucket.
fn key(sort: u8, parts: &[&str]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325 ^ u64::from(sort);
    for part in parts {
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash ^ (hash >> 29)
}

/// Keys are hashes already.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
