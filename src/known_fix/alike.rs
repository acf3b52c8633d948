//! Whether two requests are about the same matter, in whichever of the two languages each is written.

use super::Question;
use super::meaning::{self, Meaning, WordMeaning};
use super::words::{self, Word, WordKind};

/// What a request is about, for comparing: of its words their hashes and weights alone, about a kilobyte.
#[derive(Clone, Debug)]
pub struct Gist {
    /// By stem.
    words: Vec<Told>,
    /// Places of the words, the weightiest first.
    weightiest: Vec<u8>,
    /// What all words weigh, and at least 1.
    weight: f32,
    meaning: Meaning,
}

/// A word that tells something.
#[derive(Clone, Copy, Debug)]
struct Told {
    stem: u64,
    meaning: Option<WordMeaning>,
    /// Of its meaning, and of the part of it that is compared last.
    length: f32,
    tail: f32,
    weight: f32,
}

/// People say what is wrong within so many words.
const WORDS: usize = 40;
/// Words that are less near than that are about other things.
const NEAR: f32 = 0.55;
/// Texts whose meanings are less near than that are not compared word by word.
const WORTH_COMPARING: f32 = 0.45;
/// How much a word says that is in no table: about as much as a rare word.
const UNKNOWN: f32 = 60.0;

/// Places of words, a bit each.
type Places = u64;

/// What sums of weights, added up in another order, differ by at most, as a share of all.
const ROUNDING: f32 = 1e-4;

impl Gist {
    /// Bytes of a text that are looked at.
    pub const BYTES: usize = 1_000;

    /// What a request is about.
    pub fn of(question: &Question<'_>) -> Gist {
        let text = &question.text[..question.text.floor_char_boundary(Self::BYTES)];
        let language =
            question.language.or_else(|| words::language_of(text)).or_else(|| words::language_of(question.subject));
        let mut all = words::words(question.subject, language, WORDS);
        all.extend(words::words(text, language, WORDS));
        let known: Vec<(Word, Option<WordMeaning>)> = all
            .into_iter()
            .map(|word| {
                let meaning = meaning::of_word(&word.folded);
                (word, meaning)
            })
            .collect();
        let tells = |word: &Word| matches!(word.kind, WordKind::Plain | WordKind::Common);
        let meaning = meaning::sum(known.iter().filter(|(word, _)| tells(word)).filter_map(|(_, meaning)| *meaning));
        let mut words: Vec<Told> = known.iter().filter_map(|(word, meaning)| told(word, *meaning)).collect();
        words.sort_by_key(|word| word.stem);
        words.dedup_by_key(|word| word.stem);
        words.truncate(WORDS);
        let mut weightiest: Vec<u8> = (0..).take(words.len()).collect();
        weightiest.sort_by(|one, other| words[usize::from(*other)].weight.total_cmp(&words[usize::from(*one)].weight));
        let weight = words.iter().map(|word| word.weight).sum::<f32>().max(1.0);
        Gist { words, weightiest, weight, meaning }
    }

    /// How much of what one says the other says too, 0 to 1, where it is at least so much: of both ways the lesser one counts.
    pub fn likeness(&self, other: &Gist, least: f32) -> Option<f32> {
        let Some(sense) = self.sense(other) else { return (least <= 0.0).then_some(0.0) };
        self.likeness_in(other, self.in_both(other), sense, least)
    }

    /// Whether it is at least so much; where most words are the same, no other is looked at.
    pub fn is_like(&self, other: &Gist, least: f32) -> bool {
        let Some(sense) = self.sense(other) else { return least <= 0.0 };
        let (mine, theirs) = self.in_both(other);
        let share = 2.0 * least - sense + ROUNDING;
        let surely = self.weight_of(mine) >= share * self.weight && other.weight_of(theirs) >= share * other.weight;
        surely || self.likeness_in(other, (mine, theirs), sense, least).is_some()
    }

    /// How near the meanings are, where that is worth comparing words.
    fn sense(&self, other: &Gist) -> Option<f32> {
        let sense = self.meaning.nearness(&other.meaning);
        (sense >= WORTH_COMPARING || self.shares_code(other)).then_some(sense.max(0.0))
    }

    fn likeness_in(&self, other: &Gist, (mine, theirs): (Places, Places), sense: f32, least: f32) -> Option<f32> {
        let share = 2.0 * least - sense;
        // Of a longer text more is likely to be missing in the other one.
        let (longer, its, shorter, their) = if self.words.len() < other.words.len() {
            (other, theirs, self, mine)
        } else {
            (self, mine, other, theirs)
        };
        let shared = longer.said_by(shorter, its, share)?.min(shorter.said_by(longer, their, share)?);
        Some((shared + sense) / 2.0).filter(|likeness| *likeness >= least)
    }

    fn weight_of(&self, places: Places) -> f32 {
        let words = self.words.iter().enumerate().filter(|(place, _)| places >> place & 1 == 1);
        words.map(|(_, word)| word.weight).sum()
    }

    fn shares_code(&self, other: &Gist) -> bool {
        let mut codes = self.words.iter().filter(|word| word.meaning.is_none());
        codes.any(|word| other.words.binary_search_by_key(&word.stem, |one| one.stem).is_ok())
    }

    /// The places of the words that both say, in each of them.
    fn in_both(&self, other: &Gist) -> (Places, Places) {
        let (mut mine, mut theirs, mut at) = (0, 0, 0);
        for (place, word) in self.words.iter().enumerate() {
            while other.words.get(at).is_some_and(|one| one.stem < word.stem) {
                at += 1;
            }
            if other.words.get(at).is_some_and(|one| one.stem == word.stem) {
                mine |= 1 << place;
                theirs |= 1 << at;
            }
        }
        (mine, theirs)
    }

    /// The share of its words' weight that the other says too, each word as nearly as it does. `None` where it is less than
    /// `share`, as soon as too much of the weightiest words is missing.
    fn said_by(&self, other: &Gist, in_both: Places, share: f32) -> Option<f32> {
        let may_miss = self.weight * (1.0 - share + ROUNDING);
        let mut nearest = [1.0_f32; WORDS];
        let mut missed = 0.0;
        for place in self.weightiest.iter().map(|place| usize::from(*place)).filter(|place| in_both >> place & 1 == 0) {
            let word = &self.words[place];
            nearest[place] = other.words.iter().map(|one| word.nearness(one)).fold(0.0, f32::max);
            missed += word.weight * (1.0 - nearest[place]);
            if missed > may_miss {
                return None;
            }
        }
        let said: f32 = self.words.iter().zip(nearest).map(|(word, nearest)| word.weight * nearest).sum();
        Some(said / self.weight)
    }
}

impl Told {
    fn nearness(&self, other: &Told) -> f32 {
        if self.stem == other.stem {
            return 1.0;
        }
        let (Some(one), Some(two)) = (self.meaning, other.meaning) else { return 0.0 };
        let lengths = (self.length * other.length).max(1.0);
        // Most words are so far apart that no tail can bring them near.
        let (heads, tails) = (one.product_of_heads(two), self.tail * other.tail);
        if heads as f32 + tails < (NEAR - ROUNDING) * lengths {
            return 0.0;
        }
        let nearness = (heads + one.product_of_tails(two)) as f32 / lengths;
        if nearness < NEAR { 0.0 } else { nearness.min(1.0) }
    }
}

fn told(word: &Word, meaning: Option<WordMeaning>) -> Option<Told> {
    let says = meaning.map_or(UNKNOWN, WordMeaning::length);
    let share = match word.kind {
        WordKind::Grammar => return None,
        WordKind::Common => 0.4,
        WordKind::Plain | WordKind::Number => 1.0,
        WordKind::Code => 2.0,
    };
    let tail = meaning.map_or(0.0, WordMeaning::tail);
    Some(Told { stem: word.stem, meaning, length: says, tail, weight: says * share })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `desk::rules::crowds` has it.
    const ALIKE: f32 = 0.55;

    fn gist(line: &str) -> Gist {
        let (subject, text) = line.split_once(" | ").unwrap();
        Gist::of(&Question { subject, text, language: None })
    }

    /// Outages, each in the words of twelve people, six in French and six in English.
    fn outages() -> Vec<Vec<Gist>> {
        let groups = include_str!("alike/groups.txt").split("# ").skip(1);
        let groups: Vec<Vec<Gist>> = groups.map(|group| group.lines().skip(1).map(gist).collect()).collect();
        assert!(groups.len() == 30 && groups.iter().all(|group| group.len() == 12));
        groups
    }

    /// Requests about nothing that others ask.
    fn others() -> Vec<Gist> {
        let others: Vec<Gist> = include_str!("alike/others.txt").lines().map(gist).collect();
        assert_eq!(others.len(), 300);
        others
    }

    /// The likeness word by word, without a thought of what it costs.
    fn plainly(one: &Gist, other: &Gist) -> f32 {
        let sense = one.meaning.nearness(&other.meaning);
        let is_shared = |word: &Told| word.meaning.is_none() && other.words.iter().any(|own| own.stem == word.stem);
        if sense < WORTH_COMPARING && !one.words.iter().any(is_shared) {
            return 0.0;
        }
        let said_by = |one: &Gist, other: &Gist| {
            let nearest = |word: &Told| other.words.iter().map(|own| word.nearness(own)).fold(0.0, f32::max);
            let said: f32 = one.words.iter().map(|word| word.weight * nearest(word)).sum();
            said / one.words.iter().map(|word| word.weight).sum::<f32>().max(1.0)
        };
        (said_by(one, other).min(said_by(other, one)) + sense.max(0.0)) / 2.0
    }

    #[test]
    fn what_is_passed_over_early_is_unlike_by_the_plain_measure_too() {
        let all: Vec<Gist> = outages().into_iter().flatten().chain(others()).collect();
        for one in all.iter().step_by(15) {
            for other in &all {
                let plain = plainly(one, other);
                for least in [0.0, 0.3, ALIKE, 0.8, plain] {
                    assert_eq!(one.likeness(other, least), Some(plain).filter(|plain| *plain >= least));
                    assert_eq!(one.is_like(other, least), plain >= least);
                }
            }
        }
    }

    #[test]
    #[expect(clippy::print_stdout, reason = "the figures at other thresholds are read with --nocapture")]
    fn what_people_say_of_one_outage_is_alike_and_other_requests_are_not() {
        let (outages, others) = (outages(), others());
        for least in [0.45, 0.5, ALIKE, 0.6, 0.65] {
            let is_like = |one: &Gist, group: &[Gist]| {
                group.iter().any(|other| !std::ptr::eq(one, other) && other.is_like(one, least))
            };
            let found: usize = outages.iter().map(|group| group.iter().filter(|one| is_like(one, group)).count()).sum();
            let taken: usize =
                outages.iter().map(|group| others.iter().filter(|one| is_like(one, group)).count()).sum();
            let strangers = outages.iter().enumerate().flat_map(|(at, group)| {
                outages.iter().enumerate().filter(move |(place, _)| *place != at).map(move |(_, other)| (group, other))
            });
            let mixed: usize =
                strangers.map(|(group, other)| other.iter().filter(|one| is_like(one, group)).count()).sum();
            let many = outages.iter().filter(|group| largest(group, least) >= 10).count();
            println!(
                "{least}: {found} of 360 found, ten together in {many} of 30 outages; taken for an outage: {taken} of 9000 \
                 other requests, {mixed} of 10440 about other outages"
            );
            if least == ALIKE {
                assert!(found >= 300, "{found} of 360");
                assert!((taken + mixed) * 100 <= 9_000 + 10_440, "{taken} of 9000, {mixed} of 10440");
            }
        }
    }

    /// How many requests of a group hang together, one by another.
    fn largest(group: &[Gist], least: f32) -> usize {
        let cluster = |first: usize| {
            let (mut found, mut at) = (vec![first], 0);
            while let Some(&one) = found.get(at) {
                let new = (0..group.len()).filter(|other| group[*other].is_like(&group[one], least));
                let new: Vec<usize> = new.filter(|other| !found.contains(other)).collect();
                found.extend(new);
                at += 1;
            }
            found.len()
        };
        (0..group.len()).map(cluster).max().unwrap_or_default()
    }

    #[test]
    fn likeness_is_mutual_and_a_request_is_like_itself() {
        let (one, other) = (gist("VPN | Le VPN est en panne."), gist("Mouse | My mouse does not move."));
        assert_eq!(one.likeness(&other, 0.0), other.likeness(&one, 0.0));
        assert!(one.likeness(&one, 0.95).is_some());
        assert_eq!(gist(" | ").likeness(&gist(" | "), 0.0), Some(0.0));
    }
}
