//! Telephone numbers: what is written as one, and the known ones however they are written.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::plain::Plain;
use crate::mail::pattern::pattern;

/// Of a plain text. A number without separators counts behind a word for telephone.
static TELEPHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi)
        (?: \+ [0-9]{1,3} (?: [\ .()/-]{0,3} [0-9] ){7,12} (?-u:\b)                                    # international
        | (?: (?-u:\b) 1 [\ ./-]{0,3} )? (?: \( [0-9]{3} \) [\ ./-]{0,3} | (?:(?-u:\b)|_) [0-9]{3} [\ ._/-]{1,3} ) [0-9]{3} [\ ._/-]{0,3} [0-9]{4} (?:(?-u:\b)|_) # North America
        | (?-u:\b) 0 [1-9] (?: [\ ./-]{1,3} [0-9]{2} ){4} (?-u:\b)                                    # France
        | (?-u:\b) (?: tel | telephone | phone | cell | cellulaire | cellphone | mobile | portable | fax | telecopieur ) (?-u:\b) [\ .:\#-]{0,4} [0-9]{10,11} (?-u:\b) )
        (?: [\ ,;(/-]{0,3} (?: poste | post | ext | extension | x | p | \# ) [\ .:\#]{0,3} [0-9]{1,6} (?-u:\b) )?",
    )
});

static EXTENSION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?-u:\b)(?:poste|ext|extension|x|#)[ .:#]{0,3}(?P<digits>[0-9]{2,6})(?-u:\b)"));

/// Without the digits that choose a country or a trunk, the last nine tell a number.
const TELLING: usize = 9;
/// No number is longer (E.164).
const DIGITS_MAX: usize = 15;

/// The numbers of the people of a case.
#[derive(Clone, Debug, Default)]
pub(super) struct Telephones {
    /// The last digits of each.
    telling: HashSet<String>,
    /// What remains of ten digits without the area.
    local: HashSet<String>,
    extensions: HashSet<String>,
}

impl Telephones {
    pub(super) fn new<'a>(numbers: impl Iterator<Item = &'a String>) -> Self {
        let mut known = Telephones::default();
        for number in numbers {
            let plain = Plain::new(number);
            let mut parts = plain.text().splitn(2, |c: char| c.is_alphabetic() || c == '#');
            let mut digits =
                || parts.next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect::<String>();
            let (number, extension) = (digits(), digits());
            if number.len() >= TELLING {
                known.telling.insert(number[number.len() - TELLING..].to_owned());
            }
            if matches!(number.len(), 10 | 11) && !number.starts_with('0') {
                known.local.insert(number[number.len() - 7..].to_owned());
            }
            let is_extension = number.len() < 7 && extension.is_empty();
            known.extensions.insert(if is_extension { number } else { extension });
        }
        known.extensions.retain(|extension| extension.len() >= 2);
        known
    }

    /// Where numbers stand in a plain text, in order.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut places: Vec<_> = TELEPHONE.find_iter(text).map(|found| trimmed(text, found.range())).collect();
        if !self.extensions.is_empty() {
            let is_known = |digits: &str| self.extensions.contains(digits);
            places.extend(EXTENSION.captures_iter(text).filter_map(|found| {
                is_known(found.name("digits")?.as_str()).then(|| found.get(0).map(|found| found.range()))?
            }));
        }
        if !self.telling.is_empty() {
            places.extend(self.known(text));
        }
        places.sort_unstable_by_key(|place| (place.start, usize::MAX - place.end));
        places
    }

    /// The known ones, in any groups.
    fn known(&self, text: &str) -> Vec<Range<usize>> {
        let groups = groups(text);
        let mut found = Vec::new();
        for first in 0..groups.len() {
            let mut digits = String::new();
            for at in first..groups.len() {
                let joins = at == first || joins(&text[groups[at - 1].end..groups[at].start]);
                if !joins || digits.len() + groups[at].len() > DIGITS_MAX {
                    break;
                }
                digits.push_str(&text[groups[at].clone()]);
                let is_number = digits.len() >= TELLING && self.telling.contains(&digits[digits.len() - TELLING..]);
                if is_number || self.local.contains(&digits) {
                    found.push(groups[first].start..groups[at].end);
                }
            }
        }
        found
    }
}

fn groups(text: &str) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|offset| at + offset) {
        at = text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |length| start + length);
        groups.push(start..at);
    }
    groups
}

fn joins(between: &str) -> bool {
    between.len() <= 4 && between.chars().all(|c| matches!(c, ' ' | '.' | '-' | '/' | '_' | '(' | ')' | '\n' | '>'))
}

/// Without an underscore of the word around it.
fn trimmed(text: &str, place: Range<usize>) -> Range<usize> {
    let found = &text[place.clone()];
    let start = place.start + found.len() - found.trim_start_matches('_').len();
    start..start + text[start..place.end].trim_end_matches('_').len()
}
