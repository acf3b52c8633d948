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
    weight: f32,
}

/// People say what is wrong within so many words.
const WORDS: usize = 40;
/// Bytes that are looked at.
const BYTES: usize = 1_000;
/// Words that are less near than that are about other things.
const NEAR: f32 = 0.55;
/// Texts whose meanings are less near than that are not compared word by word.
const WORTH_COMPARING: f32 = 0.3;
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
        let shared = self.covered_by(other).min(other.covered_by(self));
        (shared + sense.max(0.0)) / 2.0
    }

    fn shares_code(&self, other: &Gist) -> bool {
        self.words.iter().any(|word| word.meaning.is_none() && other.words.iter().any(|one| one.stem == word.stem))
    }

    fn covered_by(&self, other: &Gist) -> f32 {
        let all: f32 = self.words.iter().map(|word| word.weight).sum();
        let covered: f32 = self.words.iter().map(|word| word.weight * other.says(word)).sum();
        covered / all.max(1.0)
    }

    fn says(&self, word: &Told) -> f32 {
        if self.words.iter().any(|one| one.stem == word.stem) {
            return 1.0;
        }
        let Some(meaning) = word.meaning else { return 0.0 };
        let nearness = self.words.iter().filter_map(|one| one.meaning).map(|one| one.nearness(meaning));
        let nearest = nearness.fold(0.0, f32::max);
        if nearest < NEAR { 0.0 } else { nearest }
    }
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
    Some(Told { stem: word.stem, meaning, weight: says * share })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gist(line: &str) -> Gist {
        let (subject, text) = line.split_once(" | ").unwrap();
        Gist::of(&Question { subject, text, language: None })
    }

    #[test]
    fn measure() {
        let mut groups: Vec<Vec<Gist>> = Vec::new();
        for line in include_str!("alike/groups.txt").lines() {
            if line.starts_with('#') { groups.push(Vec::new()) } else { groups.last_mut().unwrap().push(gist(line)) }
        }
        let others: Vec<Gist> = include_str!("alike/others.txt").lines().map(gist).collect();
        let mut same = Vec::new();
        let mut cross = Vec::new();
        let mut apart = Vec::new();
        for (g, group) in groups.iter().enumerate() {
            for (i, one) in group.iter().enumerate() {
                for (j, other) in group.iter().enumerate() {
                    if i < j {
                        if (i < 4) == (j < 4) {
                            same.push(one.likeness(other))
                        } else {
                            cross.push(one.likeness(other))
                        }
                    }
                }
                for (h, far) in groups.iter().enumerate() {
                    if h > g {
                        apart.extend(far.iter().map(|far| one.likeness(far)));
                    }
                }
                apart.extend(others.iter().map(|other| one.likeness(other)));
            }
        }
        for (i, one) in others.iter().enumerate() {
            for other in &others[i + 1..] {
                apart.push(one.likeness(other));
            }
        }
        println!("pairs same {} cross {} apart {}", same.len(), cross.len(), apart.len());
        for t in [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7] {
            let f = |v: &Vec<f32>| v.iter().filter(|l| **l >= t).count() as f32 / v.len() as f32;
            println!("{t:.2} same {:.3} cross {:.3} false {:.5}", f(&same), f(&cross), f(&apart));
        }
        let top = |one: &Gist, group: &[&Gist], n: usize| {
            let mut l: Vec<f32> = group.iter().map(|g| one.likeness(g)).collect();
            l.sort_by(|a, b| b.total_cmp(a));
            l.iter().take(n).sum::<f32>() / n.min(l.len()) as f32
        };
        for known in [1usize, 2, 4, 7] {
            for n in [1usize, 2] {
                let mut hit = Vec::new();
                let mut miss = Vec::new();
                for (g, group) in groups.iter().enumerate() {
                    for (i, one) in group.iter().enumerate() {
                        let rest: Vec<&Gist> =
                            group.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, x)| x).take(known).collect();
                        hit.push(top(one, &rest, n));
                        for (h, far) in groups.iter().enumerate() {
                            if h != g {
                                let rest: Vec<&Gist> = far.iter().take(known).collect();
                                miss.push(top(one, &rest, n));
                            }
                        }
                    }
                }
                for one in &others {
                    for far in &groups {
                        let rest: Vec<&Gist> = far.iter().take(known).collect();
                        miss.push(top(one, &rest, n));
                    }
                }
                for t in [0.35, 0.4, 0.45, 0.5, 0.55] {
                    let f = |v: &Vec<f32>| v.iter().filter(|l| **l >= t).count() as f32 / v.len() as f32;
                    println!("known {known} top {n} join {t:.2} hit {:.3} false {:.5}", f(&hit), f(&miss));
                }
            }
        }
        for t in [0.4, 0.45, 0.5, 0.55, 0.6] {
            let (mut found, mut members, mut strangers) = (0, 0, 0);
            for group in &groups {
                let all: Vec<&Gist> = group.iter().chain(&others).collect();
                let mut seen = vec![7usize];
                let mut next = 0;
                while next < seen.len() {
                    let one = all[seen[next]];
                    next += 1;
                    for (i, other) in all.iter().enumerate() {
                        if !seen.contains(&i) && one.likeness(other) >= t {
                            seen.push(i);
                        }
                    }
                }
                if seen.len() >= 6 {
                    found += 1;
                }
                members += seen.iter().filter(|i| **i < 8).count();
                strangers += seen.iter().filter(|i| **i >= 8).count();
            }
            println!("cluster {t}: groups of 6+ {found}/30, members {members}/240 strangers {strangers}");
        }
    }
}
