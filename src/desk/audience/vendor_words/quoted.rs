//! Our own letter in somebody else's mail: behind `>`, bars, tabs or blanks, wrapped anew, or with no mark at all.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::mail::fold::folded;
use crate::mail::token::Token;

/// So many words in a row are looked up.
const RUN: usize = 5;

/// So many words of ours in a row are ours wherever they stand; fewer only where they fill their lines.
const SURELY: usize = 8;

/// A letter of ours is known so far, in bytes.
const LETTER_MAX: usize = 200_000;

/// What our letters say.
pub(super) struct Quoted<'a> {
    runs: HashSet<u64>,
    lines: HashSet<u64>,
    addresses: &'a [&'a str],
}

/// A text without our words.
pub(super) struct Kept {
    pub(super) text: String,
    /// The text held words of ours.
    pub(super) held_ours: bool,
}

struct Word {
    hash: u64,
    line: usize,
    range: Range<usize>,
}

impl<'a> Quoted<'a> {
    pub(super) fn of(letters: &[&str], addresses: &'a [&'a str]) -> Quoted<'a> {
        let (mut runs, mut lines) = (HashSet::new(), HashSet::new());
        for letter in letters {
            let letter = &letter[..letter.floor_char_boundary(LETTER_MAX)];
            let words = words_of(letter);
            runs.extend(words.windows(RUN).map(hash_of));
            lines.extend(words.chunk_by(|a, b| a.line == b.line).map(hash_of));
        }
        Quoted { runs, lines, addresses }
    }

    /// The text without lines and runs of ours. A program that says a single short line of ours again says nothing by it; a
    /// person may.
    pub(super) fn without(&self, text: &str, automatic: bool) -> Kept {
        let words = words_of(text);
        let mut ours = self.runs_in(&words);
        let lines: Vec<&str> = text.split('\n').collect();
        let spans = spans_of(&words, lines.len());
        let mut whole: Vec<bool> = (spans.iter().zip(&lines))
            .map(|(span, line)| !span.is_empty() && ours[span.clone()].iter().all(|is| *is) || is_signed_by_us(line))
            .collect();
        self.grow(&words, &spans, &mut whole, automatic);
        for (span, whole) in spans.iter().zip(&whole) {
            ours[span.clone()].iter_mut().for_each(|is| *is |= whole);
        }
        let held_ours = whole.contains(&true) || ours.contains(&true);
        let mut kept = Vec::with_capacity(lines.len());
        let mut start = 0;
        for (at, line) in lines.iter().enumerate() {
            if !whole[at] {
                let taken = words[spans[at].clone()].iter().zip(&ours[spans[at].clone()]).filter(|(_, ours)| **ours);
                kept.push(
                    self.line_without(line, taken.map(|(word, _)| word.range.start - start..word.range.end - start)),
                );
            }
            start += line.len() + 1;
        }
        Kept { text: kept.join("\n"), held_ours }
    }

    /// Which words stand in runs that are ours.
    fn runs_in(&self, words: &[Word]) -> Vec<bool> {
        let mut covered = vec![false; words.len()];
        for (at, run) in words.windows(RUN).enumerate() {
            if self.runs.contains(&hash_of(run)) {
                covered[at..at + RUN].fill(true);
            }
        }
        let mut from = 0;
        while from < covered.len() {
            if !covered[from] {
                from += 1;
                continue;
            }
            let end = covered[from..].iter().position(|is| !is).map_or(covered.len(), |length| from + length);
            let begins_line = from == 0 || words[from - 1].line != words[from].line;
            let ends_line = end == covered.len() || words[end].line != words[end - 1].line;
            if end - from < SURELY && !(begins_line && ends_line) {
                covered[from..end].fill(false);
            }
            from = end;
        }
        covered
    }

    /// Short lines of ours beside lines of ours: "Hello," above the brief.
    fn grow(&self, words: &[Word], spans: &[Range<usize>], whole: &mut [bool], automatic: bool) {
        let is_line = |at: usize| !spans[at].is_empty() && self.lines.contains(&hash_of(&words[spans[at].clone()]));
        if automatic {
            (0..spans.len()).filter(|at| is_line(*at)).for_each(|at| whole[at] = true);
        }
        let mut grow = |order: &mut dyn Iterator<Item = usize>| {
            let mut beside = false;
            for at in order {
                if !spans[at].is_empty() {
                    whole[at] |= beside && is_line(at);
                    beside = whole[at];
                }
            }
        };
        grow(&mut (0..spans.len()));
        grow(&mut (0..spans.len()).rev());
    }

    fn line_without(&self, line: &str, taken: impl Iterator<Item = Range<usize>>) -> String {
        let mut kept = String::with_capacity(line.len());
        let mut from = 0;
        for range in taken {
            let between = &line[from..range.start];
            let is_within = from > 0 && !between.contains(char::is_alphanumeric);
            kept.push_str(if is_within { "" } else { between });
            from = range.end;
        }
        let behind = &line[from..];
        kept.push_str(if from > 0 { behind.trim_start_matches(['.', ',', ':', ';', '?', '!']) } else { behind });
        without_addresses(&kept, self.addresses)
    }
}

/// The text without addresses of ours and their sub-addresses (RFC 5233).
fn without_addresses(text: &str, addresses: &[&str]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices('@') {
        let in_local = |c: &char| c.is_ascii_alphanumeric() || "._+-=".contains(*c);
        let in_domain = |c: &char| c.is_ascii_alphanumeric() || ".-".contains(*c);
        let start = at - text[from..at].chars().rev().take(64).take_while(in_local).count();
        let end = at + 1 + text[at + 1..].chars().take(255).take_while(in_domain).count();
        let end = start + text[start..end].trim_end_matches(['.', '-']).len();
        let found = text[start..end].to_ascii_lowercase();
        let plain = match (found.split_once('+'), found.split_once('@')) {
            (Some((local, _)), Some((_, domain))) => format!("{local}@{domain}"),
            _ => found,
        };
        if addresses.iter().any(|address| address.eq_ignore_ascii_case(&plain)) {
            kept.push_str(&text[from..start]);
            from = end;
        }
    }
    kept.push_str(&text[from..]);
    kept
}

/// The foot of our letters bears their token.
fn is_signed_by_us(line: &str) -> bool {
    !Token::find_all(line).is_empty()
}

/// Where each line's words stand.
fn spans_of(words: &[Word], lines: usize) -> Vec<Range<usize>> {
    let mut spans = Vec::with_capacity(lines);
    let mut at = 0;
    for line in 0..lines {
        let start = at;
        while at < words.len() && words[at].line == line {
            at += 1;
        }
        spans.push(start..at);
    }
    spans
}

/// Words, folded, behind what marks a line as a quote.
fn words_of(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut offset = 0;
    for (line, raw) in text.split('\n').enumerate() {
        let bare = unmarked(raw);
        let shift = offset + raw.len() - bare.len();
        let mut start = None;
        for (at, c) in bare.char_indices().chain([(bare.len(), ' ')]) {
            match (start, c.is_alphanumeric()) {
                (None, true) => start = Some(at),
                (Some(from), false) => {
                    let mut hasher = DefaultHasher::new();
                    folded(&bare[from..at]).hash(&mut hasher);
                    words.push(Word { hash: hasher.finish(), line, range: shift + from..shift + at });
                    start = None;
                }
                _ => {}
            }
        }
        offset += raw.len() + 1;
    }
    words
}

/// A line without `>`, `|` and a quoted author's initials (`RC>`).
pub(super) fn unmarked(line: &str) -> &str {
    let mut rest = line.trim_start();
    loop {
        let behind_initials = rest.trim_start_matches(|c: char| c.is_ascii_uppercase());
        let next = match behind_initials.strip_prefix('>').filter(|_| rest.len() - behind_initials.len() <= 4) {
            Some(next) => next,
            None => match rest.strip_prefix(['|', '│']) {
                Some(next) => next,
                None => return rest,
            },
        };
        rest = next.trim_start();
    }
}

fn hash_of(words: &[Word]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.iter().for_each(|word| word.hash.hash(&mut hasher));
    hasher.finish()
}
