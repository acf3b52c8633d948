//! Templates: Handlebars files, one folder a language, three files a letter.
//!
//! `fr/answer.subject.hbs`, `fr/answer.txt.hbs`, `fr/answer.html.hbs`; a file whose name begins with `_` is a part that
//! others include (`{{> _bottom}}`). The ones in the binary may be replaced file by file, and a language is added by a
//! folder. Those of a folder that holds a file of an operator's are checked and rendered with sample letters before the first
//! one is used; tests do that with the others, which are compiled when a letter first needs them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use handlebars::{Context, Handlebars, RenderError, Template, no_escape};
use rust_embed::RustEmbed;
use serde_json::Value;

use super::template_file::{FileName, Part, TemplateFault};
use super::{body, check, helpers, html, rendering};
use crate::desk::{Purpose, nearest};
use crate::mail::Language;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Embedded;

/// The templates of all languages, checked.
pub struct Templates {
    sources: BTreeMap<String, String>,
    folders: BTreeMap<Language, Folder>,
    /// Languages of which a file may be an operator's.
    edited: BTreeSet<Language>,
    /// Parts that letters include, by path, compiled when the first does.
    included: Mutex<HashMap<String, Template>>,
    helpers: Helpers,
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
type Folder = HashMap<(Purpose, Part), OnceLock<Template>>;

/// What each part of a letter is rendered with.
struct Helpers {
    subject: Handlebars<'static>,
    text: Handlebars<'static>,
    html: Handlebars<'static>,
}

impl Templates {
    /// The templates of the binary with these put in their place or added, and what is wrong with the folders of these
    /// languages; not tried yet.
    pub(super) fn read(overrides: &[(String, String)], checked: BTreeSet<Language>) -> (Templates, Vec<TemplateFault>) {
        let mut sources: BTreeMap<String, String> = Embedded::iter()
            .filter_map(|path| {
                let text = String::from_utf8_lossy(&Embedded::get(&path)?.data).into_owned();
                Some((path.into_owned(), text))
            })
            .collect();
        let mut faults = misnamed(overrides, &sources);
        for (path, text) in overrides.iter().filter(|(path, _)| FileName::parse(path).is_some()) {
            sources.insert(path.clone(), without_mark(text).to_owned());
        }
        let languages: BTreeSet<Language> =
            sources.keys().filter_map(|path| Some(FileName::parse(path)?.language)).collect();
        let folder = |language: Language| match checked.contains(&language) {
            true => checked_folder(language, &sources, &mut faults),
            false => unread_folder(),
        };
        let folders = languages.iter().copied().zip(languages.iter().copied().map(folder)).collect();
        (Templates { sources, folders, edited: checked, included: Mutex::default(), helpers: Helpers::new() }, faults)
    }

    /// The languages in whose folders one of these files makes a difference.
    pub(super) fn edited(overrides: &[(String, String)]) -> BTreeSet<Language> {
        let is_built_in = |(path, text): &&(String, String)| {
            Embedded::get(path).is_some_and(|file| *file.data == *without_mark(text).as_bytes())
        };
        let edited = overrides.iter().filter(|file| !is_built_in(file));
        edited.filter_map(|(path, _)| Some(FileName::parse(path)?.language)).collect()
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

    /// The languages whose folders were looked at because a file in them is an operator's.
    pub(super) fn edited_languages(&self) -> &BTreeSet<Language> {
        &self.edited
    }

    /// Renders a letter's template. `finish` makes the finished subject line of the rendered one.
    pub(super) fn render(
        &self,
        purpose: Purpose,
        language: Language,
        scope: Value,
        finish: impl FnOnce(&str) -> String,
    ) -> Result<Rendered, Unrenderable> {
        let failed = |part: Part| move |error: RenderError| Unrenderable::of(&error, language, purpose.name(), part);
        let mut context = Context::from(scope);
        let render = |part: Part, context: &Context| {
            let template = self.template(purpose, language, part)?;
            rendering::render(template, part, self.helpers.of(part), context).map_err(failed(part))
        };
        let subject = finish(&render(Part::Subject, &context)?);
        context.data_mut()["letter_subject"] = Value::from(subject.as_str());
        let [text, html] = [render(Part::Text, &context)?, render(Part::Html, &context)?];
        Ok(Rendered { subject, text: body::tidy(&text), html: body::tidy(&html) })
    }

    /// The template, compiled now where it is the first time.
    fn template(&self, purpose: Purpose, language: Language, part: Part) -> Result<&Template, Unrenderable> {
        let kept = self.folders.get(&language).and_then(|folder| folder.get(&(purpose, part)));
        let kept = kept.ok_or_else(|| Unrenderable {
            template: format!("{language}/{}", purpose.name()),
            line: 0,
            problem: "there is no folder for this language".to_owned(),
        })?;
        if let Some(template) = kept.get() {
            return Ok(template);
        }
        let parsed = |path: &str| Some(check::unchecked(path, self.sources.get(path)?));
        let included = |name: &str| {
            let path = path(language, name, part);
            let mut known = self.included.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(template) = known.get(&path) {
                return Some(template.clone());
            }
            let template = parsed(&path)?.ok()?;
            known.insert(path, template.clone());
            Some(template)
        };
        let path = path(language, purpose.name(), part);
        let template = parsed(&path).unwrap_or_else(|| Err(lacking(language, path.clone())))?;
        let template = check::with_includes(&path, template, part, &included)?;
        Ok(kept.get_or_init(|| template))
    }
}

impl Helpers {
    fn new() -> Self {
        let [subject, mut text, mut html] = [(); 3].map(|()| {
            let mut registry = Handlebars::new();
            registry.set_strict_mode(true);
            registry.register_escape_fn(no_escape);
            registry
        });
        helpers::register_for_text(&mut text);
        html.register_escape_fn(html::escaped);
        helpers::register_for_html(&mut html);
        Helpers { subject, text, html }
    }

    fn of(&self, part: Part) -> &Handlebars<'static> {
        match part {
            Part::Subject => &self.subject,
            Part::Text => &self.text,
            Part::Html => &self.html,
        }
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

/// A fault that only shows when the letter is written.
impl From<TemplateFault> for Unrenderable {
    fn from(fault: TemplateFault) -> Self {
        Unrenderable { template: fault.file, line: fault.line.unwrap_or(0), problem: fault.problem }
    }
}

/// Some editors put a byte order mark before the text.
fn without_mark(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}

/// Path of a file below the folder of templates.
fn path(language: Language, name: &str, part: Part) -> String {
    format!("{language}/{name}.{}.hbs", part.extension())
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

/// A folder whose templates are compiled when they are needed.
fn unread_folder() -> Folder {
    letters().map(|letter| (letter, OnceLock::new())).collect()
}

/// A folder whose templates are compiled and looked at now.
fn checked_folder(language: Language, sources: &BTreeMap<String, String>, faults: &mut Vec<TemplateFault>) -> Folder {
    let mut compiled: HashMap<(Part, &str), Template> = HashMap::new();
    for (path, source) in sources {
        let Some(file) = FileName::parse(path).filter(|file| file.language == language) else { continue };
        let template = check::compile(path, source, file.part).unwrap_or_else(|found| {
            // The file is there; what it lacks is said once.
            faults.extend(found);
            Template::new()
        });
        compiled.insert((file.part, file.name), template);
    }
    let mut folder = Folder::new();
    for (purpose, part) in letters() {
        let path = path(language, purpose.name(), part);
        let whole = match compiled.get(&(part, purpose.name())) {
            Some(template) => {
                let parts = |name: &str| compiled.get(&(part, name)).cloned();
                check::with_includes(&path, template.clone(), part, &parts)
            }
            None => Err(lacking(language, path)),
        };
        match whole {
            Ok(whole) => drop(folder.insert((purpose, part), OnceLock::from(whole))),
            Err(fault) => faults.push(fault),
        }
    }
    folder
}

fn letters() -> impl Iterator<Item = (Purpose, Part)> {
    Part::ALL.into_iter().flat_map(|part| Purpose::ALL.into_iter().map(move |purpose| (purpose, part)))
}

fn lacking(language: Language, file: String) -> TemplateFault {
    TemplateFault {
        file,
        line: None,
        problem: format!("The folder {language} lacks this file"),
        remedy: "A language needs all files of the folder en: copy what is missing and translate it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use handlebars::{RenderContext, Renderable};

    use super::*;
    use crate::desk::Letter;
    use crate::letters::identity::Identity;
    use crate::letters::{sample, scope};

    /// What operators may write beside what the templates of the binary hold.
    const OTHERS: [&str; 8] = [
        "{{#each fixes}}{{@index}} {{title}} {{../reference}}{{/each}}{{this}}{{fixes}}",
        "{{#each reasons}}{{this}}{{else}}none{{/each}}",
        "{{#each reasons as |reason at|}}{{at}}{{reason}}{{/each}}",
        "{{#each fixes as |fix|}}{{fix.title}}{{/each}}",
        "{{#with (lookup fixes 0)}}{{title}}{{else}}none{{/with}}",
        "{{#if (eq state \"new\")}}a{{else if major}}b{{else}}{{subject}}{{@root.token}}{{/if}}",
        "{{#unless major}}{{len fixes}}{{/unless}}{{#if major includeZero=true}}x{{/if}}",
        "{{#each fixes}}{{#if title}}{{title}}{{#if @first}}!{{/if}}{{else}}{{id}}{{/if}}{{/each}}",
    ];

    fn context(letter: &Letter) -> Context {
        let desk = sample::desk(letter.language);
        let identity = Identity::of(letter, &desk, &sample::keyring()).unwrap();
        Context::from(scope::of(letter, &desk, letter.language, &identity, "thread", None))
    }

    #[test]
    fn letters_read_as_handlebars_alone_would_write_them() {
        let templates = Templates::new(&[]).unwrap();
        let others = OTHERS.map(|source| check::unchecked("other", source).unwrap());
        for (language, (purpose, part)) in
            templates.languages().flat_map(|language| letters().map(move |of| (language, of)))
        {
            let mut letters = sample::letters(purpose, language);
            letters.push(Letter { facts: sample::bare_facts(&letters[0].facts), ..letters[0].clone() });
            let helpers = templates.helpers.of(part);
            for context in letters.iter().map(context) {
                let built_in = templates.template(purpose, language, part).unwrap();
                for template in others.iter().chain([built_in]) {
                    let alone = template.renders(helpers, &context, &mut RenderContext::new(None));
                    let rendered = rendering::render(template, part, helpers, &context);
                    let [alone, rendered] = [alone, rendered].map(|text| text.map_err(|error| error.to_string()));
                    assert_eq!(rendered, alone, "{language} {purpose:?} {part:?}");
                    assert!(alone.is_ok() || template != built_in);
                }
            }
        }
    }
}
