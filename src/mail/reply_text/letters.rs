//! What is known of the letters that a mail may quote, and which of its lines are theirs.
//!
//! Clients mark a quote in many ways or not at all, wrap it anew and turn HTML into text; they keep its words and their
//! order. So letters are rows of words, and a line is theirs where its words stand in one of them, one behind the other.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::super::{InboundMail, work};
use super::lines::Line;

/// Words in a row that are looked up; fewer say nothing of where they come from.
const RUN: usize = 3;
/// So many places of one run are tried; what stands more often says nothing either.
const PLACES_MAX: usize = 8;
/// A short line is theirs only so few words behind the last one that was.
const NEAR: usize = 24;
/// Of a line that a client changed (a link, a picture, a word), so many hundredths must be theirs.
const SHARE: usize = 70;
/// A line of more words is no line any more: its first ones are compared.
const LINE_WORDS_MAX: usize = 4000;

/// The texts of letters of ours that a mail may quote.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    /// The words of all texts, `None` before each of them.
    words: Vec<Option<u64>>,
    /// Where each text begins.
    texts: Vec<usize>,
    /// Where each run of words begins.
    runs: HashMap<[u64; RUN], Vec<usize>>,
    /// Names and addresses of their authors.
    authors: Vec<String>,
}

/// How a line of a mail is found in the letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// How many words the line has.
    pub(super) words: usize,
    /// So many of them are the letters', one behind the other.
    pub(super) theirs: usize,
    /// Where in `Letters::words` the last of these ends.
    pub(super) end: Option<usize>,
}

impl Found {
    /// Where the words of the line begin, if all are the letters'.
    pub(super) fn start(self) -> Option<usize> {
        self.end.filter(|_| self.theirs == self.words)?.checked_sub(self.words)
    }

    /// The line is a letter's.
    pub(super) fn is_theirs(self) -> bool {
        self.theirs > 0 && self.theirs * 100 >= self.words * SHARE
    }

    /// It holds words, and they are no letter's.
    pub(super) fn is_foreign(self) -> bool {
        self.words > 0 && !self.is_theirs()
    }
}

impl Letters {
    /// What is known of some letters: their text, and what a client that reads their HTML makes of it.
    pub fn of<'m>(letters: impl IntoIterator<Item = &'m InboundMail>) -> Letters {
        let mut known = Letters::default();
        for letter in letters {
            known.add(&letter.body.text);
            known.add(&letter.body.html_text());
            let author = letter.from.as_ref();
            known.authors.extend(author.and_then(|author| author.name.clone()));
            known.authors.extend(author.map(|author| author.address.to_string()));
        }
        known
    }

    /// Adds a text, as plain text.
    pub fn add(&mut self, text: &str) {
        self.words.push(None);
        let start = self.words.len();
        self.texts.push(start);
        self.words.extend(text.lines().flat_map(|line| words(line.trim_start_matches(['>', ' ', '\t']))).map(Some));
        for at in start..self.words.len().saturating_sub(RUN - 1) {
            if let [Some(a), Some(b), Some(c)] = self.words[at..at + RUN] {
                let places = self.runs.entry([a, b, c]).or_default();
                if places.len() < PLACES_MAX {
                    places.push(at);
                }
            }
        }
    }

    /// Whether a line names who wrote one of the letters.
    pub(super) fn names_author(&self, line: &str) -> bool {
        self.authors.iter().any(|author| line.contains(author.as_str()))
    }

    /// Whether the words of a line stand right before a place.
    pub(super) fn stand_before(&self, end: usize, line: &str) -> bool {
        let words: Vec<u64> = words(line).take(LINE_WORDS_MAX).collect();
        let start = end.checked_sub(words.len());
        start.is_some_and(|start| self.words[start..end].iter().zip(&words).all(|(here, word)| *here == Some(*word)))
    }

    /// No letter is known.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How each line is found in the letters.
    pub(super) fn find(&self, lines: &[Line<'_>]) -> Vec<Found> {
        // Where the last line that was theirs ended, and whether other words came behind it.
        let mut end: Option<usize> = None;
        let mut interrupted = false;
        let mut find = |line: &Line<'_>| {
            let words: Vec<u64> = words(line.bare()).take(LINE_WORDS_MAX).collect();
            if words.is_empty() {
                return Found::default();
            }
            let near = match words.len() < RUN {
                true if interrupted || !line.is_marked() => 1,
                _ => NEAR,
            };
            let (theirs, last) = match self.run_of(&words, end, near) {
                Some(at) => (words.len(), Some(at + words.len())),
                None => self.share_of(&words),
            };
            let found = Found { words: words.len(), theirs, end: last };
            interrupted = !found.is_theirs();
            if found.is_theirs() {
                end = last;
            }
            found
        };
        lines.iter().map(&mut find).collect()
    }

    /// Number of words of the text in which a line ends at a place.
    pub(super) fn length_of_text(&self, end: usize) -> usize {
        let next = self.texts.partition_point(|&start| start < end);
        let start = next.checked_sub(1).and_then(|text| self.texts.get(text)).copied().unwrap_or_default();
        self.texts.get(next).map_or(self.words.len(), |next| next - 1) - start
    }

    /// Where all the words of a line stand, best right behind the last line; a few words stand only there.
    fn run_of(&self, words: &[u64], end: Option<usize>, near: usize) -> Option<usize> {
        let is_here = |&at: &usize| {
            work::count(1);
            let here = self.words.get(at..at + words.len());
            here.is_some_and(|here| here.iter().zip(words).all(|(here, word)| *here == Some(*word)))
        };
        if let Some(at) = end.and_then(|end| (end..end + near).find(is_here)) {
            return Some(at);
        }
        let places = self.runs.get(words.get(..RUN)?)?;
        let behind = places.iter().copied().filter(|&at| end.is_none_or(|end| at >= end)).find(is_here);
        behind.or_else(|| places.iter().copied().find(is_here))
    }

    /// Words of a line that stand in runs of the letters, and the end of the last run.
    fn share_of(&self, words: &[u64]) -> (usize, Option<usize>) {
        let (mut theirs, mut last, mut at) = (0, None, 0);
        while at + RUN <= words.len() {
            let Some(place) = self.runs.get(&words[at..at + RUN]).and_then(|places| places.first()) else {
                at += 1;
                continue;
            };
            let behind = self.words[place + RUN..].iter().zip(&words[at + RUN..]);
            let length = RUN + behind.take_while(|(here, word)| **here == Some(**word)).count();
            theirs += length;
            last = Some(place + length);
            at += length;
        }
        (theirs, last)
    }
}

/// Digests of the words of a line: letters and digits, case aside. Links are left out: clients write them as they like.
fn words(line: &str) -> impl Iterator<Item = u64> {
    let is_link = |piece: &&str| {
        let piece = piece.trim_start_matches(['<', '(', '[', '"']);
        piece.contains("://") || piece.starts_with("mailto:") || piece.len() > 60 && piece.contains(['%', '/', '='])
    };
    let pieces = line.split_whitespace().filter(move |piece| !is_link(piece));
    let words = pieces.flat_map(|piece| piece.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).map(|word| {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        if word.chars().any(char::is_uppercase) { hasher.hash_one(word.to_lowercase()) } else { hasher.hash_one(word) }
    })
}
