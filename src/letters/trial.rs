//! Every template that an operator may have edited is rendered with sample letters before it is used, and
//! `guichet template preview` shows them. Those of the binary are rendered by the tests.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::compose::{ComposeError, Composed, compose};
use super::sample::{bare_facts, desk, keyring, letter};
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
        let (templates, mut faults) = Templates::read(overrides, &edited);
        if faults.is_empty() {
            faults = faults_of(&templates, &edited);
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
}

/// What the samples show to be wrong in these languages.
fn faults_of(templates: &Templates, languages: &BTreeSet<Language>) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    for language in languages.iter().copied() {
        for purpose in Purpose::ALL {
            let full = letter(purpose, language);
            let bare = Letter { facts: bare_facts(&full.facts), ..full.clone() };
            for letter in [full, bare] {
                if let Some(fault) = fault_of(templates, &letter) {
                    faults.push(fault);
                    break;
                }
            }
        }
    }
    faults
}

fn fault_of(templates: &Templates, letter: &Letter) -> Option<TemplateFault> {
    let file = |extension: &str| format!("{}/{}.{extension}.hbs", letter.language, letter.purpose.name());
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
                file: file("txt"),
                line: None,
                problem: error.to_string(),
                remedy: "Compare it with the file of the binary".to_owned(),
            });
        }
    };
    let token = composed.message_id.as_str().split('@').next().unwrap_or_default();
    if !composed.text.contains(token) {
        return Some(TemplateFault {
            file: file("txt"),
            line: None,
            problem: "The line by which answers find their ticket is missing".to_owned(),
            remedy: "End the file with {{> _bottom}}, or write {{token}} in a line of its own".to_owned(),
        });
    }
    None
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
        let (templates, faults) = Templates::read(&[], &languages);
        assert_eq!(faults, []);
        assert_eq!(faults_of(&templates, &languages), []);
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
