//! Texts as vectors: TF-IDF (sublinear) of words and word pairs, and of the letters within words.
//!
//! Letters forgive inflections and slips of the finger; words keep the letters honest. Both halves have length 1 before
//! they are joined, so that neither outweighs the other in a long text.

use super::hash::{ByHash, EMPTY, and};
use super::meaning::Meaning;
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
const WORD_SHARE: f32 = 0.65;

/// How much the meaning counts against words and letters, where it counts; the squares add up to 1 again.
const MEANING_SHARE: f32 = 0.12;

/// The features that the symptoms of a library hold.
#[derive(Debug, Default)]
pub(super) struct Space {
    known: ByHash<Feature>,
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

    /// A word as a feature of its own, if it is known, and what it weighs.
    pub(super) fn word(&self, word: &Word) -> (Option<Feature>, f32) {
        let feature = self.known.get(&word.stem).copied();
        let idf = feature.map_or(self.unknown_idf, |feature| self.idf[feature as usize]);
        (feature, weight(word) * idf)
    }

    /// What a text holds of this space.
    pub(super) fn counts(&self, text: &[Word]) -> Counts {
        let mut counts = Counts::default();
        for_each_key(text, |key, weight, half| match self.known.get(&key) {
            Some(feature) => counts.known.push((*feature, weight, half)),
            None => counts.unknown[half as usize] += (weight * self.unknown_idf).powi(2),
        });
        counts.known.sort_unstable_by_key(|(feature, ..)| *feature);
        counts
    }

    /// The same text with what it means: features behind those of the space.
    pub(super) fn with_meaning(&self, text: &Vector, meaning: &Meaning) -> Vector {
        let first = self.len() as Feature;
        let (words, senses) = ((1.0 - MEANING_SHARE).sqrt(), MEANING_SHARE.sqrt());
        let entries = text.entries.iter().map(|(feature, value)| (*feature, value * words));
        let meaning = (first..).zip(meaning.0).map(|(feature, value)| (feature, value * senses));
        Vector { entries: entries.chain(meaning).collect() }
    }

    /// How much of what the words of a text say is known here, 0 to 1.
    pub(super) fn known_share(&self, counts: &Counts) -> f32 {
        let words = counts.known.iter().filter(|(_, _, half)| *half == Half::Words);
        let known: f32 = words.map(|(feature, weight, _)| (weight * self.idf[*feature as usize]).powi(2)).sum();
        known / (known + counts.unknown[Half::Words as usize]).max(f32::MIN_POSITIVE)
    }

    /// A text in this space. What the space does not know shortens the rest: it is evidence of another matter.
    pub(super) fn vector(&self, counts: &Counts) -> Vector {
        let mut squares = counts.unknown;
        let mut values: Vec<(Feature, f32, Half)> = Vec::with_capacity(counts.known.len());
        for same in counts.known.chunk_by(|a, b| a.0 == b.0) {
            let (feature, _, half) = same[0];
            let weight = same.iter().map(|(_, weight, _)| *weight).fold(0.0, f32::max);
            let times = if same.len() == 1 { 1.0 } else { 1.0 + (same.len() as f32).ln() };
            let value = times * weight * self.idf[feature as usize];
            squares[half as usize] += value * value;
            values.push((feature, value, half));
        }
        let scale = |half: Half| half.share() / squares[half as usize].sqrt().max(f32::MIN_POSITIVE);
        let scales = [scale(Half::Words), scale(Half::Letters)];
        Vector {
            entries: values
                .into_iter()
                .map(|(feature, value, half)| (feature, value * scales[half as usize]))
                .collect(),
        }
    }
}

/// For each feature the texts that hold it, ascending, with its value.
#[derive(Debug, Default)]
pub(super) struct Holders {
    /// Where those of each feature end; they begin where those before it end.
    ends: Vec<usize>,
    all: Vec<(u32, f32)>,
}

impl Holders {
    /// Those of a space of so many features.
    pub(super) fn new(texts: &[Vector], features: usize) -> Self {
        let mut places = vec![0; features];
        for (feature, _) in texts.iter().flat_map(|text| &text.entries) {
            places[*feature as usize] += 1;
        }
        let mut before = 0;
        for place in &mut places {
            before += std::mem::replace(place, before);
        }
        let mut all = vec![(0, 0.0); before];
        for (text, vector) in (0..).zip(texts) {
            for (feature, value) in &vector.entries {
                let place = &mut places[*feature as usize];
                all[*place] = (text, *value);
                *place += 1;
            }
        }
        Holders { ends: places, all }
    }

    pub(super) fn of(&self, feature: Feature) -> &[(u32, f32)] {
        let feature = feature as usize;
        let start = feature.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start..self.ends[feature]]
    }
}

/// What a text holds of a space.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Features ascending, once for each time they occur, with their weight before IDF.
    known: Vec<(Feature, f32, Half)>,
    /// For each half the squared weight of what the space does not know.
    unknown: [f32; 2],
}

impl Counts {
    /// The texts as one, each counting as much as its weight says.
    pub(super) fn joined<'a>(texts: impl IntoIterator<Item = (&'a Counts, f32)>) -> Counts {
        let mut joined = Counts::default();
        for (text, weight) in texts {
            joined.known.extend(text.known.iter().map(|(feature, own, half)| (*feature, own * weight, *half)));
            joined.unknown[0] += text.unknown[0] * weight * weight;
            joined.unknown[1] += text.unknown[1] * weight * weight;
        }
        // The stable sort merges runs that are sorted already.
        joined.known.sort_by_key(|(feature, ..)| *feature);
        joined
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    for (position, word) in text.iter().enumerate() {
        let weight = weight(word);
        take(word.stem, weight, Half::Words);
        if let Some(next) = text.get(position + 1) {
            take(pair(word, next), PAIR_WEIGHT * weight.max(self::weight(next)), Half::Words);
        }
        if matches!(word.kind, WordKind::Plain | WordKind::Common) {
            for_each_run_of_letters(&word.folded, |key| take(key, weight, Half::Letters));
        }
    }
}

const PAIR_WEIGHT: f32 = 0.6;
const COMMON_WEIGHT: f32 = 0.8;
const GRAMMAR_WEIGHT: f32 = 0.8;
const CODE_WEIGHT: f32 = 1.5;
const LETTERS_MIN: usize = 3;
const LETTERS_MAX: usize = 4;

/// What a word weighs by its kind.
fn weight(word: &Word) -> f32 {
    match word.kind {
        WordKind::Plain => 1.0,
        WordKind::Common | WordKind::Number => COMMON_WEIGHT,
        WordKind::Grammar => GRAMMAR_WEIGHT,
        WordKind::Code => CODE_WEIGHT,
    }
}

fn pair(word: &Word, next: &Word) -> u64 {
    next.stem.to_le_bytes().into_iter().fold(word.stem, and)
}

/// The keys of all runs of a word's bytes, of which the word's edges are two.
fn for_each_run_of_letters(word: &str, mut take: impl FnMut(u64)) {
    let edged = |position: usize| match position.checked_sub(1) {
        Some(inner) => word.as_bytes().get(inner).copied().unwrap_or(b' '),
        None => b' ',
    };
    let edged_length = word.len() + 2;
    for start in 0..edged_length {
        let mut hash = EMPTY;
        for length in 1..=LETTERS_MAX.min(edged_length - start) {
            hash = and(hash, edged(start + length - 1));
            if length >= LETTERS_MIN {
                take(hash);
            }
        }
    }
}
