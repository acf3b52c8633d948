//! Every template that an operator may have edited is rendered with sample letters before it is used, and
//! `guichet template preview` shows them. Those of the binary are rendered by the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::accessible::{Barrier, barriers};
use super::compose::{ComposeError, Composed, compose, render};
use super::sample::{bare_facts, desk, keyring, letter, letters};
use super::template_file::TemplateFault;
use super::templates::{TemplateFaults, Templates};
use crate::desk::{Letter, Purpose};
use crate::mail::Language;

impl Templates {
    /// The templates of the binary with these put in their place or added: path (`fr/answer.txt.hbs`) and text.
    ///
    /// # Errors
    /// All faults of all files at once.
    pub fn new(overrides: &[(String, String)]) -> Result<Templates, TemplateFaults> {
        let edited = Templates::edited(overrides);
        let (templates, mut faults) = Templates::read(overrides, edited);
        if faults.is_empty() {
            faults = faults_of(&templates);
        }
        if faults.is_empty() { Ok(templates) } else { Err(TemplateFaults(faults)) }
    }

    /// A letter of this purpose with sample facts.
    ///
    /// # Errors
    /// Where there is no folder for the language.
    pub fn preview(&self, purpose: Purpose, language: Language) -> Result<Composed, ComposeError> {
        composed(self, &letter(purpose, language))
    }

    /// What keeps people from reading letters of the languages that an operator edited, each with the files of the letters
    /// that it stands in.
    pub fn barriers(&self) -> BTreeMap<Barrier, BTreeSet<String>> {
        let mut found: BTreeMap<Barrier, BTreeSet<String>> = BTreeMap::new();
        for letter in samples(self).flatten() {
            let desk = desk(letter.language);
            let Ok(rendered) = render(&letter, &desk, &keyring(), self) else { continue };
            for barrier in barriers(&rendered.html, letter.language) {
                found.entry(barrier).or_default().insert(file(&letter, "html"));
            }
        }
        found
    }
}

/// What the samples show to be wrong in the languages that an operator edited.
fn faults_of(templates: &Templates) -> Vec<TemplateFault> {
    samples(templates).filter_map(|letters| letters.iter().find_map(|letter| fault_of(templates, letter))).collect()
}

/// Of each letter in each language that an operator edited: as the desk writes it, and where hardly anything is known.
fn samples(templates: &Templates) -> impl Iterator<Item = Vec<Letter>> {
    let edited = templates.edited_languages().iter().copied();
    let kinds = edited.flat_map(|language| Purpose::ALL.map(|purpose| (purpose, language)));
    kinds.map(|(purpose, language)| {
        let mut samples = letters(purpose, language);
        samples.extend(samples.first().map(|first| Letter { facts: bare_facts(&first.facts), ..first.clone() }));
        samples
    })
}

fn fault_of(templates: &Templates, letter: &Letter) -> Option<TemplateFault> {
    let composed = match composed(templates, letter) {
        Ok(composed) => composed,
        Err(ComposeError::Unrenderable(error)) => {
            return Some(TemplateFault {
                file: error.template,
                line: Some(error.line).filter(|line| *line > 0),
                problem: format!("It cannot be rendered: {}", error.problem),
                remedy: "Compare it with the file of the binary: `guichet template show`".to_owned(),
            });
        }
        Err(error) => {
            return Some(TemplateFault {
                file: file(letter, "txt"),
                line: None,
                problem: error.to_string(),
                remedy: "Compare it with the file of the binary".to_owned(),
            });
        }
    };
    let token = composed.message_id.as_str().split('@').next().unwrap_or_default();
    if !composed.text.contains(token) {
        return Some(TemplateFault {
            file: file(letter, "txt"),
            line: None,
            problem: "The line by which answers find their ticket is missing".to_owned(),
            remedy: "End the file with {{> _bottom}}, or write {{token}} in a line of its own".to_owned(),
        });
    }
    None
}

fn file(letter: &Letter, extension: &str) -> String {
    format!("{}/{}.{extension}.hbs", letter.language, letter.purpose.name())
}

fn composed(templates: &Templates, letter: &Letter) -> Result<Composed, ComposeError> {
    compose(
        letter,
        &desk(letter.language),
        &keyring(),
        templates,
        Timestamp::UNIX_EPOCH + Duration::from_secs(1_795_359_600),
        "sample",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_of_the_binary_are_whole_and_render() {
        let languages: BTreeSet<Language> = Templates::new(&[]).unwrap().languages().collect();
        assert_eq!(languages.len(), 2);
        let (templates, faults) = Templates::read(&[], languages);
        assert_eq!(faults, []);
        assert_eq!(faults_of(&templates), []);
    }

    #[test]
    fn everybody_can_read_the_letters_of_the_binary() {
        let languages = Templates::new(&[]).unwrap().languages().collect();
        let (templates, _) = Templates::read(&[], languages);
        assert_eq!(templates.barriers(), BTreeMap::new());
    }

    #[test]
    fn a_file_as_the_binary_has_it_is_not_tried_again() {
        let built_in = Templates::new(&[]).unwrap();
        let file = |text: &str| [("fr/answer.txt.hbs".to_owned(), text.to_owned())];
        let source = built_in.source("fr/answer.txt.hbs").unwrap();
        assert!(Templates::edited(&file(source)).is_empty());
        assert!(Templates::edited(&file(&format!("\u{feff}{source}"))).is_empty());
        assert_eq!(Templates::edited(&file(&format!("{source}\n"))), [Language::FRENCH].into());
    }
}
