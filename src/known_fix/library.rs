//! All articles of a desk, and which one a question asks for.
//!
//! Three judges look at a question: how near it is to the nearest symptom in its words, how near in their meaning, and how a
//! classifier that has learnt from all symptoms tells the topics apart. What they saw together is turned into one probability,
//! and below a threshold the library says that nothing here fits: that is the right answer to most mails of a real mailbox.

use std::collections::{HashMap, HashSet};

use super::article::{Answer, Article};
use super::classifier::{Classifier, Example};
use super::evidence::Evidence;
use super::features::{Counts, Feature, FirstLook, Holders, Learning, Space, Vector, Vectors, cosine};
use super::meaning;
use super::passages;
use super::rivals;
use super::senses::Senses;
use super::spelling::Spelling;
use super::words::{self, Word, WordKind};
use crate::mail::Language;

/// The probability from which an article answers, unless [`Library::with_threshold`] says otherwise: it is more likely right
/// than wrong. `fix backtest` says which one would have made nine answers in ten right.
pub const THRESHOLD: f64 = 0.5;

/// What a requester wrote.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    /// Without reply prefixes; may be empty.
    pub subject: &'a str,
    /// What was newly written, without quotes and signature.
    pub text: &'a str,
    /// Of the text, where it is known; else it is guessed.
    pub language: Option<Language>,
}

/// What the library found.
#[derive(Clone, Debug, PartialEq)]
pub struct Match<'a> {
    /// The article that answers the question, in the question's language where it is translated; `None` where nothing
    /// fits. It may be one that only agents see: see [`Match::for_requester`].
    pub answered: Option<&'a Article>,
    /// The probability that the best candidate is right, 0 to 1; 0 without candidates.
    pub score: f64,
    /// The best first, at most five, one a topic.
    pub candidates: Vec<Candidate<'a>>,
    /// The language that the question was read in; `None` where it could not be told.
    pub language: Option<Language>,
}

/// An article that might fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<'a> {
    /// In the question's language where it is translated.
    pub article: &'a Article,
    /// The probability that it is right, 0 to 1.
    pub score: f64,
    /// The words of the question that speak for it, as they are folded (lower case, no accents), weightiest first.
    pub terms: Vec<String>,
}

impl<'a> Match<'a> {
    /// The answer, unless only agents may see it.
    pub fn for_requester(&self) -> Option<&'a Article> {
        self.answered.filter(|article| article.answer != Answer::Never)
    }
}

/// Articles, ready to be searched.
#[derive(Debug, Default)]
pub struct Library {
    pub(super) articles: Vec<Article>,
    /// Later articles whose id an earlier one has.
    pub(super) repeated: Vec<Article>,
    threshold: f64,
    /// Topic of each article: translations share one.
    pub(super) topic_of: Vec<usize>,
    topics: usize,
    language: Option<Language>,
    space: Space,
    pub(super) symptoms: Vec<Symptom>,
    /// Each symptom in the space.
    vectors: Vectors,
    holders: Holders,
    /// Topic of each symptom.
    own: Vec<u32>,
    /// How many symptoms each article has.
    sizes: Vec<usize>,
    spelling: Spelling,
    senses: Senses,
    classifier: Classifier,
}

#[derive(Debug)]
pub(super) struct Symptom {
    pub(super) article: usize,
    pub(super) text: String,
}

/// A topic and its symptom that is nearest by its words, if anything is near, with its cosine.
#[derive(Clone, Copy, Debug)]
struct Near {
    topic: usize,
    similarity: f32,
    symptom: Option<usize>,
}

/// Words of one text that are read; people say what is wrong before that.
const WORDS: usize = 80;
/// Bytes of one text that are looked at, whatever they hold.
const BYTES: usize = 8192;
/// Passages of one mail that are compared one by one.
const PASSAGES: usize = 6;
const CANDIDATES: usize = 5;
/// The classifier's score of all that people write about and no article treats, on the scale on which a text of unknown words has
/// 0 for every topic: without it, of few topics one would always be right.
const OTHER: f32 = 0.0;
/// How much the nearest symptom counts beside the classifier's score, by its words and by its meaning.
const NEARNESS: f32 = 3.0;
/// Topics whose meaning is looked at, those first that the words speak for.
const SENSED: usize = 24;
/// Features that more symptoms hold are looked at last, and for the topics only that they could bring among the best: those are
/// nine tenths of what a question's features are held by, and a tenth of what they tell.
const HOLDERS_MAX: usize = 4_096;

impl Library {
    /// Learns from the articles. What is wrong with them is told by [`Library::faults`]; of two articles with one id the
    /// first counts.
    pub fn new(articles: Vec<Article>) -> Self {
        let (articles, repeated) = apart(articles);
        let topic_of = topics(&articles);
        let topics = topic_of.iter().max().map_or(0, |last| last + 1);
        let language = most_common(articles.iter().map(|article| article.language));
        let (mut symptoms, mut own) = (Vec::new(), Vec::new());
        let (mut learning, mut spelling, mut senses) = (Learning::default(), Spelling::default(), Senses::new(topics));
        let mut sizes = vec![0; articles.len()];
        for (index, article) in articles.iter().enumerate() {
            for (symptom, words) in self::symptoms(index, article) {
                learning.add(&words);
                spelling.add(&words);
                senses.add(&words, topic_of[index]);
                own.push(topic_of[index] as u32);
                symptoms.push(symptom);
                sizes[index] += 1;
            }
        }
        senses.weigh(&own);
        let (space, vectors) = learning.done();
        let classifier = if counts_meaning(topics) {
            classifier_with_meaning(&vectors, &own, topics, &space, &senses)
        } else {
            let rivals = rivals::rivals(&vectors, &own, space.len());
            let examples = vectors.iter().zip(&own).zip(rivals.iter());
            let examples = examples.map(|((text, topic), rivals)| Example { text, topic: *topic, rivals });
            Classifier::train(&examples.collect::<Vec<_>>(), topics, space.len() + meaning::DIMENSIONS)
        };
        let holders = Holders::new(&vectors, space.len(), HOLDERS_MAX);
        Library {
            articles,
            repeated,
            threshold: THRESHOLD,
            topic_of,
            topics,
            language,
            space,
            symptoms,
            vectors,
            holders,
            own,
            sizes,
            spelling,
            senses,
            classifier,
        }
    }

    /// The same library, which answers from this probability on (0 to 1).
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// The probability from which it answers, 0 to 1.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// In the order given.
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// By id, case aside.
    pub fn article(&self, id: &str) -> Option<&Article> {
        self.articles.iter().find(|article| article.id.eq_ignore_ascii_case(id))
    }

    /// Whether both ids name the same article, or translations of each other.
    pub fn is_same_topic(&self, one: &str, other: &str) -> bool {
        let topic = |id: &str| {
            let index = self.articles.iter().position(|article| article.id.eq_ignore_ascii_case(id))?;
            Some(self.topic_of[index])
        };
        topic(one).is_some_and(|one| topic(other) == Some(one))
    }

    /// Which article answers the question, if any does.
    pub fn find(&self, question: &Question<'_>) -> Match<'_> {
        let language = question.language.or_else(|| guess(question));
        let passages = self.passages(question, language);
        let candidates: Vec<Candidate<'_>> = self
            .evidence(&passages)
            .iter()
            .take(CANDIDATES)
            .map(|evidence| Candidate {
                article: self.spokesman(evidence.topic, evidence.nearest_symptom, language),
                score: evidence.probability(),
                terms: self.terms(evidence.topic, &passages),
            })
            .collect();
        let best = candidates.first();
        let score = best.map_or(0.0, |best| best.score);
        let answered = best.filter(|best| best.score >= self.threshold).map(|best| best.article);
        Match { answered, score, candidates, language }
    }

    /// For each symptom, how near each symptom is to it, 0 to 1; where that is less than `least`, anything less.
    pub(super) fn nearness(&self, least: f32) -> impl Iterator<Item = Vec<f32>> {
        (0..self.symptoms.len()).map(move |number| {
            let text = self.vectors.row(number);
            let look = self.holders.first_look(text);
            let all = (0..self.symptoms.len()).map(|other| {
                let may_be_near = look.most(other) >= least;
                if may_be_near { self.cosine(&look, text, other) } else { look.least[other] }
            });
            all.collect()
        })
    }

    /// The passages of a question that say something: the subject, then sentence by sentence.
    fn passages(&self, question: &Question<'_>, language: Option<Language>) -> Vec<Vec<Word>> {
        let language = language.or(self.language);
        let mut passages: Vec<Vec<Word>> = Vec::new();
        let mut room = WORDS;
        let text = &question.text[..question.text.floor_char_boundary(BYTES)];
        let subject = &question.subject[..question.subject.floor_char_boundary(BYTES)];
        for passage in std::iter::once(subject).chain(passages::sentences(text)) {
            let mut words = words::words(passage, language, room);
            room -= words.len();
            for word in &mut words {
                if let Some(meant) = self.spelling.correct(word) {
                    *word = meant.clone();
                }
            }
            if !words.is_empty() && !passages.contains(&words) {
                passages.push(words);
            }
            if room == 0 {
                break;
            }
        }
        passages
    }

    /// What speaks for each topic that anything speaks for, the most probable first.
    ///
    /// The mail is judged as a whole and passage by passage, and a topic is as probable as where it is most probable: a long
    /// mail says what is wrong in one of its sentences, a short one sometimes across two.
    pub(super) fn evidence(&self, passages: &[Vec<Word>]) -> Vec<Evidence> {
        let counts: Vec<Counts> = passages.iter().map(|passage| self.space.counts(passage)).collect();
        let weighted =
            counts.iter().enumerate().map(|(position, counts)| (counts, passages::position_weight(position)));
        let mut found = self.view(&passages.concat(), &Counts::joined(weighted));
        if passages.len() > 1 {
            for (position, (passage, counts)) in passages.iter().zip(&counts).take(PASSAGES).enumerate() {
                let weight = f64::from(passages::position_weight(position));
                found.extend(self.view(passage, counts).into_iter().map(|evidence| Evidence { weight, ..evidence }));
            }
        }
        for evidence in &mut found {
            evidence.passages = passages.len() as f64;
        }
        found.sort_by(|a, b| b.probability().total_cmp(&a.probability()).then(a.topic.cmp(&b.topic)));
        let mut seen = HashSet::new();
        found.retain(|evidence| seen.insert(evidence.topic));
        found
    }

    /// What one text says for the topics that it speaks for most.
    fn view(&self, words: &[Word], counts: &Counts) -> Vec<Evidence> {
        let vector = self.space.vector(counts);
        if vector.entries.is_empty() {
            return Vec::new();
        }
        let meaning = meaning::of_text(words);
        let scores = if counts_meaning(self.topics) {
            let text: Vec<_> = self.space.with_meaning(&vector.entries, &meaning).collect();
            self.classifier.scores(&text)
        } else {
            self.classifier.scores(&vector.entries)
        };
        let mut ranked: Vec<(f32, Near)> = self
            .best(&scores, &vector)
            .into_iter()
            .map(|(worth, near)| (worth + NEARNESS * self.senses.nearest(near.topic, &meaning), near))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let top = scores.iter().copied().fold(f32::MIN, f32::max);
        let sum = f64::from(OTHER - top).exp() + scores.iter().map(|score| f64::from(score - top).exp()).sum::<f64>();
        let known = f64::from(self.space.known_share(counts));
        let evidence = |(_, near): (f32, Near)| {
            let Near { topic, similarity, symptom } = near;
            let share = (f64::from(scores[topic] - top).exp() / sum).clamp(1e-9, 1.0 - 1e-9);
            let symptom = symptom?;
            let sensed = self.senses.judge(topic, words, &meaning);
            Some(Evidence {
                topic,
                odds: (share / (1.0 - share)).ln(),
                score: f64::from(scores[topic]),
                nearest: f64::from(similarity),
                nearest_symptom: symptom,
                sense: f64::from(sensed.ahead),
                covered: f64::from(sensed.covered),
                shared: f64::from(sensed.shared),
                known,
                symptoms: self.sizes[self.symptoms[symptom].article] as f64,
                topics: self.topics as f64,
                passages: 1.0,
                crowding: f64::from(self.senses.crowding),
                weight: 1.0,
            })
        };
        ranked.into_iter().take(CANDIDATES).filter_map(evidence).collect()
    }

    /// The topics that the words speak for most, the best first and of equals the first, with what they are worth.
    fn best(&self, scores: &[f32], vector: &Vector) -> Vec<(f32, Near)> {
        let look = self.holders.first_look(&vector.entries);
        let worth = |topic: usize, nearest: f32| scores[topic] + NEARNESS * nearest;
        let least = self.nearest(&look.least);
        let most = |topic: usize| self.senses.nearest_by(topic, |symptom| look.most(symptom));
        let mut all: Vec<f32> = (0..).zip(&least).map(|(topic, least)| worth(topic, *least)).collect();
        let enough = match all.len().checked_sub(SENSED) {
            Some(place) => *all.select_nth_unstable_by(place, f32::total_cmp).1,
            None => f32::NEG_INFINITY,
        };
        let mut best: Vec<(f32, Near)> = (0..self.topics)
            .filter(|topic| worth(*topic, least[*topic] + look.reach()) >= enough)
            .filter(|topic| look.is_all() || worth(*topic, most(*topic)) >= enough)
            .map(|topic| self.near(topic, least[topic], &look, vector))
            .map(|near| (worth(near.topic, near.similarity), near))
            .collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        best.truncate(SENSED);
        best
    }

    /// For each topic the cosine of its nearest symptom.
    fn nearest(&self, similarities: &[f32]) -> Vec<f32> {
        let mut nearest = vec![0.0; self.topics];
        let mut rest = similarities;
        for same in self.own.chunk_by(|a, b| a == b) {
            let (run, behind) = rest.split_at(same.len());
            let best = &mut nearest[same[0] as usize];
            *best = run.iter().fold(*best, |best, other| if *other > best { *other } else { best });
            rest = behind;
        }
        nearest
    }

    /// A topic's nearest symptom, which is at least so near; of equals the first.
    fn near(&self, topic: usize, least: f32, look: &FirstLook<'_>, vector: &Vector) -> Near {
        let mut near = Near { topic, similarity: 0.0, symptom: None };
        for symptom in self.senses.symptoms(topic).iter().map(|symptom| *symptom as usize) {
            if look.most(symptom) >= least {
                let similarity = self.cosine(look, &vector.entries, symptom);
                if similarity > near.similarity {
                    near = Near { topic, similarity, symptom: Some(symptom) };
                }
            }
        }
        near
    }

    fn cosine(&self, look: &FirstLook<'_>, text: &[(Feature, f32)], symptom: usize) -> f32 {
        if look.is_all() { look.least[symptom] } else { cosine(text, self.vectors.row(symptom)) }
    }

    /// The article that speaks for a topic: the one in the language asked for, else the one whose symptom is nearest.
    fn spokesman(&self, topic: usize, nearest_symptom: usize, language: Option<Language>) -> &Article {
        let nearest = self.symptoms[nearest_symptom].article;
        let index = language
            .filter(|language| self.articles[nearest].language != *language)
            .and_then(|language| {
                (0..self.articles.len())
                    .find(|index| self.topic_of[*index] == topic && self.articles[*index].language == language)
            })
            .unwrap_or(nearest);
        &self.articles[index]
    }

    /// The meaning-bearing words that the question shares with a topic, weightiest first.
    fn terms(&self, topic: usize, passages: &[Vec<Word>]) -> Vec<String> {
        let mut terms: Vec<(f32, &str)> = Vec::new();
        for word in passages.iter().flatten().filter(|word| word.kind != WordKind::Grammar) {
            if self.senses.says(topic, word) && terms.iter().all(|(_, term)| *term != word.folded) {
                terms.push((self.space.word(word).1, &word.folded));
            }
        }
        terms.sort_by(|a, b| b.0.total_cmp(&a.0));
        terms.into_iter().map(|(_, term)| term.to_owned()).collect()
    }
}

/// Whether the classifier learns from the meaning of the symptoms too: among very many topics it costs more than it tells.
fn counts_meaning(topics: usize) -> bool {
    topics <= rivals::TOPICS_COMPARED
}

fn classifier_with_meaning(
    vectors: &Vectors,
    own: &[u32],
    topics: usize,
    space: &Space,
    senses: &Senses,
) -> Classifier {
    let all: Vec<u32> = (0..topics as u32).collect();
    let mut texts = Vectors::default();
    for (text, meaning) in vectors.iter().zip(&senses.meanings) {
        texts.push(space.with_meaning(text, meaning));
    }
    let examples = texts.iter().zip(own).map(|(text, topic)| Example { text, topic: *topic, rivals: &all });
    Classifier::train(&examples.collect::<Vec<_>>(), topics, space.len() + meaning::DIMENSIONS)
}

/// Those that count, and those whose id another one has.
fn apart(articles: Vec<Article>) -> (Vec<Article>, Vec<Article>) {
    let mut seen = HashSet::new();
    articles.into_iter().partition(|article| seen.insert(article.id.to_ascii_lowercase()))
}

/// Numbers articles so that translations share one.
fn topics(articles: &[Article]) -> Vec<usize> {
    let positions: HashMap<String, usize> =
        articles.iter().enumerate().map(|(index, article)| (article.id.to_ascii_lowercase(), index)).collect();
    let position = |id: &str| positions.get(&id.to_ascii_lowercase()).copied();
    let root = |index: usize| {
        let original = articles[index].translation_of.as_deref().and_then(position);
        original.map_or(index, |original| {
            articles[original].translation_of.as_deref().and_then(position).unwrap_or(original).min(original)
        })
    };
    let roots: Vec<usize> = (0..articles.len()).map(root).collect();
    let mut distinct: Vec<usize> = roots.clone();
    distinct.sort_unstable();
    distinct.dedup();
    roots.into_iter().map(|root| distinct.partition_point(|other| *other < root)).collect()
}

/// The symptoms of an article, each with its words.
fn symptoms(index: usize, article: &Article) -> impl Iterator<Item = (Symptom, Vec<Word>)> {
    let texts = article.symptoms.iter().chain([&article.title]);
    texts.filter_map(move |text| {
        let words = words::words(text, Some(article.language), WORDS);
        (!words.is_empty()).then(|| (Symptom { article: index, text: text.clone() }, words))
    })
}

fn most_common(languages: impl Iterator<Item = Language>) -> Option<Language> {
    let mut languages: Vec<Language> = languages.collect();
    languages.sort_unstable();
    languages.chunk_by(|a, b| a == b).max_by_key(|same| same.len()).map(|same| same[0])
}

fn guess(question: &Question<'_>) -> Option<Language> {
    words::language_of(question.text).or_else(|| words::language_of(question.subject))
}
