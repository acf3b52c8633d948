//! Templates: Handlebars files, one folder a language, three files a letter.
//!
//! `fr/answer.subject.hbs`, `fr/answer.txt.hbs`, `fr/answer.html.hbs`; a file whose name begins with `_` is a part that
//! others include (`{{> _bottom}}`). The ones in the binary may be replaced file by file, and a language is added by a
//! folder. All are read, checked and rendered with sample letters before the first one is used.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use handlebars::{Context, Handlebars, RenderError, Template, no_escape};
use rust_embed::RustEmbed;
use serde_json::Value;

use super::template_file::{FileName, Part, TemplateFault};
use super::{body, check, helpers, html};
use crate::desk::{Purpose, nearest};
use crate::mail::Language;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Embedded;

/// The templates of all languages, checked.
pub struct Templates {
    sources: BTreeMap<String, String>,
    folders: BTreeMap<Language, Folder>,
}

/// All that is wrong with the templates.
#[derive(Debug, thiserror::Error)]
pub struct TemplateFaults(pub Vec<TemplateFault>);

/// A template failed on a letter's facts.
#[derive(Debug, thiserror::Error)]
#[error("Cannot render {template}, line {line}: {problem}")]
pub struct Unrenderable {
    /// Path below the folder of templates: `fr/answer.txt.hbs`.
    pub template: String,
    /// From 1; 0 where it is not known.
    pub line: usize,
    /// What Handlebars says.
    pub problem: String,
}

/// A letter's words.
pub(super) struct Rendered {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// A language's templates, with the parts that they include inside them.
struct Folder {
    subject: Handlebars<'static>,
    text: Handlebars<'static>,
    html: Handlebars<'static>,
}

impl Templates {
    /// The templates of the binary with these put in their place or added, and what is wrong with them; not tried yet.
    pub(super) fn read(overrides: &[(String, String)]) -> (Templates, Vec<TemplateFault>) {
        let mut sources: BTreeMap<String, String> = Embedded::iter()
            .filter_map(|path| {
                let text = String::from_utf8_lossy(&Embedded::get(&path)?.data).into_owned();
                Some((path.into_owned(), text))
            })
            .collect();
        let mut faults = misnamed(overrides, &sources);
        for (path, text) in overrides.iter().filter(|(path, _)| FileName::parse(path).is_some()) {
            // Some editors put a byte order mark before the text.
            sources.insert(path.clone(), text.trim_start_matches('\u{feff}').to_owned());
        }
        let folders = folders(&sources, &mut faults);
        (Templates { sources, folders }, faults)
    }

    /// The paths of all files, by language and name.
    pub fn list(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// The text of a file of [`Templates::list`].
    pub fn source(&self, path: &str) -> Option<&str> {
        self.sources.get(path).map(String::as_str)
    }

    /// The languages that there is a folder for.
    pub fn languages(&self) -> impl Iterator<Item = Language> {
        self.folders.keys().copied()
    }

    /// Whether there is a folder for the language.
    pub fn speaks(&self, language: Language) -> bool {
        self.folders.contains_key(&language)
    }

    /// Renders a letter's template. `finish` makes the finished subject line of the rendered one.
    pub(super) fn render(
        &self,
        purpose: Purpose,
        language: Language,
        scope: Value,
        finish: impl FnOnce(&str) -> String,
    ) -> Result<Rendered, Unrenderable> {
        let name = purpose.name();
        let folder = self.folders.get(&language).ok_or_else(|| Unrenderable {
            template: format!("{language}/{name}"),
            line: 0,
            problem: "there is no folder for this language".to_owned(),
        })?;
        let failed = |part: Part| move |error: RenderError| Unrenderable::of(&error, language, name, part);
        let mut context = Context::from(scope);
        let subject = finish(&folder.subject.render_with_context(name, &context).map_err(failed(Part::Subject))?);
        context.data_mut()["letter_subject"] = Value::from(subject.as_str());
        let text = folder.text.render_with_context(name, &context).map_err(failed(Part::Text))?;
        let html = folder.html.render_with_context(name, &context).map_err(failed(Part::Html))?;
        Ok(Rendered { subject, text: body::tidy(&text), html: body::tidy(&html) })
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Templates({} files)", self.sources.len())
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}. {}.", self.problem, self.remedy)
    }
}

impl fmt::Display for TemplateFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl Unrenderable {
    fn of(error: &RenderError, language: Language, name: &str, part: Part) -> Self {
        Unrenderable {
            template: error
                .template_name
                .clone()
                .filter(|template| template.contains('/'))
                .unwrap_or_else(|| format!("{language}/{name}.{}.hbs", part.extension())),
            line: error.line_no.unwrap_or(0),
            problem: error.reason().to_string(),
        }
    }
}

/// An edited file that would never be read is a fault: its author waits for an effect.
fn misnamed(overrides: &[(String, String)], embedded: &BTreeMap<String, String>) -> Vec<TemplateFault> {
    let wrong = overrides.iter().filter(|(path, _)| FileName::parse(path).is_none());
    wrong
        .map(|(path, _)| TemplateFault {
            file: path.clone(),
            line: None,
            problem: "This is not the name of a template".to_owned(),
            remedy: match nearest(path, embedded.keys().map(|known| (known.clone(), known))) {
                Some(near) => {
                    format!("Did you mean {near}? Otherwise move the file elsewhere, or begin its name with _")
                }
                None => "Names are like fr/answer.txt.hbs: `guichet template list` prints them all".to_owned(),
            },
        })
        .collect()
}

fn folders(sources: &BTreeMap<String, String>, faults: &mut Vec<TemplateFault>) -> BTreeMap<Language, Folder> {
    let mut by_language: BTreeMap<Language, HashMap<(Part, &str), Template>> = BTreeMap::new();
    for (path, source) in sources {
        let Some(file) = FileName::parse(path) else { continue };
        let compiled = by_language.entry(file.language).or_default();
        match check::compile(path, source, file.part) {
            Ok(template) => drop(compiled.insert((file.part, file.name), template)),
            Err(found) => {
                // The file is there; what it lacks is said once.
                compiled.insert((file.part, file.name), Template::new());
                faults.extend(found);
            }
        }
    }
    by_language.into_iter().map(|(language, compiled)| (language, folder(language, &compiled, faults))).collect()
}

fn folder(language: Language, compiled: &HashMap<(Part, &str), Template>, faults: &mut Vec<TemplateFault>) -> Folder {
    let registry = |part: Part, faults: &mut Vec<TemplateFault>| {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        match part {
            Part::Subject => registry.register_escape_fn(no_escape),
            Part::Text => {
                registry.register_escape_fn(no_escape);
                helpers::register_for_text(&mut registry);
            }
            Part::Html => {
                registry.register_escape_fn(html::escaped);
                helpers::register_for_html(&mut registry);
            }
        }
        for purpose in Purpose::ALL {
            let path = format!("{language}/{}.{}.hbs", purpose.name(), part.extension());
            match compiled.get(&(part, purpose.name())) {
                Some(template) => match check::with_includes(&path, template, part, compiled) {
                    Ok(whole) => registry.register_template(purpose.name(), whole),
                    Err(fault) => faults.push(fault),
                },
                None => faults.push(TemplateFault {
                    file: path,
                    line: None,
                    problem: format!("The folder {language} lacks this file"),
                    remedy: "A language needs all files of the folder en: copy what is missing and translate it"
                        .to_owned(),
                }),
            }
        }
        registry
    };
    Folder {
        subject: registry(Part::Subject, faults),
        text: registry(Part::Text, faults),
        html: registry(Part::Html, faults),
    }
}
