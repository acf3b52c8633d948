//! A text as its meaning-bearing words, French or English.
//!
//! Accents, case and typography do not matter; error codes (`0x80070005`, `ORA-12154`) stay whole; greetings, thanks and
//! grammatical words carry nothing.

use super::hash;
use super::stems::Stems;
use super::word_lists::{Weight, weight_of};
use crate::mail::Language;
use crate::mail::fold::unmarked;

/// One meaning-bearing word.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    /// Lower case, without accents, as it was written otherwise.
    pub(super) folded: String,
    /// Hash of what its inflected forms have in common; of the word itself for a code.
    pub(super) stem: u64,
    pub(super) kind: WordKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordKind {
    /// Says what the text is about.
    Plain,
    /// Says little by itself: `problème`, `work`, `when`.
    Common,
    /// Says next to nothing: `le`, `of`.
    Grammar,
    /// Holds letters and digits, and is never inflected or mistyped for another one.
    Code,
    /// Digits alone: `404`.
    Number,
}

/// The language that most grammatical words belong to, if one does.
pub(super) fn language_of(text: &str) -> Option<Language> {
    const ENOUGH_BYTES: usize = 400;
    let text = &text[..text.floor_char_boundary(ENOUGH_BYTES)];
    let (mut french, mut english) = (0, 0);
    for_each_token(text, |token| {
        if let Some(weight) = weight_of(token, hash::of_word(token)) {
            match weight {
                Weight::French => french += 1,
                Weight::English => english += 1,
                Weight::Courtesy | Weight::Common => {}
            }
        }
    });
    match french.cmp(&english) {
        std::cmp::Ordering::Greater => Some(Language::FRENCH),
        std::cmp::Ordering::Less => Some(Language::ENGLISH),
        std::cmp::Ordering::Equal => None,
    }
}

/// The words of a text, in order, at most `limit`.
pub(super) fn words(text: &str, language: Option<Language>, limit: usize) -> Vec<Word> {
    let mut stems = Stems::of(language);
    let mut words = Vec::new();
    let mut run = String::new();
    for part in parts(text) {
        if words.len() >= limit {
            break;
        }
        for_each_token_of(part, &mut run, |token| {
            if words.len() < limit {
                words.extend(word(token, &mut stems));
            }
        });
    }
    words
}

fn word(token: &str, stems: &mut Stems) -> Option<Word> {
    let hash = hash::of_word(token);
    let kind = kind(token, hash)?;
    let stem = match kind {
        WordKind::Plain | WordKind::Common => stems.stem(token, hash),
        WordKind::Grammar | WordKind::Code | WordKind::Number => hash,
    };
    Some(Word { folded: token.to_owned(), stem, kind })
}

fn kind(token: &str, hash: u64) -> Option<WordKind> {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    if digits == token.len() {
        return (digits >= 3).then_some(WordKind::Number);
    }
    if digits > 0 {
        return (token.len() >= 3).then_some(WordKind::Code);
    }
    match weight_of(token, hash) {
        Some(Weight::Courtesy) => None,
        Some(Weight::French | Weight::English) => Some(WordKind::Grammar),
        Some(Weight::Common) => Some(WordKind::Common),
        None => (token.chars().nth(1).is_some()).then_some(WordKind::Plain),
    }
}

/// Calls `take` with each token: folded, elisions (`l'`, `qu'`) cut off, `wi-fi` and `e-mail` in one, codes whole.
fn for_each_token(text: &str, mut take: impl FnMut(&str)) {
    let mut run = String::new();
    for part in parts(text) {
        for_each_token_of(part, &mut run, &mut take);
    }
}

/// What stands between blanks and marks.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_inner(c)).filter(|part| !part.is_empty())
}

/// The same of one part; `run` holds it while it is folded.
fn for_each_token_of(part: &str, run: &mut String, mut take: impl FnMut(&str)) {
    run.clear();
    if part.is_ascii() {
        run.push_str(part);
        run.make_ascii_lowercase();
    } else {
        fold(part, run);
    }
    split_run(run.trim_matches(|c: char| !c.is_alphanumeric()), &mut take);
}

/// What may stand within a token.
fn is_inner(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’' | '-' | '.' | '_' | '\u{300}'..='\u{36f}')
}

/// Lower case, ligatures opened, accents dropped.
fn fold(text: &str, folded: &mut String) {
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => folded.push(c),
            'A'..='Z' => folded.push(c.to_ascii_lowercase()),
            'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' => folded.push('e'),
            'à' | 'â' | 'À' | 'Â' => folded.push('a'),
            'ç' | 'Ç' => folded.push('c'),
            'œ' | 'Œ' => folded.push_str("oe"),
            '’' => folded.push('\''),
            _ if c.is_ascii() => folded.push(c),
            _ => folded.extend(unmarked(std::iter::once(c)).flat_map(char::to_lowercase)),
        }
    }
}

fn split_run(run: &str, take: &mut impl FnMut(&str)) {
    if run.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return take(run);
    }
    if run.bytes().any(|byte| byte.is_ascii_digit()) && !run.contains('\'') {
        return take_code(run, take);
    }
    for part in run.split(['.', '_']) {
        match part.split_once('-') {
            Some((first, rest)) if first.len() <= 2 && rest.len() <= 6 && !rest.contains(['-', '\'']) => {
                take(&format!("{first}{rest}"));
            }
            Some(_) => part.split('-').for_each(|word| elide(word, take)),
            None => elide(part, take),
        }
    }
}

/// The code without its punctuation, and its number alone too, which people quote without what stands before it.
fn take_code(run: &str, take: &mut impl FnMut(&str)) {
    let is_date = run.bytes().all(|byte| !byte.is_ascii_alphabetic());
    if is_date {
        return;
    }
    let code: String = run.chars().filter(|c| c.is_alphanumeric()).collect();
    take(&code);
    let number = run.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    if number.len() >= 4 && number.len() < code.len() {
        take(number);
    }
}

fn elide(word: &str, take: &mut impl FnMut(&str)) {
    match word.split_once('\'') {
        None => {
            if !word.is_empty() {
                take(word);
            }
        }
        Some((article, rest)) if article.len() <= 2 && rest.len() > 1 || article.ends_with("qu") => elide(rest, take),
        Some((start, rest)) => {
            if rest == "s" {
                take(start);
            } else {
                take(&format!("{start}{}", rest.replace('\'', "")));
            }
        }
    }
}
