//! Signatures: behind `-- ` (RFC 3676 §4.3), below a closing or the author's name, of mobile clients, and legal footers.
//!
//! What is cut names a person, a function, an address, a telephone, or is a client's own line: never a postscript, a list, a
//! question or a sentence.

use std::sync::LazyLock;

use super::super::words::{self, Beginnings, Set};
use super::super::work;
use super::Intent;
use super::lines::{Class, Line, Mark};

/// Lines of a signature: name, function, telephone, address.
const LINES_MAX: usize = 12;

/// Marks the signature in each run of own lines. `signed` are texts that a client showed as a signature in HTML, and
/// `author` is the name in From.
///
/// A mail that is nothing but a signature keeps it; an answer that is one says nothing.
pub(super) fn mark(lines: &mut [Line<'_>], signed: &[String], author: Option<&str>, intent: Intent) {
    let before: Vec<Class> = lines.iter().map(|line| line.class).collect();
    mark_marked(lines);
    signed.iter().for_each(|signature| mark_shown(lines, signature));
    mark_delimiters_above(lines);
    let author: Vec<String> =
        author.map(|author| words_of(author).map(str::to_lowercase).collect()).unwrap_or_default();
    mark_runs(lines, &author);
    if intent == Intent::Message
        && lines.iter().any(|line| line.class == Class::Signature)
        && !lines.iter().any(|line| line.is_own() && !line.is_blank())
    {
        for (line, class) in lines.iter_mut().zip(before) {
            line.class = class;
        }
    }
}

/// Marks what a client's element for the signature holds, unless somebody wrote into it, as on phones.
fn mark_marked(lines: &mut [Line<'_>]) {
    let is_marked = |line: &Line<'_>| line.is_own() && line.mark == Mark::Signature;
    for run in lines.chunk_by_mut(|one, next| is_marked(one) == is_marked(next)) {
        if is_marked(&run[0]) && names_somebody(&*run) {
            run.iter_mut().for_each(|line| line.class = Class::Signature);
        }
    }
}

/// Parts a signature that HTML showed from the words that a client glued it to.
pub(super) fn part_glued(lines: &mut Vec<Line<'_>>, signed: &[String]) {
    for signature in signed.iter().map(|signature| signature.trim()).filter(|signature| is_client_line(signature)) {
        let is_glued =
            |line: &Line<'_>| line.text.trim_end().len() > signature.len() && line.text.trim_end().ends_with(signature);
        if let Some(at) = lines.iter().position(is_glued) {
            let (words, glued) = lines[at].text.split_at(lines[at].text.trim_end().len() - signature.len());
            lines[at].text = words;
            lines.insert(at + 1, Line::plain(glued));
        }
    }
}

/// Marks the lines of a signature that HTML showed, where they stand one below the other.
fn mark_shown(lines: &mut [Line<'_>], signature: &str) {
    let shown: Vec<Line<'_>> = signature.lines().map(Line::plain).collect();
    if !names_somebody(&shown) {
        return;
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let wanted: Vec<String> = signature.lines().map(letters).filter(|line| !line.is_empty()).take(40).collect();
    let written: Vec<usize> =
        (0..lines.len()).filter(|&at| lines[at].is_own() && !letters(lines[at].text).is_empty()).collect();
    if wanted.is_empty() || written.len() < wanted.len() {
        return;
    }
    let is_shown = |from: &usize| {
        let here = written[*from..].iter().zip(&wanted);
        here.into_iter().all(|(&at, wanted)| letters(lines[at].text) == *wanted)
    };
    if let Some(from) = (0..=written.len() - wanted.len()).rev().find(is_shown) {
        for line in &mut lines[written[from]..=written[from + wanted.len() - 1]] {
            line.class = Class::Signature;
        }
    }
}

/// A delimiter above a signature that is known goes with it.
fn mark_delimiters_above(lines: &mut [Line<'_>]) {
    for at in 0..lines.len() {
        let is_last =
            || lines[at + 1..].iter().find(|line| !line.is_blank()).is_some_and(|line| line.class == Class::Signature);
        if lines[at].is_own() && delimiter(lines[at].text).is_some() && is_last() {
            lines[at].class = Class::Signature;
        }
    }
}

fn mark_runs(lines: &mut [Line<'_>], author: &[String]) {
    let is_written = |line: &Line<'_>| line.is_own() && !line.is_blank();
    let Some(mut start) = lines.iter().position(is_written) else { return };
    let mut is_first = true;
    while start < lines.len() {
        if !is_written(&lines[start]) {
            start += 1;
            continue;
        }
        let end = (start..lines.len()).find(|&at| !lines[at].is_own()).unwrap_or(lines.len());
        mark_run(&mut lines[start..end], author, is_first);
        (start, is_first) = (end, false);
    }
}

/// Marks the signature in a run of own lines, the first one of which is not blank; `is_first` where no other was written
/// above it.
fn mark_run(run: &mut [Line<'_>], author: &[String], is_first: bool) {
    let last_message = last_message(run);
    for at in 0..run.len() {
        let is_below_words = at > 0;
        let begins = is_delimiter(run, at, last_message, is_first && at == 0)
            || is_client_line(run[at].text) && names_somebody(&run[at + 1..])
            || is_named(run, at, author)
            || is_below_words
                && (is_legal(run[at].text) || is_closing(run, at) || is_name_behind_dash(run, at, last_message));
        if begins {
            run[at..].iter_mut().for_each(|line| line.class = Class::Signature);
            return;
        }
        if is_client_line(run[at].text) {
            run[at].class = Class::Signature;
        } else if let Some(end) = end_of_parted(run, at) {
            run[at..end].iter_mut().for_each(|line| line.class = Class::Signature);
        }
    }
}

/// The end of the paragraph below a delimiter, where it alone is the signature: somebody wrote on behind it.
fn end_of_parted(run: &[Line<'_>], at: usize) -> Option<usize> {
    let delimiter = delimiter(run[at].text)?;
    // Asked first: it looks at few lines, however long the paragraph is.
    if !names_somebody(run[at + 1..].iter().take_while(|line| !line.is_blank())) {
        return None;
    }
    let end = (at + 1..run.len()).find(|&next| run[next].is_blank())?;
    let signature = &run[at + 1..end];
    let is_sure = delimiter == Delimiter::Exact || signature.iter().any(|line| reaches_somebody(line.text));
    (!signature.is_empty() && is_sure).then_some(end)
}

/// `-Marie`, `/John` as the last line, an empty one above it.
fn is_name_behind_dash(run: &[Line<'_>], at: usize, last_message: Option<usize>) -> bool {
    let Some(name) = run[at].text.trim().strip_prefix(['-', '/', '—', '–', '~']) else { return false };
    let name = name.trim_start_matches('-').trim_start();
    let next = (at + 1..run.len()).find(|&next| !run[next].is_blank());
    let is_last = next.is_none_or(|next| is_delimiter(run, next, last_message, false));
    is_last
        && run[at - 1].is_blank()
        && (1..=3).contains(&name.split_whitespace().count())
        && name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '\''))
        && name.len() <= 40
}

/// The author's whole name on a line of its own, an empty one above it, and how to reach them below it and nothing else:
/// what Thunderbird and others put above a quote without a delimiter.
fn is_named(run: &[Line<'_>], at: usize, author: &[String]) -> bool {
    let line = run[at].text;
    author.len() >= 2
        && line.len() <= 80
        && words_of(line).map(str::to_lowercase).eq(author.iter().cloned())
        && (at == 0 || run[at - 1].is_blank())
        && names_somebody(&run[at + 1..])
        && run[at + 1..].iter().any(|line| reaches_somebody(line.text))
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Words with which people close a mail, lower case. What follows is a name, a function, an address.
static CLOSINGS: Set = Set::new(|| words::set("signature", "closings"));

/// A closing on a line of its own, with a few lines that name somebody behind it and nothing else.
fn is_closing(run: &[Line<'_>], at: usize) -> bool {
    let line = run[at].text.trim().trim_end_matches([',', '.', '!', ' ']);
    if line.len() > 40 || !CLOSINGS.contains(&*line.to_lowercase()) {
        return false;
    }
    run[at + 1..].iter().any(|line| !line.is_blank()) && names_somebody(&run[at + 1..])
}

/// What parts a signature from the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Delimiter {
    /// `-- `, which programs write (RFC 3676 §4.3).
    Exact,
    /// What people write instead.
    Alike,
}

fn delimiter(line: &str) -> Option<Delimiter> {
    if line == "-- " || line == "--\u{a0}" {
        return Some(Delimiter::Exact);
    }
    let dashes = line.trim_start();
    if !dashes.starts_with(['-', '—', '–', '_']) {
        return None;
    }
    let dashes = dashes.trim_end();
    let is_alike = matches!(dashes, "--" | "—" | "–" | "---" | "-- --")
        || (2..=80).contains(&dashes.len()) && dashes.bytes().all(|byte| byte == b'_');
    is_alike.then_some(Delimiter::Alike)
}

/// `last_message` is the last line of the run that somebody is to read.
fn is_delimiter(run: &[Line<'_>], at: usize, last_message: Option<usize>, is_alone: bool) -> bool {
    let below = &run[at + 1..];
    match delimiter(run[at].text) {
        None => false,
        Some(Delimiter::Exact) => last_message.is_none_or(|last| last <= at),
        // One that stands twice parts the fields of a form; alone, it says nothing unless somebody can be reached by it.
        Some(Delimiter::Alike) => {
            names_somebody(below)
                && (!is_alone || below.iter().any(|line| reaches_somebody(line.text)))
                && !below.iter().any(|line| line.text.trim() == run[at].text.trim())
        }
    }
}

/// The last line of a run that somebody is to read, where a delimiter asks for it; found once for all delimiters.
fn last_message(run: &[Line<'_>]) -> Option<usize> {
    run.iter().find(|line| delimiter(line.text) == Some(Delimiter::Exact))?;
    run.iter().rposition(|line| is_message(line.text))
}

/// Whether all lines name a person, a function, an address or a telephone, up to a legal footer. It looks at few.
fn names_somebody<'l>(lines: impl IntoIterator<Item = &'l Line<'l>>) -> bool {
    let written = lines.into_iter().map(|line| line.text.trim()).filter(|line| !line.is_empty());
    let mut names = 0;
    for (number, line) in written.take_while(|line| !is_legal(line)).enumerate() {
        work::count(1);
        let is_client_line = is_client_line(line);
        names += usize::from(!is_client_line);
        let is_like_one = is_client_line || delimiter(line).is_some() || is_name_like(line);
        if !is_like_one || names > LINES_MAX || number > 4 * LINES_MAX {
            return false;
        }
    }
    true
}

/// A postscript, a question, an entry of a list, a command: words that somebody is to read.
fn is_message(line: &str) -> bool {
    work::count(1);
    let line = line.trim();
    is_postscript(line) || line.ends_with(['?', '？']) || line.starts_with('#') || is_list_entry(line)
}

fn is_postscript(line: &str) -> bool {
    let letters: String =
        line.chars().take(8).filter(|c| c.is_alphanumeric() || matches!(c, ':' | ' ' | ',')).collect();
    let letters = letters.to_lowercase();
    ["ps", "nb", "pps", "p s", "n b", "post scriptum", "note"]
        .iter()
        .any(|mark| letters.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':', ','])))
}

fn is_list_entry(line: &str) -> bool {
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = number.len() < line.len()
        && line.len() - number.len() <= 2
        && number.starts_with([')', '.'])
        && number[1..].starts_with(' ');
    is_numbered || ["- ", "* ", "• ", "– ", "+ "].iter().any(|sign| line.starts_with(sign))
}

/// Digits of a telephone, an address of mail or the web.
fn reaches_somebody(line: &str) -> bool {
    work::count(1);
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    digits >= 7 || line.contains('@') || line.contains("www.") || line.contains("://")
}

/// Words that stand in sentences and in no name, function or address; lower case.
static SENTENCE_WORDS: Set = Set::new(|| words::set("signature", "words_of_sentences"));

/// Labels of what a signature holds; lower case.
static CONTACT_LABELS: Set = Set::new(|| words::set("signature", "labels"));

/// Whether a line can name a person, a function, an address or a telephone.
fn is_name_like(line: &str) -> bool {
    if is_message(line) || line.chars().count() > 120 {
        return false;
    }
    let words = line.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '-'));
    // Capitals alone: IT is a department, not the pronoun.
    let is_abbreviation = |word: &str| word.len() > 1 && word.chars().all(char::is_uppercase);
    let lower = |word: &str| if is_abbreviation(word) { String::new() } else { word.to_lowercase() };
    let words: Vec<String> = words.filter(|word| !word.is_empty()).map(lower).collect();
    let label = line.split_once(':').map(|(label, _)| label.trim().trim_end_matches('.').to_lowercase());
    if label.is_some_and(|label| !line.contains("://") && !CONTACT_LABELS.contains(label.as_str()))
        && !reaches_somebody(line)
    {
        return false;
    }
    let is_sentence = words.len() >= 3 && words.iter().any(|word| SENTENCE_WORDS.contains(word.as_str()))
        || words.len() >= 4 && line.ends_with(['.', '!', ';', '…']) && !reaches_somebody(line)
        || words.len() >= 4 && line.starts_with(char::is_lowercase) && !reaches_somebody(line);
    !is_sentence && (words.len() <= 9 || reaches_somebody(line) && words.len() <= 16)
}

/// Lines that mobile clients and apps add; lower case.
static CLIENT_LINES: LazyLock<Beginnings> = LazyLock::new(|| words::beginnings("signature", "client_lines"));
/// Beginnings that are theirs where the line is short.
static SHORT_CLIENT_LINES: LazyLock<Beginnings> =
    LazyLock::new(|| words::beginnings("signature", "short_client_lines"));

fn is_client_line(line: &str) -> bool {
    let bare = line.trim().trim_start_matches(['-', '—', '–', '*', '_', '(', '[', '<', ' ']);
    let without_brackets = bare.contains('[').then(|| bare.replace('[', ""));
    let bare = without_brackets.as_deref().unwrap_or(bare);
    if bare.len() > 100 || bare.is_empty() {
        return false;
    }
    let is_short = || bare.split_whitespace().count() <= 6 && !bare.ends_with(['.', '!', ':']);
    if begins_with_one_of(bare, &SHORT_CLIENT_LINES) && is_short() {
        return true;
    }
    if !begins_with_one_of(bare, &CLIENT_LINES) {
        return false;
    }
    let lower = bare.to_lowercase();
    (bare.split_whitespace().count() <= 10 || lower.contains("iphone") || lower.contains("android"))
        && !lower.ends_with('?')
}

/// Beginnings of the footers that companies' servers add; lower case.
static LEGAL: LazyLock<Beginnings> = LazyLock::new(|| words::beginnings("signature", "legal"));

/// Case aside, for ASCII letters: clients write the others as the lists have them.
fn begins_with_one_of(line: &str, starts: &Beginnings) -> bool {
    let begins = |start: &str| {
        line.as_bytes().get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
    };
    starts.of(line).any(begins)
}

fn is_legal(line: &str) -> bool {
    let bare = line.trim().trim_start_matches(['*', '_', ' ', '-']);
    if bare.len() < 11 {
        return false;
    }
    begins_with_one_of(bare, &LEGAL)
}
