//! The languages that guichet tells apart, ISO 639-1.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use whatlang::{Detector, Lang};

/// An ISO 639-1 code, lower case. French and English are recognised; any other may be configured for templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language([u8; 2]);

impl Language {
    /// French.
    pub const FRENCH: Language = Language(*b"fr");
    /// English.
    pub const ENGLISH: Language = Language(*b"en");

    /// The code, two lower-case letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

/// The language of a text, `None` when unsure. Only its first thousand letters are looked at.
pub(super) fn detect(text: &str) -> Option<Language> {
    let start: String = text
        .lines()
        .filter(|line| !line.starts_with('>'))
        .flat_map(|line| line.chars().chain([' ']))
        .take(1_000)
        .collect();
    let letters = start.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 12 {
        return None;
    }
    let info = Detector::new().detect(&start)?;
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
