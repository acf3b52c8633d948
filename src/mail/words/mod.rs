//! Words of people, of their mail programs and of servers: data, a folder a language.
//!
//! A file has lists, `[name]`, one sentence or pattern a line, or several words where words are looked for one by one. `@` says who
//! writes what follows, `#` begins a remark, and what begins or ends with a blank stands in quotes. A list is what all languages
//! together have under its name; its form (case, accents) is said at the head of the file.
//!
//! A language is added by a folder and its line below.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::pattern::pattern;

/// The words of one list.
pub(crate) type List = LazyLock<Vec<&'static str>>;
/// The same, where a word is looked for as a whole.
pub(crate) type Set = LazyLock<HashSet<&'static str>>;

/// One file.
struct File {
    language: &'static str,
    name: &'static str,
    text: &'static str,
}

/// A list whose words are looked for at the start of a text.
pub(crate) struct Beginnings {
    by_first_byte: [Vec<&'static str>; 256],
}

impl Beginnings {
    /// Those that may begin a text, in the order of the list: their first bytes are the same, in lower case where it is ASCII.
    pub(crate) fn of(&self, text: &str) -> impl Iterator<Item = &'static str> {
        let first = text.bytes().next();
        first.into_iter().flat_map(|first| &self.by_first_byte[usize::from(first.to_ascii_lowercase())]).copied()
    }
}

macro_rules! files {
    ($($language:ident: $($name:ident)+;)+) => {
        const FILES: &[File] = &[$($(File {
            language: stringify!($language),
            name: stringify!($name),
            text: include_str!(concat!(stringify!($language), "/", stringify!($name), ".txt")),
        }),+),+];
    };
}

files! {
    en: absence addition banner language quote receipt refusal report robot servers signature small_talk subject;
    fr: absence addition banner language quote receipt refusal report robot servers signature small_talk subject;
    ar: absence quote subject;
    az: absence;
    be: absence;
    bg: absence;
    ca: absence quote subject;
    cs: absence language quote report;
    da: absence language quote receipt report signature subject;
    de: absence language quote receipt report robot servers signature small_talk subject;
    el: absence quote subject;
    es: absence language quote receipt report signature small_talk subject;
    et: absence quote subject;
    eu: absence;
    fa: absence;
    fi: absence quote receipt report signature subject;
    he: absence quote subject;
    hi: absence;
    hr: absence quote;
    hu: absence quote subject;
    id: absence subject;
    is: absence subject;
    it: absence language quote receipt report signature small_talk subject;
    ja: absence quote report servers subject;
    ko: absence quote subject;
    lt: absence quote;
    lv: absence quote subject;
    mk: absence;
    ms: absence;
    nb: absence quote receipt report signature subject;
    nl: absence language quote receipt report signature small_talk subject;
    pl: absence language quote receipt report signature subject;
    pt: absence language quote receipt report signature small_talk subject;
    ro: absence quote;
    ru: absence language quote receipt report signature subject;
    sk: absence quote;
    sl: absence;
    sq: quote;
    sr: absence;
    sv: absence language quote receipt report signature small_talk subject;
    th: absence;
    tr: absence quote report subject;
    uk: absence quote subject;
    ur: absence;
    vi: absence quote;
    zh: absence quote report signature subject;
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    List(&'static str),
    Origin(&'static str),
    Word(&'static str),
}

fn lines(text: &'static str) -> impl Iterator<Item = Line> {
    let written = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    written.map(|line| {
        let within = |start: &str, end: &str| line.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
        match (within("[", "]"), line.strip_prefix("@ ")) {
            (Some(list), _) => Line::List(list),
            (None, Some(origin)) => Line::Origin(origin),
            (None, None) => Line::Word(within("\"", "\"").unwrap_or(line)),
        }
    })
}

/// What stands under one heading of a file.
type Section = (&'static str, Vec<&'static str>);

fn sections_of(text: &'static str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in lines(text) {
        match line {
            Line::List(list) => sections.push((list, Vec::new())),
            Line::Word(word) => sections.last_mut().into_iter().for_each(|(_, words)| words.push(word)),
            Line::Origin(_) => {}
        }
    }
    sections
}

static LISTS: LazyLock<HashMap<(&str, &str), Vec<&str>>> = LazyLock::new(|| {
    let mut lists: HashMap<_, Vec<_>> = HashMap::new();
    for file in FILES {
        for (list, words) in sections_of(file.text) {
            lists.entry((file.name, list)).or_default().extend(words);
        }
    }
    lists
});

/// A list of the files of this name, in all languages. A rule never goes on without its words: one that no file has is a fault of
/// this program.
#[allow(clippy::expect_used, reason = "lists are the program's own, looked for by its tests")]
pub(crate) fn list(file: &'static str, list: &'static str) -> Vec<&'static str> {
    LISTS.get(&(file, list)).expect("a list of the program's own has words").clone()
}

/// The same, of which each is looked for at the start of a text.
pub(crate) fn beginnings(file: &'static str, name: &'static str) -> Beginnings {
    let mut by_first_byte = [const { Vec::new() }; 256];
    for word in list(file, name) {
        word.bytes().take(1).for_each(|first| by_first_byte[usize::from(first)].push(word));
    }
    Beginnings { by_first_byte }
}

/// The same as one automaton: one pass finds whether a text holds any of them.
pub(crate) fn any_of(file: &'static str, name: &'static str) -> Regex {
    let escaped: Vec<String> = list(file, name).into_iter().map(regex::escape).collect();
    pattern(&escaped.join("|"))
}

/// The same as a set.
pub(crate) fn set(file: &'static str, name: &'static str) -> HashSet<&'static str> {
    list(file, name).into_iter().collect()
}

/// The same of a list whose lines are words.
pub(crate) fn single(file: &'static str, name: &'static str) -> HashSet<&'static str> {
    list(file, name).into_iter().flat_map(str::split_whitespace).collect()
}

/// All lists of the files of this name, in the order of the first language; what others have goes to its first list of that name.
pub(super) fn sections(file: &'static str) -> Vec<Section> {
    let mut all: Vec<Section> = Vec::new();
    for file in FILES.iter().filter(|known| known.name == file) {
        let before = all.len();
        for (list, words) in sections_of(file.text) {
            match all[..before].iter_mut().find(|(known, _)| *known == list) {
                Some((_, known)) => known.extend(words),
                None => all.push((list, words)),
            }
        }
    }
    all
}

/// A list of each language that has it, apart.
pub(super) fn by_language(file: &'static str, list: &'static str) -> Vec<Section> {
    let files = FILES.iter().filter(|known| known.name == file);
    let of_list = |file: &File| sections_of(file.text).into_iter().find(|(known, _)| *known == list);
    files.filter_map(|file| Some((file.language, of_list(file)?.1))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_is_well_formed_and_says_who_writes_so() {
        for File { language, name, text } in FILES {
            let at = format!("{language}/{name}.txt");
            let (mut list, mut origin, mut known) = (None, None, BTreeSet::new());
            for line in lines(text) {
                match line {
                    Line::List(name) => {
                        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{at}: [{name}]");
                        (list, known) = (Some(name), BTreeSet::new());
                    }
                    Line::Origin(who) => origin = Some(who),
                    Line::Word(word) => {
                        assert!(list.is_some() && origin.is_some(), "{at}: {word} stands below no list or no origin");
                        assert!(!word.trim().is_empty() && known.insert(word), "{at}: {word:?} stands twice");
                    }
                }
            }
            assert!(sections_of(text).iter().all(|(_, words)| !words.is_empty()), "{at} has an empty list");
        }
    }

    #[test]
    fn every_file_of_the_folders_is_read() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mail/words");
        let mut found = BTreeSet::new();
        for language in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            for file in language.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
                let name = |path: &std::path::Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
                found.insert((name(&language), name(&file)));
            }
        }
        let read: BTreeSet<_> = FILES.iter().map(|file| (file.language.to_owned(), file.name.to_owned())).collect();
        assert_eq!(found, read);
    }

    #[test]
    fn words_are_lower_case_unless_case_tells() {
        for (at, words) in LISTS.iter().filter(|(at, _)| !matches!(at, ("quote", "glued") | ("absence", "sentences"))) {
            for word in words {
                assert_eq!(*word, word.to_lowercase(), "{at:?}");
            }
        }
    }

    #[test]
    fn a_language_adds_to_the_lists_of_all() {
        assert!(["merci", "thanks", "danke"].iter().all(|word| list("small_talk", "thanks").contains(word)));
        let refusals = sections("refusal");
        assert!(refusals.iter().any(|(list, words)| *list == "userunknown" && words.contains(&"introuvable")));
        assert_eq!(refusals[0].0, "mailboxfull");
    }
}
