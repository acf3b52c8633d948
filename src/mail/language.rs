//! The languages that guichet tells apart, ISO 639-1.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use whatlang::{Detector, Lang};

use super::words;

/// An ISO 639-1 code, lower case. French and English are recognised; any other may be configured for templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language([u8; 2]);

impl Language {
    /// `fr`, which is recognised, and for which there are templates.
    pub const FRENCH: Language = Language(*b"fr");
    /// `en`, which is recognised, and for which there are templates.
    pub const ENGLISH: Language = Language(*b"en");

    /// The code, two lower-case letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

/// Bytes of a text that are looked at.
const LOOKED_AT: usize = 1_000;

/// Of these the letters are counted, which costs a hundred times what the small words cost.
const LETTERS_LOOKED_AT: usize = 300;

/// The language of a text, `None` when unsure. Only its start is looked at.
///
/// Mails are often a line or two, on which statistics of letters fail; small words tell sooner.
pub(super) fn detect(text: &str) -> Option<Language> {
    let text = without_tags(text);
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('>'));
    let mut start = String::with_capacity(LOOKED_AT + 200);
    for line in lines {
        let end = line.floor_char_boundary(LOOKED_AT - start.len().min(LOOKED_AT));
        start.push_str(&line[..end]);
        start.push(' ');
        if start.len() >= LOOKED_AT {
            break;
        }
    }
    match by_small_words(&start) {
        Verdict::Is(language) => Some(language),
        Verdict::FrenchAndEnglish => None,
        Verdict::Unknown => by_letters(&start),
    }
}

/// What the small words say.
enum Verdict {
    Is(Language),
    /// Both in plenty: people quote error messages and forward what others wrote.
    FrenchAndEnglish,
    Unknown,
}

/// Some programs send HTML and call it plain text; its tags are no words.
fn without_tags(text: &str) -> Cow<'_, str> {
    if !text.trim_start().starts_with('<') {
        return Cow::Borrowed(text);
    }
    let start: String = text.chars().take(20_000).collect();
    Cow::Owned(super::html::to_text(&start))
}

/// Words of everyday mails that one of the languages has and the others have not.
static SMALL_WORDS: LazyLock<SmallWords> = LazyLock::new(|| {
    let lists = words::by_language("language", "small_words");
    let mut of_word = HashMap::new();
    for (at, (_, lines)) in lists.iter().enumerate() {
        for word in lines.iter().flat_map(|line| line.split_whitespace()) {
            *of_word.entry(word).or_insert(0) |= 1 << at;
        }
    }
    SmallWords { languages: lists.into_iter().map(|(language, _)| language).collect(), of_word }
});

struct SmallWords {
    languages: Vec<&'static str>,
    /// Each word with the languages that have it, as bits in their order.
    of_word: HashMap<&'static str, u64>,
}

impl SmallWords {
    /// The languages that have a word.
    fn languages_of(&self, word: &str) -> u64 {
        let known = self.of_word.get(word).copied().unwrap_or(0);
        let behind_article = match word.as_bytes() {
            [b'l' | b'd' | b'j' | b'c' | b'n', behind @ ..] | [b'q', b'u', behind @ ..] => behind,
            _ => &[],
        };
        let is_french = behind_article.starts_with(b"'") || behind_article.starts_with("’".as_bytes());
        let french = || self.languages.iter().position(|language| *language == "fr").map_or(0, |at| 1 << at);
        if is_french { known | french() } else { known }
    }
}

fn by_small_words(text: &str) -> Verdict {
    let languages = &SMALL_WORDS.languages;
    let mut votes = vec![0usize; languages.len()];
    let is_part =
        |c: char| c.is_ascii_alphanumeric() || c == '\'' || !c.is_ascii() && (c.is_alphanumeric() || c == '’');
    let words = text.split(|c: char| !is_part(c)).filter(|word| !word.is_empty());
    let mut count = 0;
    let mut lower = String::new();
    for word in words.take(80) {
        count += 1;
        lower.clear();
        lower.push_str(word);
        if lower.is_ascii() {
            lower.make_ascii_lowercase();
        } else {
            lower = lower.to_lowercase();
        }
        let known = SMALL_WORDS.languages_of(&lower);
        if known != 0 {
            for (at, vote) in votes.iter_mut().enumerate() {
                *vote += usize::from(known >> at & 1 == 1);
            }
        }
    }
    let mut ranked: Vec<(usize, usize)> = votes.into_iter().enumerate().map(|(at, vote)| (vote, at)).collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    let [(most, best), (second, next), ..] = ranked[..] else { return Verdict::Unknown };
    let enough = most >= 2 || most == 1 && second == 0 && count <= 4;
    // At least one word in twelve is a small one in any of them.
    if enough && most * 12 >= count && most * 3 > second * 4 {
        return languages[best].parse().map_or(Verdict::Unknown, Verdict::Is);
    }
    let both = ["fr", "en"].iter().all(|code| [best, next].iter().any(|at| languages[*at] == *code));
    if both && second >= 4 { Verdict::FrenchAndEnglish } else { Verdict::Unknown }
}

fn by_letters(text: &str) -> Option<Language> {
    let text = &text[..text.floor_char_boundary(LETTERS_LOOKED_AT)];
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 12 {
        return None;
    }
    let info = Detector::new().detect(text)?;
    let sure = info.is_reliable() || info.confidence() > 0.5 && letters > 40;
    sure.then(|| code(info.lang())).flatten()
}

/// ISO 639-1 of whatlang's ISO 639-3.
fn code(language: Lang) -> Option<Language> {
    let code = match language {
        Lang::Fra => "fr",
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Nob => "nb",
        Lang::Fin => "fi",
        Lang::Pol => "pl",
        Lang::Ces => "cs",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Jpn => "ja",
        Lang::Cmn => "zh",
        Lang::Kor => "ko",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Tur => "tr",
        Lang::Ell => "el",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Vie => "vi",
        _ => return None,
    };
    code.parse().ok()
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_lowercase() && b.is_ascii_lowercase() => Ok(Language([*a, *b])),
            _ => Err(format!("{text:?} is not an ISO 639-1 code such as \"fr\" or \"en\"")),
        }
    }
}

impl TryFrom<String> for Language {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> String {
        language.code().to_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_are_enough() {
        for (text, language) in [
            ("Bonjour,\nl'imprimante du 3e est en panne.", "fr"),
            ("Hi, the printer is down again.", "en"),
            ("Merci !", "fr"),
            ("Voilà le fichier en pièce jointe.", "fr"),
            ("I want to know how I can print on both sides", "en"),
            ("Hola, no puedo entrar en la cuenta de la empresa", "es"),
            ("Ich kann nicht drucken, bitte helfen Sie mir.", "de"),
        ] {
            assert_eq!(detect(text).map(|found| found.code().to_owned()).as_deref(), Some(language), "{text}");
        }
    }

    #[test]
    fn what_is_no_language_is_none() {
        for text in ["", "12345", "OK", "INC0012345 srv-01 10.0.0.1"] {
            assert_eq!(detect(text), None, "{text}");
        }
    }
}
