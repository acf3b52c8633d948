//! A text as a reader sees it, in letters and digits that rules can be written for.

use std::ops::Range;

use crate::mail::fold::unmarked;

/// The zeros of the scripts whose digits people write; nine more digits follow each.
const ZEROS: [u32; 22] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0xFF10,
];

/// The text without accents, invisible characters and compatibility forms, every digit in ASCII, every blank, hyphen, slash and
/// apostrophe the ordinary one. Case and line ends stay. It knows where each byte came from.
pub(crate) struct Plain {
    text: String,
    /// For each byte of the text and its end: where the character began that it came from.
    origins: Vec<usize>,
}

impl Plain {
    pub(crate) fn new(original: &str) -> Self {
        let mut plain = Plain { text: String::with_capacity(original.len()), origins: Vec::new() };
        for (at, c) in original.char_indices() {
            match c {
                _ if c.is_ascii() => plain.push(c, at),
                _ if is_invisible(c) => {}
                _ => unmarked(std::iter::once(c)).for_each(|part| plain.push(ordinary(part), at)),
            }
        }
        plain.origins.push(original.len());
        plain
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where a part of this text stands in the original, with the marks and invisible characters behind it.
    pub(crate) fn origin(&self, part: &Range<usize>) -> Range<usize> {
        self.origins[part.start]..self.origins[part.end].max(self.origins[part.start])
    }

    fn push(&mut self, c: char, origin: usize) {
        if c != '\r' {
            self.text.push(c);
            self.origins.resize(self.text.len(), origin);
        }
    }
}

/// What no reader sees: soft hyphens, joiners, marks of direction, selectors of variants.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

fn ordinary(c: char) -> char {
    match c {
        '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        _ if c.is_whitespace() => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{30fb}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        '\u{b7}' | '\u{2022}' | '\u{2027}' | '\u{3002}' | '\u{ff61}' => '.',
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => '/',
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{2032}' | '\u{b4}' => '\'',
        '\u{2192}' | '\u{21d2}' | '\u{279c}' => '=',
        _ => digit(c).unwrap_or(c),
    }
}

fn digit(c: char) -> Option<char> {
    let value = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

/// The original with these in the place of parts of its plain form, which come in order; what overlaps the one before is left out.
pub(super) fn replaced(original: &str, plain: &Plain, parts: impl Iterator<Item = (Range<usize>, String)>) -> String {
    let mut kept = String::with_capacity(original.len());
    let mut copied = 0;
    for (part, stand_in) in parts {
        let place = plain.origin(&part);
        if place.start >= copied && !place.is_empty() {
            kept.push_str(&original[copied..place.start]);
            kept.push_str(&stand_in);
            copied = place.end;
        }
    }
    kept.push_str(&original[copied..]);
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_read_as_it_looks() {
        for (original, expected) in [
            ("Ｃôté\u{ad} ", "Cote "),
            ("Co\u{302}te\u{301}", "Cote"),
            ("Trem\u{200b}blay", "Tremblay"),
            ("٤۴４४", "4444"),
            ("1\u{202f}2\u{a0}3\u{2011}4\u{2013}5\u{2215}6", "1 2 3-4-5/6"),
            ("a\r\nb", "a\nb"),
        ] {
            assert_eq!(Plain::new(original).text(), expected, "{original}");
        }
    }

    proptest! {
        #[test]
        fn every_part_has_its_origin(original in "(?s).{0,60}") {
            let plain = Plain::new(&original);
            for (at, c) in plain.text().char_indices() {
                let origin = plain.origin(&(at..at + c.len_utf8()));
                prop_assert!(original.get(origin).is_some());
            }
        }
    }
}
