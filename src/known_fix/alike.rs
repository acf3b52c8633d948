//! Whether two requests are about the same matter, in whichever of the two languages each is written.

use super::Question;
use super::meaning::{self, Meaning, WordMeaning};
use super::words::{self, Word, WordKind};

/// What a request is about, for comparing: made of its words whenever it is needed, and kept nowhere.
#[derive(Clone, Debug)]
pub struct Gist {
    words: Vec<Told>,
    meaning: Meaning,
}

/// A word that tells something.
#[derive(Clone, Copy, Debug)]
struct Told {
    stem: u64,
    meaning: Option<WordMeaning>,
    /// Of its meaning.
    length: f32,
    weight: f32,
}

/// People say what is wrong within so many words.
const WORDS: usize = 40;
/// Bytes that are looked at.
const BYTES: usize = 1_000;
/// Words that are less near than that are about other things.
const NEAR: f32 = 0.55;
/// Texts whose meanings are less near than that are not compared word by word.
const WORTH_COMPARING: f32 = 0.45;
/// How much a word says that is in no table: about as much as a rare word.
const UNKNOWN: f32 = 60.0;

impl Gist {
    /// What a request is about.
    pub fn of(question: &Question<'_>) -> Gist {
        let text = &question.text[..question.text.floor_char_boundary(BYTES)];
        let language =
            question.language.or_else(|| words::language_of(text)).or_else(|| words::language_of(question.subject));
        let mut all = words::words(question.subject, language, WORDS);
        all.extend(words::words(text, language, WORDS));
        let mut told: Vec<Told> = all.iter().filter_map(told).collect();
        told.sort_by_key(|word| word.stem);
        told.dedup_by_key(|word| word.stem);
        told.truncate(WORDS);
        all.retain(|word| matches!(word.kind, WordKind::Plain | WordKind::Common));
        Gist { meaning: meaning::of_text(&all), words: told }
    }

    /// How much of what one says the other says too, 0 to 1: of both ways the lesser one counts.
    pub fn likeness(&self, other: &Gist) -> f32 {
        let sense = self.meaning.nearness(&other.meaning);
        if sense < WORTH_COMPARING && !self.shares_code(other) {
            return 0.0;
        }
        (self.shared_with(other) + sense.max(0.0)) / 2.0
    }

    fn shares_code(&self, other: &Gist) -> bool {
        self.words.iter().any(|word| word.meaning.is_none() && other.words.iter().any(|one| one.stem == word.stem))
    }

    /// How much of what each says the nearest words of the other say too: the lesser of the two.
    fn shared_with(&self, other: &Gist) -> f32 {
        let mut mine = vec![0.0_f32; self.words.len()];
        let mut theirs = vec![0.0_f32; other.words.len()];
        for (word, mine) in self.words.iter().zip(&mut mine) {
            for (one, theirs) in other.words.iter().zip(&mut theirs) {
                let nearness = word.nearness(one);
                *mine = mine.max(nearness);
                *theirs = theirs.max(nearness);
            }
        }
        covered(&self.words, &mine).min(covered(&other.words, &theirs))
    }
}

impl Told {
    fn nearness(&self, other: &Told) -> f32 {
        if self.stem == other.stem {
            return 1.0;
        }
        let (Some(one), Some(two)) = (self.meaning, other.meaning) else { return 0.0 };
        let nearness = one.product(two) as f32 / (self.length * other.length).max(1.0);
        if nearness < NEAR { 0.0 } else { nearness }
    }
}

/// The share of the words' weight that is said by others, each as nearly as it is.
fn covered(words: &[Told], nearness: &[f32]) -> f32 {
    let all: f32 = words.iter().map(|word| word.weight).sum();
    let said: f32 = words.iter().zip(nearness).map(|(word, nearness)| word.weight * nearness).sum();
    said / all.max(1.0)
}

fn told(word: &Word) -> Option<Told> {
    let meaning = meaning::of_word(&word.folded);
    let says = meaning.map_or(UNKNOWN, WordMeaning::length);
    let share = match word.kind {
        WordKind::Grammar => return None,
        WordKind::Common => 0.4,
        WordKind::Plain | WordKind::Number => 1.0,
        WordKind::Code => 2.0,
    };
    Some(Told { stem: word.stem, meaning, length: says, weight: says * share })
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

    /// Outages, each in the words of eight people, four in French and four in English.
    fn outages() -> Vec<Vec<Gist>> {
        let groups = include_str!("alike/groups.txt").split("# ").skip(1);
        let groups: Vec<Vec<Gist>> = groups.map(|group| group.lines().skip(1).map(gist).collect()).collect();
        assert_eq!((groups.len(), groups.iter().map(Vec::len).sum()), (30, 240));
        groups
    }

    fn nearest<'g>(one: &Gist, group: impl Iterator<Item = &'g Gist>) -> f32 {
        group.map(|other| other.likeness(one)).fold(0.0, f32::max)
    }

    #[test]
    fn what_people_say_of_one_outage_is_alike_and_other_requests_are_not() {
        let outages = outages();
        let others: Vec<Gist> = include_str!("alike/others.txt").lines().map(gist).collect();
        let (mut found, mut strangers, mut compared) = (0, 0, 0);
        for group in &outages {
            for (place, one) in group.iter().enumerate() {
                let rest = group.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, other)| other);
                found += usize::from(nearest(one, rest) >= ALIKE);
            }
            for other in &others {
                compared += 1;
                strangers += usize::from(nearest(other, group.iter()) >= ALIKE);
            }
        }
        assert!(found >= 200, "{found} of 240");
        assert!(strangers * 100 <= compared, "{strangers} of {compared}");
    }

    #[test]
    fn likeness_is_mutual_and_a_request_is_like_itself() {
        let (one, other) = (gist("VPN | Le VPN est en panne."), gist("Mouse | My mouse does not move."));
        assert_eq!(one.likeness(&other), other.likeness(&one));
        assert!(one.likeness(&one) > 0.95);
        assert_eq!(gist(" | ").likeness(&gist(" | ")), 0.0);
    }
}
