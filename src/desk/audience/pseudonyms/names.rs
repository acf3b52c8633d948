//! Where people are named: in whatever order, case or spelling, by initials, and by the user names that are made of names.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::plain::Plain;
use super::strangers;
use super::words::{PARTICLES, Word, begins_with_capital, is_alone_on_line, words_of};
use crate::mail::Address;

/// Words of names, and of shared mailboxes, that mean something else most times; folded.
const ORDINARY: &str = include_str!("ordinary_names.txt");

/// The length to which old systems cut user names.
const SHORT_ACCOUNT: usize = 8;
/// A shorter account name is spelt like too many words.
const ACCOUNT_MIN: usize = 4;
/// Initials before a surname: `J.-P. M.`.
const INITIALS_MAX: usize = 3;

/// Somebody whom a vendor must not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// All names that the person was seen with, sign-offs ([`signed_names`](super::signed_names)) too.
    pub names: Vec<String>,
    /// All addresses of the person.
    pub addresses: Vec<Address>,
    /// All telephone numbers of the person, as they were written.
    pub telephones: Vec<String>,
}

/// What the people are called.
#[derive(Clone, Debug)]
pub(super) struct Names {
    people: Vec<Person>,
    /// Whose word or user name it is, the first of the list where several share it.
    known: HashMap<String, usize>,
    /// Whole local parts with digits or marks.
    accounts: HashMap<String, usize>,
    /// First letters of the words, and words too short to mean somebody alone.
    minor: HashSet<String>,
    ordinary: HashSet<&'static str>,
}

#[derive(Clone, Debug, Default)]
struct Person {
    words: HashSet<String>,
}

impl Names {
    /// These stand-ins are nobody's name.
    pub(super) fn new(people: &[Subject], stand_ins: &[&str]) -> Self {
        let ordinary = ORDINARY.split_whitespace().collect();
        let mut names = Names {
            people: Vec::new(),
            known: HashMap::new(),
            accounts: HashMap::new(),
            minor: HashSet::new(),
            ordinary,
        };
        let reserved: HashSet<String> = stand_ins.iter().flat_map(|text| folded_words(text)).collect();
        for (at, subject) in people.iter().enumerate() {
            names.add(at, subject, &reserved);
        }
        names
    }

    fn add(&mut self, at: usize, subject: &Subject, reserved: &HashSet<String>) {
        let mut person = Person::default();
        let called = subject.names.iter().filter(|name| !name.contains('@'));
        // O'Connor is also known as oconnor.
        for words in called.flat_map(|name| [folded_words(name), folded_words(&name.replace(['\'', '’'], ""))]) {
            let (telling, minor): (Vec<&String>, Vec<&String>) = words.iter().partition(|word| tells(word));
            let first_letters = words.iter().filter_map(|word| word.chars().next()).map(String::from);
            let both = words.iter().take(2).filter_map(|word| word.chars().next()).collect();
            self.minor.extend(first_letters.chain([both]));
            self.minor.extend(minor.into_iter().filter(|word| !PARTICLES.contains(&word.as_str())).cloned());
            for word in telling.iter().filter(|word| !reserved.contains(**word)) {
                person.words.insert((*word).clone());
                self.known.entry((*word).clone()).or_insert(at);
            }
            for account in accounts(&words).into_iter().filter(|account| !reserved.contains(account)) {
                if !self.ordinary.contains(account.as_str()) {
                    self.known.entry(account).or_insert(at);
                }
            }
        }
        for address in &subject.addresses {
            let local = Plain::new(address.local()).text().to_lowercase();
            let local = local.split('+').next().unwrap_or_default().to_owned();
            let is_telling = local.chars().count() >= ACCOUNT_MIN
                && local.contains(|c: char| c.is_alphabetic())
                && (local.contains(|c: char| !c.is_alphabetic())
                    || person
                        .words
                        .iter()
                        .any(|word| !self.is_ordinary(word) && *word != local && local.contains(word.as_str())));
            if is_telling {
                self.accounts.entry(local).or_insert(at);
            }
        }
        self.people.push(person);
    }

    /// Whether it says nothing but one of the people's names: `marie.tremblay2`, `mtremblay`.
    pub(super) fn is_local_part(&self, local: &str) -> bool {
        let local = local.to_lowercase();
        let words = words_of(&local);
        let is_theirs = |word: &str| self.known.contains_key(word);
        let is_sure = |word: &str| is_theirs(word) && !self.is_ordinary(word);
        self.accounts.contains_key(local.as_str())
            || words.iter().all(|(_, word)| word.chars().count() < 3 || is_theirs(word))
                && (words.iter().any(|(_, word)| is_sure(word))
                    || words.iter().filter(|(_, word)| is_theirs(word)).count() > 1)
    }

    /// Where in a plain text somebody is named, in order, and who.
    pub(super) fn find(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut found = self.accounts_in(text);
        let words = self.words_in(text);
        let mut at = 0;
        while at < words.len() {
            match self.mention(text, &words, at) {
                Some((person, behind)) => {
                    found.push((words[at].0.start..words[behind - 1].0.end, person));
                    at = behind;
                }
                None => at += 1,
            }
        }
        found.sort_by_key(|(place, _)| (place.start, usize::MAX - place.end));
        found
    }

    /// User names as they stand in addresses, whole or behind a hyphen: `CLIENT\\mtrem42`, `PC-MTREM42`.
    fn accounts_in(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut found = Vec::new();
        if self.accounts.is_empty() {
            return found;
        }
        let lower = text.to_ascii_lowercase();
        let mut start = 0;
        for run in lower.split(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-')) {
            let whole = run.trim_matches(['.', '-', '_']);
            let from = start + (run.len() - run.trim_start_matches(['.', '-', '_']).len());
            match self.accounts.get(whole) {
                Some(person) => found.push((from..from + whole.len(), *person)),
                None => {
                    let mut at = start;
                    for part in run.split(['-', '_']) {
                        found.extend(self.accounts.get(part).map(|person| (at..at + part.len(), *person)));
                        at += part.len() + 1;
                    }
                }
            }
            start += run.len();
            start += lower[start..].chars().next().map_or(0, char::len_utf8);
        }
        found
    }

    /// Words; one that is nobody's name but holds one in capitals of its own (`PosteTremblay`) in its parts.
    fn words_in(&self, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        for word in words_of(text) {
            let parts = if self.known.contains_key(&word.1) { Vec::new() } else { camel_parts(text, &word.0) };
            if parts.iter().any(|(_, part)| self.known.contains_key(part) && !self.is_ordinary(part)) {
                words.extend(parts);
            } else {
                words.push(word);
            }
        }
        words
    }

    fn is_ordinary(&self, word: &str) -> bool {
        word.is_ascii() && word.len() <= 3 || self.ordinary.contains(word)
    }

    /// Whether a person is named from the word at `at` on: who, and the first word behind.
    fn mention(&self, text: &str, words: &[Word], at: usize) -> Option<(usize, usize)> {
        let first = at + self.initials_before(text, words, at)?;
        let is_theirs = |at: usize| self.known.contains_key(&words[at].1);
        let mut behind = first + 1;
        let mut next = behind;
        while next < words.len() && are_joined(text, &words[next - 1].0, &words[next].0) {
            if is_theirs(next)
                && text[words[next - 1].0.end..].starts_with(',')
                && !self.share(&words[first].1, &words[next].1)
            {
                break;
            }
            if is_theirs(next) || self.is_initial_behind(text, &words[next]) {
                behind = next + 1;
            } else if !PARTICLES.contains(&words[next].1.as_str()) {
                break;
            }
            next += 1;
        }
        let person = self.who(&words[at..behind])?;
        let is_sure =
            words[first..behind].iter().any(|(_, word)| self.known.contains_key(word) && !self.is_ordinary(word));
        let count = words[first..behind].iter().filter(|(_, word)| self.known.contains_key(word)).count();
        (is_sure || count > 1 || is_written_as_name(text, words, first, behind)).then_some((person, behind))
    }

    /// How many initials stand from here to a name, none where the name itself begins here.
    fn initials_before(&self, text: &str, words: &[Word], at: usize) -> Option<usize> {
        for count in 0..=INITIALS_MAX {
            let (place, word) = words.get(at + count)?;
            if self.known.contains_key(word) {
                return Some(count);
            }
            let between = words.get(at + count + 1).map_or("", |next| &text[place.end..next.0.start]);
            let is_written = begins_with_capital(text, place) || matches!(between, "." | "_" | "-");
            let is_initial = word.chars().count() <= 2 && self.minor.contains(word) && is_written;
            if !is_initial || !matches!(between, " " | "." | ". " | ".-" | ". -" | "-" | ", " | "_" | "'") {
                return None;
            }
        }
        None
    }

    /// Whether two words are of one person: a comma may also stand between two people.
    fn share(&self, word: &str, other: &str) -> bool {
        self.known.get(word) == self.known.get(other)
            || self.people.iter().any(|person| person.words.contains(word) && person.words.contains(other))
    }

    /// "Marie T." and "Xiaoming Wu", though neither T nor Wu says who it is.
    fn is_initial_behind(&self, text: &str, (place, word): &Word) -> bool {
        let next = text[place.end..].chars().next();
        let is_closed = word.chars().count() > 1 || next.is_none_or(|c| matches!(c, '.' | ',' | '\n' | ')'));
        word.chars().count() <= 2 && is_closed && self.minor.contains(word) && begins_with_capital(text, place)
    }

    /// Who has most of these words; ties go to the first in the list: the requester.
    fn who(&self, named: &[Word]) -> Option<usize> {
        let mut counts: HashMap<usize, usize> = HashMap::new();
        for (_, word) in named {
            let sharing = self.people.iter().enumerate().filter(|(_, person)| person.words.contains(word));
            let sharing: HashSet<usize> = sharing.map(|(at, _)| at).chain(self.known.get(word).copied()).collect();
            sharing.into_iter().for_each(|person| *counts.entry(person).or_default() += 1);
        }
        counts.into_iter().max_by_key(|(person, count)| (*count, usize::MAX - person)).map(|(person, _)| person)
    }
}

/// User names that are made of a name's words.
fn accounts(words: &[String]) -> Vec<String> {
    let mut made = vec![words.concat()];
    let lead = |word: &String| word.chars().next().map(String::from).unwrap_or_default();
    let cut = |word: &str, length: usize| word.chars().take(length).collect::<String>();
    for (at, word) in words.iter().enumerate().filter(|(_, word)| tells(word)) {
        let initials: String = words[..at].iter().map(lead).collect();
        made.extend([format!("{initials}{word}"), format!("{word}{initials}")]);
        if let Some(first) = words.first().filter(|_| at > 0) {
            let rest = words[1..].concat();
            made.extend([format!("{}{rest}", lead(first)), format!("{rest}{}", lead(first)), format!("{rest}{first}")]);
        }
        for other in words.iter().filter(|other| *other != word && !PARTICLES.contains(&other.as_str())) {
            let lead = lead(other);
            made.extend([
                format!("{lead}{word}"),
                format!("{word}{lead}"),
                format!("{word}{other}"),
                format!("{other}{word}"),
            ]);
            if word.chars().count() >= SHORT_ACCOUNT - 1 {
                let word = cut(word, SHORT_ACCOUNT - 1);
                made.extend([format!("{lead}{word}"), format!("{word}{lead}")]);
            }
            if word.chars().count() >= SHORT_ACCOUNT - 2 {
                made.push(format!("{}{}", cut(word, SHORT_ACCOUNT - 2), cut(other, 2)));
            }
        }
    }
    made.retain(|account| account.chars().count() >= ACCOUNT_MIN);
    made
}

fn folded_words(text: &str) -> Vec<String> {
    let plain = Plain::new(text);
    words_of(plain.text()).into_iter().map(|(_, word)| word).collect()
}

/// A word cut where a capital follows a small letter, and before the last of several capitals: `PC`, `Marie`, `Tremblay`.
fn camel_parts(text: &str, place: &Range<usize>) -> Vec<Word> {
    let letters: Vec<(usize, char)> = text[place.clone()].char_indices().collect();
    let mut starts = vec![place.start];
    for at in 1..letters.len() {
        let (before, this) = (letters[at - 1].1, letters[at].1);
        let ends_capitals = before.is_uppercase() && letters.get(at + 1).is_some_and(|next| next.1.is_lowercase());
        if this.is_uppercase() && (before.is_lowercase() || ends_capitals) {
            starts.push(place.start + letters[at].0);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([place.end]);
    starts.iter().zip(ends).map(|(start, end)| (*start..end, text[*start..end].to_lowercase())).collect()
}

/// Whether the word of a name is worth hiding alone: initials, particles and the "and" of a shared mailbox are
/// not.
fn tells(word: &str) -> bool {
    let letters = word.chars().count();
    (letters >= 3 || letters == 2 && !word.is_ascii()) && !PARTICLES.contains(&word) && word != "and"
}

/// Whether two words are of one name. A point with a blank ends a sentence, save behind an initial.
fn are_joined(text: &str, word: &Range<usize>, next: &Range<usize>) -> bool {
    let between = &text[word.end..next.start];
    let is_short = text[word.clone()].chars().nth(2).is_none();
    between.chars().count() <= 2
        && between.chars().all(|c| matches!(c, ' ' | ',' | '.' | '-' | '_' | '\''))
        && (is_short || between != ". ")
}

/// Where a word that means something else too is a name: a capital within a sentence, behind a title or greeting, or alone on its
/// line.
fn is_written_as_name(text: &str, words: &[Word], at: usize, behind: usize) -> bool {
    let place = &words[at].0;
    let is_shouted = text[place.clone()].chars().all(char::is_uppercase);
    strangers::has_title(text, words, at)
        || strangers::is_greeted(text, words, at, behind)
        || is_alone_on_line(text, place) && begins_with_capital(text, place)
        || begins_with_capital(text, place) && !is_shouted && !begins_sentence(text, place.start)
}

fn begins_sentence(text: &str, at: usize) -> bool {
    let before =
        text[..at].trim_end_matches([' ', '"', '\'', '(', '[', '«', '“', '*', '-', '>', '#', '_']).chars().next_back();
    before.is_none_or(|c| matches!(c, '.' | '!' | '?' | ':' | '\n' | ';'))
}
