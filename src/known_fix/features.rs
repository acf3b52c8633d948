//! Texts as vectors: TF-IDF (sublinear) of words and word pairs, and of the letters within words.
//!
//! Letters forgive inflections and slips of the finger; words keep the letters honest. Both halves have length 1 before
//! they are joined, so that neither outweighs the other in a long text.

use super::hash::{ByHash, EMPTY, and};
use super::meaning::Meaning;
use super::rows::Rows;
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

/// Texts by number, each as the features that it holds, ascending, with their values.
pub(super) type Vectors = Rows<(Feature, f32)>;

/// The features that the symptoms of a library hold.
#[derive(Debug, Default)]
pub(super) struct Space {
    known: ByHash<Feature>,
    idf: Vec<f32>,
    unknown_idf: f32,
}

impl Space {
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
    pub(super) fn with_meaning(
        &self,
        text: &[(Feature, f32)],
        meaning: &Meaning,
    ) -> impl Iterator<Item = (Feature, f32)> {
        let first = self.len() as Feature;
        let (words, senses) = ((1.0 - MEANING_SHARE).sqrt(), MEANING_SHARE.sqrt());
        let entries = text.iter().map(move |(feature, value)| (*feature, value * words));
        let meaning = (first..).zip(meaning.0).map(move |(feature, value)| (feature, value * senses));
        entries.chain(meaning)
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
        for (feature, weight, half) in once_each(&counts.known) {
            let value = weight * self.idf[feature as usize];
            squares[half as usize] += value * value;
            values.push((feature, value, half));
        }
        let scales = scales(squares);
        let entries = values.into_iter().map(|(feature, value, half)| (feature, value * scales[half as usize]));
        Vector { entries: entries.collect() }
    }
}

/// A space in the making, and the texts that make it.
#[derive(Debug, Default)]
pub(super) struct Learning {
    known: ByHash<Feature>,
    /// How many texts hold each feature.
    frequencies: Vec<u32>,
    /// With their weights before IDF; those of letters are below 0.
    texts: Vectors,
    counted: Vec<(Feature, f32, Half)>,
}

impl Learning {
    /// One more text.
    pub(super) fn add(&mut self, text: &[Word]) {
        self.counted.clear();
        for_each_key(text, |key, weight, half| {
            let next = self.frequencies.len() as Feature;
            let feature = *self.known.entry(key).or_insert(next);
            if feature == next {
                self.frequencies.push(0);
            }
            self.counted.push((feature, weight, half));
        });
        self.counted.sort_unstable_by_key(|(feature, ..)| *feature);
        self.texts.push(once_each(&self.counted).map(|(feature, weight, half)| match half {
            Half::Words => (feature, weight),
            Half::Letters => (feature, -weight),
        }));
        for (feature, ..) in once_each(&self.counted) {
            self.frequencies[feature as usize] += 1;
        }
    }

    /// The space of all of them, and each in it.
    pub(super) fn done(self) -> (Space, Vectors) {
        let Learning { known, frequencies, mut texts, counted: _ } = self;
        let count = texts.len() as f32;
        let idf = |frequency: u32| ((1.0 + count) / (1.0 + frequency as f32)).ln() + 1.0;
        let space = Space { known, idf: frequencies.into_iter().map(idf).collect(), unknown_idf: idf(0) };
        for number in 0..texts.len() {
            let text = texts.row_mut(number);
            let mut squares = [0.0; 2];
            for (feature, value) in text.iter_mut() {
                *value *= space.idf[*feature as usize];
                squares[half_of(*value) as usize] += *value * *value;
            }
            let scales = scales(squares);
            for (_, value) in text {
                *value = value.abs() * scales[half_of(*value) as usize];
            }
        }
        (space, texts)
    }
}

/// In a text that is being learnt.
fn half_of(value: f32) -> Half {
    if value < 0.0 { Half::Letters } else { Half::Words }
}

/// Each feature once, with what it weighs for all times that it occurs; those of a text, ascending.
fn once_each(counted: &[(Feature, f32, Half)]) -> impl Iterator<Item = (Feature, f32, Half)> {
    counted.chunk_by(|a, b| a.0 == b.0).map(|same| {
        let (feature, _, half) = same[0];
        let weight = same.iter().map(|(_, weight, _)| *weight).fold(0.0, f32::max);
        let times = if same.len() == 1 { 1.0 } else { 1.0 + (same.len() as f32).ln() };
        (feature, times * weight, half)
    })
}

/// What gives each half its length.
fn scales(squares: [f32; 2]) -> [f32; 2] {
    let scale = |half: Half| half.share() / squares[half as usize].sqrt().max(f32::MIN_POSITIVE);
    [scale(Half::Words), scale(Half::Letters)]
}

/// The cosine of two texts, features ascending.
pub(super) fn cosine(one: &[(Feature, f32)], other: &[(Feature, f32)]) -> f32 {
    let (mut sum, mut here, mut there) = (0.0, 0, 0);
    while let (Some((first, value)), Some((second, own))) = (one.get(here), other.get(there)) {
        if first == second {
            sum += value * own;
        }
        here += usize::from(first <= second);
        there += usize::from(second <= first);
    }
    sum
}

/// For each feature the texts that hold it, ascending, with its value; of a feature that too many texts hold, none.
#[derive(Debug, Default)]
pub(super) struct Holders {
    of: Rows<(u32, f32)>,
    /// Length of what each text holds of such features, and the greatest of them.
    beyond: Vec<f32>,
    longest: f32,
}

impl Holders {
    /// Those of a space of so many features, where they are so many at most.
    pub(super) fn new(texts: &Vectors, features: usize, most: usize) -> Self {
        let mut places = vec![0; features];
        for (feature, _) in texts.iter().flatten() {
            places[*feature as usize] += 1;
        }
        let mut before = 0;
        let mut is_held = vec![false; features];
        for (place, is_held) in places.iter_mut().zip(&mut is_held) {
            *is_held = *place <= most;
            let holders = if *is_held { *place } else { 0 };
            *place = before;
            before += holders;
        }
        let mut all = vec![(0, 0.0); before];
        let mut beyond = Vec::with_capacity(texts.len());
        for (text, vector) in (0..).zip(texts.iter()) {
            let mut square = 0.0;
            for (feature, value) in vector {
                if is_held[*feature as usize] {
                    let place = &mut places[*feature as usize];
                    all[*place] = (text, *value);
                    *place += 1;
                } else {
                    square += value * value;
                }
            }
            beyond.push(square.sqrt());
        }
        let longest = beyond.iter().copied().fold(0.0, f32::max);
        Holders { of: Rows::new(places, all), beyond, longest }
    }

    pub(super) fn of(&self, feature: Feature) -> &[(u32, f32)] {
        self.of.row(feature as usize)
    }

    /// The cosine of each text with one of the space, as far as the features tell that few texts hold.
    pub(super) fn first_look(&self, text: &[(Feature, f32)]) -> FirstLook<'_> {
        let mut least = vec![0.0; self.beyond.len()];
        let mut square = 0.0;
        for (feature, value) in text {
            let holders = self.of(*feature);
            if holders.is_empty() {
                square += value * value;
            }
            for (text, own) in holders {
                least[*text as usize] += value * own;
            }
        }
        FirstLook { least, beyond: square.sqrt(), holders: self }
    }
}

/// What the cosines of all texts are at least, and at most.
pub(super) struct FirstLook<'a> {
    pub(super) least: Vec<f32>,
    /// Length of what was not looked at, here and in each text.
    beyond: f32,
    holders: &'a Holders,
}

/// What sums differ by at most that are added up in another order.
const ROUNDING: f32 = 1e-4;

impl FirstLook<'_> {
    /// Whether everything was looked at.
    pub(super) fn is_all(&self) -> bool {
        self.beyond == 0.0
    }

    /// No two texts are nearer than what both hold is long (Cauchy and Schwarz).
    pub(super) fn most(&self, text: usize) -> f32 {
        if self.is_all() {
            self.least[text]
        } else {
            self.least[text] + self.beyond * self.holders.beyond[text] + ROUNDING
        }
    }

    /// What `most` says beyond `least`, of any text.
    pub(super) fn reach(&self) -> f32 {
        if self.is_all() { 0.0 } else { self.beyond * self.holders.longest + ROUNDING }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known_fix::words::words;
    use crate::mail::Language;

    #[test]
    fn a_first_look_says_between_what_the_cosines_lie() {
        let symptoms = ["le wifi est lent", "le wifi refuse mon mot de passe", "mot de passe perdu", "wifi", "Outlook"];
        let mut learning = Learning::default();
        for symptom in symptoms {
            learning.add(&words(symptom, Some(Language::FRENCH), 80));
        }
        let (space, vectors) = learning.done();
        for (most, is_all) in [(symptoms.len(), true), (1, false), (0, false)] {
            let holders = Holders::new(&vectors, space.len(), most);
            let text = vectors.row(1);
            let look = holders.first_look(text);
            assert_eq!(look.is_all(), is_all);
            for (number, other) in vectors.iter().enumerate() {
                let cosine = cosine(text, other);
                assert!(look.least[number] <= cosine && cosine <= look.most(number), "{number} of {most}");
                assert!(look.most(number) <= look.least[number] + look.reach(), "{number} of {most}");
            }
        }
    }
}
