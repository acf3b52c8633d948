//! What stands behind a command's word, taken off word by word.

use unicode_normalization::UnicodeNormalization;

use super::Wanted;
use crate::mail::fold::folded;

/// An argument that is missing or wrong.
pub(super) struct Wrong {
    pub(super) written: Option<String>,
    pub(super) wanted: Wanted,
}

/// The form in which words of commands are compared: neither accents, case nor width matter.
pub(super) fn key(word: &str) -> String {
    folded(&word.nfkc().filter(|c| !is_invisible(*c)).collect::<String>())
}

/// What nobody sees: soft hyphens, zero widths, byte order marks, directions (Unicode's default ignorables), controls.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}

/// What stands behind a command's word on its line; readers take arguments off its front, the rest is text.
#[derive(Clone, Copy)]
pub(super) struct Rest<'a>(pub(super) &'a str);

impl<'a> Rest<'a> {
    pub(super) fn peek(&self) -> Option<&'a str> {
        let rest = self.0.trim_start();
        let ends = |(at, c): (usize, char)| c.is_whitespace() || c == ':' && !is_within_hour(rest, at);
        let end = rest.char_indices().find(|here| ends(*here)).map_or(rest.len(), |(at, _)| at);
        (end > 0).then(|| &rest[..end])
    }

    pub(super) fn word(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.0 = &self.0.trim_start()[word.len()..];
        Some(word)
    }

    pub(super) fn word_if(&mut self, fits: impl Fn(&str) -> bool) -> Option<&'a str> {
        self.peek().filter(|word| fits(word))?;
        self.word()
    }

    pub(super) fn parsed<T: std::str::FromStr>(&mut self, wanted: impl Fn() -> Wanted) -> Result<T, Wrong> {
        let parsed = self.peek().and_then(|word| bare(word).parse().ok()).ok_or_else(|| self.wrong(wanted()))?;
        self.word();
        Ok(parsed)
    }

    /// Takes one of these names, the longest that stands here.
    pub(super) fn name<'n>(&mut self, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
        let here = names.filter_map(|name| Some((self.behind(name)?, name)));
        let (behind, name) = here.min_by_key(|(behind, _)| behind.0.len())?;
        *self = behind;
        Some(name)
    }

    /// What stands behind a name, if the rest starts with it.
    pub(super) fn behind(mut self, name: &str) -> Option<Rest<'a>> {
        let mut parts = name.split_whitespace().peekable();
        parts.peek()?;
        parts.all(|part| self.word().is_some_and(|word| key(bare(word)) == key(part))).then_some(self)
    }

    pub(super) fn line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.0).trim().trim_start_matches(':').trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    /// The argument that stands here is none of those wanted, or there is none.
    pub(super) fn wrong(&self, wanted: Wanted) -> Wrong {
        Wrong { written: self.peek().map(|word| bare(word).to_owned()).filter(|word| !word.is_empty()), wanted }
    }

    /// The same of what stands before a colon, where words make an argument together.
    pub(super) fn wrong_line(&self, wanted: Wanted) -> Wrong {
        let mut behind = *self;
        let words: Vec<&str> = std::iter::from_fn(|| behind.word()).take(5).map(bare).collect();
        Wrong { written: Some(words.join(" ")), wanted }
    }

    pub(super) fn text(&self) -> &'a str {
        self.0.trim_start().trim_start_matches(':').trim()
    }
}

/// `14:30`: the colon announces nothing.
fn is_within_hour(rest: &str, colon: usize) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (before, behind) = (&rest[..colon], &rest[colon + 1..]);
    (1..=2).contains(&before.len()) && digits(before) == before.len() && digits(behind) == 2
}

pub(super) fn missing(wanted: Wanted) -> Wrong {
    Wrong { written: None, wanted }
}

/// An argument without what people set around it.
pub(super) fn bare(word: &str) -> &str {
    let around = |c: char| is_invisible(c) || "<>[](),;\"'«»“”‘’*_".contains(c);
    let word = word.trim_matches(around);
    word.strip_suffix(['.', '!', '?']).unwrap_or(word)
}
