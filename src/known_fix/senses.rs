//! What the symptoms of each topic mean, whatever their words.

use super::meaning::{self, Meaning, WordMeaning};
use super::words::{Word, WordKind};

/// The symptoms' meanings, by topic.
#[derive(Debug, Default)]
pub(super) struct Senses {
    /// Of each symptom.
    pub(super) meanings: Vec<Meaning>,
    topics: Vec<Topic>,
    /// How near the nearest symptom of another topic is to a symptom, on average: where topics are alike, nearness says little.
    pub(super) crowding: f32,
}

#[derive(Debug, Default)]
struct Topic {
    /// Their numbers, ascending.
    symptoms: Vec<u32>,
    /// The stem of each word of its symptoms, ascending, and what the word means.
    words: Vec<(u64, Option<WordMeaning>)>,
    /// How near its symptoms are to each other, each to the nearest, on average.
    cohesion: f32,
}

/// What a text's meaning says for one topic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sensed {
    /// How much nearer the nearest symptom is than the topic's symptoms are to each other (cosine).
    pub(super) ahead: f32,
    /// How much of what the words say the topic's words say too, 0 to 1.
    pub(super) covered: f32,
    /// How many meaning-bearing words the topic's words say too, common ones counting less.
    pub(super) shared: f32,
}

/// Symptoms that the crowding is measured at.
const SAMPLE: usize = 200;
/// Symptoms of no topic in particular that its own are averaged with.
const PRIOR: f32 = 2.0;
/// How many words an error code counts for: who writes one means it exactly.
const CODE: f32 = 3.0;
/// How near topics are to each other where there is only one to tell.
const CROWDING_OF_ONE: f32 = 0.5;
/// How much a word says that is in no table: about as much as a rare word.
const UNKNOWN: f32 = 60.0;

impl Senses {
    /// Those of so many topics, before any symptom is added.
    pub(super) fn new(topics: usize) -> Self {
        let mut senses = Senses::default();
        senses.topics.resize_with(topics, Topic::default);
        senses
    }

    /// One more symptom, of this topic.
    pub(super) fn add(&mut self, text: &[Word], topic: usize) {
        let topic = &mut self.topics[topic];
        topic.symptoms.push(self.meanings.len() as u32);
        topic.words.extend(text.iter().map(|word| (word.stem, meaning::of_word(&word.folded))));
        self.meanings.push(meaning::of_text(text));
    }

    /// Weighs them, all having been added, of which each belongs to a topic.
    pub(super) fn weigh(&mut self, own: &[u32]) {
        self.crowding = crowding(&self.meanings, own);
        let sums: Vec<f32> = self.topics.iter().map(|topic| nearest_within(&topic.symptoms, &self.meanings)).collect();
        let average = sums.iter().sum::<f32>() / (self.meanings.len() as f32).max(1.0);
        for (topic, sum) in self.topics.iter_mut().zip(sums) {
            topic.cohesion = (sum + PRIOR * average) / (topic.symptoms.len() as f32 + PRIOR);
            topic.words.sort_by_key(|(stem, _)| *stem);
            topic.words.dedup_by_key(|(stem, _)| *stem);
            topic.words.shrink_to_fit();
        }
    }

    /// The numbers of a topic's symptoms, ascending.
    pub(super) fn symptoms(&self, topic: usize) -> &[u32] {
        &self.topics[topic].symptoms
    }

    /// Whether a symptom of the topic holds the word.
    pub(super) fn says(&self, topic: usize, word: &Word) -> bool {
        self.topics[topic].says(word)
    }

    /// Cosine of the topic's nearest symptom.
    pub(super) fn nearest(&self, topic: usize, meaning: &Meaning) -> f32 {
        self.nearest_by(topic, |symptom| self.meanings[symptom].nearness(meaning))
    }

    /// That of the topic's symptom which is nearest by what is given for each; 0 where none is near.
    pub(super) fn nearest_by(&self, topic: usize, nearness: impl Fn(usize) -> f32) -> f32 {
        let nearness = self.symptoms(topic).iter().map(|symptom| nearness(*symptom as usize));
        nearness.fold(0.0, |nearest, other| if other > nearest { other } else { nearest })
    }

    pub(super) fn judge(&self, topic: usize, text: &[Word], meaning: &Meaning) -> Sensed {
        let nearest = self.nearest(topic, meaning);
        let topic = &self.topics[topic];
        let (mut covered, mut weight, mut shared) = (0.0, 0.0, 0.0);
        for word in text {
            let meaning = meaning::of_word(&word.folded);
            let own = meaning.map_or(UNKNOWN, WordMeaning::length);
            let covers = topic.covers(word, meaning);
            covered += own * covers;
            weight += own;
            shared += share(word) * covers;
        }
        Sensed { ahead: nearest - topic.cohesion, covered: covered / f32::max(weight, 1.0), shared }
    }
}

impl Topic {
    fn says(&self, word: &Word) -> bool {
        self.words.binary_search_by_key(&word.stem, |(stem, _)| *stem).is_ok()
    }

    /// How near the nearest word of the symptoms is, 0 to 1.
    fn covers(&self, word: &Word, meaning: Option<WordMeaning>) -> f32 {
        if self.says(word) {
            return 1.0;
        }
        let Some(meaning) = meaning else { return 0.0 };
        self.words.iter().filter_map(|(_, other)| *other).map(|other| meaning.nearness(other)).fold(0.0, f32::max)
    }
}

/// How much a word counts as bearing meaning.
fn share(word: &Word) -> f32 {
    match word.kind {
        WordKind::Grammar => 0.0,
        WordKind::Common => 0.5,
        WordKind::Plain | WordKind::Number => 1.0,
        WordKind::Code => CODE,
    }
}

/// Over these texts, the sum of how near the nearest other one is.
fn nearest_within(texts: &[u32], meanings: &[Meaning]) -> f32 {
    let meaning = |text: &u32| &meanings[*text as usize];
    let nearest = |text: &u32| {
        let others = texts.iter().filter(|other| *other != text);
        others.map(|other| meaning(other).nearness(meaning(text))).fold(0.0, f32::max)
    };
    texts.iter().map(nearest).sum()
}

fn crowding(meanings: &[Meaning], own: &[u32]) -> f32 {
    if own.iter().all(|topic| *topic == own[0]) {
        return CROWDING_OF_ONE;
    }
    let step = meanings.len().div_ceil(SAMPLE).max(1);
    let nearest = |place: usize| {
        let others = meanings.iter().zip(own).filter(|(_, topic)| **topic != own[place]);
        others.map(|(other, _)| other.nearness(&meanings[place])).fold(0.0, f32::max)
    };
    let nearest: Vec<f32> = (0..meanings.len()).step_by(step).map(nearest).collect();
    nearest.iter().sum::<f32>() / (nearest.len() as f32).max(1.0)
}
