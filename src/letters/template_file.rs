//! A file of a template: its name, and what may be wrong with it.

use crate::desk::Purpose;
use crate::mail::Language;

/// What is wrong with a template, for the one who edits it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFault {
    /// Path below the folder of templates: `fr/answer.txt.hbs`.
    pub file: String,
    /// From 1; `None` where it is about the whole file.
    pub line: Option<usize>,
    /// What is wrong: a sentence without its full stop.
    pub problem: String,
    /// What to do about it: a sentence without its full stop.
    pub remedy: String,
}

/// What a file of a template is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Part {
    Subject,
    Text,
    Html,
}

impl Part {
    pub(super) const ALL: [Part; 3] = [Part::Subject, Part::Text, Part::Html];

    pub(super) fn extension(self) -> &'static str {
        match self {
            Part::Subject => "subject",
            Part::Text => "txt",
            Part::Html => "html",
        }
    }
}

/// What a path below the folder of templates says: `fr/answer.txt.hbs`.
pub(super) struct FileName<'p> {
    pub(super) language: Language,
    pub(super) name: &'p str,
    pub(super) part: Part,
}

impl<'p> FileName<'p> {
    pub(super) fn parse(path: &'p str) -> Option<Self> {
        let (language, file) = path.split_once('/')?;
        let (name, extension) = file.strip_suffix(".hbs")?.split_once('.')?;
        let part = Part::ALL.into_iter().find(|part| part.extension() == extension)?;
        let is_part =
            name.len() > 1 && name.starts_with('_') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let is_letter = Purpose::ALL.iter().any(|purpose| purpose.name() == name);
        (is_part || is_letter).then_some(FileName { language: language.parse().ok()?, name, part })
    }
}
