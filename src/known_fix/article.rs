//! One article: a Markdown file with TOML front matter between two lines of `+++`.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::markdown;
use crate::mail::Language;

/// How a known problem is solved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its name in commands, letters and statistics: letters, digits, `-`, `_` and `.`, at most 80.
    pub id: String,
    /// One line, as the requester reads it.
    pub title: String,
    /// What title, symptoms and body are written in.
    pub language: Language,
    /// What people write who have the problem, one sentence each, in their own words.
    pub symptoms: Vec<String>,
    /// What a match leads to.
    pub answer: Answer,
    /// Id of the article that says the same in another language.
    pub translation_of: Option<String>,
    /// The solution, in Markdown (CommonMark).
    pub body: String,
}

/// What a match leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The acknowledgement lists the article.
    Suggest,
    /// The article is sent as the answer.
    Auto,
    /// Agents see it; a requester never does.
    Never,
}

/// Everything that is wrong with one file; its `Display` names each fault with its remedy, one a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ArticleFault {
    /// The file, as it was named to [`Article::parse`].
    pub file: String,
    /// In the order of the file; never empty.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with a file. Its `Display` says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file does not start with `+++`, or the second `+++` is missing.
    #[error(
        "there is no front matter: start the file with a line +++, then id, title, language, symptoms and answer, then a line +++"
    )]
    NoFrontMatter,
    /// The front matter is not TOML.
    #[error("the front matter is not TOML (line {line}): {reason}")]
    NotToml {
        /// Counted from the start of the file.
        line: usize,
        /// What the TOML parser says.
        reason: String,
    },
    /// A key that must be there is not.
    #[error("{key} is missing: add a line such as {example}")]
    Missing {
        /// Its name: `symptoms`.
        key: &'static str,
        /// A line that would do: `language = "fr"`.
        example: &'static str,
    },
    /// A key has a value that it cannot have.
    #[error("{key} cannot be {found}: write for example {example}")]
    Unfit {
        /// Its name: `answer`.
        key: &'static str,
        /// The value that it has, as TOML.
        found: String,
        /// A line that would do.
        example: &'static str,
    },
    /// A key that no article has.
    #[error(
        "{0} is no key of an article: remove it, or correct it to id, title, language, symptoms, answer or translation_of"
    )]
    Unknown(String),
    /// Nothing stands behind the front matter.
    #[error("the article has no text: write the solution below the second +++")]
    EmptyBody,
}

impl fmt::Display for ArticleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            let line_end = if position == 0 { "" } else { "\n" };
            write!(f, "{line_end}{}: {problem}", self.file)?;
        }
        Ok(())
    }
}

const ID: (&str, &str) = ("id", "id = \"vpn-mot-de-passe\"");
const TITLE: (&str, &str) = ("title", "title = \"Le VPN refuse le mot de passe\"");
const LANGUAGE: (&str, &str) = ("language", "language = \"fr\"");
const SYMPTOMS: (&str, &str) = ("symptoms", "symptoms = [\"mon mot de passe VPN est refusé\"]");
const ANSWER: (&str, &str) = ("answer", "answer = \"suggest\"   # or \"auto\" or \"never\"");
const TRANSLATION_OF: (&str, &str) = ("translation_of", "translation_of = \"vpn-mot-de-passe\"");

impl Article {
    /// Reads one file. All that is wrong with it is reported at once.
    ///
    /// ```
    /// # use guichet::known_fix::Article;
    /// let text = "+++\nid = \"wifi\"\ntitle = \"Wi-Fi\"\nlanguage = \"fr\"\nsymptoms = [\"le wifi ne marche pas\"]\nanswer = \"auto\"\n+++\nRedémarrez.\n";
    /// assert_eq!(Article::parse("wifi.md", text).unwrap().body, "Redémarrez.\n");
    /// ```
    pub fn parse(file: &str, text: &str) -> Result<Article, ArticleFault> {
        read(text).map_err(|problems| ArticleFault { file: file.to_owned(), problems })
    }

    /// The file that [`Article::parse`] reads.
    pub fn file(&self) -> String {
        let quoted = |text: &str| Value::String(text.to_owned()).to_string();
        let symptoms: String = self.symptoms.iter().map(|symptom| format!("    {},\n", quoted(symptom))).collect();
        let translation =
            self.translation_of.iter().map(|id| format!("translation_of = {}\n", quoted(id))).collect::<String>();
        let answer = match self.answer {
            Answer::Suggest => "suggest",
            Answer::Auto => "auto",
            Answer::Never => "never",
        };
        format!(
            "+++\nid = {}\ntitle = {}\nlanguage = {}\n{translation}symptoms = [\n{symptoms}]\nanswer = \"{answer}\"\n+++\n\n{}",
            quoted(&self.id),
            quoted(&self.title),
            quoted(self.language.code()),
            self.body
        )
    }

    /// The body as plain text, for the text part of a letter: lines end in `\n`, links are followed by their address.
    pub fn text(&self) -> String {
        markdown::text(&self.body)
    }

    /// The body as an HTML fragment. HTML within the Markdown is shown as the text that it is, links lead only to web
    /// and mail addresses, and images are replaced by their description.
    pub fn html(&self) -> String {
        markdown::html(&self.body)
    }
}

fn read(text: &str) -> Result<Article, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let (front_matter, body) = split(&text).ok_or_else(|| vec![Problem::NoFrontMatter])?;
    let table: Table = front_matter.parse().map_err(|error| vec![not_toml(front_matter, &error)])?;
    let mut reader = Reader { table, problems: Vec::new() };

    let id = reader.required(ID, |value| value.as_str().filter(|id| is_id(id)).map(str::to_owned));
    let title = reader.required(TITLE, one_line);
    let language = reader.required(LANGUAGE, |value| value.as_str()?.parse().ok());
    let symptoms = reader.required(SYMPTOMS, symptoms);
    let answer = reader.required(ANSWER, |value| value.clone().try_into().ok());
    let translation_of = reader.optional(TRANSLATION_OF, one_line);
    if body.trim().is_empty() {
        reader.problems.push(Problem::EmptyBody);
    }
    reader.refuse_the_rest();

    match (id, title, language, symptoms, answer) {
        (Some(id), Some(title), Some(language), Some(symptoms), Some(answer)) if reader.problems.is_empty() => {
            Ok(Article { id, title, language, symptoms, answer, translation_of, body: body.to_owned() })
        }
        _ => Err(reader.problems),
    }
}

/// Front matter and body; both without the `+++` lines.
fn split(text: &str) -> Option<(&str, &str)> {
    let front_matter = front_matter(text)?;
    let body = text[front_matter.end..].split_once('\n').map_or("", |(_, body)| body);
    Some((&text[front_matter], body.trim_start_matches('\n')))
}

/// Where the front matter stands in a file, between its `+++` lines.
pub(super) fn front_matter(text: &str) -> Option<Range<usize>> {
    let is_fence = |line: &str| line.trim_end() == "+++";
    let mut start = text.len() - text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
    let mut lines = text[start..].split_inclusive('\n');
    start += lines.next().filter(|line| is_fence(line) && line.ends_with('\n'))?.len();
    let mut end = start;
    for line in lines {
        if is_fence(line) {
            return Some(start..end);
        }
        end += line.len();
    }
    None
}

fn not_toml(front_matter: &str, error: &toml::de::Error) -> Problem {
    let offset = error.span().map_or(0, |span| span.start);
    let before = front_matter.as_bytes().iter().take(offset);
    let line = before.filter(|byte| **byte == b'\n').count() + 2;
    Problem::NotToml { line, reason: error.message().to_owned() }
}

fn is_id(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 80 && text.chars().all(fits) && text.starts_with(|c: char| c != '.' && c != '-')
}

fn one_line(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

fn symptoms(value: &Value) -> Option<Vec<String>> {
    let symptoms: Option<Vec<String>> = value.as_array()?.iter().map(one_line).collect();
    symptoms.filter(|symptoms| !symptoms.is_empty())
}

struct Reader {
    table: Table,
    problems: Vec<Problem>,
}

type Key = (&'static str, &'static str);

impl Reader {
    fn required<T>(&mut self, key: Key, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        if !self.table.contains_key(key.0) {
            self.problems.push(Problem::Missing { key: key.0, example: key.1 });
        }
        self.optional(key, read)
    }

    fn optional<T>(&mut self, (key, example): Key, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.table.remove(key)?;
        let good = read(&value);
        if good.is_none() {
            let found = value.to_string().chars().take(60).collect();
            self.problems.push(Problem::Unfit { key, found, example });
        }
        good
    }

    fn refuse_the_rest(&mut self) {
        let table = std::mem::take(&mut self.table);
        self.problems.extend(table.into_iter().map(|(key, _)| Problem::Unknown(key)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "+++\nid = \"vpn\"\ntitle = \"Le VPN\"\nlanguage = \"fr\"\nsymptoms = [\"le VPN est refusé\"]\nanswer = \"suggest\" # or auto\n+++\n\n1. Ouvrez **tout**.\n";

    fn problems(text: &str) -> Vec<Problem> {
        Article::parse("x.md", text).expect_err("a fault").problems
    }

    #[test]
    fn an_article_is_front_matter_and_markdown() {
        let article = Article::parse("vpn.md", GOOD).unwrap();
        assert_eq!(article.id, "vpn");
        assert_eq!(article.language, Language::FRENCH);
        assert_eq!(article.symptoms, ["le VPN est refusé"]);
        assert_eq!(article.answer, Answer::Suggest);
        assert_eq!(article.translation_of, None);
        assert_eq!(article.body, "1. Ouvrez **tout**.\n");
    }

    #[test]
    fn what_is_written_is_what_was_read() {
        let mut article = Article::parse("vpn.md", GOOD).unwrap();
        article.title = "Le \"VPN\" \\ refuse".to_owned();
        article.translation_of = Some("vpn-en".to_owned());
        assert_eq!(Article::parse("vpn.md", &article.file()), Ok(article));
    }

    #[test]
    fn the_editor_of_windows_changes_nothing() {
        let windows = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
        assert_eq!(Article::parse("x.md", &windows), Article::parse("x.md", GOOD));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_with_its_remedy() {
        let text =
            "+++\nid = \"a b\"\nlanguage = \"français\"\nsymptoms = []\nanswer = \"maybe\"\nsymptom = 1\n+++\n \n";
        let fault = Article::parse("known-fixes/x.md", text).unwrap_err();
        assert_eq!(fault.problems.len(), 7, "{fault}");
        let said = fault.to_string();
        assert_eq!(said.lines().count(), 7);
        for words in [
            "id cannot be \"a b\"",
            "title is missing: add a line such as title = \"Le VPN",
            "language = \"fr\"",
            "symptoms cannot be []",
            "answer cannot be \"maybe\"",
            "symptom is no key of an article",
            "has no text",
        ] {
            assert!(said.contains(words), "{words} in {said}");
        }
        assert!(said.lines().all(|line| line.starts_with("known-fixes/x.md: ")));
    }

    #[test]
    fn a_file_without_front_matter_says_so() {
        for text in ["", "# VPN\n", "+++\nid = \"x\"\n", "+++"] {
            assert_eq!(problems(text), [Problem::NoFrontMatter], "{text:?}");
        }
    }

    #[test]
    fn a_slip_in_the_front_matter_is_found_by_its_line_in_the_file() {
        let Problem::NotToml { line, .. } = problems(&GOOD.replace("language = \"fr\"", "language = fr"))[0].clone()
        else {
            panic!("not TOML");
        };
        assert_eq!(line, 4);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_an_article_or_a_fault(text in "(\\+\\+\\+\n)?\\PC*\n(\\+\\+\\+\n)?\\PC*") {
            if let Err(fault) = Article::parse("x.md", &text) {
                proptest::prop_assert!(!fault.problems.is_empty());
            }
        }
    }
}
