//! French is set one way, wherever people read it: as in Québec (Office québécois de la langue française), a no-break space
//! (U+00A0) before the colon and inside « », none before `;`, `?`, `!`, and the apostrophe `’`.
//!
//! Which texts are French is found by rule: the folder `fr` of the templates; the files `*.fr.md` and `*.fr.toml`; in the
//! sources the second text of `said!`, the first one of `in_language` and `worded`, what stands in a file called `french.rs`, and in a
//! function or constant with `french` in its name.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::rust_source::{occurrences, without_tests};
use regex::Regex;

const NO_BREAK: char = '\u{a0}';

/// Stands for a value, a piece of code or a link, of which only its place matters.
const SOMETHING: &str = "x";

/// A text and where it stands.
struct Text {
    place: String,
    text: String,
}

#[test]
fn templates_are_set_so() {
    let files = files("templates/fr", |name| name.ends_with(".hbs"));
    assert!(files.len() > 60, "{}", files.len());
    hold(files.into_iter().map(|file| Text { text: words_of_template(&read(&file)), place: place(&file) }));
}

#[test]
fn pages_are_set_so() {
    let mut files = files("docs", |name| name.ends_with(".fr.md"));
    files.push(root().join("README.fr.md"));
    assert!(files.len() > 2, "{}", files.len());
    hold(files.into_iter().map(|file| Text { text: words_of_page(&read(&file)), place: place(&file) }));
}

#[test]
fn sentences_of_the_program_are_set_so() {
    let sources = files("src", |name| name.ends_with(".rs"));
    let mut texts: Vec<Text> = Vec::new();
    for file in sources {
        let found = french_of_source(&read(&file), file.ends_with("french.rs"));
        texts.extend(found.into_iter().map(|text| Text { text, place: place(&file) }));
    }
    assert!(texts.len() > 150, "{}", texts.len());
    hold(texts.into_iter());
}

#[test]
fn help_is_set_so() {
    let mut texts: Vec<Text> = Vec::new();
    for file in files("src", |name| name.ends_with(".fr.toml")) {
        let help: toml::Table = read(&file).parse().unwrap();
        let told = help["text"].as_array().unwrap().iter().map(|text| text["fr"].as_str().unwrap());
        texts.extend(told.map(|text| Text { text: without_values(text), place: place(&file) }));
    }
    assert!(texts.len() > 100, "{}", texts.len());
    hold(texts.into_iter());
}

#[test]
fn what_is_set_otherwise_is_found() {
    for wrong in [
        "l'imprimante",
        "Objet: x",
        "Objet : x",
        "Objet\u{202f}: x",
        "Quoi ?",
        "Quoi\u{a0}!",
        "oui ; non",
        "« oui\u{a0}»",
        "«\u{a0}oui »",
        "dit \"oui\"",
        "Objet :\nx",
    ] {
        assert!(!faults(wrong).is_empty(), "{wrong:?}");
    }
    for right in [
        "l’imprimante",
        "Objet\u{a0}: x",
        "Quoi? Non! Oui; non.",
        "«\u{a0}oui\u{a0}»",
        "à 10:30",
        "https://x.test/?a=b",
        "std::fs",
    ] {
        assert_eq!(faults(right), Vec::<String>::new(), "{right:?}");
    }
}

fn hold(texts: impl Iterator<Item = Text>) {
    let told: Vec<String> = texts
        .flat_map(|Text { place, text }| faults(&text).into_iter().map(move |fault| format!("{place}: {fault}")))
        .collect();
    assert!(told.is_empty(), "French is set otherwise here:\n{}", told.join("\n"));
}

/// What is set otherwise, each with the words around it.
fn faults(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied();
    let mut faults = Vec::new();
    for (index, c) in text.chars().enumerate() {
        let before = index.checked_sub(1).and_then(at);
        let after = at(index + 1);
        let ends = after.is_none_or(char::is_whitespace);
        let fault = match c {
            '\u{202f}' => Some("a narrow no-break space"),
            '\'' if before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphanumeric) => {
                Some("a straight apostrophe")
            }
            '"' => Some("a straight quotation mark"),
            '«' if after != Some(NO_BREAK) => Some("no no-break space behind «"),
            '»' if before != Some(NO_BREAK) => Some("no no-break space before »"),
            ':' if ends && before.is_some_and(|c| c != NO_BREAK && c != '[') && !is_english(&chars[..index]) => {
                Some("no no-break space before the colon")
            }
            ';' | '?' | '!' if before.is_some_and(char::is_whitespace) && after != Some(NO_BREAK) => {
                Some("a space before ; ? or !")
            }
            _ => None,
        };
        if let Some(fault) = fault {
            let around: String = chars[index.saturating_sub(20)..(index + 15).min(chars.len())].iter().collect();
            faults.push(format!("{fault} in {around:?}"));
        }
    }
    faults
}

/// `English: reply “english” …` is said to who reads English.
fn is_english(before: &[char]) -> bool {
    before.ends_with(&['E', 'n', 'g', 'l', 'i', 's', 'h'])
}

/// What a template says, without its tags and values.
fn words_of_template(source: &str) -> String {
    static NOT_WORDS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)<style>.*?</style>|<[^<>]*>").unwrap());
    static TAGS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{\{.*?\}\}").unwrap());
    let text = TAGS.replace_all(source, |found: &regex::Captures<'_>| {
        let is_value = !found[0].starts_with("{{#") && !found[0].starts_with("{{/") && !found[0].starts_with("{{else");
        if is_value { SOMETHING } else { "" }
    });
    NOT_WORDS.replace_all(&text, "").replace("&nbsp;", "\u{a0}").replace("&lt;", "<").replace("&gt;", ">")
}

/// What a Markdown page says, without code, links and tables' rules.
fn words_of_page(source: &str) -> String {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?ms)^```.*?^```|`[^`]*`|\]\([^)]*\)|<!--.*?-->|<[^<>]*>|^[|: -]+$").unwrap());
    CODE.replace_all(source, SOMETHING).into_owned()
}

/// The French texts of a source file.
fn french_of_source(source: &str, all: bool) -> Vec<String> {
    let source = without_tests(source);
    let (code, texts) = (source.code.as_str(), source.code_and_texts.as_str());
    let mut found = Vec::new();
    if all {
        return literals(texts);
    }
    for (word, which) in [("said!", 1), ("in_language", 0), ("worded", 0)] {
        for start in occurrences(code, word) {
            if let Some(arguments) = texts[start + word.len()..].strip_prefix('(') {
                found.extend(literals_here(arguments).into_iter().nth(which));
            }
        }
    }
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:fn \w*french\w*[^{;]*\{|(?:const|static) \w*french\w*[^=;]*=)").unwrap()
    });
    for item in NAMED.find_iter(code) {
        let end = if item.as_str().ends_with('{') { "\n}\n" } else { ";\n" };
        let length = code[item.end()..].find(end).unwrap_or(code.len() - item.end());
        found.extend(literals(&texts[item.end()..item.end() + length]));
    }
    found
}

/// The string literals that stand one behind the other, parted by commas.
fn literals_here(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code.trim_start();
    while let Some((literal, behind)) = literal(rest) {
        found.push(literal);
        let Some(next) = behind.trim_start().strip_prefix(',') else { break };
        rest = next.trim_start();
    }
    found
}

/// All string literals of a piece of code.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find('"') {
        let Some((text, behind)) = literal(&rest[start..]) else { break };
        found.push(text);
        rest = behind;
    }
    found
}

/// A literal that starts here, as it is read, with values and code (`key = "value"`) taken out; and what stands behind it.
fn literal(code: &str) -> Option<(String, &str)> {
    let inner = code.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some((words_of_literal(&inner[..end]), &inner[end + 1..]))
}

fn words_of_literal(literal: &str) -> String {
    static CONTINUED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\\\n\s*").unwrap());
    static ESCAPED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\\u\{([0-9a-f]+)\}").unwrap());
    let text = CONTINUED.replace_all(literal, "");
    let text = ESCAPED.replace_all(&text, |found: &regex::Captures<'_>| {
        u32::from_str_radix(&found[1], 16).ok().and_then(char::from_u32).unwrap().to_string()
    });
    without_values(&text.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\"))
}

/// A text without values, pieces of code and `key = "value"`.
fn without_values(text: &str) -> String {
    static VALUES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"\{[^{}]*\}|`[^`]*`|<[^<>]*>|= "[^"]*"|"[^"\s]*"|\["fr", "en"\]"#).unwrap());
    VALUES.replace_all(text, SOMETHING).into_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn place(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

/// All files below a folder whose name fits, in order.
fn files(folder: &str, fits: impl Fn(&str) -> bool + Copy) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().and_then(|name| name.to_str()).is_some_and(fits) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
