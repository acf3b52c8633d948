//! A table of the file while it is read: hands out values, notes faults, knows which keys nobody asked for.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Faults, line_at};
use super::value::Wrong;
use super::{SecretPlace, Surroundings};
use crate::desk::nearest;
use crate::said;

/// The whole file.
pub(super) struct Document<'a> {
    text: &'a str,
    surroundings: &'a Surroundings<'a>,
    faults: RefCell<Vec<Fault>>,
    secrets: RefCell<Vec<SecretPlace>>,
}

/// A table of the file, and which of its keys were asked for.
pub(super) struct Section<'a> {
    document: &'a Document<'a>,
    /// As faults name it: `[[mailbox]] support`.
    name: String,
    line: usize,
    /// `None` where the file has no such table: all its keys have defaults.
    table: Option<&'a DeTable<'a>>,
    asked: RefCell<Vec<&'static str>>,
}

/// What a table means, with the place that a fault of it is found at. No value: a fault was noted.
pub(super) struct Placed<T> {
    pub(super) value: Option<T>,
    pub(super) place: Place,
}

/// Tables of one kind: those that were understood, and how many there are in all.
pub(super) struct Whole<'a, T> {
    understood: Vec<(&'a T, &'a Place)>,
    count: usize,
}

/// Where a fault is found.
#[derive(Clone, Debug)]
pub(super) struct Place {
    section: String,
    line: usize,
}

impl<'a, T> Whole<'a, T> {
    pub(super) fn of(placed: &'a [Placed<T>]) -> Whole<'a, T> {
        let understood = placed.iter().filter_map(|placed| Some((placed.value.as_ref()?, &placed.place))).collect();
        Whole { understood, count: placed.len() }
    }

    /// Those that were understood, each with its place.
    pub(super) fn understood(&self) -> impl Iterator<Item = (&'a T, &'a Place)> {
        self.understood.iter().copied()
    }

    /// Whether all of them were.
    pub(super) fn is_whole(&self) -> bool {
        self.understood.len() == self.count
    }

    /// Whether the file has none, not even one with a fault.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Place {
    pub(super) fn line(&self) -> usize {
        self.line
    }
}

impl<'a> Document<'a> {
    pub(super) fn new(text: &'a str, surroundings: &'a Surroundings<'a>) -> Document<'a> {
        Document { text, surroundings, faults: RefCell::default(), secrets: RefCell::default() }
    }

    /// What stands outside of every table.
    pub(super) fn root(&'a self, table: &'a DeTable<'a>) -> Section<'a> {
        Section { document: self, name: String::new(), line: 1, table: Some(table), asked: RefCell::default() }
    }

    /// Where secrets were read so far, each place once.
    pub(super) fn secrets(&self) -> Vec<SecretPlace> {
        self.secrets.borrow().clone()
    }

    /// The faults noted so far; `None` where there are none.
    pub(super) fn faults(&self) -> Option<Faults> {
        let faults = self.faults.borrow().clone();
        (!faults.is_empty()).then(|| Faults::sorted(faults))
    }
}

impl<'a> Section<'a> {
    /// A key's value, `default` where the key is not there; `None` after a fault.
    pub(super) fn or<T>(
        &self,
        key: &'static str,
        read: impl Fn(&DeValue<'_>) -> Result<T, Wrong>,
        default: T,
    ) -> Option<T> {
        self.optional(key, read).map(|value| value.unwrap_or(default))
    }

    /// As [`Section::or`], with a default that is read as if it were written.
    pub(super) fn or_written<T>(
        &self,
        key: &'static str,
        read: impl Fn(&DeValue<'_>) -> Result<T, Wrong>,
        default: &'static str,
    ) -> Option<T> {
        if let Some(value) = self.optional(key, &read)? {
            return Some(value);
        }
        let usual = read(&DeValue::String(default.into()));
        usual.map_err(|wrong| self.fault_of(key, &wrong.problem, &wrong.remedy)).ok()
    }

    /// A key's value where it is there; the outer `None` after a fault.
    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        read: impl Fn(&DeValue<'_>) -> Result<T, Wrong>,
    ) -> Option<Option<T>> {
        let Some((value, line)) = self.value(key) else { return Some(None) };
        match read(value) {
            Ok(value) => Some(Some(value)),
            Err(wrong) => {
                self.note(line, format!("{key} {}", wrong.problem), wrong.remedy);
                None
            }
        }
    }

    /// A key's value; `None` after a fault, which its absence is too.
    pub(super) fn needed<T>(
        &self,
        key: &'static str,
        read: impl Fn(&DeValue<'_>) -> Result<T, Wrong>,
        remedy: &str,
    ) -> Option<T> {
        match self.optional(key, read)? {
            Some(value) => Some(value),
            None => {
                self.fault(&said!("there is no {key}", "il manque {key}"), remedy);
                None
            }
        }
    }

    /// A table, empty where the file has none.
    pub(super) fn table(&self, key: &'static str) -> Section<'a> {
        let name = format!("[{key}]");
        let (table, line) = match self.value(key) {
            Some((DeValue::Table(table), line)) => (Some(table), line),
            Some((_, line)) => {
                self.note(
                    line,
                    said!("{key} is no table", "{key} n’est pas une table"),
                    said!(
                        "Write [{key}] once, on a line of its own.",
                        "Écrivez [{key}] une fois, sur une ligne à part."
                    ),
                );
                (None, line)
            }
            None => (None, self.line),
        };
        Section { document: self.document, name, line, table, asked: RefCell::default() }
    }

    /// A table within this one, as faults name it.
    pub(super) fn table_within(&self, key: &'static str, name: &str) -> Section<'a> {
        Section { name: name.to_owned(), ..self.table(key) }
    }

    /// A table that must be there.
    pub(super) fn needed_table(&self, key: &'static str) -> Option<Section<'a>> {
        if self.value(key).is_none() {
            self.fault(
                &said!("there is no [{key}]", "il manque [{key}]"),
                &said!(
                    "Add a [{key}] table; `guichet init` writes one.",
                    "Ajoutez une table [{key}]; `guichet init` en écrit une."
                ),
            );
            return None;
        }
        let section = self.table(key);
        section.table.is_some().then_some(section)
    }

    /// The tables of an array such as `[[desk]]`.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Section<'a>> {
        let (array, line) = match self.value(key) {
            Some((DeValue::Array(array), line)) => (array, line),
            Some((_, line)) => {
                let remedy = said!(
                    "Write [[{key}]] with double brackets: there may be several.",
                    "Écrivez [[{key}]] entre doubles crochets\u{a0}: il peut y en avoir plusieurs."
                );
                self.note(line, said!("{key} is no list of tables", "{key} n’est pas une liste de tables"), remedy);
                return Vec::new();
            }
            None => return Vec::new(),
        };
        let mut sections = Vec::new();
        for (index, entry) in array.iter().enumerate() {
            match entry.get_ref() {
                DeValue::Table(table) => sections.push(Section {
                    document: self.document,
                    name: label(key, index, table),
                    line: line_at(self.document.text, entry.span().start),
                    table: Some(table),
                    asked: RefCell::default(),
                }),
                _ => self.note(
                    line,
                    said!("{key} is no list of tables", "{key} n’est pas une liste de tables"),
                    said!("Write [[{key}]] before each.", "Écrivez [[{key}]] devant chacune."),
                ),
            }
        }
        sections
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// Notes a fault of the table as a whole.
    pub(super) fn fault(&self, problem: &str, remedy: &str) {
        self.note(self.line, problem.to_owned(), remedy.to_owned());
    }

    /// Notes a fault of one key.
    pub(super) fn fault_of(&self, key: &'static str, problem: &str, remedy: &str) {
        let line = self.value(key).map_or(self.line, |(_, line)| line);
        self.note(line, format!("{key} {problem}"), remedy.to_owned());
    }

    /// Notes a fault of another table.
    pub(super) fn fault_at(&self, place: &Place, problem: String, remedy: String) {
        let Place { section, line } = place.clone();
        self.document.faults.borrow_mut().push(Fault { line, section, problem, remedy });
    }

    /// Refuses every key that nobody asked for.
    pub(super) fn finish(&self) {
        let Some(table) = self.table else { return };
        let asked = self.asked.borrow();
        for (key, _) in table.iter() {
            let name: &str = key.get_ref();
            if asked.contains(&name) {
                continue;
            }
            let remedy = match nearest(name, asked.iter().map(|known| ((*known).to_owned(), *known))) {
                Some(near) => said!("Did you mean {near:?}?", "Vouliez-vous {near:?}?"),
                None => said!("Known here: {}.", "Clés connues ici\u{a0}: {}.", asked.join(", ")),
            };
            let line = line_at(self.document.text, key.span().start);
            self.note(
                line,
                said!("{name:?} is no key that guichet knows", "{name:?} n’est pas une clé que guichet connaît"),
                remedy,
            );
        }
    }

    /// What the table means, with its place.
    pub(super) fn placed<T>(&self, value: Option<T>) -> Placed<T> {
        Placed { value, place: Place { section: self.name.clone(), line: self.line } }
    }

    /// A path as the operator meant it: relative ones start at the file's folder.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        self.document.surroundings.folder.join(path)
    }

    /// A file that is a secret: where the service manager handed it over, or as the operator meant it.
    pub(super) fn secret_file(&self, file: &str) -> PathBuf {
        if let Some(handed_over) = self.credential(file) {
            return handed_over;
        }
        let path = self.resolve(file.as_ref());
        self.keep_secret(SecretPlace::File(path.clone()));
        path
    }

    /// Where the service manager handed a file over: `$CREDENTIALS_DIRECTORY/secrets_support` is `secrets/support`, as
    /// systemd names the files of a folder (`LoadCredential=secrets:/etc/guichet/secrets`).
    pub(super) fn credential(&self, file: &str) -> Option<PathBuf> {
        let handed_over = PathBuf::from(self.variable("CREDENTIALS_DIRECTORY")?)
            .join(file.trim_start_matches("./").replace('/', "_"));
        (Path::new(file).is_relative() && handed_over.is_file()).then_some(handed_over)
    }

    /// Remembers where a secret was read.
    pub(super) fn keep_secret(&self, place: SecretPlace) {
        let mut secrets = self.document.secrets.borrow_mut();
        if !secrets.contains(&place) {
            secrets.push(place);
        }
    }

    /// An environment variable.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.document.surroundings.variable)(name)
    }

    fn value(&self, key: &'static str) -> Option<(&'a DeValue<'a>, usize)> {
        if !self.asked.borrow().contains(&key) {
            self.asked.borrow_mut().push(key);
        }
        let (name, value) = self.table?.iter().find(|(name, _)| name.get_ref() == key)?;
        Some((value.get_ref(), line_at(self.document.text, name.span().start)))
    }

    fn note(&self, line: usize, problem: String, remedy: String) {
        self.document.faults.borrow_mut().push(Fault { line, section: self.name.clone(), problem, remedy });
    }
}

/// `[[desk]] support`: the entry's name, else its address, else its number.
fn label(key: &str, index: usize, table: &DeTable<'_>) -> String {
    let text_of = |wanted: &str| {
        let (_, value) = table.iter().find(|(name, _)| name.get_ref() == wanted)?;
        value.get_ref().as_str().filter(|text| !text.trim().is_empty())
    };
    match text_of("name").or_else(|| text_of("address")) {
        Some(name) => format!("[[{key}]] {}", name.escape_debug()),
        None => said!("[[{key}]] no. {}", "[[{key}]] n° {}", index + 1),
    }
}
